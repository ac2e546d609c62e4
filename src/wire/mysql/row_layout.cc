#include "wire/mysql/row_layout.h"

#include "wire/mysql/address.h"
#include "wire/mysql/decimal.h"
#include "wire/mysql/temporal.h"

namespace godwit::wire::mysql {
namespace {

using Op = RowLayout::Op;
using Step = RowLayout::Step;
using Special = ColumnHint::Special;

constexpr uint16_t kBinaryCollation = 63;

Step Fixed(Op op, size_t size) { return {.op = op, .fixed = static_cast<uint8_t>(size)}; }

Step Integer(Op is_signed, Op is_unsigned, bool want_unsigned, size_t size) {
  return Fixed(want_unsigned ? is_unsigned : is_signed, size);
}

base::StatusOr<Step> Temporal(Op op, unsigned digits, size_t (*size)(int)) {
  if (digits > kMostFractionDigits) return base::FailedPrecondition("{} fraction digits", digits);
  Step step = Fixed(op, size(static_cast<int>(digits)));
  step.digits = static_cast<uint8_t>(digits);
  return step;
}

base::StatusOr<Step> Decimal(unsigned precision, unsigned scale) {
  if (precision == 0 || precision > kMostDecimalDigits || scale > precision ||
      scale > kMostDecimalScale) {
    return base::FailedPrecondition("DECIMAL({},{})", precision, scale);
  }
  Step step =
      Fixed(Op::kDecimal, DecimalSize(static_cast<int>(precision), static_cast<int>(scale)));
  step.precision = static_cast<uint8_t>(precision);
  step.digits = static_cast<uint8_t>(scale);
  return step;
}

base::StatusOr<Step> Packed(Op op, unsigned size) {
  if (size == 0 || size > 8) return base::FailedPrecondition("a value of {} bytes", size);
  return Fixed(op, size);
}

base::StatusOr<Step> Blob(Op op, unsigned length_size) {
  if (length_size == 0 || length_size > 4)
    return base::FailedPrecondition("a length of {} bytes", length_size);
  return Fixed(op, length_size);
}

size_t LengthSize(uint32_t most) { return most > 255 ? 2 : 1; }

// A CHAR or BINARY, or one of MariaDB's types that are BINARY in the log.
base::StatusOr<Step> String(const TableMapColumn& column, const ColumnHint& hint, bool is_binary) {
  auto special = [&column](Op op, size_t size) -> base::StatusOr<Step> {
    if (column.length != size)
      return base::FailedPrecondition("UUID or INET of {} bytes", column.length);
    return Step{.op = op, .fixed = 1, .length = column.length};
  };
  switch (hint.special) {
    case Special::kUuid:
      return special(Op::kUuid, kUuidSize);
    case Special::kInet4:
      return special(Op::kInet4, kInet4Size);
    case Special::kInet6:
      return special(Op::kInet6, kInet6Size);
    case Special::kNone:
      break;
  }
  Step step = Fixed(Op::kBytes, LengthSize(column.length));
  if (is_binary && column.length > 0) {
    if (column.length > 255) return base::FailedPrecondition("BINARY({})", column.length);
    step.op = Op::kPadded;
    step.length = column.length;
  }
  return step;
}

// A temporal column in the format before MariaDB 10.1: the log has the type, the definition the
// fraction digits.
base::StatusOr<Step> OldTemporal(Op without, size_t size, Op with, const ColumnHint& hint,
                                 size_t (*hires_size)(int)) {
  if (hint.fraction_digits == 0) return Fixed(without, size);
  return Temporal(with, hint.fraction_digits, hires_size);
}

size_t Time2Size(int digits) { return 3 + FractionSize(digits); }
size_t Timestamp2Size(int digits) { return 4 + FractionSize(digits); }
size_t DateTime2Size(int digits) { return 5 + FractionSize(digits); }

base::StatusOr<Step> StepFor(const TableMap& map, const TableMapColumn& column,
                             const ColumnHint& hint) {
  bool is_unsigned = map.has_signedness ? column.is_unsigned : hint.is_unsigned;
  bool is_binary = map.has_collations ? column.collation == kBinaryCollation : hint.is_binary;
  unsigned low = column.metadata & 0xff;
  unsigned high = column.metadata >> 8;
  switch (column.type) {
    case ColumnType::kTiny:
      return Integer(Op::kInt8, Op::kUint8, is_unsigned, 1);
    case ColumnType::kShort:
      return Integer(Op::kInt16, Op::kUint16, is_unsigned, 2);
    case ColumnType::kInt24:
      return Integer(Op::kInt24, Op::kUint24, is_unsigned, 3);
    case ColumnType::kLong:
      return Integer(Op::kInt32, Op::kUint32, is_unsigned, 4);
    case ColumnType::kLongLong:
      return Integer(Op::kInt64, Op::kUint64, is_unsigned, 8);
    case ColumnType::kFloat:
      return Fixed(Op::kFloat, 4);
    case ColumnType::kDouble:
      return Fixed(Op::kDouble, 8);
    case ColumnType::kNewDecimal:
      return Decimal(low, high);
    case ColumnType::kBit:
      return Packed(Op::kBit, high + (low > 0 ? 1 : 0));
    case ColumnType::kYear:
      return Fixed(Op::kYear, 1);
    case ColumnType::kEnum:
    case ColumnType::kSet:
      return Packed(Op::kLabels, column.length);
    case ColumnType::kDate:
    case ColumnType::kNewDate:
      return Fixed(Op::kDate, 3);
    case ColumnType::kTime2:
      return Temporal(Op::kTime2, low, Time2Size);
    case ColumnType::kDateTime2:
      return Temporal(Op::kDateTime2, low, DateTime2Size);
    case ColumnType::kTimestamp2:
      return Temporal(Op::kTimestamp2, low, Timestamp2Size);
    case ColumnType::kTime:
      return OldTemporal(Op::kOldTime, 3, Op::kHiresTime, hint, HiresTimeSize);
    case ColumnType::kDateTime:
      return OldTemporal(Op::kOldDateTime, 8, Op::kHiresDateTime, hint, HiresDateTimeSize);
    case ColumnType::kTimestamp:
      return OldTemporal(Op::kOldTimestamp, 4, Op::kHiresTimestamp, hint, HiresTimestampSize);
    case ColumnType::kString:
      return String(column, hint, is_binary);
    case ColumnType::kVarchar:
    case ColumnType::kVarString:
      return Fixed(Op::kBytes, LengthSize(column.length));
    case ColumnType::kVarcharCompressed:
      return Fixed(Op::kCompressed, LengthSize(column.length));
    case ColumnType::kTinyBlob:
    case ColumnType::kMediumBlob:
    case ColumnType::kLongBlob:
    case ColumnType::kBlob:
    case ColumnType::kGeometry:
    case ColumnType::kVector:
      return Blob(Op::kBytes, low);
    case ColumnType::kJson:
      return Blob(Op::kJson, low);
    case ColumnType::kTypedArray:
      return base::FailedPrecondition("the hidden column of a multi-valued index");
    case ColumnType::kBlobCompressed:
      return Blob(Op::kCompressed, low);
    default:
      return base::FailedPrecondition(
          "type {} (a DECIMAL older than MySQL 5.0, or one that is not known)", column.real_type);
  }
}

}  // namespace

base::StatusOr<RowLayout> RowLayout::Compile(const TableMap& map,
                                             std::span<const ColumnHint> hints) {
  RowLayout layout;
  layout.table_ = map.schema + "." + map.table;
  if (hints.size() != map.columns.size()) {
    return base::InvalidArgument("{}: {} column hints for a table map of {} columns", layout.table_,
                                 hints.size(), map.columns.size());
  }
  if (map.has_names) {
    for (const TableMapColumn& column : map.columns) layout.names_.push_back(column.name);
  }
  layout.steps_.reserve(hints.size());
  for (size_t i = 0; i < hints.size(); ++i) {
    auto step = StepFor(map, map.columns[i], hints[i]);
    if (!step.ok()) {
      return base::Annotate(step.status(), fmt::format("{}: column {} cannot be decoded",
                                                       layout.table_, layout.ColumnLabel(i)));
    }
    layout.steps_.push_back(*step);
  }
  return layout;
}

std::string RowLayout::ColumnLabel(size_t column) const {
  return column < names_.size() ? names_[column] : fmt::format("{}", column + 1);
}

}  // namespace godwit::wire::mysql
