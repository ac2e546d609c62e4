#pragma once

#include <absl/status/statusor.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/table_filter.h"
#include "model/table.h"

// Which type columns get on a target of another kind where that is not to be the usual one.
namespace godwit::config {

// A type as a rule names it: what is left open matches anything. "int" is INT with and without
// UNSIGNED, "int unsigned" only the latter; "tinyint(1)" only that of this width. PostgreSQL's
// "integer" is "int", its "timestamp without time zone" "timestamp", and so on.
struct TypePattern {
  std::string name;  // the server's own, in lower case: "tinyint", "varchar", "shop.mood", "int[]"
  std::optional<uint32_t> length;
  std::optional<uint32_t> decimals;
  bool is_unsigned = false;

  // kInvalidArgument with what is wrong.
  static absl::StatusOr<TypePattern> Parse(std::string_view text);
  bool Matches(const TypePattern& type) const;
  bool operator==(const TypePattern&) const = default;
};

// One rule. It names a column ("shop.t.c"), or else a type, and that everywhere or in some tables.
struct CastRule {
  model::TableName column_table;
  std::string column;
  std::optional<TypePattern> type;
  std::optional<TablePattern> table;
  std::string to;  // a type of the target, in its own words

  // "shop.t.c", "tinyint(1) in shop.*": what it is about, for messages.
  std::string About() const;
  // What a message begins with that says what comes of it.
  std::string Said() const;
  bool operator==(const CastRule& other) const {
    return About() == other.About() && to == other.to;
  }
};

// What to do about a rule where a column's values become no other types than these.
std::string RemedyOfCast(std::span<const std::string_view> types);

struct Casts {
  std::vector<CastRule> rules;

  // The rule for a column of that type; null where there is none. One that names the column goes
  // before those that name tables, and these before those of a type alone; of equals the first.
  const CastRule* Find(const model::TableName& table, std::string_view column,
                       const TypePattern& type) const;
  bool operator==(const Casts&) const = default;
};

}  // namespace godwit::config
