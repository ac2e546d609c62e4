#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "connectors/mysql/from_postgres/postgres_expression.h"

namespace godwit::connectors::mysql {

enum class ValueKind : uint8_t {
  kNull,
  kBoolean,  // 0 or 1 on the target
  kInteger,
  kDecimal,
  kReal,  // of 32 bits
  kDouble,
  kText,
  kBytes,
  kDate,
  kTimestamp,    // DATETIME, of no time zone
  kTimestampTz,  // DATETIME in UTC
  kTime,
  kInterval,  // a literal
  kUuid,
  kEnum,
  kJson,
  kOther,  // known to be NULL or not, and no more
};

// By what text is compared on the target.
enum class TextOrder : uint8_t {
  kNone,   // nothing of its own: a literal
  kBytes,  // as PostgreSQL does for `=`
  kOther,
};

// A part of an expression on the target, and what is known of it.
struct ExpressionValue {
  std::string sql;
  ValueKind kind = ValueKind::kOther;
  bool is_literal = false;
  std::string literal;  // of a literal: its text, digits with a sign

  // Of kInteger and kDecimal: how many digits at most are before and after the point.
  int whole_digits = 0, decimals = 0;
  int fraction = 6;  // of times: digits of fractions of seconds

  // Of kText.
  TextOrder order = TextOrder::kNone;
  bool sorts_by_bytes = false;          // on PostgreSQL too: COLLATE "C"
  bool is_ascii = false;                // nothing else can be in it
  std::optional<uint32_t> most_length;  // in characters
  // character(n): PostgreSQL's value has blanks at its end, which its comparisons and length() pass
  // over and its casts to text take off; `sql` has none.
  bool padded = false;

  std::string enum_type;      // of kEnum
  bool is_condition = false;  // of kBoolean: the server takes it for one
};

// What all parts of an expression need to know.
struct ExpressionScope {
  const sql::postgres::Definition& table;
  ExpressionUse use = ExpressionUse::kCheck;
  sql::Flavour to = sql::Flavour::kMariaDb;
  const sql::TableDefinition& here;  // the table as the target has it
  std::vector<std::string> caveats;
  // How often a date is moved, by which it may come to be one that the target has not.
  int moves = 0;

  bool IsMySql() const { return to == sql::Flavour::kMySql; }
  void Warn(std::string caveat);
};

// The error for what is not translated: kUnimplemented.
inline base::Status NotTranslated(std::string what) { return base::Unimplemented("{}", what); }

ExpressionValue MakeValue(std::string sql, ValueKind kind);
ExpressionValue MakeCondition(std::string sql);
ExpressionValue MakeInteger(std::string sql, int whole_digits);
// Text made of `like`: of the same characters and the same collation. It is not padded.
ExpressionValue MakeText(std::string sql, const ExpressionValue& like);
ExpressionValue MakeTextLiteral(std::string text);
// A number of digits, with or without a sign and a point, that is an integer to PostgreSQL only
// where it has no point and fits in 64 bits.
base::StatusOr<ExpressionValue> MakeNumber(std::string digits);

// A string with its charset, so that the session's has no say.
std::string TextSql(std::string_view text);
// The collation that compares by bytes.
std::string BytesCollation(sql::Flavour to);

bool IsExact(ValueKind kind);  // kInteger or kDecimal

// Of values of which one is taken, or which are put together: what holds for all of them, without
// `sql`. An error: they are of kinds that the servers make one of in different ways.
base::StatusOr<ExpressionValue> OneOf(std::span<const ExpressionValue> values);

// A column in an expression, or what forbids it there.
base::StatusOr<ExpressionValue> ColumnValue(const ExpressionScope& scope, std::string_view name);

}  // namespace godwit::connectors::mysql
