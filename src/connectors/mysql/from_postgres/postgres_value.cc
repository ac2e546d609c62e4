#include "connectors/mysql/from_postgres/postgres_value.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "base/text.h"
#include "connectors/mysql/copy/load_text.h"
#include "connectors/mysql/from_postgres/number_text.h"
#include "connectors/mysql/from_postgres/time_text.h"
#include "sql/postgres/type_name.h"
#include "wire/mysql/charset.h"

namespace godwit::connectors::mysql {
namespace {

using model::Cell;
using model::TypeKind;

constexpr std::string_view kArray = "[]";

bool IsOneOf(std::string_view type, std::initializer_list<std::string_view> types) {
  return std::ranges::find(types, type) != types.end();
}

uint64_t BytesOfInteger(std::string_view type) {
  if (type == "smallint") return 2;
  return type == "bigint" ? 8 : 4;
}

unsigned DigitsBeforePoint(const model::Column& decimal) {
  return static_cast<unsigned>(std::max(decimal.precision - decimal.scale, 0));
}

bool IsText(TypeKind kind) { return kind == TypeKind::kText || kind == TypeKind::kBinary; }

}  // namespace

std::optional<PostgresValue::Form> PostgresValue::FormOf(std::string_view type,
                                                         const model::Column& here) {
  const bool is_integer = IsOneOf(type, {"smallint", "integer", "bigint", "oid"});
  const bool is_float = IsOneOf(type, {"real", "double precision"});
  const bool is_characters =
      IsOneOf(type, {"text", "character varying", "bpchar", "name"}) || type.ends_with("citext");
  const bool is_number = is_integer || is_float || type == "numeric" || is_characters ||
                         IsOneOf(type, {"xid", "xid8", "cid"});
  switch (here.kind) {
    case TypeKind::kInt:
    case TypeKind::kUint:
    case TypeKind::kYear: {
      if (type == "boolean") return Form::kBoolean;
      if (!is_number) return std::nullopt;
      if (!is_integer || here.kind == TypeKind::kYear) return Form::kInteger;
      const bool was_unsigned = type == "oid", is_unsigned = here.kind == TypeKind::kUint;
      const bool reaches = was_unsigned == is_unsigned ? here.length >= BytesOfInteger(type)
                                                       : was_unsigned && here.length > 4;
      return reaches ? Form::kPlain : Form::kInteger;
    }
    case TypeKind::kFloat:
    case TypeKind::kDouble:
      if (here.precision > 0 && here.type_text.find(',') != std::string::npos) return std::nullopt;
      if (type == "real") return Form::kReal;
      return is_number ? std::optional(Form::kDouble) : std::nullopt;
    case TypeKind::kDecimal:
      if (type == "boolean") return Form::kBoolean;
      return is_number ? std::optional(Form::kDecimal) : std::nullopt;
    case TypeKind::kBit:
      if (type == "boolean") return Form::kBoolean;
      return type == "bit varying" ? std::optional(Form::kBits) : std::nullopt;
    case TypeKind::kDate:
    case TypeKind::kDateTime:
    case TypeKind::kTimestamp:
      return is_characters || IsOneOf(type, {"date", "timestamp without time zone",
                                             "timestamp with time zone"})
                 ? std::optional(Form::kDay)
                 : std::nullopt;
    case TypeKind::kTime:
      return is_characters || IsOneOf(type, {"time without time zone", "interval"})
                 ? std::optional(Form::kTime)
                 : std::nullopt;
    case TypeKind::kText:
      if (type.ends_with(kArray)) return Form::kArray;
      return Form::kText;
    case TypeKind::kBinary:
      if (type.ends_with(kArray)) return Form::kArray;
      return type == "bytea" ? Form::kBytes : Form::kText;
    case TypeKind::kEnum:
      return Form::kLabel;
    case TypeKind::kJson:
      if (type.ends_with(kArray)) return Form::kArray;
      return is_characters || IsOneOf(type, {"json", "jsonb"}) ? std::optional(Form::kDocument)
                                                               : std::nullopt;
    case TypeKind::kUuid:
      if (type == "uuid") return Form::kPlain;
      return is_characters ? std::optional(Form::kText) : std::nullopt;
    case TypeKind::kInet4:
    case TypeKind::kInet6:
      return is_characters || IsOneOf(type, {"inet", "cidr"}) ? std::optional(Form::kText)
                                                              : std::nullopt;
    case TypeKind::kSet:
    case TypeKind::kGeometry:
      return std::nullopt;
  }
  return std::nullopt;
}

void PostgresValue::SetLimits(std::string_view type) {
  is_unsigned_ = here_->type_text.find("unsigned") != std::string::npos;
  switch (here_->kind) {
    case TypeKind::kInt:
      least_ = std::numeric_limits<int64_t>::min() >> (64 - here_->length * 8);
      most_ = static_cast<uint64_t>(-(least_ + 1));
      return;
    case TypeKind::kUint:
      most_ = std::numeric_limits<uint64_t>::max() >> (64 - here_->length * 8);
      return;
    case TypeKind::kYear:
      least_ = 1901;
      most_ = 2155;
      return;
    case TypeKind::kText:
    case TypeKind::kBinary:
      size_ = here_->length;
      in_bytes_ =
          here_->kind == TypeKind::kBinary || here_->type_text.find("char") == std::string::npos;
      padded_ = type == "bpchar";
      return;
    case TypeKind::kDate:
    case TypeKind::kDateTime:
    case TypeKind::kTimestamp:
      in_utc_ = type == "timestamp with time zone";
      return;
    case TypeKind::kEnum:
      for (size_t i = 0; i < here_->labels.size(); ++i) labels_.emplace(here_->labels[i], i + 1);
      label_by_number_ = labels_.contains("");
      return;
    default:
      size_ = std::numeric_limits<uint64_t>::max();
  }
}

base::StatusOr<PostgresValue> PostgresValue::Make(const model::Column& source,
                                                  const model::Column& here, sql::Flavour flavour) {
  const std::string& declared = source.base_type.empty() ? source.type_text : source.base_type;
  const std::string type = sql::postgres::CastType(declared);
  const std::optional<Form> form = FormOf(type, here);
  if (!form) {
    return base::FailedPrecondition(
        "values of {} are none of the target's {}: give the column another type there (`casts`)",
        source.type_text, here.type_text);
  }
  // Bytes are stored as they come: in another charset they would be other characters.
  if (here.kind == TypeKind::kText &&
      !IsOneOf(here.charset, {"utf8mb4", "utf8mb3", "utf8", "ascii", ""})) {
    return base::FailedPrecondition(
        "on the target it is in charset {}, and text of PostgreSQL is written in utf8mb4: make the "
        "column on the target one of utf8mb4",
        here.charset);
  }
  PostgresValue value;
  value.here_ = &here;
  value.form_ = *form;
  value.exact_ = type == "double precision";
  value.is_mysql_ = flavour == sql::Flavour::kMySql;
  value.SetLimits(type);
  value.padded_ = value.padded_ && declared.find('(') != std::string::npos;
  if (*form == Form::kArray) {
    value.elements_ =
        wire::postgres::ElementsOf(std::string_view(type).substr(0, type.size() - kArray.size()));
  }
  return value;
}

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

Fit PostgresValue::FitBytes(std::string_view text, FittedValue& fitted) {
  constexpr std::string_view kPrefix = "\\x";
  if (!text.starts_with(kPrefix) || text.size() % 2 != 0) return Fit::kOutOfRange;
  text.remove_prefix(kPrefix.size());
  const auto digit = [](char c) {
    return static_cast<unsigned>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
  };
  text_.resize(text.size() / 2);
  for (size_t i = 0; i < text_.size(); ++i)
    text_[i] = static_cast<char>(digit(text[2 * i]) << 4 | digit(text[2 * i + 1]));
  fitted = {.text = text_, .in_buffer = true};
  return FitSize(text_);
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
  if (!wire::mysql::IsUtf8(text)) return Fit::kIllText;
  if (here_->kind != TypeKind::kBinary && here_->charset != "utf8mb4" && !here_->charset.empty()) {
    const auto most = static_cast<uint8_t>(here_->charset == "ascii" ? 0x7f : 0xef);
    if (std::ranges::any_of(text, [&](char c) { return static_cast<uint8_t>(c) > most; }))
      return Fit::kOutOfRange;
  }
  return FitSize(text);
}

Fit PostgresValue::FitArray(std::string_view text, FittedValue& fitted) {
  text_.clear();
  const auto read = wire::postgres::AppendArrayAsJson(text_, text, elements_);
  fitted = {.text = text_, .in_buffer = true};
  if (read != wire::postgres::ArrayRead::kRead) return Fit::kOutOfRange;
  if (here_->kind != TypeKind::kJson) return FitSize(text_);
  return is_mysql_ && HeldNumbers(text_) != JsonNumbers::kHeld ? Fit::kOutOfRange : Fit::kFits;
}

std::optional<FittedValue> PostgresValue::Nearest(std::string_view text, Fit why) {
  text_.clear();
  if (why == Fit::kNoDay) {
    if (in_utc_ && text.ends_with("+00")) text.remove_suffix(3);
    text_ = NearestDay(text, here_->kind, here_->scale);
    if (text_.empty()) return std::nullopt;
  } else if (why == Fit::kIllText) {
    wire::mysql::TextDecoder("utf8mb4").Append(text_, text, wire::mysql::IllText::kReplace);
    if (FitSize(text_) != Fit::kFits) return std::nullopt;
  } else if (why == Fit::kNoLabel || !NearestInRange(text)) {
    return std::nullopt;
  }
  return FittedValue{.text = text_, .in_buffer = true};
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
             (IsText(here_->kind) ? FitSize(text_) == Fit::kFits
                                  : HeldNumbers(text_) != JsonNumbers::kTooLarge);
    default:
      return false;
  }
}

Cell PostgresValue::ToCell(const FittedValue& fitted) const {
  switch (here_->kind) {
    case TypeKind::kInt:
      return Cell::Int(base::ParseInteger<int64_t>(fitted.text).value_or(0));
    case TypeKind::kUint:
    case TypeKind::kYear:
      return Cell::Uint(base::ParseInteger<uint64_t>(fitted.text).value_or(0));
    case TypeKind::kFloat:
    case TypeKind::kDouble:
      return Cell::Double(ReadDouble(fitted.text).value_or(0));
    case TypeKind::kDecimal:
      return Cell::Number(fitted.text);
    case TypeKind::kBit:
    case TypeKind::kEnum:
      return Cell::Uint(fitted.number);
    case TypeKind::kText:
    case TypeKind::kBinary:
    case TypeKind::kJson:
      return Cell::Bytes(fitted.text);
    default:
      return Cell::Text(fitted.text);
  }
}

void PostgresValue::AppendField(std::string& out, const FittedValue& fitted) const {
  if (here_->kind == TypeKind::kBit) {
    std::array<char, 8> bytes;
    const size_t size = (here_->length + 7) / 8;
    for (size_t i = 0; i < size; ++i)
      bytes[i] = static_cast<char>(fitted.number >> (size - 1 - i) * 8);
    AppendEscapedField(out, {bytes.data(), size});
  } else if (form_ == Form::kLabel && label_by_number_) {
    out += std::to_string(fitted.number);
  } else if (form_ == Form::kLabel || form_ == Form::kText || form_ == Form::kBytes ||
             form_ == Form::kDocument || form_ == Form::kArray) {
    AppendEscapedField(out, fitted.text);
  } else {
    out.append(fitted.text);
  }
}

}  // namespace godwit::connectors::mysql
