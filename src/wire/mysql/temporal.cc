#include "wire/mysql/temporal.h"

#include <array>

#include "wire/mysql/digits.h"

namespace godwit::wire::mysql {
namespace {

constexpr size_t kInvalid = 0;

struct Date {
  uint32_t year = 0, month = 0, day = 0;
};
struct Time {
  uint32_t hour = 0, minute = 0, second = 0;
};

// Zero months and days, and days that the month does not have, are values too (SQL modes permit
// them).
bool Valid(const Date& d) { return d.year <= 9999 && d.month <= 12 && d.day <= 31; }
bool Valid(const Time& t, uint32_t most_hours) {
  return t.hour <= most_hours && t.minute <= 59 && t.second <= 59;
}
constexpr uint32_t kHoursOfDay = 23;
constexpr uint32_t kHoursOfTime = 838;

char* Write(char* out, const Date& d) {
  out = WriteTwo(out, d.year / 100);
  out = WriteTwo(out, d.year % 100);
  *out++ = '-';
  out = WriteTwo(out, d.month);
  *out++ = '-';
  return WriteTwo(out, d.day);
}

char* Write(char* out, const Time& t) {
  if (t.hour >= 100) {
    out = WriteFixed(out, t.hour, 3);
  } else {
    out = WriteTwo(out, t.hour);
  }
  *out++ = ':';
  out = WriteTwo(out, t.minute);
  *out++ = ':';
  return WriteTwo(out, t.second);
}

// `fraction` in units of the last of `digits` digits.
char* WriteFraction(char* out, uint32_t fraction, int digits) {
  if (digits == 0) return out;
  *out++ = '.';
  return WriteFixed(out, fraction, digits);
}

size_t FormatDateTime(const Date& date, const Time& time, uint32_t fraction, int digits,
                      char* out) {
  if (!Valid(date) || !Valid(time, kHoursOfDay) ||
      fraction >= kPowersOfTen[static_cast<size_t>(digits)]) {
    return kInvalid;
  }
  char* at = Write(out, date);
  *at++ = ' ';
  at = Write(at, time);
  return static_cast<size_t>(WriteFraction(at, fraction, digits) - out);
}

size_t FormatTime(bool negative, const Time& time, uint32_t fraction, int digits, char* out) {
  if (!Valid(time, kHoursOfTime) || fraction >= kPowersOfTen[static_cast<size_t>(digits)])
    return kInvalid;
  char* at = out;
  if (negative) *at++ = '-';
  at = Write(at, time);
  return static_cast<size_t>(WriteFraction(at, fraction, digits) - out);
}

// The day of the proleptic Gregorian calendar that is `days` after 1970-01-01, by eras of 400 years
// that begin in March.
Date CivilDate(uint32_t days) {
  constexpr uint32_t kDaysToEpoch = 719468, kDaysPerEra = 146097;
  uint32_t z = days + kDaysToEpoch;
  uint32_t era = z / kDaysPerEra;
  uint32_t day_of_era = z % kDaysPerEra;
  uint32_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  uint32_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  uint32_t month_from_march = (5 * day_of_year + 2) / 153;
  Date date;
  date.day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
  date.month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
  date.year = era * 400 + year_of_era + (date.month <= 2 ? 1 : 0);
  return date;
}

size_t FormatUnixTime(uint32_t seconds, uint32_t fraction, int digits, char* out) {
  // The server's zero timestamp is no time at all.
  if (seconds == 0 && fraction == 0) return FormatDateTime({}, {}, 0, digits, out);
  uint32_t of_day = seconds % 86400;
  Time time{of_day / 3600, of_day / 60 % 60, of_day % 60};
  return FormatDateTime(CivilDate(seconds / 86400), time, fraction, digits, out);
}

// The stored fraction has an even number of digits; an odd column's last one is always zero.
uint32_t ColumnFraction(uint64_t stored, int digits) {
  return static_cast<uint32_t>(digits % 2 == 0 ? stored : stored / 10);
}

Time UnpackTime(uint64_t bits) {
  return {static_cast<uint32_t>(bits >> 12), static_cast<uint32_t>(bits >> 6 & 63),
          static_cast<uint32_t>(bits & 63)};
}

constexpr std::array<size_t, 7> kHiresTimeSizes = {3, 4, 4, 5, 5, 5, 6};
constexpr std::array<size_t, 7> kHiresDateTimeSizes = {5, 6, 6, 7, 7, 7, 8};
constexpr std::array<size_t, 7> kHiresFractionSizes = {0, 1, 1, 2, 2, 3, 3};

}  // namespace

size_t FormatDate(const char* in, char* out) {
  auto bits = static_cast<uint32_t>(LoadLittle(in, 3));
  Date date{bits >> 9, bits >> 5 & 15, bits & 31};
  if (!Valid(date)) return kInvalid;
  return static_cast<size_t>(Write(out, date) - out);
}

size_t FractionSize(int digits) { return static_cast<size_t>(digits + 1) / 2; }

size_t FormatTime2(const char* in, int digits, char* out) {
  size_t fraction_bits = 8 * FractionSize(digits);
  auto value = static_cast<int64_t>(LoadBig(in, 3 + FractionSize(digits)));
  value -= int64_t{0x800000} << fraction_bits;
  bool negative = value < 0;
  auto magnitude = static_cast<uint64_t>(negative ? -value : value);
  uint64_t fraction = magnitude & ((uint64_t{1} << fraction_bits) - 1);
  return FormatTime(negative, UnpackTime(magnitude >> fraction_bits),
                    ColumnFraction(fraction, digits), digits, out);
}

size_t FormatDateTime2(const char* in, int digits, char* out) {
  constexpr uint64_t kOffset = 0x8000000000;
  constexpr uint32_t kMonthsPerYear = 13;  // months are counted from 0
  uint64_t value = LoadBig(in, 5);
  if (value < kOffset) return kInvalid;
  value -= kOffset;
  auto months = static_cast<uint32_t>(value >> 22);
  Date date{months / kMonthsPerYear, months % kMonthsPerYear,
            static_cast<uint32_t>(value >> 17 & 31)};
  uint64_t fraction = LoadBig(in + 5, FractionSize(digits));
  return FormatDateTime(date, UnpackTime(value & 0x1ffff), ColumnFraction(fraction, digits), digits,
                        out);
}

size_t FormatTimestamp2(const char* in, int digits, char* out) {
  auto seconds = static_cast<uint32_t>(LoadBig(in, 4));
  uint64_t fraction = LoadBig(in + 4, FractionSize(digits));
  return FormatUnixTime(seconds, ColumnFraction(fraction, digits), digits, out);
}

size_t FormatOldTime(const char* in, char* out) {
  auto value = static_cast<int32_t>(LoadLittle(in, 3) << 8) >> 8;  // sign of the 24th bit
  auto magnitude = static_cast<uint32_t>(value < 0 ? -value : value);
  Time time{magnitude / 10000, magnitude / 100 % 100, magnitude % 100};
  return FormatTime(value < 0, time, 0, 0, out);
}

size_t FormatOldDateTime(const char* in, char* out) {
  constexpr uint64_t kMillion = 1'000'000;
  uint64_t value = LoadLittle(in, 8);
  if (value / kMillion > 9999'99'99) return kInvalid;
  auto days = static_cast<uint32_t>(value / kMillion);
  auto clock = static_cast<uint32_t>(value % kMillion);
  Date date{days / 10000, days / 100 % 100, days % 100};
  Time time{clock / 10000, clock / 100 % 100, clock % 100};
  return FormatDateTime(date, time, 0, 0, out);
}

size_t FormatOldTimestamp(const char* in, char* out) {
  return FormatUnixTime(static_cast<uint32_t>(LoadLittle(in, 4)), 0, 0, out);
}

size_t HiresTimeSize(int digits) { return kHiresTimeSizes[static_cast<size_t>(digits)]; }
size_t HiresDateTimeSize(int digits) { return kHiresDateTimeSizes[static_cast<size_t>(digits)]; }
size_t HiresTimestampSize(int digits) {
  return 4 + kHiresFractionSizes[static_cast<size_t>(digits)];
}

size_t FormatHiresTime(const char* in, int digits, char* out) {
  // Stored with the smallest value that a TIME cannot have as zero.
  constexpr int64_t kZero = (int64_t{838} * 60 + 59) * 60 + 59 + 1;
  auto unit = static_cast<int64_t>(kPowersOfTen[static_cast<size_t>(digits)]);
  int64_t value = static_cast<int64_t>(LoadBig(in, HiresTimeSize(digits))) - kZero * unit;
  auto magnitude = static_cast<uint64_t>(value < 0 ? -value : value);
  auto fraction = static_cast<uint32_t>(magnitude % static_cast<uint64_t>(unit));
  uint64_t seconds = magnitude / static_cast<uint64_t>(unit);
  if (seconds >= static_cast<uint64_t>(kZero)) return kInvalid;
  auto left = static_cast<uint32_t>(seconds);
  return FormatTime(value < 0, {left / 3600, left / 60 % 60, left % 60}, fraction, digits, out);
}

size_t FormatHiresDateTime(const char* in, int digits, char* out) {
  uint64_t value = LoadBig(in, HiresDateTimeSize(digits));
  // Mixed radix: months and days are counted from 0, so that a year has 13 and a month 32 of them.
  auto take = [&value](uint64_t radix) {
    auto digit = static_cast<uint32_t>(value % radix);
    value /= radix;
    return digit;
  };
  uint32_t fraction = take(kPowersOfTen[static_cast<size_t>(digits)]);
  Time time;
  time.second = take(60);
  time.minute = take(60);
  time.hour = take(24);
  Date date;
  date.day = take(32);
  date.month = take(13);
  if (value > 9999) return kInvalid;
  date.year = static_cast<uint32_t>(value);
  return FormatDateTime(date, time, fraction, digits, out);
}

size_t FormatHiresTimestamp(const char* in, int digits, char* out) {
  auto seconds = static_cast<uint32_t>(LoadBig(in, 4));
  auto fraction =
      static_cast<uint32_t>(LoadBig(in + 4, kHiresFractionSizes[static_cast<size_t>(digits)]));
  return FormatUnixTime(seconds, fraction, digits, out);
}

}  // namespace godwit::wire::mysql
