#include "connectors/mysql/schema/defaults_as_written.h"

#include <string_view>

#include "connectors/mysql/catalog.h"
#include "connectors/mysql/literal.h"
#include "sql/writer.h"

namespace godwit::connectors::mysql {
namespace {

// A table of columns with defaults, and no more: what else a definition has need not be possible in
// a temporary one.
sql::TableDefinition BareTable(const sql::TableDefinition& definition) {
  sql::TableDefinition bare;
  bare.flavour = definition.flavour;
  bare.options.charset = definition.options.charset;
  for (sql::ColumnDefinition column : definition.columns) {
    if (column.generated != sql::Generated::kNo) continue;
    column.auto_increment = column.invisible = column.without_versioning = false;
    column.check.clear();
    column.attributes.clear();
    bare.columns.push_back(std::move(column));
  }
  return bare;
}

}  // namespace

base::Status TakeDefaultsAsWritten(Connection& connection, const std::string& schema,
                                   sql::TableDefinition& definition) {
  sql::TableDefinition bare = BareTable(definition);
  bare.name = {schema, "godwit_defaults"};
  constexpr std::string_view kCreate = "CREATE TABLE";
  const std::string create = sql::WriteCreateTable(bare);
  GODWIT_RETURN_IF_ERROR(connection
                             .Execute(fmt::format("CREATE TEMPORARY TABLE{}",
                                                  std::string_view(create).substr(kCreate.size())))
                             .status());
  base::StatusOr<std::string> shown = ReadDefinition(connection, bare.name);
  GODWIT_RETURN_IF_ERROR(
      connection.Execute("DROP TEMPORARY TABLE " + QuoteName(bare.name)).status());
  if (!shown.ok()) return shown.status();
  GODWIT_ASSIGN_OR_RETURN(const connector::TableDefinition table,
                          ParseTable(connection.flavour(), bare.name, *std::move(shown)));
  GODWIT_ASSIGN_OR_RETURN(const sql::TableDefinition written, DefinitionOf(table));
  for (sql::ColumnDefinition& column : definition.columns) {
    const int at = written.FindColumn(column.name);
    if (at < 0) continue;
    column.default_value = written.columns[static_cast<size_t>(at)].default_value;
    column.on_update = written.columns[static_cast<size_t>(at)].on_update;
  }
  return base::OkStatus();
}

}  // namespace godwit::connectors::mysql
