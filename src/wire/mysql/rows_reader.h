#pragma once

#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "wire/mysql/digits.h"
#include "wire/mysql/inflate.h"
#include "wire/mysql/json_diff.h"
#include "wire/mysql/partial_rows.h"
#include "wire/mysql/row_layout.h"

namespace godwit::wire::mysql {

enum class RowImage : uint8_t { kBefore, kAfter };

// The columns that the images of one kind hold.
class PresentColumns {
 public:
  // `bitmap` has a bit for each of `count` columns, the first one lowest.
  PresentColumns(std::string_view bitmap, size_t count);

  size_t present() const { return present_; }
  bool all() const { return all_; }
  bool Has(size_t column) const {
    return (static_cast<uint8_t>(bitmap_[column / 8]) >> (column % 8) & 1) != 0;
  }
  size_t null_bytes() const { return (present_ + 7) / 8; }

 private:
  std::string_view bitmap_;
  size_t present_ = 0;
  bool all_ = false;
};

inline constexpr size_t kMostFormattedSize = 80;
inline constexpr size_t kMostPaddedSize = 255;

// Writes a value that travels as text to `out` (kMostFormattedSize bytes), and gives the number of
// characters; 0 for bytes that its type does not have. `in` holds step.fixed bytes, or, where the
// step has a length, as many as that.
size_t FormatValue(const RowLayout::Step& step, const char* in, char* out);

// Goes through the packed rows of one event, for DecodeRows (row_decoder.h), which says what a Sink
// is. Not thread-safe; borrows all that it is given.
template <class Sink>
class RowsReader {
 public:
  RowsReader(std::string_view rows, const RowLayout& layout, Sink& sink)
      : begin_(rows.data()),
        pos_(begin_),
        end_(begin_ + rows.size()),
        layout_(layout),
        sink_(sink) {}

  bool at_end() const { return pos_ == end_; }

  // One image. False when it does not fit; Failure() then says why.
  template <ImageForm form = ImageForm::kWhole>
  bool ReadImage(RowImage image, const PresentColumns& columns) {
    if constexpr (form == ImageForm::kBeforePartial)
      before_json_.assign(layout_.steps().size(), {});
    if constexpr (form == ImageForm::kAfterPartial) {
      if (!changes_.Read(layout_, pos_, end_)) return Fail(0, "head of a partial row cut off");
    }
    if (left() < columns.null_bytes()) return Fail(0, "null map cut off");
    const char* nulls = pos_;
    pos_ += columns.null_bytes();
    sink_.BeginRow(image);
    const RowLayout::Step* steps = layout_.steps().data();
    size_t count = layout_.steps().size();
    for (size_t column = 0, bit = 0; column < count; ++column) {
      [[maybe_unused]] bool is_change = false;
      if constexpr (form == ImageForm::kAfterPartial) {
        is_change = steps[column].op == Op::kJson && changes_.Next();
      }
      if (!columns.all() && !columns.Has(column)) {
        sink_.Absent(column);
        continue;
      }
      bool is_null = (static_cast<uint8_t>(nulls[bit / 8]) >> (bit % 8) & 1) != 0;
      ++bit;
      if (is_null) {
        sink_.Null(column);
        continue;
      }
      if constexpr (form == ImageForm::kBeforePartial) RememberJson(column, steps[column]);
      if constexpr (form == ImageForm::kAfterPartial) {
        if (is_change) {
          if (!ReadChanges(column, steps[column])) return false;
          continue;
        }
      }
      if (!ReadCell(column, steps[column])) {
        return false;
      }
    }
    sink_.EndRow();
    return true;
  }

  // Why ReadImage was false, or why there is something after the last row.
  base::Status Failure() const {
    return base::MakeStatus(failed_code_, "{}: column {}: {}, {} bytes into the rows of an event",
                            layout_.table(), layout_.ColumnLabel(failed_column_), problem_,
                            pos_ - begin_);
  }

 private:
  using Op = RowLayout::Op;
  using Step = RowLayout::Step;

  size_t left() const { return static_cast<size_t>(end_ - pos_); }

  bool Fail(size_t column, std::string_view problem) {
    failed_column_ = column;
    problem_ = problem;
    return false;
  }

  template <typename T>
  static T Load(const char* in) {
    T value;
    std::memcpy(&value, in, sizeof value);
    return value;
  }

  bool ReadCell(size_t column, const Step& step) {
    if (left() < step.fixed) return Fail(column, "value cut off");
    const char* in = pos_;
    switch (step.op) {
      case Op::kInt8:
        sink_.Int(column, Load<int8_t>(in));
        break;
      case Op::kInt16:
        sink_.Int(column, Load<int16_t>(in));
        break;
      case Op::kInt24:
        sink_.Int(column, static_cast<int32_t>(LoadLittle(in, 3) << 8) >> 8);
        break;
      case Op::kInt32:
        sink_.Int(column, Load<int32_t>(in));
        break;
      case Op::kInt64:
        sink_.Int(column, Load<int64_t>(in));
        break;
      case Op::kUint8:
        sink_.Uint(column, Load<uint8_t>(in));
        break;
      case Op::kUint16:
        sink_.Uint(column, Load<uint16_t>(in));
        break;
      case Op::kUint24:
        sink_.Uint(column, LoadLittle(in, 3));
        break;
      case Op::kUint32:
        sink_.Uint(column, Load<uint32_t>(in));
        break;
      case Op::kUint64:
        sink_.Uint(column, Load<uint64_t>(in));
        break;
      case Op::kFloat:
        sink_.Float(column, Load<float>(in));
        break;
      case Op::kDouble:
        sink_.Double(column, Load<double>(in));
        break;
      case Op::kBit:
        sink_.Uint(column, LoadBig(in, step.fixed));
        break;
      case Op::kYear:
        sink_.Uint(column, *in == 0 ? 0 : uint64_t{1900} + Load<uint8_t>(in));
        break;
      case Op::kLabels:
        sink_.Uint(column, LoadLittle(in, step.fixed));
        break;
      case Op::kBytes:
        return ReadBytes(column, step);
      default:
        return ReadFormatted(column, step);
    }
    pos_ += step.fixed;
    return true;
  }

  // The data behind a length of step.fixed bytes.
  bool TakeData(size_t column, const Step& step, std::string_view& data) {
    size_t size = LoadLittle(pos_, step.fixed);
    if (left() - step.fixed < size) return Fail(column, "value cut off");
    data = {pos_ + step.fixed, size};
    pos_ += step.fixed + size;
    return true;
  }

  bool ReadBytes(size_t column, const Step& step) {
    std::string_view data;
    if (!TakeData(column, step, data)) return false;
    sink_.Bytes(column, data);
    return true;
  }

  // Kept out of line, so that the common types stay in a small loop.
  [[gnu::noinline]] bool ReadFormatted(size_t column, const Step& step) {
    if (step.op == Op::kCompressed) return ReadCompressed(column, step);
    if (step.op == Op::kJson) return ReadJson(column, step);
    if (step.length > 0) return ReadPadded(column, step);
    char text[kMostFormattedSize];
    size_t size = FormatValue(step, pos_, text);
    if (size == 0) return Fail(column, "no value of its type");
    if (step.op == Op::kDecimal) {
      sink_.Number(column, {text, size});
    } else {
      sink_.Text(column, {text, size});
    }
    pos_ += step.fixed;
    return true;
  }

  bool ReadPadded(size_t column, const Step& step) {
    std::string_view data;
    if (!TakeData(column, step, data)) return false;
    if (data.size() > step.length) return Fail(column, "value longer than its type");
    if (step.op == Op::kPadded && data.size() == step.length) {
      sink_.Bytes(column, data);
      return true;
    }
    char full[kMostPaddedSize] = {};
    data.copy(full, data.size());
    if (step.op == Op::kPadded) {
      sink_.TransientBytes(column, {full, step.length});
    } else {
      char text[kMostFormattedSize];
      sink_.Text(column, {text, FormatValue(step, full, text)});
    }
    return true;
  }

  bool ReadCompressed(size_t column, const Step& step) {
    std::string_view packed;
    if (!TakeData(column, step, packed)) return false;
    auto data = InflateColumn(packed, inflated_);
    if (!data.ok()) return Fail(column, "compressed value corrupt");
    if (data->data() == inflated_.data()) {
      sink_.TransientBytes(column, *data);
    } else {
      sink_.Bytes(column, *data);
    }
    return true;
  }

  bool ReadJson(size_t column, const Step& step) {
    std::string_view data;
    if (!TakeData(column, step, data)) return false;
    if constexpr (JsonSink<Sink>) {
      sink_.Json(column, data);
      return true;
    } else {
      return Fail(column, "binary JSON, which nothing here takes");
    }
  }

  // Keeps what the changes in the after-image will be made to.
  void RememberJson(size_t column, const Step& step) {
    if (step.op != Op::kJson || left() < step.fixed) return;
    const size_t size = LoadLittle(pos_, step.fixed);
    if (size <= left() - step.fixed) before_json_[column] = {pos_ + step.fixed, size};
  }

  [[gnu::noinline]] bool ReadChanges(size_t column, const Step& step) {
    if (left() < step.fixed) return Fail(column, "value cut off");
    std::string_view changes;
    if (!TakeData(column, step, changes)) return false;
    if constexpr (JsonSink<Sink>) {
      if (before_json_[column].data() == nullptr) {
        failed_code_ = base::StatusCode::kFailedPrecondition;
        return Fail(column,
                    "the log holds changes of a JSON value, and not the value before them; set "
                    "binlog_row_image=FULL or binlog_row_value_options='' on the source");
      }
      inflated_.clear();
      if (!ApplyJsonDiffs(before_json_[column], changes, inflated_).ok())
        return Fail(column, "changes of a JSON value that do not fit the value before them");
      sink_.TransientJson(column, inflated_);
      return true;
    } else {
      return Fail(column, "binary JSON, which nothing here takes");
    }
  }

  const char* begin_;
  const char* pos_;
  const char* end_;
  const RowLayout& layout_;
  Sink& sink_;
  std::string inflated_;
  JsonChanges changes_;                        // of the after-image at hand
  std::vector<std::string_view> before_json_;  // by column; no data where there is none
  base::StatusCode failed_code_ = base::StatusCode::kDataLoss;
  size_t failed_column_ = 0;
  std::string_view problem_ = "bytes follow the last row";
};

}  // namespace godwit::wire::mysql
