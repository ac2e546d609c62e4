#pragma once

#include <absl/functional/function_ref.h>

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/status.h"
#include "model/table.h"

namespace godwit::connector {

// Why a target of another kind cannot hold a value of the source.
enum class Unfit : uint8_t {
  kZeroByte,    // text with a zero byte
  kIllText,     // bytes that are no text in the column's charset
  kNoDay,       // a date that is none: '0000-00-00', '2024-00-10'; or none there: 'infinity'
  kOutOfRange,  // a number, a time or a text that the type there does not reach
};

enum class UnfitAction : uint8_t {
  kError,
  kNull,     // NULL is written
  kReplace,  // the value that comes nearest: U+FFFD for what is no character, 1 for the zeros of a
             // date, the greatest number that there is
};

// How often a rule was used.
struct UnfitCount {
  model::TableName table;
  std::string column;
  Unfit why = Unfit::kZeroByte;
  UnfitAction action = UnfitAction::kError;
  uint64_t values = 0;
  bool operator==(const UnfitCount&) const = default;
};

// "table shop.t, column v: 3 values with zero bytes were written as NULL".
std::string ToText(const UnfitCount& count);

// "bytes that are no text in charset gbk".
std::string WhatIsUnfit(Unfit why, const model::Column& column);

// What becomes of values that the target cannot hold: the one place that decides, for the copy and
// for changes. Nothing is done unseen: all is counted. Thread-safe.
class ValueRules {
 public:
  // By Unfit; errors by default.
  using Actions = std::array<UnfitAction, 4>;
  explicit ValueRules(Actions actions = {}) : actions_(actions) {}

  // What to do with a value of this column, other than kError: that is kFailedPrecondition, and
  // names table, column and row (`row`, as "id=17"; empty: it cannot be told). So is NULL for a
  // column that must not be NULL, and what is not `replaceable` as no value comes near it; and all
  // in a key, which would find the row of another value by what is written. `what`:
  // the value in words, where there are better ones than WhatIsUnfit's.
  base::StatusOr<UnfitAction> Meet(const model::Table& table, int column, Unfit why,
                                   absl::FunctionRef<std::string()> row, std::string_view what = {},
                                   bool replaceable = true);

  // By table and column. Rows that are read or written again count again.
  std::vector<UnfitCount> Counts() const;

 private:
  using Entry = std::tuple<model::TableName, std::string, Unfit>;

  const Actions actions_;
  mutable std::mutex mutex_;  // of what follows
  std::map<Entry, uint64_t> counts_;
};

// Why a table whose text is in a charset that nobody here reads cannot be written.
base::Status UnknownCharset(const model::Table& table, const model::Column& column,
                            std::string_view charset);

// "id=17, name='x'", for people, by the values of the identity's columns as text, of which some may
// not be known. Empty without an identity.
std::string NameOfRow(const model::Table& table,
                      absl::FunctionRef<std::optional<std::string_view>(size_t column)> value_of);

// The value as text in words for people: quoted, or as digits where it is not printable; cut off
// where it is long.
std::string ShownValue(std::string_view value);

}  // namespace godwit::connector
