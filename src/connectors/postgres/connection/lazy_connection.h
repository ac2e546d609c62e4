#pragma once

#include <string>

#include "config/endpoint.h"
#include "connector/lazy_connection.h"
#include "connectors/postgres/connection/connection.h"

namespace godwit::connectors::postgres {

class LazyConnection : public connector::LazyConnection<Connection> {
 public:
  // `side` is how errors call the server.
  LazyConnection(const config::Endpoint& endpoint, const std::string& side,
                 Connection::Use use = Connection::Use::kStatements)
      : connector::LazyConnection<Connection>([=] { return Connection::Open(endpoint, side, use); },
                                              side) {}
};

}  // namespace godwit::connectors::postgres
