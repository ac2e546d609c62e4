#pragma once

#include <string>
#include <string_view>

namespace godwit::sql::postgres {

// The type to which a value of a column is cast so that nothing is cut off or rounded on the way:
// that of the column, as format_type writes it, without its modifier: "numeric" of "numeric(10,2)",
// "bpchar" of "character(5)", "bit varying" of "bit(3)", "timestamp without time zone[]" of
// "timestamp(3) without time zone[]". What does not fit is then an error of the assignment, but for
// digits of numbers and fractions of seconds.
std::string CastType(std::string_view type);

}  // namespace godwit::sql::postgres
