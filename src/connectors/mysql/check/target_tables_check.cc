#include "connectors/mysql/check/target_tables_check.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "connectors/mysql/catalog.h"
#include "connectors/mysql/literal.h"
#include "connectors/mysql/schema/object_writer.h"
#include "connectors/mysql/schema/schema_writer.h"
#include "connectors/mysql/schema/target_definition.h"
#include "sql/parser.h"

namespace godwit::connectors::mysql {
namespace {

using connector::CheckResult;
using connector::IfExists;
using connector::ObjectKind;
using model::TableName;

std::set<TableName> ReadOwnTables(Connection& target, const StateStore& store, bool anew) {
  auto state = store.Load(target);
  if (!state.ok() || !*state) return {};  // what cannot be read cannot be the task's
  return connector::OwnTables(**state, anew);
}

base::StatusOr<std::set<std::string>> FirstColumn(Connection& target, const std::string& query) {
  GODWIT_ASSIGN_OR_RETURN(std::vector<ResultRow> rows, target.Query(query));
  std::set<std::string> values;
  for (const ResultRow& row : rows) values.insert(row[0].value_or(""));
  return values;
}

base::StatusOr<std::set<TableName>> ExistingTables(Connection& target) {
  GODWIT_ASSIGN_OR_RETURN(
      std::vector<ResultRow> rows,
      target.Query("SELECT table_schema, table_name FROM information_schema.tables"));
  std::set<TableName> names;
  for (const ResultRow& row : rows) names.insert({row[0].value_or(""), row[1].value_or("")});
  return names;
}

// Tables of the task that stand on the target and are not the task's own.
void CheckExisting(Connection& target, const connector::CheckScope& scope,
                   const connector::Catalog& catalog, std::string_view source,
                   const std::set<TableName>& existing, const std::set<TableName>& own,
                   connector::CheckList& list) {
  constexpr std::string_view kName = "tables";
  const bool begun = !scope.resume_at.empty();
  std::vector<std::string> there, differing, missing;
  for (const connector::CatalogTable& table : catalog.tables) {
    const TableName& name = table.definition.table->name;
    if (!existing.contains(name)) {
      if (!scope.copies && !own.contains(name)) missing.push_back(name.ToString());
      continue;
    }
    if ((scope.copies || begun) && own.contains(name)) continue;
    there.push_back(name.ToString());
    if (scope.if_exists == IfExists::kReplace && scope.copies) continue;
    auto kept = NeedsCreating(target, table.definition, IfExists::kAppend, source);
    if (absl::IsUnavailable(kept.status())) return list.Unknown(kName, kept.status());
    if (!kept.ok()) differing.push_back(std::string(kept.status().message()));
  }
  if (!missing.empty()) {
    return list.Fail(
        kName,
        fmt::format("mode `stream` creates none, and the target has not: {}",
                    connector::Enumerate(missing)),
        "create and fill them as they were at the position that the stream begins at, or use mode "
        "`migrate`");
  }
  if (begun && scope.copies && !there.empty()) {
    // Whether they are in the way shows when the log comes to what made them.
    return list.Warn(kName, "these are not of the task's making: " + connector::Enumerate(there),
                     "where the source makes tables of these names, drop the target's");
  }
  if (!differing.empty()) {
    return list.Fail(
        kName,
        differing.front() +
            (differing.size() > 1 ? fmt::format(" and {} more", differing.size() - 1) : ""),
        "make the two alike, drop the target's, or say `target: {if_exists: replace}` in the task "
        "file");
  }
  if (there.empty()) return list.Pass(kName, "none of the task's stands in the way");
  if (!scope.copies) return list.Pass(kName, fmt::format("all {} are there", there.size()));
  switch (scope.if_exists) {
    case IfExists::kError:
      return list.Fail(kName, "they exist already: " + connector::Enumerate(there),
                       "drop them, or say `target: {if_exists: append}` (keep their rows) or "
                       "`replace` (drop them) in the task file");
    case IfExists::kAppend:
      return list.Warn(kName, "rows are added to those of: " + connector::Enumerate(there),
                       "see that no row of theirs has the key of one of the source");
    case IfExists::kReplace:
      return list.Warn(kName, "these are dropped: " + connector::Enumerate(there),
                       "see that they are not needed");
  }
}

// Triggers would do once more what the source's have done, which the log holds.
void CheckTriggers(Connection& target, const connector::CheckScope& scope,
                   const connector::Catalog& catalog, const std::set<TableName>& own,
                   connector::CheckList& list) {
  auto rows = target.Query(
      "SELECT event_object_schema, event_object_table, trigger_name FROM "
      "information_schema.triggers");
  if (!rows.ok()) return list.Unknown("triggers", rows.status());
  std::vector<std::string> firing;
  std::string first;
  for (const ResultRow& row : *rows) {
    const TableName table{row[0].value_or(""), row[1].value_or("")};
    const std::string trigger = row[2].value_or("");
    const bool ours =
        std::any_of(catalog.tables.begin(), catalog.tables.end(),
                    [&](const auto& one) { return one.definition.table->name == table; });
    const bool migrated =
        std::any_of(catalog.objects.begin(), catalog.objects.end(), [&](const auto& object) {
          return object.kind == ObjectKind::kTrigger && object.schema == table.schema &&
                 object.name == trigger;
        });
    const bool goes = scope.copies && scope.if_exists == IfExists::kReplace && !own.contains(table);
    if (!ours || migrated || goes) continue;
    if (first.empty()) first = QuoteName({table.schema, trigger});
    firing.push_back(fmt::format("{}.{} on {}", table.schema, trigger, table.table));
  }
  list.Offenders("triggers", CheckResult::kFail, firing, "none on the task's tables",
                 "they would change rows that the source has changed already",
                 fmt::format("DROP TRIGGER {}; and create it after the cut-over", first));
}

// Views, routines and their like that the target has in other words. Triggers go with their tables.
void CheckObjects(Connection& target, const connector::CheckScope& scope,
                  const connector::Catalog& catalog, connector::CheckList& list) {
  constexpr std::string_view kName = "objects";
  if (!scope.copies || !scope.resume_at.empty()) return;
  std::vector<std::string> differing, unclear;
  for (const connector::CatalogObject& object : catalog.objects) {
    if (object.kind == ObjectKind::kTrigger) continue;
    const auto other = HasOther(target, object);
    if (absl::IsUnavailable(other.status())) return list.Unknown(kName, other.status());
    if (!other.ok() || !*other) continue;  // what cannot be made is reported elsewhere
    (object.dialect == DialectName(target.flavour()) ? differing : unclear)
        .push_back(Named(object));
  }
  const bool replaces = scope.if_exists == IfExists::kReplace;
  if (!differing.empty() && !replaces) {
    return list.Fail(kName, "they exist already, and differ: " + connector::Enumerate(differing),
                     "drop them, or say `target: {if_exists: replace}` in the task file");
  }
  if (!unclear.empty() && !replaces) {
    return list.Warn(
        kName,
        "they exist already, and whether they are the same shows when they are made: " +
            connector::Enumerate(unclear),
        "drop them where they may be others; the task would stop after its copy");
  }
  differing.insert(differing.end(), unclear.begin(), unclear.end());
  list.Offenders(kName, CheckResult::kWarn, differing,
                 "no view, routine, event or sequence stands in the way",
                 "these are replaced where they differ", "see that they are not needed");
}

void CheckCollations(Connection& target, const connector::Catalog& catalog,
                     connector::CheckList& list) {
  auto known = FirstColumn(target, target.is_mysql()
                                       ? "SELECT collation_name FROM information_schema.collations"
                                       : "SELECT full_collation_name FROM information_schema."
                                         "collation_character_set_applicability");
  auto charsets =
      FirstColumn(target, "SELECT character_set_name FROM information_schema.character_sets");
  if (!known.ok() || !charsets.ok())
    return list.Unknown("character sets", known.ok() ? charsets.status() : known.status());
  std::set<std::string> unknown;
  for (const connector::CatalogTable& table : catalog.tables) {
    const auto translation = TranslationFor(target, table.definition);
    if (!translation.ok() || translation->refused()) continue;  // reported of the translation
    const model::TablePtr here = sql::ToTable(translation->definition);
    for (const model::Column& column : here->columns) {
      if (!column.charset.empty() && !charsets->contains(column.charset))
        unknown.insert(column.charset);
      if (!column.collation.empty() && !known->contains(column.collation))
        unknown.insert(column.collation);
    }
  }
  list.Offenders("character sets", CheckResult::kFail, {unknown.begin(), unknown.end()},
                 "the target knows all character sets and collations", "the target does not know",
                 "take a target of the source's version, or change the columns on the source");
}

void CheckEngines(Connection& target, const connector::Catalog& catalog,
                  connector::CheckList& list) {
  auto rows = target.Query(
      "SELECT engine FROM information_schema.engines WHERE support IN ('YES', 'DEFAULT')");
  if (!rows.ok()) return list.Unknown("storage engines", rows.status());
  std::set<std::string> unknown;
  for (const connector::CatalogTable& table : catalog.tables) {
    const auto definition = DefinitionFor(target, table.definition);
    if (!definition.ok()) continue;
    const bool has = std::any_of(rows->begin(), rows->end(), [&](const ResultRow& row) {
      return base::EqualsIgnoreCase(row[0].value_or(""), definition->options.engine);
    });
    if (!has) unknown.insert(definition->options.engine);
  }
  list.Offenders("storage engines", CheckResult::kFail, {unknown.begin(), unknown.end()},
                 "the target has all that are needed", "the target has not",
                 "install them on the target, or ALTER TABLE ... ENGINE = InnoDB on the source");
}

}  // namespace

void CheckTargetTables(Connection& target, const StateStore& store,
                       const connector::CheckScope& scope, const connector::Catalog& catalog,
                       std::string_view source, connector::CheckList& list) {
  const std::set<TableName> own = ReadOwnTables(target, store, scope.resume_at.empty());
  auto existing = ExistingTables(target);
  if (!existing.ok()) return list.Unknown("tables", existing.status());
  CheckExisting(target, scope, catalog, source, *existing, own, list);
  CheckTriggers(target, scope, catalog, own, list);
  CheckObjects(target, scope, catalog, list);
  CheckCollations(target, catalog, list);
  CheckEngines(target, catalog, list);
}

}  // namespace godwit::connectors::mysql
