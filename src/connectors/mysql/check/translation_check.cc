#include "connectors/mysql/check/translation_check.h"

#include <map>
#include <utility>

#include "connector/translation_findings.h"
#include "connectors/mysql/catalog.h"
#include "connectors/mysql/schema/target_definition.h"

namespace godwit::connectors::mysql {
namespace {

using sql::NoteKind;

constexpr std::string_view kName = "translation";
// MariaDB, from which on names of foreign keys are unique in a table and not in a schema.
constexpr unsigned long kForeignKeysOfTables = 120100;

std::string PlaceOf(const model::TableName& table, const sql::TranslationNote& note) {
  return note.place.empty() ? table.ToString() : fmt::format("{} {}", table.ToString(), note.place);
}

// A statement that the target does not take, from the error that says so.
void Refuse(const base::Status& status, connector::CheckList& list) {
  list.Fail(kName, status, "exclude it in the task file, or change it on the source");
}

// By schema and name.
using TablesByName = std::map<std::pair<std::string, std::string>, std::vector<std::string>>;

void CheckNamesOnce(const TablesByName& tables_by_name, std::string_view what,
                    connector::CheckList& list) {
  for (const auto& [name, tables] : tables_by_name) {
    if (tables.size() < 2) continue;
    list.Fail(kName,
              fmt::format("the target's names of {} are unique in a schema, and `{}` is one of: {}",
                          what, name.second, connector::Enumerate(tables)),
              "give all but one another name on the source");
  }
}

}  // namespace

void AddNotes(const model::TableName& table, const std::vector<sql::TranslationNote>& notes,
              connector::TranslationFindings& findings) {
  for (const sql::TranslationNote& note : notes) {
    if (note.kind == NoteKind::kLossy) findings.AddLossy(PlaceOf(table, note), note.what);
    if (note.kind == NoteKind::kRefused)
      findings.AddRefused(PlaceOf(table, note), note.what, note.remedy);
  }
}

void CheckTranslation(const Connection& target, const connector::Catalog& catalog,
                      std::string_view source, connector::CheckList& list) {
  connector::TranslationFindings findings("docs/mysql-mariadb.md");
  TablesByName tables_by_check, tables_by_foreign_key;
  for (const connector::CatalogTable& table : catalog.tables) {
    const model::TableName& name = table.definition.table->name;
    const auto translation = TranslationFor(target, table.definition);
    if (!translation.ok()) {
      list.Unknown(kName, translation.status());
      continue;
    }
    AddNotes(name, translation->notes, findings);
    if (translation->refused()) continue;
    if (target.is_mysql() || target.version_number() < kForeignKeysOfTables) {
      for (const model::ForeignKey& key : translation->definition.foreign_keys)
        tables_by_foreign_key[{name.schema, key.name}].push_back(name.ToString());
    }
    if (!target.is_mysql()) continue;  // in a table of MariaDB's
    for (const sql::CheckDefinition& check : translation->definition.checks)
      tables_by_check[{name.schema, check.name}].push_back(name.ToString());
  }
  // Of those of another family it has been told (ForeignTables).
  if (FlavourInFamily(source)) findings.Tell(list);
  CheckNamesOnce(tables_by_check, "checks", list);
  CheckNamesOnce(tables_by_foreign_key, "foreign keys", list);
  for (const connector::CatalogSchema& schema : catalog.schemas) {
    if (auto statement = SchemaStatementFor(target, schema); !statement.ok())
      Refuse(statement.status(), list);
  }
  for (const connector::CatalogObject& object : catalog.objects) {
    if (auto here = ObjectFor(target, object); !here.ok()) Refuse(here.status(), list);
  }
}

}  // namespace godwit::connectors::mysql
