#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace godwit::connectors::mysql {

// A token of an expression as PostgreSQL writes it (PostgreSQL manual, "Lexical Structure").
struct PostgresToken {
  enum class Kind : uint8_t {
    kEnd,
    kWord,      // keyword or name; `text` as written, which is lower case for names
    kName,      // in double quotes; `text` without them
    kString,    // `text` without quotes
    kBits,      // B'101'; likewise
    kNumber,    // without a sign
    kOperator,  // one or more of + - * / < > = ~ ! @ # % ^ & | ` ?
    kSymbol,    // one of ( ) [ ] , . and "::"
  };
  Kind kind = Kind::kEnd;
  std::string text;
  std::string raw;  // as written
};

// The tokens of `text`, with a kEnd last. Backslashes of strings are themselves
// (standard_conforming_strings, which Godwit's sessions set). kUnimplemented where a quote does not
// end and for other forms of strings.
base::StatusOr<std::vector<PostgresToken>> LexPostgres(std::string_view text);

}  // namespace godwit::connectors::mysql
