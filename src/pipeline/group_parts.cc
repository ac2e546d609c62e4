#include "pipeline/group_parts.h"

#include <absl/container/flat_hash_map.h>
#include <absl/strings/match.h>
#include <xxhash.h>

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <set>

#include "pipeline/cascade_reach.h"

namespace godwit::pipeline {
namespace {

using connector::ChangeSegment;
using connector::TableChanges;
using model::Cell;
using model::Column;
using model::Row;
using model::TypeKind;

enum class Compared : uint8_t {
  kByValue,        // values are equal where their bytes are
  kWithoutBlanks,  // text of a binary collation: blanks at the end may not count
  kUnknown,
};

Compared HowCompared(const Column& column, const model::Key& key) {
  if (column.generated) return Compared::kUnknown;
  switch (column.kind) {
    case TypeKind::kFloat:
    case TypeKind::kDouble:
    case TypeKind::kJson:
    case TypeKind::kGeometry:
      return Compared::kUnknown;
    case TypeKind::kDecimal:  // without a scale of its own 1.0 is not the same bytes as 1.00
      return column.precision == 0 ? Compared::kUnknown : Compared::kByValue;
    case TypeKind::kText:
      return !key.has_prefix && absl::EndsWith(column.collation, "_bin") &&
                     (absl::StartsWith(column.charset, "utf8") || column.charset == "latin1" ||
                      column.charset == "ascii")
                 ? Compared::kWithoutBlanks
                 : Compared::kUnknown;
    case TypeKind::kBinary:
      return key.has_prefix ? Compared::kUnknown : Compared::kByValue;
    default:
      return Compared::kByValue;
  }
}

uint64_t HashOf(const Cell& cell, Compared how, uint64_t seed) {
  if (!cell.has_view()) {
    const uint64_t value = cell.uint_value();
    return XXH3_64bits_withSeed(&value, sizeof value, seed);
  }
  std::string_view view = cell.view();
  if (how == Compared::kWithoutBlanks) view = view.substr(0, view.find_last_not_of(' ') + 1);
  return XXH3_64bits_withSeed(view.data(), view.size(), seed);
}

// To be raised when the same changes come to be divided otherwise.
constexpr int kDivision = 2;

// A key of a table, with a hash of its values that is equal wherever the server may take them for
// equal.
class ConflictKey {
 public:
  ConflictKey(const model::Table& table, const model::Key& key, uint64_t seed) : seed_(seed) {
    for (int c : key.columns) {
      const auto column = static_cast<size_t>(c);
      columns_.push_back(
          {column, HowCompared(table.columns[column], key), table.columns[column].generated});
    }
  }

  // Nothing where the row cannot be in another's way: NULL is equal to nothing.
  std::optional<uint64_t> Of(Row row) const {
    uint64_t hash = seed_;
    for (const auto& [column, how, generated] : columns_) {
      if (row[column].is_null() && !generated) return std::nullopt;
      if (how != Compared::kUnknown) hash = HashOf(row[column], how, hash);
    }
    return hash;
  }

  // Whether the row tells the key's values.
  bool IsIn(Row row) const {
    return std::ranges::none_of(columns_, [&](const Part& part) {
      return row[part.column].kind() == model::CellKind::kAbsent && !part.generated;
    });
  }

  std::string Describe() const {
    std::string text;
    for (const auto& [column, how, generated] : columns_)
      text += fmt::format("{}{}{},", column, static_cast<int>(how), generated ? "g" : "");
    return text;
  }

 private:
  struct Part {
    size_t column;
    Compared how;
    bool generated;  // what the log says of it need not be what the server computes
  };
  uint64_t seed_;
  std::vector<Part> columns_;
};

using Parts = std::vector<std::vector<ChangeSegment>>;

// Divides one table's changes, over all segments. Changes are joined while they share a key; each
// set of joined ones goes where its least hash says.
class TableDivider {
 public:
  explicit TableDivider(const model::Table& table) : table_hash_(HashOfName(table.name)) {
    const std::vector<int> identity = table.RowIdentity();
    // Rows have no values for some of the keys that only the target has.
    if (identity.empty() || table.target_has_keys) return;
    keys_.emplace_back(table, model::Key{{}, identity}, table_hash_);
    for (size_t i = 0; i < table.unique_keys.size(); ++i) {
      if (table.unique_keys[i].columns == identity && !table.unique_keys[i].has_prefix) continue;
      keys_.emplace_back(table, table.unique_keys[i], table_hash_ + keys_.size());
    }
  }

  std::string Describe() const {
    std::string text;
    for (const ConflictKey& key : keys_) text += key.Describe() + ";";
    return text;
  }

  // To be called for all segments, in order, and then Put for all of them, in the same order.
  void Add(const TableChanges& changes) {
    // What unique values rows have is not known where columns are left out.
    if (!changes.claims.empty() || (changes.partial && keys_.size() > 1) || !TellsAll(changes))
      keys_.clear();
    if (keys_.empty()) return;
    for (Row row : changes.deletes) AddRow(row, keys_.size());
    for (Row row : changes.inserts) AddRow(row, keys_.size());
    // Their unique keys stay as they are: the identity alone counts.
    for (const auto& update : changes.updates) AddRow(update.after, 1);
    for (const auto& update : changes.partial_updates) AddRow(update.after, 1);
  }

  void Put(const TableChanges& changes, size_t segment, Parts& parts) {
    if (keys_.empty() || !changes.ordered.empty()) {
      parts[table_hash_ % parts.size()][segment].tables.push_back(changes);
      return;
    }
    std::vector<TableChanges> divided(parts.size());
    for (Row row : changes.deletes) divided[NextPart(parts)].deletes.push_back(row);
    for (Row row : changes.inserts) divided[NextPart(parts)].inserts.push_back(row);
    for (const auto& update : changes.updates) divided[NextPart(parts)].updates.push_back(update);
    for (const auto& update : changes.partial_updates)
      divided[NextPart(parts)].partial_updates.push_back(update);
    for (size_t part = 0; part < parts.size(); ++part) {
      TableChanges& some = divided[part];
      if (some.deletes.empty() && some.inserts.empty() && some.updates.empty() &&
          some.partial_updates.empty()) {
        continue;
      }
      some.table = changes.table;
      some.partial = changes.partial;
      parts[part][segment].tables.push_back(std::move(some));
    }
  }

 private:
  // Whether it is known which unique values the deleted rows leave.
  bool TellsAll(const TableChanges& changes) const {
    return keys_.size() <= 1 || std::ranges::all_of(changes.deletes, [&](Row row) {
             return std::ranges::all_of(keys_,
                                        [&](const ConflictKey& key) { return key.IsIn(row); });
           });
  }

  static uint64_t HashOfName(const model::TableName& name) {
    const std::string text = name.ToString();
    return XXH3_64bits(text.data(), text.size());
  }

  void AddRow(Row row, size_t keys) {
    const auto change = static_cast<uint32_t>(set_.size());
    set_.push_back(change);
    least_.push_back(std::numeric_limits<uint64_t>::max());
    for (size_t k = 0; k < keys; ++k) {
      const std::optional<uint64_t> hash = keys_[k].Of(row);
      if (!hash) continue;
      uint64_t& least = least_[SetOf(change)];
      least = std::min(least, *hash);
      if (keys_.size() == 1) continue;  // equal hashes lead to the same part by themselves
      auto [it, is_new] = first_.try_emplace(*hash, change);
      if (!is_new) Unite(it->second, change);
    }
  }

  uint32_t SetOf(uint32_t change) {
    while (set_[change] != change) change = set_[change] = set_[set_[change]];
    return change;
  }
  void Unite(uint32_t a, uint32_t b) {
    a = SetOf(a), b = SetOf(b);
    set_[b] = a;
    least_[a] = std::min(least_[a], least_[b]);
  }
  size_t NextPart(const Parts& parts) { return least_[SetOf(next_++)] % parts.size(); }

  const uint64_t table_hash_;
  std::vector<ConflictKey> keys_;                  // the identity first; none: not to be divided
  absl::flat_hash_map<uint64_t, uint32_t> first_;  // the first change with this hash
  std::vector<uint32_t> set_;    // by change: another of its set, up to the one that stands for it
  std::vector<uint64_t> least_;  // by the change that stands for a set: the least hash of its keys
  uint32_t next_ = 0;            // to be put
};

std::set<model::TableName> TablesActedOn(const std::vector<ChangeSegment>& segments) {
  std::set<model::TableName> tables;
  for (const ChangeSegment& segment : segments) {
    for (const connector::Cascade& cascade : segment.cascades) {
      tables.insert(cascade.parent->name);
      AddDescendants(*segment.graph, cascade.parent->name, tables);
    }
  }
  return tables;
}

// What of a table is written, and in which manner.
std::string DescribeWriting(const model::Table& table) {
  std::string text = table.ChangesInOrder() ? "in order" : "";
  for (size_t i = 0; i < table.columns.size(); ++i) {
    if (table.columns[i].left_out) text += fmt::format(" without {}", i);
  }
  return text;
}

}  // namespace

uint64_t FingerprintOfDivision(const std::vector<ChangeSegment>& segments) {
  std::map<model::TableName, std::string> tables;
  for (const ChangeSegment& segment : segments) {
    for (const TableChanges& changes : segment.tables) {
      const model::Table& table = *changes.table;
      tables.try_emplace(table.name, TableDivider(table).Describe() + DescribeWriting(table));
    }
  }
  for (const model::TableName& name : TablesActedOn(segments)) tables[name] += " together";
  std::string text = std::to_string(kDivision);
  for (const auto& [name, description] : tables) text += "\n" + name.ToString() + " " + description;
  return std::max<uint64_t>(XXH3_64bits(text.data(), text.size()), 1);
}

std::vector<std::vector<ChangeSegment>> DivideByConflict(const std::vector<ChangeSegment>& segments,
                                                         int parts) {
  const std::set<model::TableName> together = TablesActedOn(segments);
  std::map<model::TableName, TableDivider> dividers;
  for (const ChangeSegment& segment : segments) {
    for (const TableChanges& changes : segment.tables) {
      if (together.contains(changes.table->name)) continue;
      dividers.try_emplace(changes.table->name, *changes.table).first->second.Add(changes);
    }
  }
  Parts divided(static_cast<size_t>(parts), std::vector<ChangeSegment>(segments.size()));
  for (size_t i = 0; i < segments.size(); ++i) {
    divided.front()[i].cascades = segments[i].cascades;
    divided.front()[i].graph = segments[i].graph;
    for (const TableChanges& changes : segments[i].tables) {
      auto divider = dividers.find(changes.table->name);
      if (divider == dividers.end())
        divided.front()[i].tables.push_back(changes);
      else
        divider->second.Put(changes, i, divided);
    }
  }
  return divided;
}

}  // namespace godwit::pipeline
