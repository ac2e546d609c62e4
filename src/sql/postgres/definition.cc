#include "sql/postgres/definition.h"

#include <absl/algorithm/container.h>

#include <nlohmann/json.hpp>
#include <tuple>

#include "base/text.h"
#include "sql/postgres/type_name.h"

namespace godwit::sql::postgres {
namespace {

using model::TypeKind;
using nlohmann::ordered_json;

template <typename D, typename T>
struct Field {
  const char* name;
  T D::*member;
};
template <typename D, typename T>
Field(const char*, T D::*) -> Field<D, T>;

// The fields of a struct, with their names in the JSON; one list for both ways.
template <typename D>
constexpr int kFields = 0;  // not such a struct

template <>
constexpr std::tuple kFields<ColumnDefinition> = {
    Field{"name", &ColumnDefinition::name},
    Field{"number", &ColumnDefinition::number},
    Field{"type", &ColumnDefinition::type},
    Field{"type_oid", &ColumnDefinition::type_oid},
    Field{"type_modifier", &ColumnDefinition::type_modifier},
    Field{"type_class", &ColumnDefinition::type_class},
    Field{"type_category", &ColumnDefinition::type_category},
    Field{"base_type", &ColumnDefinition::base_type},
    Field{"labels", &ColumnDefinition::labels},
    Field{"not_null", &ColumnDefinition::not_null},
    Field{"default", &ColumnDefinition::default_value},
    Field{"generated", &ColumnDefinition::generated},
    Field{"identity", &ColumnDefinition::identity},
    Field{"sequence", &ColumnDefinition::sequence},
    Field{"sequence_owned", &ColumnDefinition::sequence_owned},
    Field{"sequence_options", &ColumnDefinition::sequence_options},
    Field{"collation", &ColumnDefinition::collation},
    Field{"storage", &ColumnDefinition::storage},
    Field{"compression", &ColumnDefinition::compression},
    Field{"comment", &ColumnDefinition::comment}};

template <>
constexpr std::tuple kFields<ConstraintDefinition> = {
    Field{"name", &ConstraintDefinition::name},
    Field{"table", &ConstraintDefinition::table},
    Field{"kind", &ConstraintDefinition::kind},
    Field{"definition", &ConstraintDefinition::definition},
    Field{"columns", &ConstraintDefinition::columns},
    Field{"deferrable", &ConstraintDefinition::deferrable},
    Field{"parent", &ConstraintDefinition::parent},
    Field{"parent_columns", &ConstraintDefinition::parent_columns},
    Field{"on_delete", &ConstraintDefinition::on_delete},
    Field{"on_update", &ConstraintDefinition::on_update},
    Field{"validated", &ConstraintDefinition::validated},
    Field{"comment", &ConstraintDefinition::comment}};

template <>
constexpr std::tuple kFields<IndexDefinition> = {
    Field{"name", &IndexDefinition::name},
    Field{"table", &IndexDefinition::table},
    Field{"definition", &IndexDefinition::definition},
    Field{"unique", &IndexDefinition::unique},
    Field{"partial", &IndexDefinition::partial},
    Field{"has_expression", &IndexDefinition::has_expression},
    Field{"nulls_not_distinct", &IndexDefinition::nulls_not_distinct},
    Field{"columns", &IndexDefinition::columns},
    Field{"clustered", &IndexDefinition::clustered},
    Field{"comment", &IndexDefinition::comment}};

template <>
constexpr std::tuple kFields<PartitionDefinition> = {
    Field{"name", &PartitionDefinition::name},
    Field{"parent", &PartitionDefinition::parent},
    Field{"bound", &PartitionDefinition::bound},
    Field{"key", &PartitionDefinition::key},
    Field{"replica_identity", &PartitionDefinition::replica_identity},
    Field{"unlogged", &PartitionDefinition::unlogged},
    Field{"oid", &PartitionDefinition::oid},
    Field{"options", &PartitionDefinition::options}};

template <>
constexpr std::tuple kFields<Definition> = {
    Field{"name", &Definition::name},
    Field{"oid", &Definition::oid},
    Field{"unlogged", &Definition::unlogged},
    Field{"partition_key", &Definition::partition_key},
    Field{"partitions", &Definition::partitions},
    Field{"columns", &Definition::columns},
    Field{"constraints", &Definition::constraints},
    Field{"indexes", &Definition::indexes},
    Field{"replica_identity", &Definition::replica_identity},
    Field{"replica_index", &Definition::replica_index},
    Field{"options", &Definition::options},
    Field{"comment", &Definition::comment},
    Field{"later", &Definition::later},
    Field{"later_than", &Definition::later_than},
    Field{"later_commit_us", &Definition::later_commit_us}};

template <typename T>
constexpr bool kIsStruct = !std::is_same_v<decltype(kFields<T>), const int>;
template <typename T>
constexpr bool kIsVector = false;
template <typename T>
constexpr bool kIsVector<std::vector<T>> = true;

// A field that is as it is without being told is not written.
template <typename T>
ordered_json ToValue(const T& value) {
  if constexpr (kIsStruct<T>) {
    ordered_json json = ordered_json::object();
    const T standard;
    const auto add = [&](const auto& field) {
      if (value.*field.member != standard.*field.member)
        json[field.name] = ToValue(value.*field.member);
    };
    std::apply([&](const auto&... fields) { (add(fields), ...); }, kFields<T>);
    return json;
  } else if constexpr (kIsVector<T>) {
    ordered_json json = ordered_json::array();
    for (const auto& element : value) json.push_back(ToValue(element));
    return json;
  } else if constexpr (std::is_same_v<T, model::TableName>) {
    return ordered_json::array({value.schema, value.table});
  } else if constexpr (std::is_same_v<T, char>) {
    return value == 0 ? std::string() : std::string(1, value);
  } else {
    return value;
  }
}

// Throws nlohmann's exceptions.
template <typename T>
void Take(const ordered_json& json, T& value) {
  if constexpr (kIsStruct<T>) {
    const auto take = [&](const auto& field) {
      if (const auto at = json.find(field.name); at != json.end()) Take(*at, value.*field.member);
    };
    std::apply([&](const auto&... fields) { (take(fields), ...); }, kFields<T>);
  } else if constexpr (kIsVector<T>) {
    value.resize(json.size());
    for (size_t i = 0; i < value.size(); ++i) Take(json.at(i), value[i]);
  } else if constexpr (std::is_same_v<T, model::TableName>) {
    value = {json.at(0).get<std::string>(), json.at(1).get<std::string>()};
  } else if constexpr (std::is_same_v<T, char>) {
    const std::string text = json.get<std::string>();
    value = text.empty() ? '\0' : text[0];
  } else {
    value = json.get<T>();
  }
}

struct Kind {
  std::string_view type;  // as CastType gives it
  TypeKind kind;
  uint32_t length = 0;
};
constexpr Kind kKinds[] = {{"smallint", TypeKind::kInt, 2},
                           {"integer", TypeKind::kInt, 4},
                           {"bigint", TypeKind::kInt, 8},
                           {"oid", TypeKind::kUint, 4},
                           {"real", TypeKind::kFloat},
                           {"double precision", TypeKind::kDouble},
                           {"numeric", TypeKind::kDecimal},
                           {"bytea", TypeKind::kBinary},
                           {"date", TypeKind::kDate},
                           {"time without time zone", TypeKind::kTime},
                           {"timestamp without time zone", TypeKind::kDateTime},
                           {"timestamp with time zone", TypeKind::kTimestamp},
                           {"uuid", TypeKind::kUuid},
                           {"json", TypeKind::kJson},
                           {"jsonb", TypeKind::kJson}};
constexpr uint8_t kMostFractionDigits = 6;

// The numbers in the parentheses of a type that is built in.
std::vector<int> Modifiers(std::string_view type) {
  std::vector<int> numbers;
  size_t at = type.find('(');
  while (at != std::string_view::npos && type[at] != ')') {
    const size_t end = type.find_first_of(",)", ++at);
    if (end == std::string_view::npos) break;
    numbers.push_back(base::ParseInteger<int>(type.substr(at, end - at)).value_or(0));
    at = end;
  }
  return numbers;
}

model::Column ToColumn(const ColumnDefinition& definition) {
  model::Column column;
  column.name = definition.name;
  column.type_text = definition.type;
  column.base_type = definition.base_type;
  column.nullable = !definition.not_null;
  column.generated = definition.generated != 0;
  column.stored = definition.generated == 's';
  column.auto_increment = definition.identity == 'a';
  if (!column.generated) column.default_value = definition.default_value;
  const std::string type = CastType(definition.type);
  if (const auto* known = absl::c_find_if(kKinds, [&](const Kind& k) { return k.type == type; });
      known != std::end(kKinds)) {
    column.kind = known->kind;
    column.length = known->length;
  }
  const std::vector<int> modifiers = Modifiers(definition.type);
  switch (column.kind) {
    case TypeKind::kDecimal:
      // Of a scale below 0 there are no digits after the point, but others are not kept.
      if (!modifiers.empty()) column.precision = static_cast<uint8_t>(std::min(modifiers[0], 255));
      if (modifiers.size() > 1)
        column.scale = static_cast<uint8_t>(std::clamp(modifiers[1], 0, 255));
      break;
    case TypeKind::kTime:
    case TypeKind::kDateTime:
    case TypeKind::kTimestamp:
      column.scale = modifiers.empty() ? kMostFractionDigits : static_cast<uint8_t>(modifiers[0]);
      break;
    case TypeKind::kText:
      // All other types too: by their text.
      column.charset = "utf8mb4";
      column.collation = definition.collation;
      column.fixed_length = type == "bpchar" && !modifiers.empty();
      if (!modifiers.empty() && (type == "bpchar" || type == "character varying"))
        column.length = static_cast<uint32_t>(modifiers[0]);
      break;
    default:
      break;
  }
  return column;
}

// What a key is besides its columns.
struct KeyTraits {
  bool in_part = false;     // it holds for some rows only, or for expressions
  bool at_the_end = false;  // it may be broken until the transaction's end
  bool null_is_value = false;
};

// An index whose rows are chosen by a condition is one on an expression: a change of any column may
// put a row into it.
model::Key ToKey(const model::Table& table, const std::string& name,
                 const std::vector<std::string>& columns, KeyTraits traits) {
  model::Key key{.name = name};
  for (const std::string& column : columns) {
    // Not FindColumn: names that differ in case alone are two.
    const auto at =
        absl::c_find_if(table.columns, [&](const model::Column& c) { return c.name == column; });
    if (at != table.columns.end())
      key.columns.push_back(static_cast<int>(at - table.columns.begin()));
    else
      traits.in_part = true;
  }
  // Of a key in which NULL equals NULL, rows are in each other's way that have it: nothing is known
  // by the columns then.
  if (traits.null_is_value && absl::c_any_of(key.columns, [&](int c) {
        return table.columns[static_cast<size_t>(c)].nullable;
      })) {
    traits.in_part = true;
    key.columns.clear();
  }
  key.has_expression = traits.in_part;
  key.has_prefix = traits.in_part || traits.at_the_end;
  return key;
}

}  // namespace

std::string ToJson(const Definition& definition) {
  return ToValue(definition).dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

base::StatusOr<Definition> FromJson(std::string_view text) {
  Definition definition;
  try {
    Take(ordered_json::parse(text), definition);
  } catch (const nlohmann::json::exception& error) {
    return base::DataLoss("not a table's definition: {}", error.what());
  }
  if (definition.name.table.empty()) return base::DataLoss("a table's definition without a name");
  return definition;
}

namespace {

// The log has the old values of the replica identity alone.
void IdentifyBy(const std::string& index, model::Table& table) {
  const auto named =
      absl::c_find_if(table.unique_keys, [&](const model::Key& key) { return key.name == index; });
  if (named == table.unique_keys.end()) return;
  std::vector<int> columns = std::move(named->columns);
  table.unique_keys.erase(named);
  if (!table.primary_key.empty()) {
    model::Key primary;
    primary.name = table.name.table + "_pkey";
    primary.columns = std::move(table.primary_key);
    table.unique_keys.push_back(std::move(primary));
  }
  table.primary_key = std::move(columns);
}

}  // namespace

model::Table ToTable(const Definition& definition) {
  model::Table table;
  table.name = definition.name;
  table.cells_are_text = true;
  for (const ColumnDefinition& column : definition.columns)
    table.columns.push_back(ToColumn(column));
  for (const ConstraintDefinition& constraint : definition.constraints) {
    const bool key_of_columns = constraint.kind == 'p' || constraint.kind == 'u';
    const bool of_periods =
        key_of_columns && constraint.definition.find(" WITHOUT OVERLAPS") != std::string::npos;
    if (constraint.kind == 'x' || of_periods) table.without_overlaps = true;
    if (!key_of_columns || of_periods) continue;
    model::Key key =
        ToKey(table, constraint.name, constraint.columns,
              {.in_part = !constraint.table.table.empty(),
               .at_the_end = constraint.deferrable,
               .null_is_value = constraint.definition.starts_with("UNIQUE NULLS NOT DISTINCT ")});
    if (constraint.kind == 'p' && !key.has_prefix)
      table.primary_key = std::move(key.columns);
    else
      table.unique_keys.push_back(std::move(key));
  }
  for (const IndexDefinition& index : definition.indexes) {
    if (!index.unique) continue;
    const bool in_part = index.partial || index.has_expression || !index.table.table.empty();
    table.unique_keys.push_back(
        ToKey(table, index.name, index.columns,
              {.in_part = in_part, .null_is_value = index.nulls_not_distinct}));
  }
  if (definition.replica_identity == 'i') IdentifyBy(definition.replica_index, table);
  // No foreign_keys: what keys do to rows is in PostgreSQL's log, so that none has to be followed.
  return table;
}

}  // namespace godwit::sql::postgres
