#include "connectors/postgres/schema/key_builder.h"

#include <absl/algorithm/container.h>
#include <absl/strings/str_join.h>

#include <array>
#include <atomic>
#include <map>
#include <set>
#include <thread>

#include "base/failpoint.h"
#include "base/text.h"
#include "connectors/postgres/definition/catalog_sql.h"
#include "connectors/postgres/schema/schema_errors.h"
#include "connectors/postgres/schema/schema_writer.h"
#include "connectors/postgres/sql_text.h"

namespace godwit::connectors::postgres {
namespace {

using model::TableName;

// Of a table whose indexes are worth more connections than one.
constexpr uint64_t kLarge = 32ull << 20;

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

// What the target has of a key: a constraint, which is whole if it is validated; an index, which is
// whole if it is in use; mostly both.
struct Found {
  bool constraint = false, index = false, whole = true;
};
using Keys = std::map<std::pair<TableName, std::string>, Found>;

base::StatusOr<Keys> ReadKeys(Connection& target, const std::set<TableName>& tables, bool foreign) {
  const std::string_view constraints =
      foreign ? "SELECT conrelid AS relid, conname AS name, convalidated AS whole, true AS is_con "
                "FROM pg_constraint WHERE contype = 'f'"
              : "SELECT conrelid AS relid, conname AS name, true AS whole, true AS is_con FROM "
                "pg_constraint WHERE contype <> 'f' UNION ALL SELECT i.indrelid, ic.relname, "
                "i.indisvalid, false FROM pg_index i JOIN pg_class ic ON ic.oid = i.indexrelid";
  GODWIT_ASSIGN_OR_RETURN(
      const std::vector<ResultRow> rows,
      target.Query(fmt::format(
          "SELECT n.nspname, c.relname, k.name, k.whole, k.is_con FROM ({}) k JOIN pg_class c ON "
          "c.oid = k.relid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE (n.nspname, "
          "c.relname) IN {}",
          constraints, ValuesText(tables))));
  Keys keys;
  for (const ResultRow& row : rows) {
    Found& found = keys[{{TextOf(row[0]), TextOf(row[1])}, TextOf(row[2])}];
    (FlagOf(row[4]) ? found.constraint : found.index) = true;
    found.whole = found.whole && FlagOf(row[3]);
  }
  return keys;
}

// The server's own setting is for sessions of which there are many. What it keeps for pages all the
// time tells how large it is.
base::Status GiveMemory(Connection& target) {
  return target
      .Query(
          "SELECT set_config('maintenance_work_mem', greatest(pg_size_bytes(current_setting("
          "'maintenance_work_mem')), least(pg_size_bytes(current_setting('shared_buffers')) / 8, "
          "pg_size_bytes('1GB'))) / 1024 || 'kB', false)")
      .status();
}

std::string Doing(const KeyStatement& key) {
  return fmt::format("building {} of table {}", key.name, key.table.ToString());
}

// Two sessions made something of one name at the same time.
bool IsOfCatalogue(const std::string& message) {
  return absl::c_any_of(
      std::array{"pg_class_relname_nsp_index", "pg_constraint_conrelid_contypid_conname_index"},
      [&](std::string_view key) { return message.find(key) != std::string::npos; });
}

// kAlreadyExists: rows break the key.
base::Status Build(Connection& target, const KeyStatement& key, const std::string& sql) {
  base::Failpoint("schema.before_add_keys");
  const base::Status status = target.Execute(sql).status();
  if (status.ok()) return status;
  const std::string_view state = target.last_state();
  // A statement that a lost connection had begun went through after all: ask the catalogue again.
  if (IsOneOf(state, {kDuplicateTable, kDuplicateObject}) ||
      (state == kUniqueViolation && IsOfCatalogue(std::string(status.message()))))
    return base::Aborted("{}; while {}", status.message(), Doing(key));
  if (!IsOneOf(state, {kUniqueViolation, kExclusionViolation}))
    return WhileMaking(status, target, Doing(key));
  if (key.is_identity) {
    return base::FailedPrecondition(
        "{}; while {}: on the source no two rows have it in common, so that others than Godwit "
        "have written to the target's table; empty it, and copy anew with `godwit run --restart`",
        status.message(), Doing(key));
  }
  return base::Status(base::StatusCode::kAlreadyExists,
                      fmt::format("{}; while {}", status.message(), Doing(key)));
}

// A key that is missing, and what has become of it.
struct Missing {
  const KeyStatement* key;
  bool has_index = false;  // without the constraint that is to be made of it
  base::Status built;
};

// The indexes among them, each by one of several connections.
void BuildBeside(Connection& target, SpareConnections& spare,
                 const std::vector<Missing*>& indexes) {
  std::atomic<size_t> next = 0;
  std::atomic<bool> failed = false;
  const auto work = [&](Connection& connection) {
    while (!failed) {
      const size_t at = next++;
      if (at >= indexes.size()) return;
      Missing& missing = *indexes[at];
      missing.built = Build(connection, *missing.key, missing.key->index);
      missing.has_index = missing.built.ok();
      if (!missing.built.ok() && !absl::IsAlreadyExists(missing.built)) failed = true;
    }
  };
  std::vector<std::jthread> beside;
  for (size_t i = 1; i < indexes.size(); ++i) {
    std::unique_ptr<Connection> connection = spare.Take();
    if (connection == nullptr) break;
    beside.emplace_back([&, connection = std::move(connection)]() mutable {
      if (GiveMemory(*connection).ok()) work(*connection);
      connection.reset();
      spare.GiveBack();
    });
  }
  work(target);
}

base::StatusOr<bool> IsLarge(Connection& target, const TableName& name) {
  GODWIT_ASSIGN_OR_RETURN(const std::string bytes,
                          target.QueryValue(fmt::format("SELECT pg_table_size({}::regclass)",
                                                        QuoteText(QuoteName(name)))));
  return base::ParseInteger<uint64_t>(bytes).value_or(0) >= kLarge;
}

// Those of `wanted` that are not there.
base::StatusOr<std::vector<Missing>> FindMissing(Connection& target, const Definition& definition,
                                                 const std::vector<KeyStatement>& wanted,
                                                 connector::UniqueKeys unique_keys) {
  std::set<TableName> tables = {definition.name};
  for (const KeyStatement& key : wanted) tables.insert(key.table);
  GODWIT_ASSIGN_OR_RETURN(const Keys existing, ReadKeys(target, tables, /*foreign=*/false));
  std::vector<Missing> missing;
  for (const KeyStatement& key : wanted) {
    // Chunks have no row identity in common, whenever they were read.
    const bool may_wait = key.unique && !key.is_identity;
    if (may_wait && unique_keys == connector::UniqueKeys::kLeaveOut) continue;
    const auto at = existing.find({key.table, key.name});
    const Found found = at == existing.end() ? Found{.whole = false} : at->second;
    if (found.whole && (found.constraint || key.constraint.empty())) continue;
    Missing& one = missing.emplace_back(Missing{.key = &key});
    one.has_index = found.whole;
    if (found.whole || !found.index) continue;
    // Its building was cut off; the server keeps it up without ever using it.
    const std::string drop = "DROP INDEX IF EXISTS " + QuoteName({key.table.schema, key.name});
    GODWIT_RETURN_IF_ERROR(WhileMaking(target.Execute(drop).status(), target, Doing(key)));
  }
  return missing;
}

// Makes the REPLICA IDENTITY's index what it is, once it is there.
base::Status SetReplicaIdentity(Connection& target, const Definition& definition) {
  const std::string statement = LateReplicaIdentity(definition);
  if (statement.empty()) return base::OkStatus();
  GODWIT_ASSIGN_OR_RETURN(const Keys keys, ReadKeys(target, {definition.name}, /*foreign=*/false));
  const auto index = keys.find({definition.name, definition.replica_index});
  if (index == keys.end() || !index->second.whole) return base::OkStatus();
  return target.Execute(statement).status();
}

}  // namespace

std::unique_ptr<Connection> SpareConnections::Take() {
  if (!free_.try_acquire()) return nullptr;
  base::StatusOr<std::unique_ptr<Connection>> connection = open_();
  if (connection.ok()) return *std::move(connection);
  free_.release();
  return nullptr;
}

base::Status FinishTable(Connection& target, SpareConnections& spare, const Definition& definition,
                         connector::UniqueKeys unique_keys) {
  GODWIT_ASSIGN_OR_RETURN(const bool there, HasTable(target, definition.name));
  if (!there) return TableHasGone(definition.name);
  const std::vector<KeyStatement> wanted = KeyStatements(definition);
  GODWIT_ASSIGN_OR_RETURN(std::vector<Missing> missing,
                          FindMissing(target, definition, wanted, unique_keys));
  if (!missing.empty()) GODWIT_RETURN_IF_ERROR(GiveMemory(target));
  std::vector<Missing*> indexes;
  for (Missing& one : missing) {
    if (!one.key->index.empty() && !one.has_index) indexes.push_back(&one);
  }
  if (indexes.size() > 1) {
    GODWIT_ASSIGN_OR_RETURN(const bool large, IsLarge(target, definition.name));
    if (large) BuildBeside(target, spare, indexes);
  }
  for (const Missing& one : missing) {
    if (!one.built.ok() && !absl::IsAlreadyExists(one.built)) return one.built;
  }
  for (Missing& one : missing) {
    if (!one.built.ok()) continue;
    if (!one.has_index)
      one.built = Build(target, *one.key, one.key->sql);
    else if (!one.key->constraint.empty())
      one.built = Build(target, *one.key, one.key->constraint);
    if (!one.built.ok() && !absl::IsAlreadyExists(one.built)) return one.built;
  }
  GODWIT_RETURN_IF_ERROR(SetReplicaIdentity(target, definition));
  const auto failed = [](const Missing& one) { return !one.built.ok(); };
  const auto first = absl::c_find_if(missing, failed);
  return first == missing.end() ? base::OkStatus() : first->built;
}

namespace {

base::Status CreateForeignKeysOf(Connection& target, const Definition& definition) {
  std::set<TableName> tables = {definition.name};
  for (const PartitionDefinition& partition : definition.partitions) tables.insert(partition.name);
  if (ForeignKeyStatements(definition).empty()) return base::OkStatus();
  GODWIT_ASSIGN_OR_RETURN(const bool there, HasTable(target, definition.name));
  if (!there) return TableHasGone(definition.name);
  GODWIT_ASSIGN_OR_RETURN(const Keys existing, ReadKeys(target, tables, /*foreign=*/true));
  for (const ConstraintDefinition& constraint : definition.constraints) {
    if (constraint.kind != 'f') continue;
    const TableName& table = constraint.table.table.empty() ? definition.name : constraint.table;
    std::vector<std::string> statements = ForeignKeyStatements(definition, constraint);
    if (const auto found = existing.find({table, constraint.name}); found != existing.end()) {
      if (found->second.whole) continue;
      statements.erase(statements.begin());  // only to be validated, if at all
    }
    for (const std::string& statement : statements) {
      base::Failpoint("schema.before_add_foreign_keys");
      const base::Status status = target.Execute(statement).status();
      const std::string doing =
          fmt::format("adding foreign key {} to table {}", constraint.name, table.ToString());
      if (!status.ok() && target.last_state() == kDuplicateObject)
        return base::Aborted("{}; while {}", status.message(), doing);
      GODWIT_RETURN_IF_ERROR(WhileMaking(status, target, doing));
    }
  }
  return base::OkStatus();
}

}  // namespace

base::Status CreateForeignKeys(Connection& target, const std::vector<Definition>& tables) {
  for (const Definition& definition : tables)
    GODWIT_RETURN_IF_ERROR(CreateForeignKeysOf(target, definition));
  return base::OkStatus();
}

}  // namespace godwit::connectors::postgres
