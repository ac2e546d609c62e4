#include "connectors/postgres/check/object_check.h"

#include <absl/algorithm/container.h>

#include "connectors/postgres/definition/catalog_sql.h"
#include "connectors/postgres/definition/definition.h"
#include "connectors/postgres/schema/object_writer.h"
#include "connectors/postgres/schema/rights.h"
#include "connectors/postgres/sql_text.h"

namespace godwit::connectors::postgres {
namespace {

using connector::CatalogObject;
using connector::CheckResult;
using connector::IfExists;
using connector::ObjectKind;
using model::TableName;

// Under session_replication_role = replica. Those of partitions that come from their root's too.
constexpr std::string_view kFiring = R"(
SELECT n.nspname, c.relname, t.tgname, 'TRIGGER'
  FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE t.tgenabled IN ('A', 'R')
 UNION ALL
SELECT n.nspname, c.relname, w.rulename, 'RULE'
  FROM pg_rewrite w JOIN pg_class c ON c.oid = w.ev_class JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE w.ev_enabled IN ('A', 'R') AND c.relkind IN ('r', 'p') ORDER BY 1, 2, 3)";

// The tables that rows are written to, each with the table of the task that it is of.
std::map<TableName, TableName> WrittenTables(const connector::Catalog& catalog) {
  std::map<TableName, TableName> tables;
  for (const connector::CatalogTable& table : catalog.tables) {
    const TableName& root = table.definition.table->name;
    tables[root] = root;
    const auto definition = FromJson(table.definition.statement);
    if (!definition.ok()) continue;
    for (const PartitionDefinition& partition : definition->partitions)
      tables[partition.name] = root;
  }
  return tables;
}

base::StatusOr<bool> LacksExtension(Connection& target, const CatalogObject& object) {
  GODWIT_ASSIGN_OR_RETURN(
      const std::string there,
      target.QueryValue("SELECT count(*) FROM pg_available_extensions WHERE name = " +
                        QuoteText(object.name)));
  return there == "0";
}

}  // namespace

void CheckObjects(Connection& target, const connector::CheckScope& scope,
                  const connector::Catalog& catalog, connector::CheckList& list) {
  constexpr std::string_view kName = "objects";
  std::vector<std::string> lacking, fixed, differing;
  for (const CatalogObject& object : catalog.objects) {
    // Triggers go with their tables.
    if (object.kind == ObjectKind::kTrigger || object.statement.empty()) continue;
    const auto other = HasOther(target, object);
    if (!other.ok()) return list.Unknown(kName, other.status());
    if (*other) (MayBeReplaced(object) ? differing : fixed).push_back(Named(object));
    if (object.kind != ObjectKind::kExtension) continue;
    const auto lacks = LacksExtension(target, object);
    if (!lacks.ok()) return list.Unknown(kName, lacks.status());
    if (*lacks) lacking.push_back(object.name);
  }
  if (!lacking.empty()) {
    return list.Fail(kName,
                     "tables or other objects need extensions that the machine has not: " +
                         connector::Enumerate(lacking),
                     "install their packages on the target's machine");
  }
  if (!fixed.empty()) {
    return list.Fail(
        kName, "they exist already, and differ: " + connector::Enumerate(fixed),
        "make the two alike, or drop them with what is made of them; they are never replaced");
  }
  if (!differing.empty() && scope.if_exists != IfExists::kReplace) {
    return list.Fail(kName, "they exist already, and differ: " + connector::Enumerate(differing),
                     "drop them, or say `target: {if_exists: replace}` in the task file");
  }
  list.Offenders(kName, CheckResult::kWarn, differing, "none stands in the way",
                 "these are replaced where they differ", "see that they are not needed");
}

void CheckFiring(Connection& target, const connector::CheckScope& scope,
                 const connector::Catalog& catalog, const std::set<TableName>& own,
                 connector::CheckList& list) {
  constexpr std::string_view kName = "triggers that always fire";
  const auto rows = target.Query(kFiring);
  if (!rows.ok()) return list.Unknown(kName, rows.status());
  const std::map<TableName, TableName> written = WrittenTables(catalog);
  std::vector<std::string> firing;
  std::string first;
  for (const ResultRow& row : *rows) {
    const TableName table{TextOf(row[0]), TextOf(row[1])};
    const std::string name = TextOf(row[2]), word = TextOf(row[3]);
    const auto root = written.find(table);
    if (root == written.end()) continue;
    // They are dropped before anything is written, and made again in the end.
    const bool migrated = absl::c_any_of(catalog.objects, [&](const CatalogObject& object) {
      const TableName on{object.schema, object.table};
      return object.kind == ObjectKind::kTrigger && object.name == name && word == "TRIGGER" &&
             (on == table || on == root->second);
    });
    const bool begins = scope.copies && scope.resume_at.empty();
    const bool goes =
        begins && (own.contains(root->second) || scope.if_exists == IfExists::kReplace);
    if (migrated || goes) continue;
    if (first.empty())
      first = fmt::format("ALTER TABLE {} DISABLE {} {}", QuoteName(table), word, QuoteName(name));
    firing.push_back(fmt::format("{} {} ON {}", word, name, table.ToString()));
  }
  list.Offenders(kName, CheckResult::kFail, firing, "none on the task's tables",
                 "enabled ALWAYS or for REPLICA, they would change rows that the source has "
                 "changed already",
                 first + "; and enable it after the cut-over");
}

void CheckRoles(Connection& target, const connector::Catalog& catalog, connector::CheckList& list) {
  constexpr std::string_view kName = "roles";
  std::set<std::string> missing, no_owners;
  for (const CatalogObject& object : catalog.objects) {
    if (object.kind != ObjectKind::kRights) continue;
    const auto role = ReadRole(target, object.name);
    if (!role.ok()) return list.Unknown(kName, role.status());
    if (!role->exists) missing.insert(object.name);
    if (role->exists && !role->may_own && !object.statement.empty()) no_owners.insert(object.name);
  }
  if (!missing.empty()) {
    list.Warn(kName,
              "these have rights on the source, or own something there, and are not here: " +
                  connector::Enumerate({missing.begin(), missing.end()}),
              "create them (pg_dumpall --roles-only) before the run; else their rights are left "
              "out");
  }
  if (no_owners.empty()) return;
  list.Warn(
      "owners",
      "these own something on the source, and our role may not make them owners here: " +
          connector::Enumerate({no_owners.begin(), no_owners.end()}),
      "GRANT these roles to ours, which has to inherit their rights, but no superuser's; else "
      "what they own belongs to ours");
}

}  // namespace godwit::connectors::postgres
