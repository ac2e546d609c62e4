#pragma once

#include <cstddef>
#include <cstdint>

namespace godwit::wire::mysql {

inline constexpr int kMostDecimalDigits = 65;
inline constexpr int kMostDecimalScale = 38;
inline constexpr size_t kDecimalTextSize = kMostDecimalDigits + 3;  // sign, leading zero and point

// The bytes that a DECIMAL(precision, scale) takes in a row: its digits before and after the point
// in groups of nine of four bytes each, and a shorter group at either end.
size_t DecimalSize(int precision, int scale);

// Writes the value as the server prints it ("-0.50", "12") and gives the number of characters; 0
// for bytes that no decimal has. `in` holds DecimalSize bytes, `out` kDecimalTextSize.
size_t FormatDecimal(const char* in, int precision, int scale, char* out);

}  // namespace godwit::wire::mysql
