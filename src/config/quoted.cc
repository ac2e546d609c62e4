#include "config/quoted.h"

#include <absl/strings/escaping.h>
#include <fmt/format.h>

namespace godwit::config {

std::string Quoted(std::string_view text) {
  constexpr size_t kMost = 60;
  std::string_view more = text.size() > kMost ? "..." : "";
  text = text.substr(0, kMost);
  return fmt::format("'{}{}'", absl::Utf8SafeCEscape({text.data(), text.size()}), more);
}

}  // namespace godwit::config
