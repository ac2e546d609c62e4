#pragma once

#include <string>
#include <string_view>

namespace godwit::wire::mysql {

// Takes a JSON string off `text`, from behind its opening quote up to and with the closing one, and
// appends what it stands for to `out`, in UTF-8. False: not well-formed.
bool TakeJsonString(std::string_view& text, std::string& out);

// Appends a JSON string that stands for `text`.
void AppendJsonString(std::string_view text, std::string& out);

}  // namespace godwit::wire::mysql
