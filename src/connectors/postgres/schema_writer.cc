#include "connectors/postgres/schema_writer.h"

#include <absl/algorithm/container.h>
#include <absl/strings/str_join.h>

#include <map>
#include <set>

#include "base/failpoint.h"
#include "connectors/postgres/catalog.h"
#include "connectors/postgres/catalog_sql.h"
#include "connectors/postgres/sql_text.h"

namespace godwit::connectors::postgres {
namespace {

using connector::IfExists;
using model::TableName;

constexpr const char* kBetween = ";\n";  // statements of one transaction

// The SQLSTATEs.
constexpr std::string_view kDependentObjects = "2BP01", kUniqueViolation = "23505",
                           kExclusionViolation = "23P01", kDuplicateTable = "42P07",
                           kDuplicateObject = "42710", kUndefinedTable = "42P01",
                           kUndefinedObject = "42704", kUndefinedFunction = "42883",
                           kUndefinedSchema = "3F000";

bool IsOneOf(std::string_view state, std::initializer_list<std::string_view> states) {
  return absl::c_linear_search(states, state);
}

// Of statements that make something: that another thing is there, or is not, is for the operator to
// know.
base::Status While(const base::Status& status, const Connection& target, std::string_view doing) {
  if (status.ok() || absl::IsUnavailable(status) || absl::IsCancelled(status)) return status;
  const std::string_view state = target.last_state();
  std::string_view remedy;
  if (IsOneOf(state, {kUndefinedTable, kUndefinedObject, kUndefinedFunction, kUndefinedSchema}))
    remedy = "; make on the target first what it refers to, or exclude the table";
  if (state == kDependentObjects)
    remedy =
        "; Godwit drops nothing else: drop by hand what depends on it, and make it again later";
  const bool operators = absl::IsNotFound(status) || absl::IsAlreadyExists(status);
  return base::Status(operators ? base::StatusCode::kFailedPrecondition : status.code(),
                      fmt::format("{}; while {}{}", status.message(), doing, remedy));
}

base::Status TableHasGone(const TableName& name) {
  return base::FailedPrecondition(
      "target: table {} has gone; copy anew with `godwit run --restart`", name.ToString());
}

std::string ValuesText(const std::set<TableName>& names) {
  return "(VALUES " +
         absl::StrJoin(names, ", ",
                       [](std::string* out, const TableName& name) {
                         *out +=
                             fmt::format("({}, {})", QuoteText(name.schema), QuoteText(name.table));
                       }) +
         ")";
}

// The target's keys, by table and name, and whether each is whole: a constraint that is validated,
// an index that is in use.
using Keys = std::map<std::pair<TableName, std::string>, bool>;

base::StatusOr<Keys> ReadKeys(Connection& target, const std::set<TableName>& tables, bool foreign) {
  const std::string_view constraints =
      foreign ? "SELECT conrelid AS relid, conname AS name, convalidated AS whole FROM "
                "pg_constraint WHERE contype = 'f'"
              : "SELECT conrelid AS relid, conname AS name, true AS whole FROM pg_constraint WHERE "
                "contype <> 'f' UNION ALL SELECT i.indrelid, ic.relname, i.indisvalid FROM "
                "pg_index i JOIN pg_class ic ON ic.oid = i.indexrelid";
  GODWIT_ASSIGN_OR_RETURN(
      const std::vector<ResultRow> rows,
      target.Query(fmt::format(
          "SELECT n.nspname, c.relname, k.name, k.whole FROM ({}) k JOIN pg_class c ON c.oid = "
          "k.relid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE (n.nspname, c.relname) IN "
          "{}",
          constraints, ValuesText(tables))));
  Keys keys;
  for (const ResultRow& row : rows) {
    bool& whole =
        keys.try_emplace({{TextOf(row[0]), TextOf(row[1])}, TextOf(row[2])}, true).first->second;
    whole = whole && FlagOf(row[3]);
  }
  return keys;
}

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
    GODWIT_RETURN_IF_ERROR(
        While(target.Execute(schema.statement).status(), target, "creating schema " + schema.name));
  }
  return base::OkStatus();
}

base::StatusOr<connector::TablePlan> PlanTable(Connection& target, const Definition& definition,
                                               IfExists if_exists) {
  connector::TablePlan plan;
  GODWIT_ASSIGN_OR_RETURN(const bool create, NeedsCreating(target, definition, if_exists));
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
                                   IfExists if_exists) {
  const TableName& name = definition.name;
  GODWIT_ASSIGN_OR_RETURN(const std::optional<Definition> existing, ReadDefinition(target, name));
  if (!existing) {
    GODWIT_RETURN_IF_ERROR(IsInTheWay(target, name));
    return true;
  }
  if (if_exists == IfExists::kReplace) return true;
  const std::string difference = DescribeDifference(definition, *existing);
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
  std::set<std::pair<TableName, std::string>> known;
  for (const Definition& table : tables) {
    for (const ConstraintDefinition& constraint : table.constraints) {
      if (constraint.kind != 'f') continue;
      known.emplace(constraint.table.table.empty() ? table.name : constraint.table,
                    constraint.name);
    }
  }
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
      While(target.Execute("DROP TABLE IF EXISTS " + QuoteName(definition.name)).status(), target,
            "dropping " + of));
  base::Failpoint("schema.before_create_table");
  // In one transaction: a table is there with all that belongs to it, or not at all.
  return While(target.Execute(absl::StrJoin(CreateStatements(definition), kBetween)).status(),
               target, "creating " + of);
}

base::Status FinishTable(Connection& target, const Definition& definition,
                         connector::UniqueKeys unique_keys) {
  GODWIT_ASSIGN_OR_RETURN(const bool there, HasTable(target, definition.name));
  if (!there) return TableHasGone(definition.name);
  const std::vector<KeyStatement> wanted = KeyStatements(definition);
  std::set<TableName> tables = {definition.name};
  for (const KeyStatement& key : wanted) tables.insert(key.table);
  GODWIT_ASSIGN_OR_RETURN(Keys existing, ReadKeys(target, tables, /*foreign=*/false));
  std::string duplicate;
  for (const KeyStatement& key : wanted) {
    // Chunks have no row identity in common, whenever they were read.
    const bool may_wait = key.unique && !key.is_identity;
    if (may_wait && unique_keys == connector::UniqueKeys::kLeaveOut) continue;
    const std::string doing =
        fmt::format("building {} of table {}", key.name, key.table.ToString());
    const auto found = existing.find({key.table, key.name});
    if (found != existing.end() && found->second) continue;
    base::Failpoint("schema.before_add_keys");
    if (found != existing.end()) {
      // Its building was cut off; the server keeps it up without ever using it.
      const std::string drop = "DROP INDEX IF EXISTS " + QuoteName({key.table.schema, key.name});
      GODWIT_RETURN_IF_ERROR(While(target.Execute(drop).status(), target, doing));
    }
    const base::Status status = target.Execute(key.sql).status();
    existing[{key.table, key.name}] = status.ok();
    if (status.ok()) continue;
    // A statement that a lost connection had begun went through after all: ask the catalogue again.
    if (IsOneOf(target.last_state(), {kDuplicateTable, kDuplicateObject}))
      return base::Aborted("{}; while {}", status.message(), doing);
    if (!IsOneOf(target.last_state(), {kUniqueViolation, kExclusionViolation}))
      return While(status, target, doing);
    if (duplicate.empty()) duplicate = fmt::format("{}; while {}", status.message(), doing);
  }
  const std::string identity = LateReplicaIdentity(definition);
  const auto index = existing.find({definition.name, definition.replica_index});
  if (!identity.empty() && index != existing.end() && index->second)
    GODWIT_RETURN_IF_ERROR(target.Execute(identity).status());
  if (duplicate.empty()) return base::OkStatus();
  return base::Status(base::StatusCode::kAlreadyExists, duplicate);
}

base::Status CreateForeignKeys(Connection& target, const Definition& definition) {
  std::set<TableName> tables = {definition.name};
  for (const PartitionDefinition& partition : definition.partitions) tables.insert(partition.name);
  if (ForeignKeyStatements(definition).empty()) return base::OkStatus();
  GODWIT_ASSIGN_OR_RETURN(const bool there, HasTable(target, definition.name));
  if (!there) return TableHasGone(definition.name);
  GODWIT_ASSIGN_OR_RETURN(const Keys existing, ReadKeys(target, tables, /*foreign=*/true));
  for (const ConstraintDefinition& constraint : definition.constraints) {
    if (constraint.kind != 'f') continue;
    const TableName& table = constraint.table.table.empty() ? definition.name : constraint.table;
    Definition alone;
    alone.name = definition.name;
    alone.partition_key = definition.partition_key;
    alone.partitions = definition.partitions;
    alone.constraints = {constraint};
    std::vector<std::string> statements = ForeignKeyStatements(alone);
    if (const auto found = existing.find({table, constraint.name}); found != existing.end()) {
      if (found->second) continue;
      statements.erase(statements.begin());  // only to be validated, if at all
    }
    for (const std::string& statement : statements) {
      base::Failpoint("schema.before_add_foreign_keys");
      const base::Status status = target.Execute(statement).status();
      const std::string doing =
          fmt::format("adding foreign key {} to table {}", constraint.name, table.ToString());
      if (!status.ok() && target.last_state() == kDuplicateObject)
        return base::Aborted("{}; while {}", status.message(), doing);
      GODWIT_RETURN_IF_ERROR(While(status, target, doing));
    }
  }
  return base::OkStatus();
}

}  // namespace godwit::connectors::postgres
