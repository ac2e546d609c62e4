#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "connectors/mysql/from_postgres/expression_type.h"

namespace godwit::connectors::mysql {

// An expression of PostgreSQL as a tree.
struct ExpressionNode {
  enum class Kind : uint8_t {
    kNull,
    kBoolean,  // "true", "false"
    kNumber,   // digits, without a sign
    kString,   // its text, of no type yet
    kBits,     // of B'101'
    kColumn,   // its name
    kCall,     // a function by its name as written, "lower" or "public.f"; arguments. Also what has
               // a syntax of its own: "extract" (field, value), "coalesce", "current_date"
    kOperator,  // "+"; one or two operands
    kAny,       // "=" of `x = ANY (y)`; x, y
    kAll,       // likewise
    kCast,      // operand; `type`
    kCase,      // [subject] {condition, value} [value]
    kArray,     // elements
    kIs,        // "NULL", "NOT NULL", "TRUE", ...; operand
    kCollate,   // the collation as written; operand
  };
  Kind kind = Kind::kNull;
  std::string text;
  PostgresType type;
  std::vector<ExpressionNode> children;
  bool has_subject = false, has_else = false;  // of kCase
};

// kUnimplemented names what is not known: "`OVERLAPS`".
base::StatusOr<ExpressionNode> ParsePostgresExpression(std::string_view text);

}  // namespace godwit::connectors::mysql
