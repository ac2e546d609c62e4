#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sql/flavour.h"

namespace godwit::sql {

struct TranslatedExpression {
  std::string text;
  std::vector<std::string> unknown;   // what the other kind of server has not: "uuid_to_bin()"
  std::vector<std::string> patterns;  // by which regular expressions come in: "regexp_replace()"
};

// SQL of a server of the other kind (an expression, or the body of a view, trigger or routine, for
// the default SQL mode) as a server of kind `to` takes it: collations by their twins, and MySQL's
// -> and ->> as the functions that they stand for. Functions are looked up by name alone: what
// they compute from the same arguments is not compared.
TranslatedExpression TranslateExpression(std::string_view expression, Flavour to);

}  // namespace godwit::sql
