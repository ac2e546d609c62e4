#pragma once

#include <string_view>

#include "base/status.h"
#include "config/endpoint.h"

struct pg_conn;

namespace godwit::connectors::postgres {

// A new connection of libpq, logged in, which the caller owns (PQfinish). `replication`: to a
// walsender of the database. `side` is how errors call the server.
base::StatusOr<pg_conn*> LogIn(const config::Endpoint& endpoint, std::string_view side,
                               bool replication);

}  // namespace godwit::connectors::postgres
