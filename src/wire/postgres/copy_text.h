#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace godwit::wire::postgres {

// Takes a row of COPY's text format apart: columns separated by tabs, \N for NULL, backslash
// escapes. https://www.postgresql.org/docs/current/sql-copy.html
class CopyTextRow {
 public:
  // `line` with or without its newline. Views live until the next call, and as long as `line`.
  const std::vector<std::optional<std::string_view>>& Parse(std::string_view line);

 private:
  std::string unescaped_;
  std::vector<std::optional<std::string_view>> values_;
};

// Appends a value as a field of that format.
void AppendCopyField(std::string& out, std::string_view value);

// Whether all of `value` is plain ASCII, which is a field as it stands.
bool IsPlainCopyField(std::string_view value);

}  // namespace godwit::wire::postgres
