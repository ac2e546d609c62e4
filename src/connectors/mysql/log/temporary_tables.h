#pragma once

#include "sql/statement.h"
#include "wire/mysql/query_event.h"

// Tables that only their session sees, and that may hide others of the same name there. Sessions
// with binlog_format=ROW log nothing of them; MariaDB's with MIXED, and either server's with
// STATEMENT, log what is done to them like what is done to any other table, but for a mark.
namespace godwit::connectors::mysql {

// Whether the statement is about a temporary table alone. MariaDB's RENAME TABLE has no mark, in no
// format: it is taken for what it says. `marks` says whether what is done to the table of the task
// that has the name is marked as well: UsesConnectionId.
bool IsAboutTemporary(const sql::Statement& statement, const wire::mysql::QueryEvent& event,
                      bool marks);

// Whether an expression of the table, a default for one, asks CONNECTION_ID(): a server marks all
// that has it resolved.
bool UsesConnectionId(const sql::TableDefinition& table);

// Whether it makes a table LIKE a temporary one. The log has that as it was typed, or, with
// binlog_format=ROW, with columns and keys, but without the charset that is the table's own.
bool IsLikeTemporary(const sql::CreateTable& create, const wire::mysql::QueryEvent& event);

}  // namespace godwit::connectors::mysql
