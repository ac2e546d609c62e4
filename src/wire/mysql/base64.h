#pragma once

#include <string>
#include <string_view>

namespace godwit::wire::mysql {

// Appends the bytes that digits of base 64 stand for (RFC 4648); line feeds may stand between them.
// False: not well-formed.
bool AppendBase64Decoded(std::string_view text, std::string& out);

}  // namespace godwit::wire::mysql
