#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace godwit::model {

enum class CellKind : uint8_t {
  kAbsent,  // the image does not hold this column
  kNull,
  kInt,
  kUint,  // unsigned integers, BIT, ENUM's index, SET's mask, YEAR
  kFloat,
  kDouble,
  kNumber,      // DECIMAL: its digits as text
  kText,        // temporal values, UUID and INET as text in the server's own notation
  kBytes,       // character data in the column's charset, binary, JSON, geometry
  kExpression,  // SQL in the target's dialect that makes the value, where its text would not
};

// One value of a row: 16 bytes, trivially copyable. Text and bytes are views into memory that the
// batch holding the row owns.
class Cell {
 public:
  static Cell Absent() { return Cell(CellKind::kAbsent); }
  static Cell Null() { return Cell(CellKind::kNull); }
  static Cell Int(int64_t v) { return Cell(CellKind::kInt, static_cast<uint64_t>(v)); }
  static Cell Uint(uint64_t v) { return Cell(CellKind::kUint, v); }
  static Cell Float(float v) { return Cell(CellKind::kFloat, Bits(static_cast<double>(v))); }
  static Cell Double(double v) { return Cell(CellKind::kDouble, Bits(v)); }
  static Cell Number(std::string_view v) { return Cell(CellKind::kNumber, v); }
  static Cell Text(std::string_view v) { return Cell(CellKind::kText, v); }
  static Cell Bytes(std::string_view v) { return Cell(CellKind::kBytes, v); }
  static Cell Expression(std::string_view v) { return Cell(CellKind::kExpression, v); }
  Cell() = default;

  CellKind kind() const { return kind_; }
  bool is_null() const { return kind_ == CellKind::kNull; }
  int64_t int_value() const { return static_cast<int64_t>(bits_); }
  uint64_t uint_value() const { return bits_; }
  double double_value() const {  // of kFloat and kDouble
    double v;
    std::memcpy(&v, &bits_, sizeof v);
    return v;
  }
  bool has_view() const { return kind_ >= CellKind::kNumber; }
  // NOLINTNEXTLINE(performance-no-int-to-ptr): one word holds either, to keep a cell at 16 bytes
  std::string_view view() const { return {reinterpret_cast<const char*>(bits_), size_}; }

  // The same kind and the same value, byte for byte.
  bool operator==(const Cell& o) const {
    if (kind_ != o.kind_) return false;
    return has_view() ? view() == o.view() : bits_ == o.bits_;
  }

 private:
  explicit Cell(CellKind kind, uint64_t bits = 0) : bits_(bits), kind_(kind) {}
  Cell(CellKind kind, std::string_view v)
      : bits_(reinterpret_cast<uint64_t>(v.data())),
        size_(static_cast<uint32_t>(v.size())),
        kind_(kind) {}
  static uint64_t Bits(double v) {
    uint64_t bits;
    std::memcpy(&bits, &v, sizeof bits);
    return bits;
  }

  uint64_t bits_ = 0;
  uint32_t size_ = 0;
  CellKind kind_ = CellKind::kAbsent;
};
static_assert(sizeof(Cell) == 16);

// The values of one row, one cell per column of its table.
using Row = std::span<const Cell>;

}  // namespace godwit::model
