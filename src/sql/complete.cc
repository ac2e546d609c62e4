#include "sql/complete.h"

#include <tuple>

#include "base/text.h"
#include "sql/data_type.h"

namespace godwit::sql {
namespace {

constexpr uint64_t kMaxVarcharBytes = 65535;

// tinytext, text, mediumtext, longtext by how many bytes they hold.
std::string TextFor(uint64_t bytes, std::string_view stem) {
  if (bytes <= 0xFF) return fmt::format("tiny{}", stem);
  if (bytes <= 0xFFFF) return std::string(stem);
  if (bytes <= 0xFFFFFF) return fmt::format("medium{}", stem);
  return fmt::format("long{}", stem);
}

// Character data in the charset "binary" is binary data.
void MakeBinary(DataType& type) {
  if (type.name == "char" || type.name == "varchar") {
    type.name = type.name == "char" ? "binary" : "varbinary";
  } else {
    type.name.replace(type.name.size() - 4, 4, "blob");  // tinytext, text, ...
  }
  type.charset = {};
}

// TEXT(n) and BLOB(n) name a length, not a type; and so, outside of strict mode, does a VARCHAR
// that is too long.
void ChooseText(DataType& type) {
  bool text = type.name == "text" || type.name == "varchar";
  bool blob = type.name == "blob" || type.name == "varbinary";
  if (!type.length || (!text && !blob)) return;
  uint64_t bytes = uint64_t{*type.length} *
                   static_cast<uint64_t>(text ? MaxBytesPerCharacter(type.charset.charset) : 1);
  bool variable = type.name.starts_with("var");
  if (variable && bytes <= kMaxVarcharBytes) return;
  std::string_view stem = text ? "text" : "blob";
  type.name = bytes == 0 ? std::string(stem) : TextFor(bytes, stem);
  type.length.reset();
}

void CompleteType(DataType& type, const CharsetChoice& table_charset) {
  if (IsCharacterType(type)) {
    type.charset = Resolve(type.charset, table_charset);
    bool labels = type.name == "enum" || type.name == "set";
    if (type.charset.charset == "binary" && !labels) MakeBinary(type);
  } else {
    type.charset = {};
  }
  ChooseText(type);
  const TypeTraits* traits = FindType(type.name);
  if (!type.length && traits != nullptr && traits->default_length != 0) {
    type.length = type.is_unsigned ? traits->default_unsigned_length : traits->default_length;
  }
}

bool IsString(const DataType& type) {
  const TypeTraits* traits = FindType(type.name);
  return traits != nullptr &&
         (traits->kind == model::TypeKind::kText || traits->kind == model::TypeKind::kBinary);
}

// A prefix as long as the column is the column; a column that is no string has no prefixes.
void CompletePrefix(KeyPart& part, const DataType& type) {
  if (!IsString(type) || (type.length && part.prefix >= *type.length)) part.prefix = 0;
}

const ColumnDefinition* ColumnNamed(const TableDefinition& table, const std::string& name) {
  int index = table.FindColumn(name);
  return index < 0 ? nullptr : &table.columns[static_cast<size_t>(index)];
}

void MakeNotNull(TableDefinition& table, const std::string& name) {
  int index = table.FindColumn(name);
  if (index >= 0) table.columns[static_cast<size_t>(index)].nullable = false;
}

bool HasPart(const KeyDefinition& key, const std::string& column) {
  return std::ranges::any_of(
      key.parts, [&](const KeyPart& p) { return base::EqualsIgnoreCase(p.column, column); });
}

// A row and its history are told apart by the end of their time, which therefore is part of every
// unique key.
void AddRowEnd(TableDefinition& table) {
  const PeriodDefinition* period = table.FindPeriod("SYSTEM_TIME");
  if (!table.system_versioned || period == nullptr) return;
  for (KeyDefinition& key : table.keys) {
    bool unique = key.kind == KeyKind::kPrimary || key.kind == KeyKind::kUnique;
    if (unique && !HasPart(key, period->end)) key.parts.push_back({period->end});
  }
}

bool IsPrefixOf(const KeyDefinition& shorter, const KeyDefinition& longer) {
  if (shorter.parts.size() > longer.parts.size()) return false;
  for (size_t i = 0; i < shorter.parts.size(); ++i) {
    if (!base::EqualsIgnoreCase(shorter.parts[i].column, longer.parts[i].column)) return false;
  }
  return true;
}

// Leaves out the keys made for foreign keys where another key begins with the same columns: the
// longer one of two that were both made so, or the later one.
void DropNeedlessKeys(std::vector<KeyDefinition>& keys) {
  std::vector<KeyDefinition> kept;
  for (size_t i = 0; i < keys.size(); ++i) {
    bool needless = false;
    for (size_t j = 0; j < keys.size() && keys[i].for_foreign_key && !needless; ++j) {
      bool stronger =
          !keys[j].for_foreign_key || keys[j].parts.size() > keys[i].parts.size() || j > i;
      needless = j != i && stronger && IsPrefixOf(keys[i], keys[j]);
    }
    if (!needless) kept.push_back(keys[i]);
  }
  for (KeyDefinition& key : kept) key.for_foreign_key = false;
  keys = std::move(kept);
}

void NameKeys(std::vector<KeyDefinition>& keys) {
  for (size_t i = 0; i < keys.size(); ++i) {
    if (!keys[i].name.empty() || keys[i].parts.empty()) continue;
    auto taken = [&](const std::string& name) {
      return std::any_of(
          keys.begin(), keys.begin() + static_cast<std::ptrdiff_t>(i),
          [&](const KeyDefinition& k) { return base::EqualsIgnoreCase(k.name, name); });
    };
    const std::string& column = keys[i].parts[0].column;
    std::string name = column;
    bool primary = base::EqualsIgnoreCase(name, "PRIMARY");
    for (int number = 2; primary || taken(name); ++number) {
      name = fmt::format("{}_{}", column, number);
      primary = false;
    }
    keys[i].name = std::move(name);
  }
}

void NameForeignKeys(TableDefinition& table) {
  std::string stem = table.name.table + "_ibfk_";
  uint32_t last = 0;
  for (const model::ForeignKey& foreign_key : table.foreign_keys) {
    if (!foreign_key.name.starts_with(stem)) continue;
    auto number =
        base::ParseInteger<uint32_t>(std::string_view(foreign_key.name).substr(stem.size()));
    last = std::max(last, number.value_or(0));
  }
  for (model::ForeignKey& foreign_key : table.foreign_keys) {
    if (foreign_key.name.empty()) foreign_key.name = fmt::format("{}{}", stem, ++last);
  }
}

void NameChecks(std::vector<CheckDefinition>& checks) {
  int number = 0;  // the names given to those before are taken
  for (CheckDefinition& check : checks) {
    if (!check.name.empty()) continue;
    std::string name;
    do {
      name = fmt::format("CONSTRAINT_{}", ++number);
    } while (std::ranges::any_of(
        checks, [&](const auto& c) { return base::EqualsIgnoreCase(c.name, name); }));
    check.name = std::move(name);
  }
}

constexpr uint64_t kMaxKeyPartBytes = 3072;  // InnoDB's

// A whole column too long for an index makes a unique key one over its hash.
bool NeedsHash(const ColumnDefinition& column, const KeyPart& part) {
  if (part.prefix != 0 || !IsString(column.type)) return false;
  int character = std::max(MaxBytesPerCharacter(column.type.charset.charset), 1);
  return !column.type.length ||
         uint64_t{*column.type.length} * static_cast<uint64_t>(character) > kMaxKeyPartBytes;
}

// The server's order: unique keys first, those over a hash behind the others; of those the ones
// without NULLs, of those the primary key, then the ones without prefixes; full-text keys last. A
// primary key makes its columns NOT NULL for the keys listed after it only.
using Rank = std::tuple<bool, bool, bool, bool, bool>;

void SortKeys(TableDefinition& table) {
  const KeyDefinition* primary = nullptr;
  std::vector<std::pair<Rank, KeyDefinition>> ranked;
  auto rank = [&](const KeyDefinition& key) -> Rank {
    bool unique = key.kind == KeyKind::kPrimary || key.kind == KeyKind::kUnique;
    bool nullable = false, prefix = false, hash = false;
    for (const KeyPart& part : key.parts) {
      const ColumnDefinition* column = ColumnNamed(table, part.column);
      if (column == nullptr) continue;
      nullable =
          nullable || (column->nullable && (primary == nullptr || !HasPart(*primary, part.column)));
      prefix = prefix || part.prefix != 0;
      hash = hash || NeedsHash(*column, part);
    }
    if (!unique) return {true, key.kind == KeyKind::kFulltext, false, false, false};
    if (key.kind == KeyKind::kPrimary) return {};
    if (hash) return {false, true, false, false, false};
    return {false, false, nullable, true, prefix};
  };
  for (const KeyDefinition& key : table.keys) {
    ranked.emplace_back(rank(key), key);
    if (key.kind == KeyKind::kPrimary) primary = &key;
  }
  std::ranges::stable_sort(ranked, {}, [](const auto& entry) { return entry.first; });
  for (size_t i = 0; i < ranked.size(); ++i) table.keys[i] = std::move(ranked[i].second);
}

}  // namespace

void Complete(TableDefinition& definition, const CharsetChoice& schema_default, KeyOrder order) {
  definition.options.charset = Resolve(definition.options.charset, schema_default);
  for (ColumnDefinition& column : definition.columns)
    CompleteType(column.type, definition.options.charset);
  std::ranges::stable_sort(definition.periods, {},
                           [](const auto& p) { return p.name == "SYSTEM_TIME"; });
  for (const PeriodDefinition& period : definition.periods) {
    MakeNotNull(definition, period.start);
    MakeNotNull(definition, period.end);
  }
  for (KeyDefinition& key : definition.keys) {
    for (KeyPart& part : key.parts) {
      if (const ColumnDefinition* column = ColumnNamed(definition, part.column))
        CompletePrefix(part, column->type);
    }
  }
  AddRowEnd(definition);
  DropNeedlessKeys(definition.keys);
  NameKeys(definition.keys);
  NameForeignKeys(definition);
  std::ranges::stable_sort(definition.foreign_keys, {},
                           &model::ForeignKey::name);  // as the server lists them
  NameChecks(definition.checks);
  if (order == KeyOrder::kSorted) SortKeys(definition);
  for (const KeyDefinition& key : definition.keys) {
    if (key.kind != KeyKind::kPrimary) continue;
    for (const KeyPart& part : key.parts) MakeNotNull(definition, part.column);
  }
}

}  // namespace godwit::sql
