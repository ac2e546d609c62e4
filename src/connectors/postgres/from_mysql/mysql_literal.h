#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sql/flavour.h"

namespace godwit::connectors::postgres {

// A literal of MySQL, as defaults have it.
struct MysqlLiteral {
  enum class Kind : uint8_t { kNull, kText, kNumber, kBits, kBytes };
  Kind kind = Kind::kNull;
  std::string value;  // digits of kNumber (with its sign) and kBits; bytes of kBytes
  bool operator==(const MysqlLiteral&) const = default;
};

// Nothing where the text is more than one literal, which may stand in parentheses and after the
// name of a charset.
std::optional<MysqlLiteral> ParseMysqlLiteral(std::string_view text, sql::Flavour flavour);

// Whether the text is a date, and a date with a time of day, that PostgreSQL takes: not one with
// zeroes in it.
bool IsDate(std::string_view text);
bool IsDateTime(std::string_view text);
// A time of day: "hh:mm:ss" with or without a fraction, from 0 to 24 hours.
bool IsTimeOfDay(std::string_view text);

}  // namespace godwit::connectors::postgres
