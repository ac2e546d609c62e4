#pragma once

#include <optional>
#include <string_view>
#include <vector>

// COPY's binary format. What a server writes is passed on as it is.
// https://www.postgresql.org/docs/current/sql-copy.html
namespace godwit::wire::postgres {

// What comes before the first row, and after the last.
inline constexpr std::string_view kCopyBinaryHead("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);
inline constexpr std::string_view kCopyBinaryEnd("\377\377", 2);

// Whether a COPY that begins with these bytes, of which there are eleven at least, is binary: its
// signature has bytes that no text in UTF-8 has.
bool IsCopyBinary(std::string_view begin);

// Whether a message of a binary COPY has a row, of which the server puts at most one into each. The
// first has the header before it, and the last nothing but the mark of the end.
bool HasBinaryRow(std::string_view message);

// The columns of the row in a message, which is borrowed: their bytes, and nothing for NULL. False:
// the message has no row, or is none.
bool ParseBinaryRow(std::string_view message, std::vector<std::optional<std::string_view>>& values);

}  // namespace godwit::wire::postgres
