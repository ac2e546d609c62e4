#pragma once

#include <string>
#include <string_view>

namespace godwit::config {

// `text` in single quotes, on one line, with control characters escaped and a long one cut short.
std::string Quoted(std::string_view text);

}  // namespace godwit::config
