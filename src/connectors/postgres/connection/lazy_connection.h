#pragma once

#include <string>

#include "connector/lazy_connection.h"
#include "connectors/postgres/connection/connection.h"
#include "connectors/postgres/connection/server.h"

namespace godwit::connectors::postgres {

class LazyConnection : public connector::LazyConnection<Connection> {
 public:
  // `side` is how errors call the server.
  LazyConnection(const Server& server, const std::string& side,
                 Connection::Use use = Connection::Use::kStatements)
      : connector::LazyConnection<Connection>([=] { return Connection::Open(server, side, use); },
                                              side) {}
};

}  // namespace godwit::connectors::postgres
