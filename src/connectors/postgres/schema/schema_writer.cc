#include "connectors/postgres/schema/schema_writer.h"

#include <absl/algorithm/container.h>
#include <absl/strings/str_join.h>

#include "base/failpoint.h"
#include "connectors/postgres/catalog.h"
#include "connectors/postgres/definition/catalog_sql.h"
#include "connectors/postgres/schema/schema_errors.h"
#include "connectors/postgres/sql_text.h"

namespace godwit::connectors::postgres {
namespace {

using connector::IfExists;
using model::TableName;

constexpr const char* kBetween = ";\n";  // statements of one transaction

// Something of this name that is no table of its own.
base::Status IsInTheWay(Connection& target, const TableName& name) {
  GODWIT_ASSIGN_OR_RETURN(
      const std::vector<ResultRow> rows,
      target.Query(fmt::format(
          "SELECT CASE WHEN c.relispartition THEN 'a partition of another table' ELSE CASE "
          "c.relkind WHEN 'v' THEN 'a view' WHEN 'm' THEN 'a materialized view' WHEN 'f' THEN 'a "
          "foreign table' WHEN 'S' THEN 'a sequence' WHEN 'i' THEN 'an index' WHEN 'c' THEN 'a "
          "type' ELSE 'part of an extension' END END FROM pg_class c JOIN pg_namespace n ON n.oid "
          "= c.relnamespace WHERE n.nspname = {} AND c.relname = {}",
          QuoteText(name.schema), QuoteText(name.table))));
  if (rows.empty()) return base::OkStatus();
  return base::FailedPrecondition(
      "target: {} is in the way of the table of this name: it is {}; drop or rename it there",
      name.ToString(), TextOf(rows[0][0]));
}

}  // namespace

base::Status CreateSchemas(Connection& target,
                           const std::vector<connector::CatalogSchema>& schemas) {
  for (const connector::CatalogSchema& schema : schemas) {
    GODWIT_ASSIGN_OR_RETURN(const std::string there,
                            target.QueryValue("SELECT count(*) FROM pg_namespace WHERE nspname = " +
                                              QuoteText(schema.name)));
    if (there != "0") continue;
    GODWIT_RETURN_IF_ERROR(WhileMaking(target.Execute(schema.statement).status(), target,
                                       "creating schema " + schema.name));
  }
  return base::OkStatus();
}

base::StatusOr<connector::TablePlan> PlanTable(Connection& target, const Definition& definition,
                                               IfExists if_exists, DifferenceText difference) {
  connector::TablePlan plan;
  GODWIT_ASSIGN_OR_RETURN(const bool create,
                          NeedsCreating(target, definition, if_exists, difference));
  if (!create) return plan;
  GODWIT_ASSIGN_OR_RETURN(const bool there, HasTable(target, definition.name));
  plan.create = CreateStatements(definition);
  if (there)
    plan.create.insert(plan.create.begin(), "DROP TABLE IF EXISTS " + QuoteName(definition.name));
  std::vector<std::string> keys;
  for (KeyStatement& key : KeyStatements(definition)) keys.push_back(std::move(key.sql));
  if (std::string identity = LateReplicaIdentity(definition); !identity.empty())
    keys.push_back(std::move(identity));
  plan.keys = absl::StrJoin(keys, kBetween);
  plan.foreign_keys = absl::StrJoin(ForeignKeyStatements(definition), kBetween);
  return plan;
}

base::StatusOr<bool> NeedsCreating(Connection& target, const Definition& definition,
                                   IfExists if_exists, DifferenceText describe) {
  const TableName& name = definition.name;
  GODWIT_ASSIGN_OR_RETURN(const std::optional<Definition> existing, ReadDefinition(target, name));
  if (!existing) {
    GODWIT_RETURN_IF_ERROR(IsInTheWay(target, name));
    return true;
  }
  if (if_exists == IfExists::kReplace) return true;
  const std::string difference = describe(definition, *existing);
  if (if_exists == IfExists::kError) {
    return base::FailedPrecondition(
        "target: table {} exists already{}{}\ndrop it, or say target: {{if_exists: append}} (keep "
        "it and add to it) or {{if_exists: replace}} (drop it) in the task file",
        name.ToString(),
        difference.empty() ? ", with the same definition" : ", and differs:", difference);
  }
  if (difference.empty()) return false;
  return base::FailedPrecondition(
      "target: table {} exists already, and differs:{}\nmake the two alike, or say target: "
      "{{if_exists: replace}} in the task file",
      name.ToString(), difference);
}

base::StatusOr<bool> HasTable(Connection& target, const TableName& name) {
  GODWIT_ASSIGN_OR_RETURN(
      const std::string there,
      target.QueryValue(fmt::format(
          "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE "
          "c.relkind IN ('r', 'p') AND n.nspname = {} AND c.relname = {}",
          QuoteText(name.schema), QuoteText(name.table))));
  return there != "0";
}

bool IsDependedUpon(const Connection& target) { return target.last_state() == kDependentObjects; }

base::Status DropKeysTo(Connection& target, const TableName& name,
                        const std::vector<Definition>& tables) {
  const auto known = ForeignKeysOf(tables);
  GODWIT_ASSIGN_OR_RETURN(
      const std::vector<ResultRow> rows,
      target.Query(fmt::format(
          "SELECT n.nspname, c.relname, k.conname FROM pg_constraint k JOIN pg_class c ON c.oid = "
          "k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE k.contype = 'f' AND "
          "k.conparentid = 0 AND k.conrelid <> k.confrelid AND k.confrelid IN (SELECT "
          "to_regclass({0}) UNION SELECT relid FROM pg_partition_tree(to_regclass({0})))",
          QuoteText(QuoteName(name)))));
  for (const ResultRow& row : rows) {
    const TableName child{TextOf(row[0]), TextOf(row[1])};
    if (!known.contains({child, TextOf(row[2])})) continue;
    GODWIT_RETURN_IF_ERROR(target
                               .Execute(fmt::format("ALTER TABLE {} DROP CONSTRAINT IF EXISTS {}",
                                                    QuoteName(child), QuoteName(TextOf(row[2]))))
                               .status());
  }
  return base::OkStatus();
}

base::Status CreateTable(Connection& target, const Definition& definition) {
  const std::string of = "table " + definition.name.ToString();
  GODWIT_RETURN_IF_ERROR(
      WhileMaking(target.Execute("DROP TABLE IF EXISTS " + QuoteName(definition.name)).status(),
                  target, "dropping " + of));
  // That of the table may be the only one that was asked for.
  std::vector<connector::CatalogSchema> schemas;
  for (const std::string& schema : SchemasOf(definition)) schemas.push_back(SchemaOf(schema));
  GODWIT_RETURN_IF_ERROR(CreateSchemas(target, schemas));
  base::Failpoint("schema.before_create_table");
  // In one transaction: a table is there with all that belongs to it, or not at all.
  return WhileMaking(target.Execute(absl::StrJoin(CreateStatements(definition), kBetween)).status(),
                     target, "creating " + of);
}

}  // namespace godwit::connectors::postgres
