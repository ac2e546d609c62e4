#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <vector>

#include "wire/mysql/json_text.h"
#include "wire/mysql/row_decoder.h"

namespace godwit::wire::mysql {

// Renders cells as the expectation files in testdata have them.
struct RenderedRow {
  RowImage image = RowImage::kAfter;
  std::vector<std::string> cells;
};

class RenderingSink {
 public:
  void BeginRow(RowImage image) { rows.push_back({image, {}}); }
  void Absent(size_t column) { Add(column, "absent"); }
  void Null(size_t column) { Add(column, "\\N"); }
  void Int(size_t column, int64_t value) { Add(column, fmt::format("{}", value)); }
  void Uint(size_t column, uint64_t value) { Add(column, fmt::format("{}", value)); }
  void Float(size_t column, float value) {
    Add(column, fmt::format("{:.17e}", static_cast<double>(value)));
  }
  void Double(size_t column, double value) { Add(column, fmt::format("{:.17e}", value)); }
  void Number(size_t column, std::string_view digits) { Add(column, std::string(digits)); }
  void Text(size_t column, std::string_view text) { Add(column, std::string(text)); }
  void Bytes(size_t column, std::string_view bytes) { Add(column, Hex(bytes)); }
  void TransientBytes(size_t column, std::string_view bytes) { Add(column, Hex(bytes)); }
  void Json(size_t column, std::string_view document) { Add(column, JsonText(document)); }
  void TransientJson(size_t column, std::string_view document) { Add(column, JsonText(document)); }
  void EndRow() { ++ended; }

  static std::string JsonText(std::string_view document) {
    std::string text;
    return AppendJsonText(document, text).ok() ? text : "malformed JSON";
  }

  static std::string Hex(std::string_view bytes) {
    std::string hex;
    for (char byte : bytes) hex += fmt::format("{:02X}", static_cast<uint8_t>(byte));
    return hex;
  }

  std::vector<RenderedRow> rows;
  size_t ended = 0;

 private:
  void Add(size_t column, std::string cell) {
    if (column == rows.back().cells.size()) {
      rows.back().cells.push_back(std::move(cell));
    } else {
      rows.back().cells.push_back("column out of order");
    }
  }
};

}  // namespace godwit::wire::mysql
