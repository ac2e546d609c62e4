#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "sql/flavour.h"

namespace godwit::sql {

// The server's flavour and the settings of the session that sent a statement, as far as they change
// how its text is read.
struct ParseOptions {
  std::string default_schema;  // what unqualified table names belong to
  Flavour flavour = Flavour::kMariaDb;
  bool ansi_quotes = false;
  bool no_backslash_escapes = false;
  bool pipes_as_concat = false;
  bool real_as_float = false;
  bool oracle_types = false;           // sql_mode ORACLE: VARCHAR2, NUMBER, CLOB; DATE has a time
  bool timestamp_is_datetime = false;  // sql_mode MAXDB
  bool bracket_quotes = false;         // sql_mode MSSQL: [a b] is a name
  bool explicit_defaults_for_timestamp = true;  // off: a TIMESTAMP without NULL is NOT NULL
  bool lower_case_names = false;                // lower_case_table_names is not 0
  std::string default_collation_for_utf8mb4;    // MySQL's; empty: the server's own
  // As in version comments: 101100 is MariaDB 10.11.0, 90704 MySQL 9.7.4. 0: the newest known here.
  uint32_t server_version = 0;
};

enum class TokenKind : uint8_t {
  kEnd,
  kWord,        // keyword or unquoted identifier
  kIdentifier,  // quoted identifier
  kString,
  kNumber,    // also hexadecimal and bit literals
  kVariable,  // @name, @@name
  kSymbol,    // one character
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  bool gap = false;      // white space or a comment stands before it
  size_t offset = 0;     // in the statement, in bytes
  std::string_view raw;  // as written; a view into the statement
  std::string value;     // of kIdentifier and kString: what the quotes and escapes stand for
};

// Whether the character can stand in an unquoted name.
bool IsWordCharacter(char c);

// The tokens of `text` with a kEnd token last. Comments are left out; version comments (`/*!`,
// `/*!NNNNN`, `/*M!NNNNNN`) are entered or left out as a server of that flavour and version does:
// MariaDB leaves out MySQL's own, 50700 to 99999, and MySQL all that begin with `/*M!` (MariaDB KB
// "Comment Syntax", MySQL manual "Comments"). The tokens view into
// `text`, which must be in UTF-8. kInvalidArgument where a quote or a comment does not end.
base::StatusOr<std::vector<Token>> Lex(std::string_view text, const ParseOptions& options);

// The tokens as text again, to be read under the default SQL mode: identifiers in backticks,
// strings in single quotes, one blank where there was a gap, no comments.
std::string Render(std::span<const Token> tokens);

}  // namespace godwit::sql
