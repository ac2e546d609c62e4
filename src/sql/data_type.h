#pragma once

#include <string_view>

#include "base/status.h"
#include "sql/definition.h"
#include "sql/token_cursor.h"

namespace godwit::sql {

// What is fixed about a type by its name. MariaDB KB "Data Types".
struct TypeTraits {
  std::string_view name;  // as SHOW CREATE TABLE writes it
  model::TypeKind kind;
  uint8_t bytes = 0;            // of integers
  uint32_t default_length = 0;  // written where the user gives none; 0: nothing is
  uint32_t default_unsigned_length = 0;
};

// Null for a name that is no type's.
const TypeTraits* FindType(std::string_view name);

// Whether values of the type have a character set.
bool IsCharacterType(const DataType& type);

// Whether a type is written with a length where the user gives none, or with the one that he gives:
// MySQL has no display widths of integers any more, except where they show zeroes or a BOOLEAN.
bool HasLength(const DataType& type, Flavour flavour);

struct ParsedType {
  DataType type;
  bool serial = false;  // SERIAL: also NOT NULL AUTO_INCREMENT UNIQUE
  bool json = false;    // JSON of MariaDB: longtext with a check
};

// Reads a type with its length, labels and charset attributes that belong to its name (NCHAR); the
// attributes that may stand between others (UNSIGNED, CHARACTER SET) are the column's parser's.
base::StatusOr<ParsedType> ParseType(TokenCursor& cursor);

}  // namespace godwit::sql
