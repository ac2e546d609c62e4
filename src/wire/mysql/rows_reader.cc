#include "wire/mysql/rows_reader.h"

#include <bit>

#include "wire/mysql/address.h"
#include "wire/mysql/decimal.h"
#include "wire/mysql/temporal.h"

namespace godwit::wire::mysql {

static_assert(kMostFormattedSize >= kDecimalTextSize);
static_assert(kMostFormattedSize >= kTemporalTextSize);
static_assert(kMostFormattedSize >= kAddressTextSize);

PresentColumns::PresentColumns(std::string_view bitmap, size_t count) : bitmap_(bitmap) {
  for (char byte : bitmap.substr(0, count / 8)) {
    present_ += static_cast<size_t>(std::popcount(static_cast<uint8_t>(byte)));
  }
  for (size_t column = count / 8 * 8; column < count; ++column) present_ += Has(column) ? 1 : 0;
  all_ = present_ == count;
}

size_t FormatValue(const RowLayout::Step& step, const char* in, char* out) {
  using Op = RowLayout::Op;
  switch (step.op) {
    case Op::kDecimal:
      return FormatDecimal(in, step.precision, step.digits, out);
    case Op::kDate:
      return FormatDate(in, out);
    case Op::kTime2:
      return FormatTime2(in, step.digits, out);
    case Op::kDateTime2:
      return FormatDateTime2(in, step.digits, out);
    case Op::kTimestamp2:
      return FormatTimestamp2(in, step.digits, out);
    case Op::kOldTime:
      return FormatOldTime(in, out);
    case Op::kOldDateTime:
      return FormatOldDateTime(in, out);
    case Op::kOldTimestamp:
      return FormatOldTimestamp(in, out);
    case Op::kHiresTime:
      return FormatHiresTime(in, step.digits, out);
    case Op::kHiresDateTime:
      return FormatHiresDateTime(in, step.digits, out);
    case Op::kHiresTimestamp:
      return FormatHiresTimestamp(in, step.digits, out);
    case Op::kUuid:
      return FormatUuid(in, out);
    case Op::kInet4:
      return FormatInet4(in, out);
    case Op::kInet6:
      return FormatInet6(in, out);
    default:
      return 0;
  }
}

}  // namespace godwit::wire::mysql
