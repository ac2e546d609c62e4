// Says what src/sql makes of statements, to be compared with what a server does: one JSON request a
// line on standard input, one JSON answer a line on standard output.
//
//   {"do": "start", "flavour": "mariadb"}                 forgets all
//   {"do": "schema", "name", "charset", "collation"}      a schema's default character set
//   {"do": "parse", "sql", "schema", "ansi_quotes": ...}  the statement's kind and tables
//   {"do": "apply", ...the same}                          and what it changed
//   {"do": "put", "sql", "schema", "table"}               a definition, as SHOW CREATE TABLE gives
//   it
//   {"do": "forget", "schema", "table"}
//   {"do": "describe", "schema", "table"}                 columns and keys; "table": null: not
//   known
//   {"do": "tables", "schema"}                            the names of the schema's tables

#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "base/text.h"
#include "sql/parser.h"
#include "sql/tracker.h"
#include "sql/writer.h"

namespace godwit::sql {
namespace {

using nlohmann::json;

json Names(const std::vector<model::TableName>& tables) {
  json names = json::array();
  for (const model::TableName& name : tables) names.push_back({name.schema, name.table});
  return names;
}

const char* KindOf(const Statement& statement) {
  constexpr const char* kKinds[] = {"create table",   "alter table",  "drop table", "rename table",
                                    "truncate table", "create index", "drop index", "create schema",
                                    "alter schema",   "drop schema",  "a view's",   "another"};
  return kKinds[statement.index()];
}

std::string ActionName(model::ReferenceAction action) {
  constexpr const char* kNames[] = {"RESTRICT", "NO ACTION", "CASCADE", "SET NULL", "SET DEFAULT"};
  return kNames[static_cast<size_t>(action)];
}

ParseOptions OptionsOf(const json& request, Flavour flavour) {
  ParseOptions options;
  options.default_schema = request.value("schema", "");
  options.flavour = flavour;
  options.ansi_quotes = request.value("ansi_quotes", false);
  options.no_backslash_escapes = request.value("no_backslash_escapes", false);
  options.real_as_float = request.value("real_as_float", false);
  options.bracket_quotes = request.value("bracket_quotes", false);
  options.oracle_types = request.value("oracle_types", false);
  options.timestamp_is_datetime = request.value("timestamp_is_datetime", false);
  options.default_collation_for_utf8mb4 = request.value("default_collation_for_utf8mb4", "");
  options.explicit_defaults_for_timestamp = request.value("explicit_defaults_for_timestamp", true);
  return options;
}

bool HasDefault(const ColumnDefinition& column, Flavour flavour) {
  // MariaDB does not always show the zero date of a column with ON UPDATE as its default.
  if (flavour == Flavour::kMariaDb && !column.on_update.empty() &&
      column.default_value.starts_with("'0000-00-00")) {
    return false;
  }
  return !column.default_value.empty() && !base::EqualsIgnoreCase(column.default_value, "NULL");
}

json Describe(const TableDefinition& definition) {
  const model::TablePtr table = ToTable(definition);
  json columns = json::array(), keys = json::array();
  for (size_t i = 0; i < definition.columns.size(); ++i) {  // a hidden period is behind them
    const model::Column& column = table->columns[i];
    columns.push_back({{"name", column.name},
                       {"type", column.type_text},
                       {"nullable", column.nullable},
                       {"charset", column.charset},
                       {"collation", column.collation},
                       {"generated", column.generated},
                       {"stored", column.stored},
                       {"invisible", column.invisible},
                       {"auto_increment", column.auto_increment},
                       {"default", HasDefault(definition.columns[i], definition.flavour)},
                       {"on_update", !definition.columns[i].on_update.empty()},
                       {"comment", definition.columns[i].comment}});
  }
  for (const KeyDefinition& key : definition.keys) {
    json parts = json::array();
    for (const KeyPart& part : key.parts)
      parts.push_back(
          {part.expression.empty() ? part.column : "(expression)", part.prefix, part.descending});
    if (const PeriodDefinition* period = definition.FindPeriod(key.without_overlaps)) {
      parts.push_back({period->end, 0, false});
      parts.push_back({period->start, 0, false});
    }
    keys.push_back(
        {{"name", key.name},
         {"kind", key.kind == KeyKind::kPrimary || key.kind == KeyKind::kUnique ? "unique"
                  : key.kind == KeyKind::kFulltext                              ? "fulltext"
                  : key.kind == KeyKind::kSpatial                               ? "spatial"
                                                                                : "index"},
         {"parts", parts},
         {"without_overlaps", key.without_overlaps},
         {"ignored", key.ignored}});
  }
  json foreign_keys = json::array();
  for (const model::ForeignKey& key : definition.foreign_keys) {
    foreign_keys.push_back({{"name", key.name},
                            {"columns", key.columns},
                            {"parent", {key.parent.schema, key.parent.table}},
                            {"parent_columns", key.parent_columns},
                            {"on_delete", ActionName(key.on_delete)},
                            {"on_update", ActionName(key.on_update)}});
  }
  return {{"columns", columns},
          {"keys", keys},
          {"foreign_keys", foreign_keys},
          {"engine", definition.options.engine},
          {"text", WriteCreateTable(definition)}};
}

class Probe {
 public:
  json Answer(const json& request) {
    const std::string what = request.value("do", "");
    const model::TableName name{request.value("schema", ""), request.value("table", "")};
    if (what == "start") {
      flavour_ = request.value("flavour", "") == "mysql" ? Flavour::kMySql : Flavour::kMariaDb;
      tracker_.emplace(CharsetChoice{request.value("charset", ""), request.value("collation", "")},
                       flavour_);
      tracker_->SetDefaultEngine(request.value("engine", ""));
    } else if (what == "schema") {
      tracker_->PutSchema(request.value("name", ""),
                          {request.value("charset", ""), request.value("collation", "")});
    } else if (what == "parse" || what == "apply") {
      return Follow(request, what == "apply");
    } else if (what == "put") {
      auto definition = ParseDefinition(request.value("sql", ""), OptionsOf(request, flavour_),
                                        tracker_->SchemaDefault(name.schema));
      if (!definition.ok()) return Error(definition.status());
      definition->name = name;
      tracker_->PutTable(*std::move(definition));
    } else if (what == "forget") {
      tracker_->RemoveTable(name);
    } else if (what == "describe") {
      const DefinitionPtr definition = tracker_->Find(name);
      return {{"table", definition == nullptr ? json() : Describe(*definition)}};
    } else if (what == "tables") {
      json names = json::array();
      for (const auto& [table, definition] : tracker_->tables()) {
        if (table.schema == name.schema) names.push_back(table.table);
      }
      const CharsetChoice charset = tracker_->SchemaDefault(name.schema);
      return {{"tables", names}, {"charset", charset.charset}, {"collation", charset.collation}};
    } else {
      return {{"error", "an unknown request"}};
    }
    return json::object();
  }

 private:
  static json Error(const base::Status& status) {
    return {{"error", std::string(status.message())}};
  }

  json Follow(const json& request, bool apply) {
    const std::string text = request.value("sql", "");
    const ParseOptions options = OptionsOf(request, flavour_);
    auto statement = ParseStatement(text, options);
    if (!statement.ok()) return Error(statement.status());
    json answer{{"kind", KindOf(*statement)},
                {"tables", Names(TablesOf(*statement))},
                {"schema", SchemaOf(*statement)}};
    if (const auto* create = std::get_if<CreateTable>(&*statement)) {
      answer["temporary"] = create->temporary;
      answer["select"] = create->select;
      if (create->like) answer["like"] = {create->like->schema, create->like->table};
    }
    if (!apply) return answer;
    auto changes = tracker_->Apply(*statement);
    if (!changes.ok()) return Error(changes.status());
    json changed = json::array();
    for (const TableChange& change : *changes)
      changed.push_back({change.name.schema, change.name.table});
    answer["changed"] = changed;
    return answer;
  }

  Flavour flavour_ = Flavour::kMariaDb;
  std::optional<SchemaTracker> tracker_;
};

}  // namespace
}  // namespace godwit::sql

int main() {
  godwit::sql::Probe probe;
  std::string line;
  while (std::getline(std::cin, line)) {
    const nlohmann::json request = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
    nlohmann::json answer{{"error", "no JSON object"}};
    if (request.is_object()) answer = probe.Answer(request);
    std::cout << answer.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << std::endl;
  }
}
