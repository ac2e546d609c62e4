#pragma once

#include <absl/status/status.h>
#include <fmt/format.h>

#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace godwit::config {

// A place in a file; both count from 1.
struct FilePlace {
  int line = 1;
  int column = 1;
  bool operator<(const FilePlace& other) const {
    return std::tie(line, column) < std::tie(other.line, other.column);
  }
};

// Collects what is wrong with a file, and what is merely worth saying. Not thread-safe.
class Problems {
 public:
  explicit Problems(std::string file_name) : file_name_(std::move(file_name)) {}

  template <typename... Args>
  void Error(FilePlace place, fmt::format_string<Args...> format, Args&&... args) {
    errors_.push_back({place, fmt::format(format, std::forward<Args>(args)...)});
  }
  template <typename... Args>
  void Warn(FilePlace place, fmt::format_string<Args...> format, Args&&... args) {
    warnings_.push_back({place, fmt::format(format, std::forward<Args>(args)...)});
  }

  const std::string& file_name() const { return file_name_; }
  // OK, or kInvalidArgument with the errors in the order of the file, one "file:line:column:
  // message" a line.
  absl::Status ToStatus() const;
  std::vector<std::string> Warnings() const;  // likewise in order and form

 private:
  struct Problem {
    FilePlace place;
    std::string message;
  };
  std::vector<std::string> InOrder(std::vector<Problem> problems) const;

  std::string file_name_;
  std::vector<Problem> errors_;
  std::vector<Problem> warnings_;
};

}  // namespace godwit::config
