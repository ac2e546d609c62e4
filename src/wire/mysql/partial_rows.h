#pragma once

#include <cstdint>
#include <string_view>

#include "wire/mysql/row_layout.h"

// What rows of MySQL's logs have and MariaDB's have not: binary JSON, whole or as changes.
namespace godwit::wire::mysql {

// What takes binary JSON, as MySQL's logs have it: the bytes as in json_value.h, or those that an
// update's changes made. The former live as long as the event, the latter end with the call.
template <class S>
concept JsonSink = requires(S sink, size_t column, std::string_view view) {
  sink.Json(column, view);
  sink.TransientJson(column, view);
};

// Which images of a row stand in an event, and how.
enum class ImageForm : uint8_t {
  kWhole,
  kBeforePartial,  // whole, and what the after-image's changes are made to
  kAfterPartial,   // with changes in place of some JSON values
};

// What an after-image of a Partial_update_rows event begins with: a length-encoded number whose
// lowest bit says that a bit map follows, with a bit for each JSON column of the table, set where
// the image holds changes in place of a value.
class JsonChanges {
 public:
  // Moves `pos` behind it. False: cut off, or options that are not known.
  bool Read(const RowLayout& layout, const char*& pos, const char* end);
  // Whether the next JSON column, present or not, is one with changes.
  bool Next() {
    if (bit_ >= 8 * bits_.size()) return false;
    const bool set = (static_cast<uint8_t>(bits_[bit_ / 8]) >> (bit_ % 8) & 1) != 0;
    ++bit_;
    return set;
  }

 private:
  std::string_view bits_;
  size_t bit_ = 0;
};

}  // namespace godwit::wire::mysql
