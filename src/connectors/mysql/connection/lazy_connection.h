#pragma once

#include <string>

#include "config/endpoint.h"
#include "connector/lazy_connection.h"
#include "connectors/mysql/connection/connection.h"

namespace godwit::connectors::mysql {

class LazyConnection : public connector::LazyConnection<Connection> {
 public:
  // `side` is how errors call the server.
  LazyConnection(const config::Endpoint& endpoint, const std::string& side)
      : connector::LazyConnection<Connection>(
            [=] { return Connection::Open(endpoint, side, Connection::Text::kBinary); }, side) {}
};

}  // namespace godwit::connectors::mysql
