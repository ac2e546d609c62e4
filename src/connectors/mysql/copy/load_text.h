#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/table.h"

namespace godwit::connectors::mysql {

// The format that LOAD DATA reads by default: fields end with tabs, rows with newlines, backslash
// escapes, \N is NULL. https://mariadb.com/kb/en/load-data-infile/

// Appends the bytes of one field, escaped.
void AppendEscapedField(std::string& out, std::string_view bytes);

// The fields of a row as they are written, escapes and all (tabs inside of them are escaped).
std::vector<std::string_view> RawFields(std::string_view row);
inline constexpr std::string_view kNullField = "\\N";

// Appends what such a field stands for, which is not NULL.
void AppendUnescapedField(std::string& out, std::string_view field);

// The same of a large field, in pieces. `field` is borrowed.
class UnescapedPieces {
 public:
  static constexpr size_t kPieceBytes = 1 << 20;

  explicit UnescapedPieces(std::string_view field) : rest_(field) {}
  // The next piece, of at most kPieceBytes; empty: that was all. Valid until the next call.
  std::string_view Next();

 private:
  std::string_view rest_;
  std::string piece_;
};

// Splits rows written in this format again. `row` is one row without its newline; each field is
// given unescaped, or nothing for NULL.
class LoadTextFields {
 public:
  explicit LoadTextFields(std::string_view row) : rest_(row) {}
  // False at the end of the row. `field` holds the bytes; `is_null` says whether it is NULL.
  bool Next(std::string& field, bool& is_null);

 private:
  std::string_view rest_;
  bool at_end_ = false;
};

// Cuts the first row off `rows`, which holds whole rows; false when it is empty.
bool CutRow(std::string_view& rows, std::string_view& row);

}  // namespace godwit::connectors::mysql
