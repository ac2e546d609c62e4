#include "connectors/mysql/from_postgres/foreign_tables.h"

#include <map>

#include "connector/translation_findings.h"
#include "connectors/mysql/catalog.h"
#include "connectors/mysql/check/translation_check.h"
#include "connectors/mysql/from_postgres/fitting_names.h"
#include "connectors/mysql/from_postgres/from_postgres.h"
#include "sql/postgres/definition.h"
#include "sql/writer.h"

namespace godwit::connectors::mysql {
namespace {

using connector::CatalogObject;
using connector::TableDefinition;
using sql::Flavour;

constexpr std::string_view kDocument = "docs/postgres-to-mysql.md";

base::Status Refused(const TableDefinition& table, const sql::Translation& here) {
  std::string remedies;
  for (const sql::TranslationNote& note : here.notes) {
    if (note.kind != sql::NoteKind::kRefused || note.remedy.empty()) continue;
    if (remedies.find(note.remedy) == std::string::npos) remedies += "; " + note.remedy;
  }
  return base::FailedPrecondition("table {}: the target cannot hold it: {}{}",
                                  table.table->name.ToString(), sql::Refusals(here.notes),
                                  remedies);
}

}  // namespace

bool IsForeign(std::string_view dialect) {
  return !dialect.empty() && !FlavourInFamily(dialect).has_value();
}

TableDefinition ToTableDefinition(const sql::TableDefinition& definition) {
  return {sql::ToTable(definition), sql::WriteCreateTable(definition),
          std::string(DialectName(definition.flavour))};
}

base::StatusOr<sql::Translation> ForeignTables::Translate(const TableDefinition& table,
                                                          Flavour to) const {
  GODWIT_ASSIGN_OR_RETURN(const sql::postgres::Definition definition,
                          sql::postgres::FromJson(table.statement));
  return TranslateFromPostgres(definition, casts_, to);
}

base::StatusOr<TableDefinition> ForeignTables::TableHere(const TableDefinition& table, Flavour to,
                                                         const Others& others) const {
  if (!IsForeign(table.dialect)) return table;
  GODWIT_ASSIGN_OR_RETURN(sql::Translation here, Translate(table, to));
  if (here.refused()) return Refused(table, here);
  KeepNamesApart(
      here, [](const model::TableName&) { return nullptr; }, others);
  return ToTableDefinition(here.definition);
}

base::StatusOr<std::vector<sql::Translation>> ForeignTables::TranslateAll(
    const std::vector<TableDefinition>& tables, Flavour to, const Others& others,
    const std::set<model::TableName>& yet_to_come) const {
  std::vector<sql::Translation> here;
  std::map<model::TableName, sql::TableDefinition> by_name;
  for (const TableDefinition& table : tables) {
    GODWIT_ASSIGN_OR_RETURN(here.emplace_back(), Translate(table, to));
    by_name.emplace(here.back().definition.name, here.back().definition);
  }
  const auto coming = [&](const model::TableName& name) -> const sql::TableDefinition* {
    const auto found = by_name.find(name);
    return found == by_name.end() ? nullptr : &found->second;
  };
  for (sql::Translation& table : here) Fit(table, coming, others, yet_to_come);
  return here;
}

void ForeignTables::Fit(sql::Translation& table, const Others& coming, const Others& others,
                        const std::set<model::TableName>& yet_to_come) {
  const model::TableName name = table.definition.name;
  const auto parent = [&](const model::TableName& one) {
    const sql::TableDefinition* comes = coming(one);
    return comes == nullptr ? others(one) : comes;
  };
  // One whose parent has another name by now is on the target, and has followed it.
  const auto stay = [&](const model::ForeignKey& key) {
    const std::string& schema = key.parent.schema.empty() ? name.schema : key.parent.schema;
    if (yet_to_come.contains({schema, key.parent.table})) return true;
    const sql::TableDefinition* is = others(name);
    return is != nullptr && (is->FindForeignKey(key.name) >= 0 ||
                             is->FindForeignKey(NameWithEnding(key.name, name.table)) >= 0);
  };
  FitForeignKeys(table, parent, stay);
  KeepNamesApart(table, coming, others);
}

base::StatusOr<std::vector<TableDefinition>> ForeignTables::TablesHere(
    const std::vector<TableDefinition>& tables, Flavour to, const Others& others) const {
  if (tables.empty() || !IsForeign(tables.front().dialect)) return tables;
  GODWIT_ASSIGN_OR_RETURN(const std::vector<sql::Translation> translated,
                          TranslateAll(tables, to, others));
  std::vector<TableDefinition> here;
  for (size_t i = 0; i < tables.size(); ++i) {
    if (translated[i].refused()) return Refused(tables[i], translated[i]);
    here.push_back(ToTableDefinition(translated[i].definition));
  }
  return here;
}

base::StatusOr<sql::Translation> ForeignTables::TranslateAmong(const TableDefinition& table,
                                                               const connector::Catalog& catalog,
                                                               Flavour to,
                                                               const Others& others) const {
  GODWIT_ASSIGN_OR_RETURN(sql::Translation here, Translate(table, to));
  std::map<model::TableName, sql::TableDefinition> coming;
  const auto find = [&](const model::TableName& name) -> const sql::TableDefinition* {
    if (const auto known = coming.find(name); known != coming.end()) return &known->second;
    for (const connector::CatalogTable& one : catalog.tables) {
      if (one.definition.table->name != name) continue;
      auto translated = Translate(one.definition, to);
      if (!translated.ok()) return nullptr;
      return &coming.emplace(name, std::move(translated->definition)).first->second;
    }
    return nullptr;
  };
  Fit(here, find, others);
  if (here.refused()) return Refused(table, here);
  return here;
}

connector::CatalogSchema ForeignTables::SchemaHere(connector::CatalogSchema schema, Flavour to) {
  if (!IsForeign(schema.dialect)) return schema;
  // Of tables that name no other, which are none of the task's.
  schema.statement = fmt::format("CREATE DATABASE {} DEFAULT CHARACTER SET utf8mb4 COLLATE {}",
                                 sql::QuoteIdentifier(schema.name),
                                 to == Flavour::kMySql ? "utf8mb4_0900_bin" : "utf8mb4_nopad_bin");
  schema.dialect = DialectName(to);
  return schema;
}

std::vector<CatalogObject> ForeignTables::ObjectsHere(std::vector<CatalogObject> objects,
                                                      std::vector<std::string>& left_out) {
  std::erase_if(objects, [&](const CatalogObject& object) {
    if (!IsForeign(object.dialect) || object.next_value) return false;
    left_out.push_back(connector::Named(object));
    return true;
  });
  return objects;
}

connector::Catalog ForeignTables::CatalogHere(const connector::Catalog& catalog, Flavour to,
                                              const Others& others,
                                              connector::CheckList& list) const {
  connector::Catalog here;
  std::vector<const connector::CatalogTable*> tables;
  std::vector<TableDefinition> definitions;
  for (const connector::CatalogTable& table : catalog.tables) {
    if (!IsForeign(table.definition.dialect)) return catalog;
    if (const auto understood = Translate(table.definition, to); !understood.ok()) {
      list.Unknown("translation", understood.status());
      continue;
    }
    tables.push_back(&table);
    definitions.push_back(table.definition);
  }
  for (const connector::CatalogSchema& schema : catalog.schemas)
    here.schemas.push_back(SchemaHere(schema, to));
  const auto translated = TranslateAll(definitions, to, others);
  if (!translated.ok()) list.Unknown("translation", translated.status());
  connector::TranslationFindings findings{std::string(kDocument)};
  for (size_t i = 0; translated.ok() && i < tables.size(); ++i) {
    const sql::Translation& table = (*translated)[i];
    AddNotes(tables[i]->definition.table->name, table.notes, findings);
    if (table.refused()) continue;
    here.tables.push_back({ToTableDefinition(table.definition), tables[i]->estimated_rows,
                           tables[i]->estimated_bytes});
  }
  if (!tables.empty()) findings.Tell(list);
  std::vector<std::string> left_out;
  here.objects = ObjectsHere(catalog.objects, left_out);
  std::erase_if(here.objects, [](const CatalogObject& object) { return !!object.next_value; });
  if (!left_out.empty()) {
    list.Warn("objects of another family",
              "these are not translated, and left out: " + connector::Enumerate(left_out),
              "make them on the target yourself, after the copy");
  }
  return here;
}

}  // namespace godwit::connectors::mysql
