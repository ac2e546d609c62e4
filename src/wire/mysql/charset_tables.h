#pragma once

#include <string_view>

// What bytes mean in the servers' charsets, where the C library has no such charset, or another one
// of the name.
namespace godwit::wire::mysql {

// The characters of the bytes from 0x80 of a charset with one byte per character, those below being
// ASCII; U+FFFD: none. Empty: it is no such charset.
std::u16string_view UpperHalfOf(std::string_view charset);

// Of big5: the characters of C6A1 to C6FE, C740 to C77E and C7A1 to C7FC.
std::u16string_view Big5Rows();

}  // namespace godwit::wire::mysql
