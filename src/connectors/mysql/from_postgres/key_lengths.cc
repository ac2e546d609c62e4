#include "connectors/mysql/from_postgres/key_lengths.h"

#include <absl/algorithm/container.h>
#include <absl/strings/ascii.h>
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "sql/charset.h"
#include "sql/data_type.h"
#include "sql/writer.h"

namespace godwit::connectors::mysql {
namespace {

using sql::DataType;
using sql::KeyKind;
using sql::NoteTaker;
using sql::postgres::ConstraintDefinition;
using sql::postgres::Definition;

constexpr uint64_t kLongestKey = 3072;  // bytes, of InnoDB with pages of 16 KiB
constexpr uint64_t kLongestRow = 65535;
// Of what InnoDB keeps of a row in its page, without its own columns.
constexpr uint64_t kLongestInPage = 8126 - 40;
constexpr uint64_t kInPageOfLong = 41;  // ... of a value that may be elsewhere
constexpr uint64_t kPointer = 12;       // of a row to a TEXT, a BLOB or a document

uint64_t BytesEach(const DataType& type) {
  return static_cast<uint64_t>(std::max(sql::MaxBytesPerCharacter(type.charset.charset), 1));
}

// What each may take of the room that all have, which is no more than it wants.
std::vector<uint64_t> Shares(const std::vector<uint64_t>& wants, uint64_t room) {
  std::vector<size_t> order(wants.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  absl::c_stable_sort(order, [&](size_t a, size_t b) { return wants[a] < wants[b]; });
  std::vector<uint64_t> shares(wants.size());
  for (size_t i = 0; i < order.size(); ++i) {
    const uint64_t share = room / (order.size() - i);
    shares[order[i]] = std::min(wants[order[i]], share);
    room -= shares[order[i]];
  }
  return shares;
}

class KeyFitter {
 public:
  KeyFitter(const Definition& table, sql::Flavour to, std::vector<PlannedColumn>& columns,
            std::vector<PlannedKey>& keys, NoteTaker& notes)
      : table_(table), to_(to), columns_(columns), keys_(keys), notes_(notes) {}

  void Run() {
    std::erase_if(keys_, [&](const PlannedKey& key) { return IsOverDocument(key); });
    for (const PlannedKey& key : keys_) {
      if (!key.IsUnique()) continue;
      std::vector<int> over, within;
      for (const PlannedKey::Part& part : key.parts) {
        if (part.column >= 0)
          over.push_back(part.column);
        else if (to_ == sql::Flavour::kMySql)
          absl::c_copy(ColumnsIn(table_, part.expression), std::back_inserter(within));
      }
      absl::c_copy(within, std::back_inserter(over));
      Limit(over, key.place);
      LimitWithin(within, key.place);
    }
    for (const ConstraintDefinition& one : table_.constraints) {
      if (one.kind != 'f' || !one.table.table.empty()) continue;
      std::vector<int> over;
      for (const std::string& name : one.columns) {
        const int column = ColumnOf(table_, name);
        if (column >= 0 && !columns_[static_cast<size_t>(column)].IsDocument())
          over.push_back(column);
      }
      Limit(over, "foreign key " + sql::QuoteIdentifier(one.name));
    }
    for (size_t i = 0; i < columns_.size(); ++i) FitCollation(columns_[i], static_cast<int>(i));
    for (const auto& [column, limit] : limits_)
      Shorten(columns_[static_cast<size_t>(column)], limit);
    for (PlannedKey& key : keys_) {
      if (!key.IsUnique()) SetPrefixes(key);
    }
  }

 private:
  struct LengthLimit {
    uint64_t bytes = UINT64_MAX;
    std::string by;  // the key that makes it
  };

  // It is left out then, or refused.
  bool IsOverDocument(const PlannedKey& key) {
    for (const PlannedKey::Part& part : key.parts) {
      if (part.column < 0) continue;
      const PlannedColumn& column = columns_[static_cast<size_t>(part.column)];
      if (!column.IsDocument()) continue;
      if (key.kind == KeyKind::kPrimary) {
        notes_.Refuse(key.place,
                      fmt::format("is over {}, which becomes JSON, and the target has no keys over "
                                  "documents",
                                  sql::QuoteIdentifier(column.source->name)),
                      "say varchar(n) for the column in `casts`, or exclude the table");
      } else {
        notes_.Lossy(
            key.place,
            fmt::format("is left out: the target has no keys over documents, "
                        "as {} is{}",
                        sql::QuoteIdentifier(column.source->name),
                        key.IsUnique() ? "; the target does not keep rows apart by it" : ""));
      }
      return true;
    }
    return false;
  }

  std::vector<uint64_t> SharesOf(const std::vector<int>& over) const {
    uint64_t room = kLongestKey;
    std::vector<uint64_t> wants;
    for (const int c : over) {
      const PlannedColumn& column = columns_[static_cast<size_t>(c)];
      const uint64_t bytes = MostBytes(column.type);
      if (!column.IsString()) room -= std::min(room, bytes);
      wants.push_back(column.IsString() ? bytes : 0);
    }
    return Shares(wants, room);
  }

  void Limit(const std::vector<int>& over, const std::string& place) {
    const std::vector<uint64_t> shares = SharesOf(over);
    for (size_t i = 0; i < over.size(); ++i) {
      const PlannedColumn& column = columns_[static_cast<size_t>(over[i])];
      if (!column.IsString() || column.IsDocument()) continue;
      in_keys_.emplace(over[i], place);
      if (MostBytes(column.type) <= shares[i]) continue;
      LengthLimit& limit = limits_[over[i]];
      if (shares[i] < limit.bytes) limit = {shares[i], place};
    }
  }

  // No collation takes for equal just what lower() makes so. By one that takes more, rows that the
  // source keeps apart would be written over one another.
  void FitCollation(PlannedColumn& column, int index) {
    if (column.is_cast || column.kind != PostgresKind::kText || column.from.name != "citext")
      return;
    const auto key = in_keys_.find(index);
    if (key == in_keys_.end()) {
      return notes_.Lossy(column.place,
                          fmt::format("citext becomes text in {}: it sorts by that, and more "
                                      "letters may be equal than lower() makes so",
                                      column.type.charset.collation));
    }
    const std::string ignores_case =
        std::exchange(column.type.charset, UsualCharset(to_)).collation;
    notes_.Lossy(column.place,
                 fmt::format("citext becomes text in {}, which tells capitals from small letters, "
                             "as {} is over it: others take more letters for equal than citext "
                             "does. Once the application writes to the target, the column may "
                             "become one in {}, if no rows are equal by that",
                             column.type.charset.collation, key->second, ignores_case));
  }

  void LimitWithin(const std::vector<int>& expression, const std::string& place) {
    for (const int c : expression) {
      const PlannedColumn& column = columns_[static_cast<size_t>(c)];
      if (column.IsDocument() || !IsTooLongForExpression(column.type)) continue;
      LengthLimit& limit = limits_[c];
      const uint64_t most = kLongestInExpression * BytesEach(column.type);
      if (most < limit.bytes) limit = {most, place};
    }
  }

  void Shorten(PlannedColumn& column, const LengthLimit& limit) {
    const uint64_t length = limit.bytes / BytesEach(column.type);
    if (length == 0) {
      return notes_.Refuse(
          column.place,
          fmt::format("{} leaves it no room: a key takes {} bytes", limit.by, kLongestKey),
          "give it fewer columns on the source, or exclude the table");
    }
    if (column.is_cast) {
      return notes_.Refuse(
          column.place,
          fmt::format("`casts` in the task file makes it {}, of which {} takes no more than {}",
                      absl::AsciiStrToUpper(sql::TypeText(column.type, to_)), limit.by, length),
          fmt::format("say a length of at most {} there", length));
    }
    const bool text = sql::IsCharacterType(column.type);
    column.type = text ? TextOfLength(length, column.type.charset) : BytesOfLength(length);
    notes_.Lossy(
        column.place,
        fmt::format("{} becomes {}, as {} is over it: longer values are errors", column.written,
                    absl::AsciiStrToUpper(sql::TypeText(column.type, to_)), limit.by));
  }

  void SetPrefixes(PlannedKey& key) {
    std::vector<int> over;
    for (const PlannedKey::Part& part : key.parts) {
      if (part.column >= 0) over.push_back(part.column);
    }
    const std::vector<uint64_t> shares = SharesOf(over);
    size_t at = 0;
    for (PlannedKey::Part& part : key.parts) {
      if (part.column < 0) continue;
      const uint64_t share = shares[at++];
      const PlannedColumn& column = columns_[static_cast<size_t>(part.column)];
      if (!column.IsString() || MostBytes(column.type) <= share) continue;
      part.prefix = static_cast<uint32_t>(std::max<uint64_t>(share / BytesEach(column.type), 1));
      notes_.Same(key.place, fmt::format("is over the first {} {} of {}", part.prefix,
                                         sql::IsCharacterType(column.type) ? "characters" : "bytes",
                                         sql::QuoteIdentifier(column.source->name)));
    }
  }

  const Definition& table_;
  const sql::Flavour to_;
  std::vector<PlannedColumn>& columns_;
  std::vector<PlannedKey>& keys_;
  NoteTaker& notes_;
  std::map<int, LengthLimit> limits_;
  std::map<int, std::string> in_keys_;  // texts and bytes that a unique or foreign key is over
};

// What a row has of a value: with its length, and a pointer of what is elsewhere.
uint64_t RowBytes(const PlannedColumn& column) {
  if (column.IsLong()) return kPointer;
  const uint64_t bytes = MostBytes(column.type);
  return column.type.name.starts_with("var") ? bytes + (bytes > 255 ? 2 : 1) : bytes;
}

uint64_t InPage(const PlannedColumn& column) {
  const bool elsewhere = column.IsString() && MostBytes(column.type) >= kInPageOfLong - 1;
  return elsewhere ? kInPageOfLong : RowBytes(column);
}

template <typename Bytes>
uint64_t SumOf(const std::vector<PlannedColumn>& columns, Bytes bytes) {
  uint64_t sum = (columns.size() + 7) / 8;
  for (const PlannedColumn& column : columns) sum += bytes(column);
  return sum;
}

}  // namespace

void FitToKeys(const Definition& table, sql::Flavour to, std::vector<PlannedColumn>& columns,
               std::vector<PlannedKey>& keys, NoteTaker& notes) {
  KeyFitter(table, to, columns, keys, notes).Run();
}

void FitToRow(const std::vector<PlannedKey>& keys, const Definition& table, sql::Flavour to,
              std::vector<PlannedColumn>& columns, NoteTaker& notes) {
  std::set<int> in_keys;
  for (const PlannedKey& key : keys) {
    for (const PlannedKey::Part& part : key.parts) {
      if (part.column >= 0 && part.prefix == 0) in_keys.insert(part.column);
      if (part.column < 0)
        absl::c_copy(ColumnsIn(table, part.expression), std::inserter(in_keys, in_keys.end()));
    }
  }
  for (const ConstraintDefinition& one : table.constraints) {
    if (one.kind != 'f') continue;
    for (const std::string& name : one.columns) in_keys.insert(ColumnOf(table, name));
  }
  while (SumOf(columns, RowBytes) > kLongestRow) {
    PlannedColumn* longest = nullptr;
    for (size_t i = 0; i < columns.size(); ++i) {
      PlannedColumn& column = columns[i];
      if (in_keys.contains(static_cast<int>(i)) || !column.type.name.starts_with("var")) continue;
      if (longest == nullptr || RowBytes(column) > RowBytes(*longest)) longest = &column;
    }
    if (longest == nullptr || RowBytes(*longest) <= kPointer) break;
    const std::string was = absl::AsciiStrToUpper(sql::TypeText(longest->type, to));
    const bool text = sql::IsCharacterType(longest->type);
    longest->type.name = text ? "text" : "blob";
    longest->type.length.reset();
    notes.Lossy(longest->place,
                fmt::format("becomes {} in place of {}: a row of the target takes {} bytes besides "
                            "such columns; longer values than {} allows fit too",
                            text ? "TEXT" : "BLOB", was, kLongestRow, longest->written));
  }
  const uint64_t row = SumOf(columns, RowBytes), in_page = SumOf(columns, InPage);
  if (row <= kLongestRow && in_page <= kLongestInPage) return;
  notes.Refuse("",
               row > kLongestRow
                   ? fmt::format("its rows may have {} bytes besides long texts, and the target "
                                 "takes {}",
                                 row, kLongestRow)
                   : fmt::format("its rows may have {} bytes in InnoDB's page, which takes {}",
                                 in_page, kLongestInPage),
               "divide the table on the source, or exclude it");
}

}  // namespace godwit::connectors::mysql
