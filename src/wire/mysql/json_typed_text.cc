#include "wire/mysql/json_typed_text.h"

#include <libdeflate.h>

#include <algorithm>
#include <charconv>
#include <vector>

#include "base/text.h"
#include "wire/mysql/base64.h"
#include "wire/mysql/decimal.h"
#include "wire/mysql/json_scalar_sql.h"
#include "wire/mysql/json_string.h"
#include "wire/mysql/json_text_walk.h"
#include "wire/mysql/json_value.h"

namespace godwit::wire::mysql {
namespace {

using Place = JsonTypedValue::Place;

base::Status Disagree(std::string_view what) {
  return base::DataLoss("a JSON document's text and the types of its values do not agree: {}",
                        what);
}

// Where a typed value's text is.
struct Span {
  size_t begin = 0, end = 0;
  const JsonTypedValue* value = nullptr;
};

// Finds the typed values in the text. A path with an ellipsis visits a container, then what is in
// it, from first to last; and of each container that it visits it finds all elements at once.
class Finder {
 public:
  Finder(std::string_view text, std::span<const JsonTypedValue> values) : text_(text) {
    for (const JsonTypedValue& value : values) wanted_.push_back(&value);
    std::ranges::sort(wanted_, Before);
  }

  base::StatusOr<std::vector<Span>> Find() {
    size_t at = 0;
    if (!Count(at, 0) || at != text_.size()) return Disagree("the text is malformed");
    at = 0;
    container_ = 0;
    if (!Visit(at, 0, Place::kRoot, 0)) return Disagree("the text is malformed");
    if (spans_.size() != wanted_.size())
      return Disagree(fmt::format("{} of {} are found", spans_.size(), wanted_.size()));
    for (const Span& span : spans_) {
      const std::string_view text = text_.substr(span.begin, span.end - span.begin);
      if (libdeflate_crc32(0, text.data(), text.size()) != span.value->checksum)
        return Disagree(fmt::format("a {} is not where it should be", span.value->type));
    }
    return std::move(spans_);
  }

 private:
  static bool Before(const JsonTypedValue* a, const JsonTypedValue* b) {
    return a->place != b->place ? a->place < b->place : a->number < b->number;
  }

  // How many elements each container has, in the order in which they begin.
  bool Count(size_t& at, int depth) {
    if (!AtJsonContainer(text_, at)) return SkipJsonValue(text_, at);
    if (depth == kMostJsonDepth) return false;
    const size_t mine = counts_.size();
    counts_.push_back(0);
    return WalkJsonContainer(text_, at, [&](std::string_view) {
      ++counts_[mine];
      return Count(at, depth + 1);
    });
  }

  bool Visit(size_t& at, int depth, Place place, uint64_t number) {
    const size_t begin = at;
    if (AtJsonContainer(text_, at)) {
      const Place inside = text_[at] == '{' ? Place::kMember : Place::kElement;
      uint64_t& found = inside == Place::kMember ? members_ : elements_;
      uint64_t next = found;
      found += counts_[container_++];
      return WalkJsonContainer(
          text_, at, [&](std::string_view) { return Visit(at, depth + 1, inside, ++next); });
    }
    if (!SkipJsonValue(text_, at)) return false;
    const JsonTypedValue here{place, number, {}, 0, 0};
    auto wanted = std::ranges::lower_bound(wanted_, &here, Before);
    if (wanted != wanted_.end() && !Before(&here, *wanted)) spans_.push_back({begin, at, *wanted});
    return true;
  }

  std::string_view text_;
  std::vector<const JsonTypedValue*> wanted_;
  std::vector<uint32_t> counts_;
  size_t container_ = 0;
  uint64_t members_ = 0, elements_ = 0;
  std::vector<Span> spans_;
};

class Writer {
 public:
  Writer(std::string_view text, const std::vector<Span>& spans, std::string& out)
      : text_(text), spans_(spans), out_(out) {}

  // The value from `begin` to `end`, as an argument of JSON_OBJECT or JSON_ARRAY.
  base::Status Value(size_t begin, size_t end) {
    auto span = std::ranges::lower_bound(spans_, begin, {}, &Span::begin);
    if (span == spans_.end() || span->begin >= end) {
      AppendPlainJsonSql(text_.substr(begin, end - begin), out_);
      return base::OkStatus();
    }
    if (!AtJsonContainer(text_, begin))
      return Scalar(text_.substr(begin, end - begin), *span->value);
    const bool is_object = text_[begin] == '{';
    out_ += is_object ? "JSON_OBJECT(" : "JSON_ARRAY(";
    bool first = true;
    size_t at = begin;
    base::Status status;
    const bool walked = WalkJsonContainer(text_, at, [&](std::string_view key) {
      if (!std::exchange(first, false)) out_ += ',';
      std::string name;
      if (is_object) {
        key.remove_prefix(1);
        if (!TakeJsonString(key, name)) return false;
        AppendUtf8Sql(name, out_);
        out_ += ',';
      }
      const size_t value = at;
      if (!SkipJsonValue(text_, at)) return false;
      status = Value(value, at);
      return status.ok();
    });
    out_ += ')';
    GODWIT_RETURN_IF_ERROR(status);
    return walked ? base::OkStatus() : Disagree("the text is malformed");
  }

 private:
  base::Status Scalar(std::string_view text, const JsonTypedValue& value) {
    if (value.type == "INTEGER" || value.type == "UNSIGNED INTEGER") {
      if (text.find_first_not_of("-0123456789") != text.npos) return NotA(value, text);
      AppendJsonIntegerSql(text, value.type == "INTEGER", out_);
      return base::OkStatus();
    }
    if (value.type == "DECIMAL") return Decimal(text, value);
    std::string content;
    if (!text.starts_with('"')) return NotA(value, text);
    text.remove_prefix(1);
    if (!TakeJsonString(text, content)) return NotA(value, text);
    for (const auto& [name, type] :
         {std::pair("DATE", ColumnType::kDate), std::pair("TIME", ColumnType::kTime),
          std::pair("DATETIME", ColumnType::kDateTime),
          std::pair("TIMESTAMP", ColumnType::kTimestamp)}) {
      if (value.type != name) continue;
      if (content.find_first_not_of("-:. 0123456789") != content.npos) return NotA(value, content);
      AppendJsonTimeSql(type, content, out_);
      return base::OkStatus();
    }
    return Opaque(content, value);
  }

  // "base64:type15:AQI="
  base::Status Opaque(std::string_view text, const JsonTypedValue& value) {
    constexpr std::string_view kHead = "base64:type";
    if (!text.starts_with(kHead)) return NotA(value, text);
    text.remove_prefix(kHead.size());
    const size_t colon = text.find(':');
    const auto type = base::ParseInteger<uint8_t>(text.substr(0, colon));
    std::string bytes;
    if (colon == text.npos || !type || !AppendBase64Decoded(text.substr(colon + 1), bytes))
      return NotA(value, text);
    return AppendJsonBytesSql(*type, bytes, out_);
  }

  // Alone, a DECIMAL is stored as five bytes and its digits; the size tells how many before the
  // point there is room for.
  base::Status Decimal(std::string_view text, const JsonTypedValue& value) {
    constexpr uint64_t kHead = 5;
    if (text.find_first_not_of("-.0123456789") != text.npos) return NotA(value, text);
    const size_t sign = text.starts_with('-') ? 1 : 0;
    const size_t point = std::min(text.find('.'), text.size());
    if (sign == text.size()) return NotA(value, text);
    const int scale = point == text.size() ? 0 : static_cast<int>(text.size() - point - 1);
    const bool no_digits = text[sign] == '0' && scale > 0;
    for (int stored = no_digits ? 0 : static_cast<int>(point - sign); stored <= kMostStored;
         ++stored) {
      if (kHead + DecimalSize(stored + scale, scale) != value.size) continue;
      AppendJsonDecimalSql(text, stored + scale, scale, out_);
      return base::OkStatus();
    }
    return Disagree(fmt::format("a DECIMAL of {} bytes is {}", value.size, text));
  }

  static base::Status NotA(const JsonTypedValue& value, std::string_view text) {
    return Disagree(fmt::format("a {} is {}", value.type, text.substr(0, 40)));
  }

  static constexpr int kMostStored = 81;  // digits before the point, in whole groups of nine

  std::string_view text_;
  const std::vector<Span>& spans_;
  std::string& out_;
};

}  // namespace

base::Status AppendTypedJsonExpression(std::string_view text,
                                       std::span<const JsonTypedValue> values, std::string& out) {
  GODWIT_ASSIGN_OR_RETURN(const std::vector<Span> spans, Finder(text, values).Find());
  // Arguments of JSON_ARRAY become JSON by themselves, a lone scalar does not.
  const bool lone = !spans.empty() && !AtJsonContainer(text, 0);
  if (lone) out += "CAST(";
  GODWIT_RETURN_IF_ERROR(Writer(text, spans, out).Value(0, text.size()));
  if (lone) out += " AS JSON)";
  return base::OkStatus();
}

}  // namespace godwit::wire::mysql
