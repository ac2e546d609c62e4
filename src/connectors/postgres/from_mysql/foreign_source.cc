#include "connectors/postgres/from_mysql/foreign_source.h"

#include <algorithm>
#include <map>
#include <memory>

#include "connector/translation_findings.h"
#include "connectors/postgres/catalog.h"
#include "connectors/postgres/sql_text.h"

namespace godwit::connectors::postgres {
namespace {

using connector::CatalogObject;
using sql::NoteKind;

// The value that an identity column gives next; beyond its type's, that there is none.
std::string SetSequence(const CatalogObject& column) {
  return fmt::format(
      "SELECT pg_catalog.setval(s.seqrelid::pg_catalog.regclass, least({0}::numeric, "
      "s.seqmax)::bigint, {0} > s.seqmax) FROM "
      "pg_catalog.pg_depend d JOIN pg_catalog.pg_sequence s ON d.classid = "
      "'pg_catalog.pg_class'::pg_catalog.regclass AND s.seqrelid = d.objid JOIN "
      "pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid WHERE "
      "d.refobjid = pg_catalog.to_regclass({1}) AND a.attname = {2} AND d.deptype IN ('a', 'i')",
      *column.next_value, QuoteText(QuoteName({column.schema, column.table})),
      QuoteText(column.name));
}

}  // namespace

bool IsForeign(std::string_view dialect) { return !dialect.empty() && dialect != kDialect; }

DifferenceText DifferenceFrom(std::string_view dialect) {
  return IsForeign(dialect) ? DescribeTranslatedDifference : DescribeDifference;
}

base::StatusOr<Translated> ForeignSource::Translate(const connector::TableDefinition& table) const {
  if (IsForeign(table.dialect)) return TranslateFromMysql(table, casts_);
  GODWIT_ASSIGN_OR_RETURN(Definition definition, FromJson(table.statement));
  return Translated{std::move(definition), {}};
}

base::StatusOr<Definition> ForeignSource::TableHere(const connector::TableDefinition& table) const {
  GODWIT_ASSIGN_OR_RETURN(Translated here, Translate(table));
  if (here.refused()) {
    return base::FailedPrecondition("table {}: the target cannot hold it: {}",
                                    table.table->name.ToString(), sql::Refusals(here.notes));
  }
  return std::move(here.definition);
}

base::StatusOr<std::vector<Translated>> ForeignSource::TranslateAll(
    const std::vector<connector::TableDefinition>& tables) const {
  std::vector<Translated> here;
  std::map<model::TableName, Definition> by_name;
  for (const connector::TableDefinition& table : tables) {
    GODWIT_ASSIGN_OR_RETURN(here.emplace_back(), Translate(table));
    by_name.emplace(here.back().definition.name, here.back().definition);
  }
  const auto parent = [&](const model::TableName& name) -> const Definition* {
    const auto found = by_name.find(name);
    return found == by_name.end() ? nullptr : &found->second;
  };
  for (size_t i = 0; i < tables.size(); ++i) {
    if (IsForeign(tables[i].dialect)) FitForeignKeys(here[i], parent);
  }
  return here;
}

base::StatusOr<std::vector<Definition>> ForeignSource::TablesHere(
    const std::vector<connector::TableDefinition>& tables) const {
  GODWIT_ASSIGN_OR_RETURN(std::vector<Translated> here, TranslateAll(tables));
  std::vector<Definition> definitions;
  definitions.reserve(here.size());
  for (Translated& table : here) definitions.push_back(std::move(table.definition));
  return definitions;
}

base::StatusOr<std::vector<std::string>> ForeignSource::NotesOn(
    const connector::TableDefinition& table) const {
  GODWIT_ASSIGN_OR_RETURN(const Translated here, Translate(table));
  std::vector<std::string> notes;
  notes.reserve(here.notes.size());
  for (const sql::TranslationNote& note : here.notes) notes.push_back(sql::ToText(note));
  return notes;
}

connector::CatalogSchema ForeignSource::SchemaHere(connector::CatalogSchema schema) {
  return IsForeign(schema.dialect) ? SchemaOf(schema.name) : schema;
}

std::vector<CatalogObject> ForeignSource::ObjectsHere(std::vector<CatalogObject> objects,
                                                      std::vector<std::string>& left_out) {
  std::erase_if(objects, [&](CatalogObject& object) {
    if (!IsForeign(object.dialect)) return false;
    if (object.next_value) {
      object.after = SetSequence(object);
      return false;
    }
    left_out.push_back(connector::Named(object));
    return true;
  });
  return objects;
}

connector::Catalog ForeignSource::CatalogHere(const connector::Catalog& catalog,
                                              connector::CheckList& list) const {
  connector::Catalog here{.settings = catalog.settings};
  for (const connector::CatalogSchema& schema : catalog.schemas)
    here.schemas.push_back(SchemaHere(schema));
  connector::TranslationFindings findings("docs/mysql-to-postgres.md");
  bool foreign = false;
  std::vector<const connector::CatalogTable*> tables;
  std::vector<connector::TableDefinition> definitions;
  for (const connector::CatalogTable& table : catalog.tables) {
    foreign = foreign || IsForeign(table.definition.dialect);
    if (const auto understood = Translate(table.definition); !understood.ok()) {
      list.Unknown("translation", understood.status());
      continue;
    }
    tables.push_back(&table);
    definitions.push_back(table.definition);
  }
  const auto translated = TranslateAll(definitions);
  if (!translated.ok()) list.Unknown("translation", translated.status());
  for (size_t i = 0; translated.ok() && i < tables.size(); ++i) {
    const Translated& table = (*translated)[i];
    const model::TableName& name = tables[i]->definition.table->name;
    for (const sql::TranslationNote& note : table.notes) {
      std::string place =
          note.place.empty() ? name.ToString() : fmt::format("{} {}", name.ToString(), note.place);
      if (note.kind == NoteKind::kLossy) findings.AddLossy(std::move(place), note.what);
      if (note.kind == NoteKind::kRefused)
        findings.AddRefused(std::move(place), note.what, note.remedy);
    }
    if (table.refused()) continue;
    here.tables.push_back({ToTableDefinition(table.definition), tables[i]->estimated_rows,
                           tables[i]->estimated_bytes});
  }
  if (foreign) findings.Tell(list);
  std::vector<std::string> left_out;
  here.objects = ObjectsHere(catalog.objects, left_out);
  if (!left_out.empty()) {
    list.Warn("objects of another family",
              "these are not translated, and left out: " + connector::Enumerate(left_out),
              "make them on the target yourself, after the copy");
  }
  return here;
}

}  // namespace godwit::connectors::postgres
