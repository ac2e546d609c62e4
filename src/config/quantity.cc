#include "config/quantity.h"

#include <absl/strings/ascii.h>

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <span>

#include "base/status.h"
#include "base/text.h"

namespace godwit::config {
namespace {

struct Unit {
  std::string_view name;
  uint64_t factor;
};

// Each from the smallest to the largest.
constexpr std::array<Unit, 5> kBinaryUnits = {
    {{"B", 1}, {"KiB", 1ull << 10}, {"MiB", 1ull << 20}, {"GiB", 1ull << 30}, {"TiB", 1ull << 40}}};
constexpr std::array<Unit, 4> kDecimalUnits = {
    {{"kB", 1'000}, {"MB", 1'000'000}, {"GB", 1'000'000'000}, {"TB", 1'000'000'000'000}}};
constexpr std::array<Unit, 5> kTimeUnits = {
    {{"ms", 1}, {"s", 1'000}, {"min", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};
constexpr uint64_t kMostMillis = 10'000 * 86'400'000ull;

const Unit* FindUnit(std::span<const Unit> units, std::string_view name) {
  for (const Unit& unit : units) {
    if (unit.name == name) return &unit;
  }
  return nullptr;
}

struct Quantity {
  uint64_t number;
  std::string_view unit;
};

// Digits, blanks that may be, and what is left as the unit.
absl::StatusOr<Quantity> Split(std::string_view text) {
  size_t digits = 0;
  while (digits < text.size() && absl::ascii_isdigit(static_cast<unsigned char>(text[digits])))
    ++digits;
  std::optional<uint64_t> number = base::ParseInteger<uint64_t>(text.substr(0, digits));
  if (!number) {
    return base::InvalidArgument("it has to begin with a whole number that fits into 64 bits");
  }
  std::string_view unit = text.substr(digits);
  unit.remove_prefix(std::min(unit.find_first_not_of(' '), unit.size()));
  return Quantity{*number, unit};
}

std::string Format(uint64_t value, std::span<const Unit> units) {
  size_t i = units.size() - 1;
  while (i > 0 && (value == 0 || value % units[i].factor != 0)) --i;
  return fmt::format("{}{}", value / units[i].factor, units[i].name);
}

}  // namespace

absl::StatusOr<uint64_t> ParseBytes(std::string_view text) {
  GODWIT_ASSIGN_OR_RETURN(Quantity quantity, Split(text));
  if (quantity.unit.empty()) return quantity.number;
  const Unit* unit = FindUnit(kBinaryUnits, quantity.unit);
  if (unit == nullptr) unit = FindUnit(kDecimalUnits, quantity.unit);
  if (unit == nullptr) {
    return base::InvalidArgument("the unit has to be B, KiB, MiB, GiB, TiB, kB, MB, GB or TB");
  }
  if (quantity.number > std::numeric_limits<uint64_t>::max() / unit->factor) {
    return base::InvalidArgument("it does not fit into 64 bits");
  }
  return quantity.number * unit->factor;
}

absl::StatusOr<std::chrono::milliseconds> ParseDuration(std::string_view text) {
  GODWIT_ASSIGN_OR_RETURN(Quantity quantity, Split(text));
  if (text == "0") return std::chrono::milliseconds(0);
  const Unit* unit = FindUnit(kTimeUnits, quantity.unit);
  if (unit == nullptr) return base::InvalidArgument("it needs a unit: ms, s, min, h or d");
  if (quantity.number > kMostMillis / unit->factor) {
    return base::InvalidArgument("it is more than 10000 days");
  }
  return std::chrono::milliseconds(static_cast<int64_t>(quantity.number * unit->factor));
}

std::string FormatBytes(uint64_t bytes) { return Format(bytes, kBinaryUnits); }

std::string FormatDuration(std::chrono::milliseconds duration) {
  return Format(static_cast<uint64_t>(duration.count()), kTimeUnits);
}

}  // namespace godwit::config
