#include "connectors/mysql/log/temporary_tables.h"

#include <absl/strings/ascii.h>

#include <string>

#include "sql/writer.h"

namespace godwit::connectors::mysql {

bool UsesConnectionId(const sql::TableDefinition& table) {
  return absl::AsciiStrToLower(sql::WriteCreateTable(table)).find("connection_id") !=
         std::string::npos;
}

bool IsAboutTemporary(const sql::Statement& statement, const wire::mysql::QueryEvent& event,
                      bool marks) {
  if (const auto* create = std::get_if<sql::CreateTable>(&statement)) return create->temporary;
  if (const auto* drop = std::get_if<sql::DropTable>(&statement)) return drop->temporary;
  if (!event.thread_specific || marks) return false;
  if (std::holds_alternative<sql::TruncateTable>(statement) ||
      std::holds_alternative<sql::CreateIndex>(statement) ||
      std::holds_alternative<sql::DropIndex>(statement)) {
    return true;
  }
  // The other thing that is marked, in the default of a column.
  return std::holds_alternative<sql::AlterTable>(statement) &&
         absl::AsciiStrToLower(std::string(event.sql)).find("connection_id") == std::string::npos;
}

bool IsLikeTemporary(const sql::CreateTable& create, const wire::mysql::QueryEvent& event) {
  if (!event.thread_specific || create.temporary || create.select) return false;
  const sql::TableOptions& options = create.definition.options;
  return create.like || (!options.engine.empty() && options.charset == sql::CharsetChoice());
}

}  // namespace godwit::connectors::mysql
