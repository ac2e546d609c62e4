#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

// Values as the input functions of PostgreSQL's types read them.
namespace godwit::wire::postgres {

// No text has a zero byte: U+FFFD in the place of each.
void ReplaceZeros(std::string& text);

// Of bytea: "\x00ff".
void AppendBytea(std::string& out, std::string_view bytes);
// The same, to where there is room for ByteaSize.
constexpr size_t ByteaSize(std::string_view bytes) { return 2 + 2 * bytes.size(); }
void WriteBytea(char* to, std::string_view bytes);

// Of bit(n): its digits, the highest first. `bits` is up to 64.
void AppendBits(std::string& out, uint64_t value, unsigned bits);

}  // namespace godwit::wire::postgres
