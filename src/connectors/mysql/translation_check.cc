#include "connectors/mysql/translation_check.h"

#include <map>
#include <utility>

#include "connector/translation_findings.h"
#include "connectors/mysql/target_definition.h"

namespace godwit::connectors::mysql {
namespace {

using sql::NoteKind;

constexpr std::string_view kName = "translation";

std::string PlaceOf(const model::TableName& table, const sql::TranslationNote& note) {
  return note.place.empty() ? table.ToString() : fmt::format("{} {}", table.ToString(), note.place);
}

// A statement that the target does not take, from the error that says so.
void Refuse(const base::Status& status, connector::CheckList& list) {
  list.Fail(kName, std::string(status.message()),
            "exclude it in the task file, or change it on the source");
}

void Add(const model::TableName& table, const sql::TranslationNote& note,
         connector::TranslationFindings& findings) {
  if (note.kind == NoteKind::kLossy) findings.AddLossy(PlaceOf(table, note), note.what);
  if (note.kind == NoteKind::kRefused)
    findings.AddRefused(PlaceOf(table, note), note.what, note.remedy);
}

// Names of checks are unique in a schema of MySQL's, and in a table of MariaDB's.
void CheckConstraintNames(
    const std::map<std::pair<std::string, std::string>, std::vector<std::string>>& tables_by_check,
    connector::CheckList& list) {
  for (const auto& [check, tables] : tables_by_check) {
    if (tables.size() < 2) continue;
    list.Fail(kName,
              fmt::format("MySQL's names of checks are unique in a schema, and `{}` is one of: {}",
                          check.second, connector::Enumerate(tables)),
              "give all but one another name on the source");
  }
}

}  // namespace

void CheckTranslation(const Connection& target, const connector::Catalog& catalog,
                      connector::CheckList& list) {
  connector::TranslationFindings findings("docs/mysql-mariadb.md");
  std::map<std::pair<std::string, std::string>, std::vector<std::string>> tables_by_check;
  for (const connector::CatalogTable& table : catalog.tables) {
    const model::TableName& name = table.definition.table->name;
    const auto translation = TranslationFor(target, table.definition);
    if (!translation.ok()) {
      list.Unknown(kName, translation.status());
      continue;
    }
    for (const sql::TranslationNote& note : translation->notes) Add(name, note, findings);
    if (!target.is_mysql() || translation->refused()) continue;
    for (const sql::CheckDefinition& check : translation->definition.checks)
      tables_by_check[{name.schema, check.name}].push_back(name.ToString());
  }
  findings.Tell(list);
  CheckConstraintNames(tables_by_check, list);
  for (const connector::CatalogSchema& schema : catalog.schemas) {
    if (auto statement = SchemaStatementFor(target, schema); !statement.ok())
      Refuse(statement.status(), list);
  }
  for (const connector::CatalogObject& object : catalog.objects) {
    if (auto here = ObjectFor(target, object); !here.ok()) Refuse(here.status(), list);
  }
}

}  // namespace godwit::connectors::mysql
