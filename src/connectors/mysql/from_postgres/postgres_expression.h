#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "sql/definition.h"
#include "sql/flavour.h"
#include "sql/postgres/definition.h"

// Expressions of PostgreSQL in MySQL's or MariaDB's SQL, where they surely mean the same for all
// values of the columns' types as from_postgres.h maps them. Comparisons by collations, casts that
// round or fail otherwise, and what else differs is not translated.
namespace godwit::connectors::mysql {

// Where the expression stands. Each forbids something else.
enum class ExpressionUse : uint8_t {
  kDefault,    // after DEFAULT, with the parentheses around it that it needs
  kGenerated,  // in GENERATED ALWAYS AS (...)
  kCheck,      // in CHECK (...)
  kKey,        // in the parentheses of a part of an index
};

struct ExpressionContext {
  // The column that gets the value, which has to be one that it holds unchanged. To be given for
  // kDefault and kGenerated; else nullptr.
  const sql::postgres::ColumnDefinition* column = nullptr;
  // The table as the target is to have it, with its columns and charset. Of a column whose type is
  // not the mapping's (by a cast) only what its type holds unchanged is understood. Always to be
  // given.
  const sql::TableDefinition* here = nullptr;
  // Gets in words by what the expression may differ after all: "its default becomes UUID(): ...".
  std::vector<std::string>* caveats = nullptr;
};

// `text` as pg_get_expr writes it: a column's default or generated expression, what stands in
// CHECK (...) of pg_get_constraintdef, an expression of pg_get_indexdef.
//
// kUnimplemented says what is not translated, in words for a note: "the function soundex()".
// Defaults that are literals are not for here: what they are goes by the column's type.
base::StatusOr<std::string> FromPostgresExpression(std::string_view text,
                                                   const sql::postgres::Definition& table,
                                                   ExpressionUse use, sql::Flavour to,
                                                   const ExpressionContext& context);

}  // namespace godwit::connectors::mysql
