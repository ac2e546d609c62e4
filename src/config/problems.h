#pragma once

#include <absl/status/status.h>
#include <fmt/format.h>

#include <array>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace godwit::config {

// A place in a file; line and column count from 1.
struct FilePlace {
  int line = 1;
  int column = 1;
  int file = 0;  // 1: the second one that Problems was given
  bool operator<(const FilePlace& other) const {
    return std::tie(file, line, column) < std::tie(other.file, other.line, other.column);
  }
};

// Collects what is wrong with a file, or with two that belong together, and what is merely worth
// saying. Not thread-safe.
class Problems {
 public:
  explicit Problems(std::string file_name, std::string second_file = "")
      : file_names_{std::move(file_name), std::move(second_file)} {}

  template <typename... Args>
  void Error(FilePlace place, fmt::format_string<Args...> format, Args&&... args) {
    errors_.push_back({place, fmt::format(format, std::forward<Args>(args)...)});
  }
  template <typename... Args>
  void Warn(FilePlace place, fmt::format_string<Args...> format, Args&&... args) {
    warnings_.push_back({place, fmt::format(format, std::forward<Args>(args)...)});
  }

  const std::string& file_name() const { return file_names_[0]; }
  // Of a file that is read elsewhere than where it was written: it has no folder to start from.
  void RefuseRelativePaths() { relative_paths_ = false; }
  bool relative_paths() const { return relative_paths_; }
  // OK, or kInvalidArgument with the errors in the order of the files, one "file:line:column:
  // message" a line.
  absl::Status ToStatus() const;
  // Likewise in order and form.
  std::vector<std::string> Errors() const { return InOrder(errors_); }
  std::vector<std::string> Warnings() const { return InOrder(warnings_); }

 private:
  struct Problem {
    FilePlace place;
    std::string message;
  };
  std::vector<std::string> InOrder(std::vector<Problem> problems) const;

  std::array<std::string, 2> file_names_;
  bool relative_paths_ = true;
  std::vector<Problem> errors_;
  std::vector<Problem> warnings_;
};

}  // namespace godwit::config
