#include "connectors/mysql/check/source_tables_check.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "connector/keys_from_outside.h"
#include "connectors/mysql/catalog.h"
#include "connectors/mysql/check/history_check.h"
#include "connectors/mysql/literal.h"
#include "sql/parser.h"

namespace godwit::connectors::mysql {
namespace {

using connector::CheckResult;
using connector::ObjectKind;

bool Asks(const connector::CheckScope& scope, ObjectKind kind) {
  return std::find(scope.objects.begin(), scope.objects.end(), kind) != scope.objects.end();
}

// What a query lists of schema, name that the filter decides by, and own name where that is
// another.
base::StatusOr<std::vector<std::string>> NamesOf(Connection& source,
                                                 const connector::CheckScope& scope,
                                                 const std::string& query) {
  GODWIT_ASSIGN_OR_RETURN(std::vector<ResultRow> rows, source.Query(query));
  std::vector<std::string> names;
  for (const ResultRow& row : rows) {
    const std::string schema = row[0].value_or("");
    if (scope.filter.table(schema, row[1].value_or("")))
      names.push_back(schema + "." + row.back().value_or(""));
  }
  return names;
}

// What the definitions say that decides how well a table can be moved.
struct Findings {
  std::vector<std::string> keyless, not_transactional, histories, sequence_defaults;
};

Findings Read(const connector::CheckScope& scope, const connector::Catalog& catalog) {
  Findings found;
  for (const connector::CatalogTable& entry : catalog.tables) {
    const model::Table& table = *entry.definition.table;
    const std::string name = table.name.ToString();
    auto definition = DefinitionOf(entry.definition);
    if (!definition.ok()) continue;
    if (table.RowIdentity().empty()) found.keyless.push_back(name);
    if (!base::EqualsIgnoreCase(definition->options.engine, "InnoDB")) {
      found.not_transactional.push_back(fmt::format("{} ({})", name, definition->options.engine));
    }
    if (std::string why = WhyHistoryCannotBeFollowed(table, *definition); !why.empty())
      found.histories.push_back(fmt::format("{} ({})", name, why));
    for (const sql::ColumnDefinition& column : definition->columns) {
      if (column.default_value.find("nextval(") == std::string::npos ||
          Asks(scope, ObjectKind::kSequence))
        continue;
      found.sequence_defaults.push_back(name + "." + column.name);
    }
  }
  return found;
}

// A parent outside of the task changes its children by keys that act, and the log may not say so.
void CheckForeignKeys(const Settings& settings, const connector::CheckScope& scope,
                      const connector::Catalog& catalog, connector::CheckList& list) {
  std::set<model::TableName> inside;
  for (const connector::CatalogTable& table : catalog.tables)
    inside.insert(table.definition.table->name);
  std::vector<std::string> acting, outside;
  for (const connector::CatalogTable& entry : catalog.tables) {
    const model::Table& table = *entry.definition.table;
    std::vector<model::ForeignKey> unlogged;
    if (!LogsWhatKeysDo(settings))
      unlogged = connector::KeysFromOutside(scope.filter, table.foreign_keys);
    for (const model::ForeignKey& key : table.foreign_keys) {
      if (inside.contains(key.parent)) continue;
      const bool acts = std::ranges::find(unlogged, key) != unlogged.end();
      (acts ? acting : outside)
          .push_back(fmt::format("{} to {}", table.name.ToString(), key.parent.ToString()));
    }
  }
  if (!acting.empty()) {
    return list.Fail(
        "foreign keys",
        fmt::format(
            "they change rows when a table outside of the task changes, and the log does not hold "
            "that: {}",
            connector::Enumerate(acting)),
        "add the tables referred to to `tables.include`");
  }
  list.Offenders("foreign keys", CheckResult::kWarn, outside, "all refer to tables of the task",
                 "they refer to tables outside of the task",
                 "add those to `tables.include`, or see that the target has their rows");
}

void CheckLeftBehind(Connection& source, const connector::CheckScope& scope,
                     connector::CheckList& list) {
  struct Kind {
    ObjectKind kind;
    const char* word;
    const char* query;
  };
  constexpr Kind kKinds[] = {
      {ObjectKind::kTrigger, "triggers",
       "SELECT event_object_schema, event_object_table, trigger_name FROM "
       "information_schema.triggers"},
      {ObjectKind::kRoutine, "routines",
       "SELECT routine_schema, routine_name FROM information_schema.routines"},
      {ObjectKind::kEvent, "events",
       "SELECT event_schema, event_name FROM information_schema.events"},
      {ObjectKind::kSequence, "sequences",
       "SELECT table_schema, table_name FROM information_schema.tables WHERE table_type = "
       "'SEQUENCE'"},
  };
  std::string finding, words;
  for (const Kind& kind : kKinds) {
    if (Asks(scope, kind.kind)) continue;
    auto names = NamesOf(source, scope, kind.query);
    if (!names.ok()) return list.Unknown("other objects", names.status());
    if (names->empty()) continue;
    finding += fmt::format("{}{} ({})", finding.empty() ? "not migrated: " : ", ", kind.word,
                           connector::Enumerate(*names));
    words += (words.empty() ? "" : ", ") + std::string(kind.word);
  }
  if (finding.empty())
    return list.Pass("other objects", "none is left behind that the user can see");
  list.Warn(
      "other objects", finding,
      fmt::format("say `objects: [{}]` in the task file, or create them on the target yourself",
                  words));
}

}  // namespace

void CheckSourceTables(Connection& source, const Settings& settings,
                       const connector::CheckScope& scope, const connector::Catalog& catalog,
                       connector::CheckList& list) {
  const Findings found = Read(scope, catalog);
  list.Offenders("row keys", CheckResult::kWarn, found.keyless, "every table has one",
                 "without a primary key or a unique one over NOT NULL columns, each copied in one "
                 "piece and changed row by row",
                 "ALTER TABLE ... ADD PRIMARY KEY where that can be done");
  list.Offenders("storage engines", CheckResult::kWarn, found.not_transactional, "all InnoDB",
                 "without transactions, so that neither a snapshot nor a crash is exact",
                 "ALTER TABLE ... ENGINE = InnoDB; or let nobody write to them until they are "
                 "copied, and compare with `godwit verify`");
  list.Offenders("system versioning", CheckResult::kFail, found.histories,
                 "all history can be carried over", "history that cannot be carried over",
                 "leave them out with `tables.exclude`, or ALTER TABLE ... DROP SYSTEM "
                 "VERSIONING where their history may go");
  list.Offenders("sequence defaults", CheckResult::kFail, found.sequence_defaults,
                 "no default takes a sequence that is left behind",
                 "defaults take values of sequences that are not migrated",
                 "say `objects: [sequences]` in the task file");
  CheckForeignKeys(settings, scope, catalog, list);
  CheckLeftBehind(source, scope, list);
}

}  // namespace godwit::connectors::mysql
