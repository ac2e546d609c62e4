#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

#include "base/text.h"
#include "connectors/mysql/copy/load_text.h"
#include "connectors/mysql/from_postgres/number_text.h"
#include "connectors/mysql/from_postgres/postgres_value.h"
#include "connectors/mysql/from_postgres/time_text.h"
#include "wire/mysql/charset.h"

// Whether a value has a place in its column, and which value comes nearest where it has none.
namespace godwit::connectors::mysql {
namespace {

using model::TypeKind;

unsigned DigitsBeforePoint(const model::Column& decimal) {
  return static_cast<unsigned>(std::max(decimal.precision - decimal.scale, 0));
}

// What the bytes of hexadecimal text stand for.
constexpr std::array<uint8_t, 256> kHexDigits = [] {
  std::array<uint8_t, 256> digits{};
  for (uint8_t i = 0; i < 10; ++i) digits[static_cast<size_t>('0' + i)] = i;
  for (uint8_t i = 0; i < 6; ++i) {
    digits[static_cast<size_t>('a' + i)] = digits[static_cast<size_t>('A' + i)] =
        static_cast<uint8_t>(10 + i);
  }
  return digits;
}();

// Those of a bytea; nothing: it is none.
std::optional<std::string_view> DigitsOf(std::string_view text) {
  constexpr std::string_view kPrefix = "\\x";
  if (!text.starts_with(kPrefix) || text.size() % 2 != 0) return std::nullopt;
  return text.substr(kPrefix.size());
}

void Decode(std::string_view digits, std::string& bytes) {
  bytes.resize(digits.size() / 2);
  for (size_t i = 0; i < bytes.size(); ++i) {
    const auto digit = [&](size_t at) { return kHexDigits[static_cast<uint8_t>(digits[at])]; };
    bytes[i] = static_cast<char>(digit(2 * i) << 4 | digit(2 * i + 1));
  }
}

bool IsText(TypeKind kind) { return kind == TypeKind::kText || kind == TypeKind::kBinary; }

}  // namespace

Fit PostgresValue::Convert(std::string_view text, FittedValue& fitted) {
  fitted = {.text = text};
  switch (form_) {
    case Form::kPlain:
      return Fit::kFits;
    case Form::kInteger:
      return FitInteger(text, fitted);
    case Form::kBoolean:
      fitted.number = text == "t" ? 1 : 0;
      fitted.text = text == "t" ? "1" : "0";
      return text == "t" || text == "f" ? Fit::kFits : Fit::kOutOfRange;
    case Form::kReal:
      return FitReal(text, fitted);
    case Form::kDouble:
      return FitDouble(text);
    case Form::kDecimal: {
      const auto fitting = FitDecimalText(text, DigitsBeforePoint(*here_), here_->scale);
      if (!fitting || (is_unsigned_ && text.starts_with('-'))) return Fit::kOutOfRange;
      fitted.text = *fitting;
      return Fit::kFits;
    }
    case Form::kDay:
      return FitDay(text, fitted);
    case Form::kTime:
      return FitTime(text, fitted);
    case Form::kBits:
      return FitBits(text, fitted);
    case Form::kBytes:
      return FitBytes(text, fitted);
    case Form::kLabel:
      return FitLabel(text, fitted);
    case Form::kText:
      return FitText(text, fitted);
    case Form::kDocument:
      return is_mysql_ && HeldNumbers(text) != JsonNumbers::kHeld ? Fit::kOutOfRange : Fit::kFits;
    case Form::kArray:
      return FitArray(text, fitted);
  }
  return Fit::kOutOfRange;
}

Fit PostgresValue::FitInteger(std::string_view text, FittedValue& fitted) const {
  const auto whole = FitDecimalText(text, std::numeric_limits<unsigned>::max(), 0);
  if (!whole) return Fit::kOutOfRange;
  fitted.text = *whole;
  if (text.starts_with('-')) {
    const auto number = base::ParseInteger<int64_t>(*whole);
    return number && *number >= least_ ? Fit::kFits : Fit::kOutOfRange;
  }
  const auto number = base::ParseInteger<uint64_t>(*whole);
  const bool fits =
      number && *number <= most_ && (least_ <= 0 || *number >= static_cast<uint64_t>(least_));
  return fits ? Fit::kFits : Fit::kOutOfRange;
}

Fit PostgresValue::FitReal(std::string_view text, FittedValue& fitted) {
  float value = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stopped != end || !std::isfinite(value)) return Fit::kOutOfRange;
  if (is_unsigned_ && value < 0) return Fit::kOutOfRange;
  text_.clear();
  AppendShortest(text_, static_cast<double>(value));
  fitted = {.text = text_, .in_buffer = true};
  return Fit::kFits;
}

Fit PostgresValue::FitDouble(std::string_view text) const {
  if (!BeginsAsNumber(text) || (is_unsigned_ && text.starts_with('-'))) return Fit::kOutOfRange;
  if (exact_ && here_->kind == TypeKind::kDouble) return Fit::kFits;
  if (!exact_ && !IsHeldByDouble(text)) return Fit::kOutOfRange;
  if (here_->kind == TypeKind::kDouble) return Fit::kFits;
  const std::optional<double> value = ReadDouble(text);
  const bool same = value && std::abs(*value) <= std::numeric_limits<float>::max() &&
                    static_cast<double>(static_cast<float>(*value)) == *value;
  return same ? Fit::kFits : Fit::kOutOfRange;
}

Fit PostgresValue::FitDay(std::string_view text, FittedValue& fitted) const {
  if (in_utc_ && text.ends_with("+00")) text.remove_suffix(3);
  if (!IsDay(text)) return Fit::kNoDay;
  if (here_->kind == TypeKind::kDate) {
    fitted.text = text.substr(0, kDaySize);
    return IsMidnight(text) ? Fit::kFits : Fit::kOutOfRange;
  }
  return FitFraction(text, here_->scale, fitted.text) ? Fit::kFits : Fit::kOutOfRange;
}

Fit PostgresValue::FitTime(std::string_view text, FittedValue& fitted) const {
  return IsTime(text) && FitFraction(text, here_->scale, fitted.text) ? Fit::kFits
                                                                      : Fit::kOutOfRange;
}

Fit PostgresValue::FitBits(std::string_view text, FittedValue& fitted) const {
  if (text.size() != here_->length) return Fit::kOutOfRange;  // shorter ones would get zeros
  for (const char c : text) fitted.number = fitted.number << 1 | (c == '1' ? 1 : 0);
  return Fit::kFits;
}

void PostgresValue::ForgetLargeValue(std::string_view next) {
  constexpr size_t kLarge = 1 << 20;
  if (text_.capacity() > kLarge && next.size() < kLarge) std::string().swap(text_);
}

Fit PostgresValue::FitBytes(std::string_view text, FittedValue& fitted) {
  const std::optional<std::string_view> digits = DigitsOf(text);
  if (!digits) return Fit::kOutOfRange;
  ForgetLargeValue(*digits);
  Decode(*digits, text_);
  fitted = {.text = text_, .in_buffer = true};
  return FitSize(text_);
}

bool PostgresValue::AppendLargeBytes(std::string& out, std::string_view text) {
  constexpr size_t kLarge = 1 << 20, kPiece = 128 * 1024;
  if (text.size() < kLarge || form_ != Form::kBytes || here_->fixed_length) return false;
  const std::optional<std::string_view> digits = DigitsOf(text);
  if (!digits || digits->size() / 2 > size_) return false;
  for (size_t at = 0; at < digits->size(); at += kPiece) {
    Decode(digits->substr(at, kPiece), text_);
    AppendEscapedField(out, text_);
  }
  return true;
}

// Those of fixed length are padded, and what is as their padding is taken off again.
Fit PostgresValue::FitSize(std::string_view text) const {
  if (here_->fixed_length && in_bytes_) {
    return text.size() == size_ ? Fit::kFits : Fit::kOutOfRange;
  }
  if (here_->fixed_length && text.ends_with(' ')) return Fit::kOutOfRange;
  if (text.size() <= size_) return Fit::kFits;
  if (in_bytes_) return Fit::kOutOfRange;
  const auto characters =
      std::ranges::count_if(text, [](char c) { return (static_cast<uint8_t>(c) & 0xc0) != 0x80; });
  return static_cast<uint64_t>(characters) <= size_ ? Fit::kFits : Fit::kOutOfRange;
}

Fit PostgresValue::FitLabel(std::string_view text, FittedValue& fitted) const {
  const auto found = labels_.find(text);
  if (found == labels_.end()) return Fit::kNoLabel;
  fitted.number = found->second;
  return Fit::kFits;
}

Fit PostgresValue::FitText(std::string_view text, FittedValue& fitted) const {
  if (padded_) {
    text = text.substr(0, text.find_last_not_of(' ') + 1);
    fitted.text = text;
  }
  return FitCharacters(text);
}

Fit PostgresValue::FitCharacters(std::string_view text) const {
  if (!wire::mysql::IsUtf8(text)) return Fit::kIllText;
  if (here_->kind != TypeKind::kBinary && here_->charset != "utf8mb4" && !here_->charset.empty()) {
    const auto most = static_cast<uint8_t>(here_->charset == "ascii" ? 0x7f : 0xef);
    if (std::ranges::any_of(text, [&](char c) { return static_cast<uint8_t>(c) > most; }))
      return Fit::kOutOfRange;
  }
  return FitSize(text);
}

Fit PostgresValue::FitArray(std::string_view text, FittedValue& fitted) {
  ForgetLargeValue(text);
  text_.clear();
  const auto read = wire::postgres::AppendArrayAsJson(text_, text, elements_);
  fitted = {.text = text_, .in_buffer = true};
  if (read != wire::postgres::ArrayRead::kRead) return Fit::kOutOfRange;
  const Fit fit = FitCharacters(text_);
  if (fit != Fit::kFits || here_->kind != TypeKind::kJson) return fit;
  return is_mysql_ && HeldNumbers(text_) != JsonNumbers::kHeld ? Fit::kOutOfRange : Fit::kFits;
}

std::optional<FittedValue> PostgresValue::Nearest(std::string_view text, Fit why) {
  text_.clear();
  if (why == Fit::kNoDay) {
    if (in_utc_ && text.ends_with("+00")) text.remove_suffix(3);
    text_ = NearestDay(text, here_->kind, here_->scale);
    if (text_.empty()) return std::nullopt;
  } else if (why == Fit::kIllText) {
    if (!NearestText(text)) return std::nullopt;
  } else if (why == Fit::kNoLabel || !NearestInRange(text)) {
    return std::nullopt;
  }
  return FittedValue{.text = text_, .in_buffer = true};
}

bool PostgresValue::NearestText(std::string_view text) {
  std::string well;
  wire::mysql::TextDecoder("utf8mb4").Append(well, text, wire::mysql::IllText::kReplace);
  FittedValue fitted{.text = well};
  if (form_ == Form::kArray) return FitArray(well, fitted) == Fit::kFits;
  if (FitText(well, fitted) != Fit::kFits) return false;
  text_ = fitted.text;
  return true;
}

bool PostgresValue::NearestInRange(std::string_view text) {
  switch (form_) {
    case Form::kInteger: {
      constexpr unsigned kMostDigits = 20;
      const auto nearest = NearestDecimalText(text, kMostDigits, 0);
      if (!nearest) return false;
      FittedValue fitted;
      text_ = *nearest;
      if (FitInteger(text_, fitted) == Fit::kFits) return true;
      text_ = text.starts_with('-') || base::ParseInteger<int64_t>(text_).value_or(least_) < least_
                  ? std::to_string(least_)
                  : std::to_string(most_);
      return true;
    }
    case Form::kDecimal: {
      const bool below = is_unsigned_ && text.starts_with('-');
      const auto nearest =
          NearestDecimalText(below ? "0" : text, DigitsBeforePoint(*here_), here_->scale);
      if (nearest) text_ = *nearest;
      return nearest.has_value();
    }
    case Form::kReal:
    case Form::kDouble: {
      const bool is_negative = text.starts_with('-');
      const bool is_infinite = text.substr(is_negative ? 1 : 0) == "Infinity";
      const std::optional<double> value = ReadDouble(text);
      if (!is_infinite && !value) return false;
      const bool is_float = here_->kind == TypeKind::kFloat;
      const double most = is_float ? static_cast<double>(std::numeric_limits<float>::max())
                                   : std::numeric_limits<double>::max();
      double nearest = is_infinite ? (is_negative ? -most : most) : std::clamp(*value, -most, most);
      if (is_float) nearest = static_cast<double>(static_cast<float>(nearest));
      AppendShortest(text_, is_unsigned_ && is_negative ? 0 : nearest);
      return true;
    }
    case Form::kDay:
    case Form::kTime:
      if (in_utc_ && text.ends_with("+00")) text.remove_suffix(3);
      text_ = NearestTime(text, here_->kind, here_->scale);
      return !text_.empty();
    case Form::kDocument:
      text_ = text;
      return HeldNumbers(text_) != JsonNumbers::kTooLarge;
    case Form::kArray:
      return wire::postgres::AppendArrayAsJson(text_, text, elements_) !=
                 wire::postgres::ArrayRead::kNone &&
             FitCharacters(text_) == Fit::kFits &&
             (IsText(here_->kind) || HeldNumbers(text_) != JsonNumbers::kTooLarge);
    default:
      return false;
  }
}

}  // namespace godwit::connectors::mysql
