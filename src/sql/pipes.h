#pragma once

#include <vector>

#include "sql/lexer.h"

namespace godwit::sql {

// Under the SQL mode PIPES_AS_CONCAT `||` joins texts, and binds closer than all operators of two
// sides (MySQL manual "Operator Precedence"); elsewhere it means OR. Writes CONCAT in its place.
void WritePipesAsConcat(std::vector<Token>& tokens);

}  // namespace godwit::sql
