#include "sql/definition.h"

#include "base/text.h"
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

model::Column ToColumn(const ColumnDefinition& definition) {
  model::Column column;
  column.name = definition.name;
  column.type_text = TypeText(definition.type);
  if (const TypeTraits* traits = FindType(definition.type.name)) {
    column.kind = traits->kind;
    SetSizes(definition.type, *traits, column);
  }
  column.nullable = definition.nullable;
  column.generated = definition.generated != Generated::kNo;
  column.row_period =
      definition.generated == Generated::kRowStart || definition.generated == Generated::kRowEnd;
  column.stored = column.generated && definition.generated != Generated::kVirtual;
  column.invisible = definition.invisible;
  column.auto_increment = definition.auto_increment;
  column.fixed_length = definition.type.name == "char" || definition.type.name == "binary";
  column.charset = definition.type.charset.charset;
  column.collation = definition.type.charset.collation;
  column.labels = definition.type.labels;
  return column;
}

}  // namespace

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
    table->columns.push_back(ToColumn(column));
  for (const KeyDefinition& key : definition.keys) {
    if (key.kind != KeyKind::kPrimary && key.kind != KeyKind::kUnique) continue;
    model::Key unique{key.name, {}, false};
    auto add = [&](const std::string& name) {
      if (int column = definition.FindColumn(name); column >= 0) unique.columns.push_back(column);
    };
    for (const KeyPart& part : key.parts) {
      add(part.column);
      unique.has_prefix = unique.has_prefix || part.prefix != 0;
    }
    if (const PeriodDefinition* period = definition.FindPeriod(key.without_overlaps)) {
      add(period->end);
      add(period->start);
      unique.has_prefix = true;
    }
    if (key.kind == KeyKind::kPrimary) table->primary_key = unique.columns;
    if (key.kind == KeyKind::kUnique || unique.has_prefix)
      table->unique_keys.push_back(std::move(unique));
  }
  return table;
}

}  // namespace godwit::sql
