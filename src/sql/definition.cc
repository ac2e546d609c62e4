#include "sql/definition.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "sql/charset.h"
#include "sql/data_type.h"

namespace godwit::sql {
namespace {

template <typename Items>
int FindByName(const Items& items, std::string_view name) {
  for (size_t i = 0; i < items.size(); ++i) {
    if (base::EqualsIgnoreCase(items[i].name, name)) return static_cast<int>(i);
  }
  return -1;
}

uint32_t TextCapacity(std::string_view name) {
  if (name.starts_with("tiny")) return 0xFF;
  if (name.starts_with("medium")) return 0xFFFFFF;
  if (name.starts_with("long")) return 0xFFFFFFFF;
  return 0xFFFF;
}

void SetSizes(const DataType& type, const TypeTraits& traits, model::Column& column) {
  using model::TypeKind;
  switch (traits.kind) {
    case TypeKind::kInt:
      column.length = traits.bytes;
      if (type.is_unsigned) column.kind = TypeKind::kUint;
      break;
    case TypeKind::kFloat:
    case TypeKind::kDouble:
    case TypeKind::kDecimal:
      column.precision = static_cast<uint8_t>(type.length.value_or(0));
      column.scale = static_cast<uint8_t>(type.decimals.value_or(0));
      break;
    case TypeKind::kTime:
    case TypeKind::kDateTime:
    case TypeKind::kTimestamp:
      column.scale = static_cast<uint8_t>(type.length.value_or(0));
      break;
    case TypeKind::kText:
    case TypeKind::kBinary:
      column.length = type.length.value_or(TextCapacity(type.name));
      break;
    default:
      column.length = type.length.value_or(0);
  }
}

model::Column ToColumn(const ColumnDefinition& definition, Flavour flavour) {
  model::Column column;
  column.name = definition.name;
  column.type_text = TypeText(definition.type, flavour);
  if (const TypeTraits* traits = FindType(definition.type.name)) {
    column.kind = traits->kind;
    SetSizes(definition.type, *traits, column);
  }
  column.nullable = definition.nullable;
  column.generated = definition.generated != Generated::kNo;
  if (definition.generated == Generated::kRowStart) column.row_period = model::RowPeriod::kStart;
  if (definition.generated == Generated::kRowEnd) column.row_period = model::RowPeriod::kEnd;
  column.stored = column.generated && definition.generated != Generated::kVirtual;
  column.invisible = definition.invisible;
  if (!base::EqualsIgnoreCase(definition.default_value, "NULL"))
    column.default_value = definition.default_value;
  column.on_update = definition.on_update;
  column.auto_increment = definition.auto_increment;
  column.fixed_length = definition.type.name == "char" || definition.type.name == "binary";
  column.charset = definition.type.charset.charset;
  column.collation = definition.type.charset.collation;
  column.labels = definition.type.labels;
  return column;
}

// The columns that system versioning gives a table which names none for it.
model::Column HiddenPeriodColumn(std::string_view name, model::RowPeriod period) {
  model::Column column;
  column.name = name;
  column.kind = model::TypeKind::kTimestamp;
  column.type_text = "timestamp(6)";
  column.scale = 6;
  column.nullable = false;
  column.generated = column.stored = column.invisible = true;
  column.row_period = period;
  return column;
}

constexpr uint64_t kLongestKey = 3000;  // a little less than InnoDB's: to be sure

// What a part adds to the length of a key; a part that is a prefix fits in any case.
uint64_t KeyPartBytes(const DataType& type, const KeyPart& part) {
  const TypeTraits* traits = FindType(type.name);
  if (part.prefix != 0 || traits == nullptr) return 0;
  if (traits->kind == model::TypeKind::kGeometry) return kLongestKey + 1;
  if (traits->kind != model::TypeKind::kText && traits->kind != model::TypeKind::kBinary) return 8;
  if (!type.length) return kLongestKey + 1;  // BLOB and TEXT, however small
  return uint64_t{*type.length} *
         static_cast<uint64_t>(std::max(MaxBytesPerCharacter(type.charset.charset), 1));
}

// Whether the key's values are too long for an index, so that the server keeps their hash in a
// column that nobody can name.
bool IsByHash(const TableDefinition& table, const KeyDefinition& key) {
  if (table.flavour == Flavour::kMySql) return false;
  uint64_t bytes = 0;
  for (const KeyPart& part : key.parts) {
    const int column = table.FindColumn(part.column);
    if (column < 0) continue;
    bytes += KeyPartBytes(table.columns[static_cast<size_t>(column)].type, part);
  }
  return bytes > kLongestKey;
}

}  // namespace

bool IsCurrentTime(std::string_view default_value) {
  return std::ranges::any_of(
      std::array<std::string_view, 3>{"current_timestamp", "now(", "localtime"},
      [&](std::string_view name) {
        return base::EqualsIgnoreCase(default_value.substr(0, name.size()), name);
      });
}

int TableDefinition::FindColumn(std::string_view column) const {
  return FindByName(columns, column);
}
int TableDefinition::FindKey(std::string_view key) const { return FindByName(keys, key); }
int TableDefinition::FindForeignKey(std::string_view foreign_key) const {
  return FindByName(foreign_keys, foreign_key);
}

const PeriodDefinition* TableDefinition::FindPeriod(std::string_view period) const {
  int index = FindByName(periods, period);
  return index < 0 ? nullptr : &periods[static_cast<size_t>(index)];
}

bool TableDefinition::HasHiddenPeriod() const {
  return system_versioned && FindPeriod("SYSTEM_TIME") == nullptr;
}

model::TablePtr ToTable(const TableDefinition& definition) {
  auto table = std::make_shared<model::Table>();
  table->name = definition.name;
  table->system_versioned = definition.system_versioned;
  table->foreign_keys = definition.foreign_keys;
  for (const ColumnDefinition& column : definition.columns)
    table->columns.push_back(ToColumn(column, definition.flavour));
  const bool hidden_period = definition.HasHiddenPeriod();
  if (hidden_period) {
    table->columns.push_back(HiddenPeriodColumn("row_start", model::RowPeriod::kStart));
    table->columns.push_back(HiddenPeriodColumn("row_end", model::RowPeriod::kEnd));
  }
  for (const KeyDefinition& key : definition.keys) {
    if (key.kind != KeyKind::kPrimary && key.kind != KeyKind::kUnique) continue;
    model::Key unique{.name = key.name};
    auto add = [&](const std::string& name) {
      if (int column = definition.FindColumn(name); column >= 0) unique.columns.push_back(column);
    };
    for (const KeyPart& part : key.parts) {
      add(part.column);
      unique.has_prefix = unique.has_prefix || part.prefix != 0 || !part.expression.empty();
      unique.has_expression = unique.has_expression || !part.expression.empty();
    }
    unique.by_hash = IsByHash(definition, key);
    if (const PeriodDefinition* period = definition.FindPeriod(key.without_overlaps)) {
      add(period->end);
      add(period->start);
      unique.has_prefix = true;
      table->without_overlaps = true;
    }
    if (hidden_period) unique.columns.push_back(static_cast<int>(table->columns.size()) - 1);
    if (key.kind == KeyKind::kPrimary) table->primary_key = unique.columns;
    if (key.kind == KeyKind::kUnique || unique.has_prefix)
      table->unique_keys.push_back(std::move(unique));
  }
  return table;
}

}  // namespace godwit::sql
