#pragma once

#include "base/status.h"
#include "connector/destination.h"
#include "connectors/mysql/connection/connection.h"

namespace godwit::connectors::mysql {

// Does to the rows that refer to a changed parent what the source did to them without logging it:
// ON DELETE and ON UPDATE CASCADE, SET NULL and SET DEFAULT, through any number of generations. The
// session has foreign_key_checks off, so that the target's own keys neither refuse nor do it again.
base::Status ApplyCascade(Connection& connection, const connector::Cascade& cascade,
                          const connector::ForeignKeyGraph& graph);

}  // namespace godwit::connectors::mysql
