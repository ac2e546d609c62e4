#pragma once

#include <optional>
#include <string>
#include <string_view>

// Numbers as text, as PostgreSQL and JSON write them: "-12.50", "1e+300", "NaN".
namespace godwit::connectors::mysql {

// Whether it begins as a number does, other than NaN and the infinite ones.
bool BeginsAsNumber(std::string_view text);

// A decimal number without an exponent, as it fits into `before` digits before the point and
// `after` behind it: zeros at its end that have no place are left out. Nothing: it does not fit, or
// is none.
std::optional<std::string_view> FitDecimalText(std::string_view text, unsigned before,
                                               unsigned after);

// The number of such digits that comes nearest. Nothing: `text` is neither a decimal number nor an
// infinite one.
std::optional<std::string> NearestDecimalText(std::string_view text, unsigned before,
                                              unsigned after);

// Appends the shortest text that is read as this double again.
void AppendShortest(std::string& out, double value);

// The double that `text`, a number with or without an exponent, is read as; nothing: it is none, or
// too large for one.
std::optional<double> ReadDouble(std::string_view text);

// Whether a double holds the number: no digit of it is lost when the double is shown.
bool IsHeldByDouble(std::string_view text);

// Whether MySQL's documents hold the numbers of this one, which is valid: as integers of 64 bits,
// or as doubles.
enum class JsonNumbers : unsigned char { kHeld, kRounded, kTooLarge };
JsonNumbers HeldNumbers(std::string_view json);

}  // namespace godwit::connectors::mysql
