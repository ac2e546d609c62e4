#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "connectors/postgres/from_mysql/from_mysql_types.h"
#include "sql/flavour.h"

// Expressions of MySQL in PostgreSQL's SQL, where they are surely the same: coercions between text
// and numbers, comparisons by collations, division and what else differs is not translated.
namespace godwit::connectors::postgres {

enum class ValueType : uint8_t {
  kNull,
  kBoolean,  // a number to MySQL: 0 or 1
  kInteger,  // of PostgreSQL's integer types
  kDecimal,  // numeric
  kDouble,   // double precision
  kText,
  kDate,
  kDateTime,  // timestamp without time zone
  kTime,
  kJson,   // jsonb
  kOther,  // known to be NULL or not, and no more
};

struct Expression {
  std::string sql;
  ValueType type = ValueType::kOther;
  TextComparison comparison = TextComparison::kOther;  // of kText
  bool is_literal = false;
  std::string value;      // of a literal: a string's text, a number's digits
  std::string charset;    // of kText
  bool is_ascii = false;  // of kText: no other characters can be in it
  // By what it may differ after all.
  std::vector<std::string> caveats;
};

// Which form columns have: a generated column cannot be made of another, so that there its
// expression stands for it.
enum class GeneratedColumns : uint8_t { kByName, kByExpression };

// An error says what is not translated, in words for a note: "the function soundex()".
base::StatusOr<Expression> TranslateMysqlExpression(
    std::string_view text, sql::Flavour flavour, std::span<const PlannedColumn> columns,
    GeneratedColumns generated = GeneratedColumns::kByName);

// What the values of a column are in expressions.
ValueType TypeOf(const PlannedColumn& column);

// As a condition: true, false or NULL.
std::string AsCondition(const Expression& expression);

// As a value of that column, which its assignment does not change.
base::StatusOr<std::string> AssignTo(const PlannedColumn& column, const Expression& expression);

}  // namespace godwit::connectors::postgres
