#pragma once

#include <functional>
#include <string>

#include "connectors/mysql/server_settings.h"
#include "sql/definition.h"

// Foreign keys that change rows of the task when a table outside of it changes.
namespace godwit::connectors::mysql {

// Whether the server's log holds what foreign keys do to rows: where they are not the storage
// engine's work, from MySQL 9.6 on. `settings` are the server's.
bool LogsWhatKeysDo(const Settings& settings);

// The keys of `after` that act, over a parent that is not followed, and that `before` has not: each
// with its table. Empty: there are none. `before` may be null.
std::string NewKeysFromOutside(const sql::TableDefinition* before,
                               const sql::TableDefinition& after,
                               const std::function<bool(const model::TableName&)>& is_followed);

}  // namespace godwit::connectors::mysql
