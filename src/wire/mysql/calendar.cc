#include "wire/mysql/calendar.h"

#include <algorithm>
#include <cstdint>

namespace godwit::wire::mysql {
namespace {

constexpr size_t kDateSize = 10;  // 2024-02-29

struct Date {
  unsigned year, month, day;
};

// Anything but digits gives numbers that no date has.
Date ReadDate(std::string_view text) {
  const auto digit = [&](size_t i) {
    return static_cast<unsigned>(static_cast<uint8_t>(text[i])) - '0';
  };
  const auto two = [&](size_t i) { return digit(i) * 10 + digit(i + 1); };
  return {two(0) * 100 + two(2), two(5), two(8)};
}

unsigned DaysOf(unsigned year, unsigned month) {
  constexpr uint8_t kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : kDays[month - 1];
}

}  // namespace

bool NamesDay(std::string_view text) {
  if (text.size() < kDateSize) return false;
  const Date date = ReadDate(text);
  return date.year >= 1 && date.year <= 9999 && date.month >= 1 && date.month <= 12 &&
         date.day >= 1 && (date.day <= 28 || date.day <= DaysOf(date.year, date.month));
}

std::string OnNearestDay(std::string_view text) {
  std::string result(text);
  if (text.size() < kDateSize) return result;
  Date date = ReadDate(text);
  date.year = std::clamp(date.year, 1u, 9999u);
  date.month = std::clamp(date.month, 1u, 12u);
  date.day = std::clamp(date.day, 1u, DaysOf(date.year, date.month));
  const auto put = [&](size_t at, unsigned number) {
    result[at] = static_cast<char>('0' + number / 10);
    result[at + 1] = static_cast<char>('0' + number % 10);
  };
  put(0, date.year / 100);
  put(2, date.year % 100);
  put(5, date.month);
  put(8, date.day);
  return result;
}

}  // namespace godwit::wire::mysql
