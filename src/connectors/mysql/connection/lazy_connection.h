#pragma once

#include <string>

#include "connector/lazy_connection.h"
#include "connectors/mysql/connection/connection.h"
#include "connectors/mysql/connection/server.h"

namespace godwit::connectors::mysql {

class LazyConnection : public connector::LazyConnection<Connection> {
 public:
  // `side` is how errors call the server.
  LazyConnection(const Server& server, const std::string& side)
      : connector::LazyConnection<Connection>(
            [=] { return Connection::Open(server, side, Connection::Text::kBinary); }, side) {}
};

}  // namespace godwit::connectors::mysql
