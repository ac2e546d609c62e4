#pragma once

#include <string>
#include <string_view>

#include "base/status.h"
#include "wire/mysql/json_value.h"

namespace godwit::wire::mysql {

// Appends a document (json_value.h) as the server prints it with CAST(j AS CHAR), in utf8mb4: the
// same text to the byte, members in the order in which they are stored. kDataLoss: malformed;
// `out` then ends with a part of it.
base::Status AppendJsonText(std::string_view document, std::string& out);

// The text of an opaque value that a number or a string prints as: DECIMAL's digits, or a date or
// time with six fraction digits. Empty for other types; false: malformed.
bool FormatJsonOpaque(uint8_t type, std::string_view content, std::string& out);

}  // namespace godwit::wire::mysql
