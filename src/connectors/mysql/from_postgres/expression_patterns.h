#pragma once

#include <string>
#include <string_view>

#include "connectors/mysql/from_postgres/expression_value.h"

namespace godwit::connectors::mysql {

// text ~~ 'pattern' (LIKE), text ~ 'regular expression', and their negations (!~~, !~).
base::StatusOr<ExpressionValue> Matched(const ExpressionValue& text, std::string_view op,
                                        const ExpressionValue& pattern,
                                        const ExpressionScope& scope);

// A regular expression of PostgreSQL as ICU (MySQL) and PCRE (MariaDB) read it: characters, sets of
// ASCII ones, groups, alternatives and counts. kUnimplemented of all that depends on a locale, or
// that they read in other ways.
base::StatusOr<std::string> TranslateRegex(std::string_view regex);

}  // namespace godwit::connectors::mysql
