#include "connectors/mysql/schema/schema_writer.h"

#include <mysqld_error.h>

#include <algorithm>

#include "base/failpoint.h"
#include "connectors/mysql/catalog.h"
#include "connectors/mysql/literal.h"
#include "connectors/mysql/schema/target_definition.h"
#include "sql/parser.h"
#include "sql/writer.h"

namespace godwit::connectors::mysql {
namespace {

using connector::IfExists;
using sql::KeyKind;

std::string CreateStatement(const sql::TableDefinition& definition,
                            const std::vector<std::string>& left_out) {
  sql::CreateTableParts parts;
  parts.name = definition.name;
  parts.foreign_keys = false;
  parts.left_out_keys = left_out;
  return sql::WriteCreateTable(definition, parts);
}

// Names of keys that the definition has and the target's table has not.
std::vector<std::string> MissingKeys(const sql::TableDefinition& definition,
                                     const sql::TableDefinition& existing) {
  std::vector<std::string> missing;
  for (const sql::KeyDefinition& key : definition.keys) {
    if (existing.FindKey(key.name) < 0) missing.push_back(key.name);
  }
  return missing;
}

}  // namespace

base::StatusOr<std::optional<sql::TableDefinition>> FindTable(Connection& target,
                                                              const model::TableName& name) {
  auto statement = ReadDefinition(target, name);
  if (absl::IsNotFound(statement.status())) return std::optional<sql::TableDefinition>();
  if (!statement.ok()) return statement.status();
  GODWIT_ASSIGN_OR_RETURN(const connector::TableDefinition table,
                          ParseTable(target.flavour(), name, *std::move(statement)));
  GODWIT_ASSIGN_OR_RETURN(sql::TableDefinition definition, DefinitionOf(table));
  return std::optional<sql::TableDefinition>(std::move(definition));
}

base::Status CreateSchemas(Connection& target,
                           const std::vector<connector::CatalogSchema>& schemas) {
  for (const connector::CatalogSchema& schema : schemas) {
    GODWIT_ASSIGN_OR_RETURN(const bool there, HasSchema(target, schema.name));
    if (there) continue;
    GODWIT_ASSIGN_OR_RETURN(std::string statement, SchemaStatementFor(target, schema));
    GODWIT_RETURN_IF_ERROR(target.Execute(statement).status());
  }
  return base::OkStatus();
}

base::StatusOr<connector::TablePlan> PlanTable(Connection& target,
                                               const connector::TableDefinition& table,
                                               IfExists if_exists, std::string_view source) {
  const model::TableName& name = table.table->name;
  GODWIT_ASSIGN_OR_RETURN(sql::TableDefinition definition, DefinitionFor(target, table));
  GODWIT_ASSIGN_OR_RETURN(std::optional<sql::TableDefinition> existing, FindTable(target, name));
  GODWIT_ASSIGN_OR_RETURN(bool create, NeedsCreating(target, table, if_exists, source));
  GODWIT_ASSIGN_OR_RETURN(const sql::Translation translation, TranslationFor(target, table));
  connector::TablePlan plan;
  for (const sql::TranslationNote& note : translation.notes)
    plan.notes.push_back(sql::ToText(note));
  const std::vector<std::string> deferred = sql::DeferrableKeys(definition);
  if (create) {
    if (existing) plan.create.push_back("DROP TABLE IF EXISTS " + QuoteName(name));
    plan.create.push_back(CreateStatement(definition, deferred));
    plan.keys = sql::WriteAddKeys(definition, name, deferred);
    plan.foreign_keys = sql::WriteAddForeignKeys(definition, name);
  }
  return plan;
}

base::StatusOr<bool> NeedsCreating(Connection& target, const connector::TableDefinition& table,
                                   IfExists if_exists, std::string_view source) {
  const model::TableName& name = table.table->name;
  GODWIT_ASSIGN_OR_RETURN(sql::TableDefinition definition, DefinitionFor(target, table));
  GODWIT_ASSIGN_OR_RETURN(std::optional<sql::TableDefinition> existing, FindTable(target, name));
  if (!existing || if_exists == IfExists::kReplace) return true;
  // Nothing that comes from a source of another family takes it from the table.
  if (!FlavourInFamily(source)) existing->options.charset = definition.options.charset;
  const std::string difference =
      DescribeDifference(definition, *existing, IsTranslated(target, source));
  if (if_exists == IfExists::kError) {
    return base::FailedPrecondition(
        "target: table {} exists already{}{}\ndrop it, or say target: {{if_exists: append}} (keep "
        "it and "
        "add to it) or {{if_exists: replace}} (drop it) in the task file",
        name.ToString(),
        difference.empty() ? ", with the same definition" : ", and differs:", difference);
  }
  if (difference.empty()) return false;
  return base::FailedPrecondition(
      "target: table {} exists already, and differs:{}\nmake the two alike, or say target: "
      "{{if_exists: "
      "replace}} in the task file",
      name.ToString(), difference);
}

base::StatusOr<bool> HasSchema(Connection& target, const std::string& schema) {
  GODWIT_ASSIGN_OR_RETURN(
      const std::string there,
      target.QueryValue("SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name = " +
                        QuoteText(schema)));
  return there != "0";
}

base::StatusOr<bool> HasTable(Connection& target, const model::TableName& name) {
  GODWIT_ASSIGN_OR_RETURN(
      const std::string there,
      target.QueryValue(fmt::format("SELECT COUNT(*) FROM information_schema.tables WHERE "
                                    "table_schema = {} AND table_name = {}",
                                    QuoteText(name.schema), QuoteText(name.table))));
  return there != "0";
}

base::Status CreateTable(Connection& target, const connector::TableDefinition& table) {
  const model::TableName& name = table.table->name;
  GODWIT_ASSIGN_OR_RETURN(sql::TableDefinition definition, DefinitionFor(target, table));
  GODWIT_RETURN_IF_ERROR(target.Execute("DROP TABLE IF EXISTS " + QuoteName(name)).status());
  base::Failpoint("schema.before_create_table");
  GODWIT_RETURN_IF_ERROR(target.Execute("USE " + QuoteName(name.schema)).status());
  return target.Execute(CreateStatement(definition, sql::DeferrableKeys(definition))).status();
}

base::Status FinishTable(Connection& target, const connector::TableDefinition& table,
                         connector::UniqueKeys unique_keys) {
  const model::TableName& name = table.table->name;
  GODWIT_ASSIGN_OR_RETURN(sql::TableDefinition definition, DefinitionFor(target, table));
  GODWIT_ASSIGN_OR_RETURN(std::optional<sql::TableDefinition> existing, FindTable(target, name));
  if (!existing)
    return base::FailedPrecondition(
        "target: table {} has gone; copy anew with `godwit run --restart`", name.ToString());
  std::vector<std::string> missing = MissingKeys(definition, *existing);
  const auto is_unique = [&](const std::string& key) {
    return definition.keys[static_cast<size_t>(definition.FindKey(key))].kind == KeyKind::kUnique;
  };
  if (unique_keys == connector::UniqueKeys::kLeaveOut) std::erase_if(missing, is_unique);
  if (missing.empty()) return base::OkStatus();
  base::Failpoint("schema.before_add_keys");
  // MySQL adds no key over an expression otherwise.
  GODWIT_RETURN_IF_ERROR(target.Execute("USE " + QuoteName(name.schema)).status());
  base::Status status = target.Execute(sql::WriteAddKeys(definition, name, missing)).status();
  // A statement that a lost connection had begun went through after all: ask the catalogue again.
  if (!status.ok() && target.last_error() == ER_DUP_KEYNAME) {
    return base::Aborted("{}", status.message());
  }
  if (status.ok() || target.last_error() != ER_DUP_ENTRY) return status;
  const std::string duplicate(status.message());
  std::erase_if(missing, is_unique);
  if (!missing.empty())
    GODWIT_RETURN_IF_ERROR(target.Execute(sql::WriteAddKeys(definition, name, missing)).status());
  return base::Status(base::StatusCode::kAlreadyExists, duplicate);
}

base::Status CreateForeignKeys(Connection& target, const connector::TableDefinition& table) {
  const model::TableName& name = table.table->name;
  GODWIT_ASSIGN_OR_RETURN(sql::TableDefinition definition, DefinitionFor(target, table));
  if (definition.foreign_keys.empty()) return base::OkStatus();
  GODWIT_ASSIGN_OR_RETURN(std::optional<sql::TableDefinition> existing, FindTable(target, name));
  if (!existing)
    return base::FailedPrecondition(
        "target: table {} has gone; copy anew with `godwit run --restart`", name.ToString());
  std::erase_if(definition.foreign_keys, [&](const model::ForeignKey& key) {
    return existing->FindForeignKey(key.name) >= 0;
  });
  const std::string statement = sql::WriteAddForeignKeys(definition, name);
  if (statement.empty()) return base::OkStatus();
  base::Failpoint("schema.before_add_foreign_keys");
  return target.Execute(statement).status();
}

}  // namespace godwit::connectors::mysql
