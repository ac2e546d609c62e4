#include "connectors/mysql/apply/ddl_traces.h"

#include <absl/strings/ascii.h>
#include <fmt/format.h>
#include <mysqld_error.h>

#include "connectors/mysql/catalog.h"
#include "connectors/mysql/literal.h"

namespace godwit::connectors::mysql {
namespace {

// A name as InnoDB has it, where it follows the names of files (MariaDB KB "Identifier to File Name
// Mapping"); nothing where that takes more than ASCII.
std::optional<std::string> FileName(const std::string& name) {
  std::string text;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80) return std::nullopt;
    if (absl::ascii_isalnum(byte) || c == '_')
      text.push_back(c);
    else
      text += fmt::format("@{:04x}", byte);
  }
  return text;
}

}  // namespace

base::StatusOr<std::string> DescribeObjects(Connection& connection, const model::DdlChange& ddl) {
  std::string description;
  for (const model::TableName& name : ddl.touched) {
    auto definition = ReadDefinition(connection, name);
    if (!definition.ok() && !absl::IsNotFound(definition.status())) return definition.status();
    description += fmt::format("{}: {}\n", name.ToString(), definition.ok() ? *definition : "none");
  }
  if (!ddl.touched_schema.empty()) {
    GODWIT_ASSIGN_OR_RETURN(
        std::vector<ResultRow> rows,
        connection.Query(
            "SELECT default_collation_name FROM information_schema.schemata WHERE schema_name = " +
            QuoteText(ddl.touched_schema)));
    description += fmt::format("{}: {}\n", ddl.touched_schema,
                               rows.empty() ? "none" : rows[0][0].value_or(""));
  }
  if (!ddl.exchanged.table.empty()) {
    GODWIT_ASSIGN_OR_RETURN(const std::optional<std::string> identity,
                            ReadIdentity(connection, ddl.exchanged));
    description +=
        fmt::format("{} is table {}\n", ddl.exchanged.ToString(), identity.value_or("unknown"));
  }
  return description;
}

base::StatusOr<std::optional<std::string>> ReadIdentity(Connection& connection,
                                                        const model::TableName& table) {
  const std::optional<std::string> schema = FileName(table.schema), name = FileName(table.table);
  if (!schema || !name) return std::optional<std::string>();
  const bool mysql = connection.flavour() == sql::Flavour::kMySql;
  auto rows = connection.Query(
      fmt::format("SELECT table_id FROM information_schema.{} WHERE name = {}",
                  mysql ? "innodb_tables" : "innodb_sys_tables", QuoteText(*schema + "/" + *name)));
  if (!rows.ok()) {
    if (connection.last_error() == ER_SPECIFIC_ACCESS_DENIED_ERROR)
      return std::optional<std::string>();
    return rows.status();
  }
  return rows->size() == 1 ? (*rows)[0][0] : std::optional<std::string>();
}

RenameMark::RenameMark(Connection& control, const StateStore& store)
    : control_(control),
      before_(QuoteName(store.MarkName("before"))),
      after_(QuoteName(store.MarkName("after"))) {}

base::Status RenameMark::Prepare() {
  GODWIT_RETURN_IF_ERROR(Remove());
  return control_.Execute("CREATE TABLE " + before_ + " (nothing INT) ENGINE=InnoDB").status();
}

std::string RenameMark::In(const std::string& statement) const {
  return fmt::format("{}, {} TO {}", statement, before_, after_);
}

base::StatusOr<bool> RenameMark::HasHappened() {
  auto there = control_.Query("SELECT 1 FROM " + after_ + " LIMIT 0");
  if (there.ok()) return true;
  if (control_.last_error() == ER_NO_SUCH_TABLE) return false;
  return there.status();
}

base::Status RenameMark::Remove() {
  for (const std::string* name : {&before_, &after_})
    GODWIT_RETURN_IF_ERROR(control_.Execute("DROP TABLE IF EXISTS " + *name).status());
  return base::OkStatus();
}

}  // namespace godwit::connectors::mysql
