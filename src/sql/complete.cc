#include "sql/complete.h"

#include <tuple>

#include "base/text.h"
#include "sql/data_type.h"

namespace godwit::sql {
namespace {

constexpr uint64_t kMaxVarcharBytes = 65532;  // of a row's 65535, with the length and a NULL bit
constexpr uint64_t kMaxMySqlVarcharBytes = 65535;
constexpr uint64_t kMaxCharBytes = 1024;

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
void ChooseText(DataType& type, Flavour flavour) {
  bool text = type.name == "text" || type.name == "varchar";
  bool blob = type.name == "blob" || type.name == "varbinary";
  if (!type.length || (!text && !blob)) return;
  uint64_t bytes = uint64_t{*type.length} *
                   static_cast<uint64_t>(text ? MaxBytesPerCharacter(type.charset.charset) : 1);
  bool variable = type.name.starts_with("var");
  const uint64_t most = flavour == Flavour::kMySql ? kMaxMySqlVarcharBytes : kMaxVarcharBytes;
  if (variable && bytes <= most) return;
  std::string_view stem = text ? "text" : "blob";
  type.name = bytes == 0 ? std::string(stem) : TextFor(bytes, stem);
  type.length.reset();
}

void CompleteType(DataType& type, const TableDefinition& table) {
  if (type.name == "year") type.is_unsigned = type.zerofill = false;
  if (IsCharacterType(type)) {
    type.charset = Resolve(type.charset, table.options.charset, table.flavour);
    bool labels = type.name == "enum" || type.name == "set";
    if (type.charset.charset == "binary" && !labels) MakeBinary(type);
    if (labels && type.charset.charset != "binary") {
      for (std::string& label : type.labels) {
        while (label.ends_with(' ')) label.pop_back();
      }
    }
  } else {
    type.charset = {};
  }
  ChooseText(type, table.flavour);
  // Only the charset `filename` has characters of so many bytes.
  if (type.name == "char" && table.flavour == Flavour::kMariaDb &&
      uint64_t{type.length.value_or(1)} *
              static_cast<uint64_t>(MaxBytesPerCharacter(type.charset.charset)) >
          kMaxCharBytes) {
    type.name = "varchar";
  }
  const TypeTraits* traits = FindType(type.name);
  if (!HasLength(type, table.flavour)) {
    type.length.reset();
  } else if (!type.length && traits != nullptr && traits->default_length != 0) {
    type.length = type.is_unsigned ? traits->default_unsigned_length : traits->default_length;
  }
}

bool IsString(const DataType& type) {
  const TypeTraits* traits = FindType(type.name);
  return traits != nullptr &&
         (traits->kind == model::TypeKind::kText || traits->kind == model::TypeKind::kBinary);
}

bool IsGeometry(const DataType& type) {
  const TypeTraits* traits = FindType(type.name);
  return traits != nullptr && traits->kind == model::TypeKind::kGeometry;
}

// The longest part of a key that the table's engine can have.
uint64_t MaxKeyPartBytes(const TableDefinition& table) {
  const std::string& engine = table.options.engine;
  auto is = [&](std::string_view name) { return base::EqualsIgnoreCase(engine, name); };
  if (is("MyISAM") || is("MERGE") || is("MRG_MyISAM")) return 1000;
  if (is("Aria")) return 2300;
  return 3072;
}

constexpr uint32_t kPointBytes = 25;
constexpr uint32_t kHashBytes = 8;
constexpr uint32_t kTinyLength = 255;

bool IsHash(const TableDefinition& table, const KeyDefinition& key) {
  if (table.flavour == Flavour::kMySql) return false;
  if (key.options.find("USING HASH") != std::string::npos) return true;
  const bool memory = base::EqualsIgnoreCase(table.options.engine, "MEMORY") ||
                      base::EqualsIgnoreCase(table.options.engine, "HEAP");
  return memory && key.options.find("USING") == std::string::npos;
}

// A prefix as long as the column is the column; a column that is no string has no prefixes. What is
// too long for a key that is not unique is cut down to a prefix (with a warning).
void CompletePrefix(const TableDefinition& table, const KeyDefinition& key, KeyPart& part,
                    const DataType& type) {
  const bool ordered = key.kind != KeyKind::kFulltext && key.kind != KeyKind::kSpatial;
  if (!ordered || IsHash(table, key)) part.descending = false;
  if (!ordered || (!IsString(type) && !IsGeometry(type)) ||
      (type.length && part.prefix >= *type.length)) {
    part.prefix = 0;
  }
  if (!ordered) return;
  if (type.name == "point") {
    part.prefix = kPointBytes;
  } else if (IsGeometry(type) && key.kind == KeyKind::kUnique && part.prefix == kHashBytes) {
    part.prefix = 0;  // what SHOW CREATE TABLE says of a whole value's hash
  }
  const auto character =
      static_cast<uint64_t>(std::max(MaxBytesPerCharacter(type.charset.charset), 1));
  const bool whole = key.kind == KeyKind::kIndex || part.prefix != 0;
  if (type.name.starts_with("tiny") && IsString(type) && whole &&
      (part.prefix == 0 || part.prefix > kTinyLength)) {
    part.prefix = kTinyLength;
  }
  if (key.kind != KeyKind::kIndex || (!IsString(type) && !IsGeometry(type))) return;
  const uint64_t most = MaxKeyPartBytes(table);
  const uint64_t length = part.prefix != 0 ? part.prefix : type.length.value_or(UINT32_MAX);
  if (length * character > most) part.prefix = static_cast<uint32_t>(most / character);
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

// A whole column too long for an index makes a unique key one over its hash.
bool NeedsHash(const TableDefinition& table, const ColumnDefinition& column, const KeyPart& part) {
  if (part.prefix != 0) return false;
  if (IsGeometry(column.type)) return true;
  if (!IsString(column.type)) return false;
  int character = std::max(MaxBytesPerCharacter(column.type.charset.charset), 1);
  return !column.type.length ||
         uint64_t{*column.type.length} * static_cast<uint64_t>(character) > MaxKeyPartBytes(table);
}

// `ascending`: parts of `longer` in descending order do not count.
bool IsPrefixOf(const KeyDefinition& shorter, const KeyDefinition& longer, bool ascending) {
  if (shorter.parts.size() > longer.parts.size()) return false;
  for (size_t i = 0; i < shorter.parts.size(); ++i) {
    if (!base::EqualsIgnoreCase(shorter.parts[i].column, longer.parts[i].column) ||
        !longer.parts[i].expression.empty() || longer.parts[i].prefix != shorter.parts[i].prefix ||
        (ascending && longer.parts[i].descending)) {
      return false;
    }
  }
  return true;
}

// Others than InnoDB pass over foreign keys, but for the indexes that those need.
bool KeepsForeignKeys(const std::string& engine) {
  static constexpr std::string_view kWithout[] = {
      "MyISAM", "Aria", "MEMORY", "HEAP", "CSV", "ARCHIVE", "MERGE", "MRG_MyISAM", "BLACKHOLE"};
  return std::ranges::none_of(
      kWithout, [&](std::string_view name) { return base::EqualsIgnoreCase(engine, name); });
}

// Leaves out the keys made for foreign keys where another key begins with the same columns: the
// longer one of two that were both made so, or the later one.
void DropNeedlessKeys(TableDefinition& table) {
  std::vector<KeyDefinition>& keys = table.keys;
  std::vector<KeyDefinition> kept;
  auto serves = [&](const KeyDefinition& key) {
    if (key.kind == KeyKind::kFulltext || key.kind == KeyKind::kSpatial)
      return !KeepsForeignKeys(table.options.engine);  // those that keep them refuse it
    return key.kind != KeyKind::kUnique || table.flavour == Flavour::kMySql ||
           std::ranges::none_of(key.parts, [&](const KeyPart& part) {
             const ColumnDefinition* column = ColumnNamed(table, part.column);
             return column != nullptr && NeedsHash(table, *column, part);
           });
  };
  for (size_t i = 0; i < keys.size(); ++i) {
    bool needless = false;
    for (size_t j = 0; j < keys.size() && keys[i].for_foreign_key && !needless; ++j) {
      bool stronger =
          !keys[j].for_foreign_key || keys[j].parts.size() > keys[i].parts.size() || j > i;
      needless = j != i && stronger && serves(keys[j]) &&
                 IsPrefixOf(keys[i], keys[j], table.flavour == Flavour::kMySql);
    }
    if (!needless) kept.push_back(keys[i]);
  }
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
    const bool functional = std::ranges::any_of(
        keys[i].parts, [](const KeyPart& part) { return !part.expression.empty(); });
    const std::string column = functional ? "functional_index" : keys[i].parts[0].column;
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

void NameChecks(TableDefinition& table) {
  std::vector<CheckDefinition>& checks = table.checks;
  const std::string stem =
      table.flavour == Flavour::kMySql ? table.name.table + "_chk_" : std::string("CONSTRAINT_");
  uint32_t number = 0;  // the names given to those before are taken
  if (table.flavour == Flavour::kMySql) {
    for (const CheckDefinition& check : checks) {
      if (!check.name.starts_with(stem)) continue;
      auto taken = base::ParseInteger<uint32_t>(std::string_view(check.name).substr(stem.size()));
      number = std::max(number, taken.value_or(0));
    }
  }
  for (CheckDefinition& check : checks) {
    if (!check.name.empty()) continue;
    std::string name;
    do {
      name = fmt::format("{}{}", stem, ++number);
    } while (std::ranges::any_of(
        checks, [&](const auto& c) { return base::EqualsIgnoreCase(c.name, name); }));
    check.name = std::move(name);
  }
  if (table.flavour == Flavour::kMySql)  // as the server lists them
    std::ranges::stable_sort(checks, {}, &CheckDefinition::name);
}

// Where foreign keys name no columns of the parent, they refer to those of their own names.
// MySQL's refer to the primary key, which only the tracker knows.
void NameParentColumns(TableDefinition& table) {
  if (table.flavour != Flavour::kMariaDb) return;
  for (model::ForeignKey& foreign_key : table.foreign_keys) {
    if (foreign_key.parent_columns.empty()) foreign_key.parent_columns = foreign_key.columns;
  }
}

// What servers without explicit_defaults_for_timestamp give: the current time to the first
// TIMESTAMP of the table, zero to the others.
void GiveDefaults(TableDefinition& table) {
  bool first = true;
  for (ColumnDefinition& column : table.columns) {
    if (column.type.name != "timestamp") continue;
    const bool takes = std::exchange(column.takes_default, false) && column.default_value.empty();
    const uint32_t digits = column.type.length.value_or(0);
    if (takes && first && column.on_update.empty()) {
      const bool mariadb = table.flavour == Flavour::kMariaDb;
      column.default_value = digits != 0 ? fmt::format("current_timestamp({})", digits)
                             : mariadb   ? "current_timestamp()"
                                         : "CURRENT_TIMESTAMP";
      column.on_update = column.default_value;
    } else if (takes) {
      column.default_value = fmt::format("'0000-00-00 00:00:00{}{}'", digits != 0 ? "." : "",
                                         std::string(digits, '0'));
    }
    first = false;
  }
}

// The server's order: unique keys first, those over a hash behind the others; of those the ones
// without NULLs, of those the primary key, then the ones without prefixes; full-text keys last. In
// MySQL, of keys that are alike in this, those over values that are computed when they are read
// come last. A primary key makes its columns NOT NULL for the keys listed after it only.
// Expressions are taken to be nullable; MySQL knows of some that they are not, by each of its
// functions and by the session's mode: a unique key over such a one stands further ahead there.
using Rank = std::tuple<bool, bool, bool, bool, bool, bool>;

void SortKeys(TableDefinition& table) {
  const KeyDefinition* primary = nullptr;
  std::vector<std::pair<Rank, KeyDefinition>> ranked;
  auto rank = [&](const KeyDefinition& key) -> Rank {
    bool unique = key.kind == KeyKind::kPrimary || key.kind == KeyKind::kUnique;
    const bool mysql = table.flavour == Flavour::kMySql;
    bool nullable = false, prefix = false, hash = false, computed = false;
    for (const KeyPart& part : key.parts) {
      if (!part.expression.empty()) nullable = true, computed = mysql;
      const ColumnDefinition* column = ColumnNamed(table, part.column);
      if (column == nullptr) continue;
      computed = computed || (mysql && column->generated == Generated::kVirtual);
      nullable =
          nullable || (column->nullable && (primary == nullptr || !HasPart(*primary, part.column)));
      prefix = prefix || part.prefix != 0;
      hash = hash || (table.flavour == Flavour::kMariaDb && NeedsHash(table, *column, part));
    }
    if (!unique) return {true, key.kind == KeyKind::kFulltext, false, false, false, computed};
    if (key.kind == KeyKind::kPrimary) return {};
    if (hash) return {false, true, false, false, false, false};
    return {false, false, nullable, true, prefix, computed};
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
  definition.options.charset =
      Resolve(definition.options.charset, schema_default, definition.flavour);
  for (ColumnDefinition& column : definition.columns) CompleteType(column.type, definition);
  GiveDefaults(definition);
  NameParentColumns(definition);
  std::ranges::stable_sort(definition.periods, {},
                           [](const auto& p) { return p.name == "SYSTEM_TIME"; });
  for (const PeriodDefinition& period : definition.periods) {
    MakeNotNull(definition, period.start);
    MakeNotNull(definition, period.end);
  }
  for (KeyDefinition& key : definition.keys) {
    const bool unique = key.kind == KeyKind::kPrimary || key.kind == KeyKind::kUnique;
    bool by_hash = false;
    for (KeyPart& part : key.parts) {
      const ColumnDefinition* column = ColumnNamed(definition, part.column);
      if (column == nullptr) continue;
      part.column = column->name;  // however it was typed
      if (definition.flavour == Flavour::kMySql && key.kind == KeyKind::kIndex &&
          IsGeometry(column->type)) {
        key.kind = KeyKind::kSpatial;
      }
      CompletePrefix(definition, key, part, column->type);
      by_hash = by_hash ||
                (definition.flavour == Flavour::kMariaDb && NeedsHash(definition, *column, part));
    }
    for (KeyPart& part : key.parts) part.descending = part.descending && !(unique && by_hash);
  }
  AddRowEnd(definition);
  DropNeedlessKeys(definition);
  NameKeys(definition.keys);
  if (!KeepsForeignKeys(definition.options.engine)) definition.foreign_keys.clear();
  NameForeignKeys(definition);
  std::ranges::stable_sort(definition.foreign_keys, {},
                           &model::ForeignKey::name);  // as the server lists them
  NameChecks(definition);
  if (order == KeyOrder::kSorted) SortKeys(definition);
  for (const KeyDefinition& key : definition.keys) {
    if (key.kind != KeyKind::kPrimary) continue;
    for (const KeyPart& part : key.parts) MakeNotNull(definition, part.column);
  }
}

}  // namespace godwit::sql
