#include "wire/postgres/array_text.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "wire/mysql/json_string.h"

namespace godwit::wire::postgres {
namespace {

constexpr std::string_view kNull = "NULL";

// As JSON has it: without what others take besides, and PostgreSQL writes (NaN, Infinity).
bool IsNumber(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  return !text.empty() && text.front() >= '0' && text.front() <= '9';
}

// Reads an array from its first brace on.
class Reader {
 public:
  Reader(std::string& out, std::string_view text, ArrayElements elements)
      : out_(out), rest_(text), elements_(elements) {}

  bool Read() {
    size_t depth = 0;
    bool closed = false;  // nothing can begin before the next delimiter
    do {
      if (rest_.empty()) return false;
      const char c = rest_.front();
      if (c == '{' && !closed) {
        ++depth;
        Skip("[");
        if (rest_.starts_with('}')) continue;
        if (!rest_.starts_with('{') && !Element()) return false;
      } else if (c == '}' && depth > 0) {
        --depth;
        closed = true;
        Skip("]");
      } else if (c == elements_.delimiter && depth > 0) {
        closed = false;
        Skip(",");
        if (!rest_.starts_with('{') && !Element()) return false;
      } else {
        return false;
      }
    } while (depth > 0);
    return rest_.empty();
  }

 private:
  void Skip(std::string_view in_its_place) {
    rest_.remove_prefix(1);
    out_ += in_its_place;
  }

  bool Element() {
    if (rest_.starts_with('"')) return Quoted();
    size_t end = 0;
    while (end < rest_.size() && rest_[end] != elements_.delimiter && rest_[end] != '}') ++end;
    if (end == rest_.size() || end == 0) return false;
    const std::string_view value = rest_.substr(0, end);
    rest_.remove_prefix(end);
    if (value == kNull) {
      out_ += "null";
      return true;
    }
    switch (elements_.form) {
      case ElementForm::kNumber:
        if (!IsNumber(value)) break;
        out_ += value;
        return true;
      case ElementForm::kBoolean:
        out_ += value == "t" ? "true" : "false";
        return value == "t" || value == "f";
      case ElementForm::kDocument:
        out_ += value;
        return true;
      case ElementForm::kText:
        break;
    }
    mysql::AppendJsonString(value, out_);
    return true;
  }

  bool Quoted() {
    rest_.remove_prefix(1);
    value_.clear();
    while (!rest_.empty() && rest_.front() != '"') {
      if (rest_.front() == '\\') rest_.remove_prefix(1);
      if (rest_.empty()) return false;
      value_.push_back(rest_.front());
      rest_.remove_prefix(1);
    }
    if (rest_.empty()) return false;
    rest_.remove_prefix(1);
    if (elements_.form == ElementForm::kDocument)
      out_ += value_;
    else
      mysql::AppendJsonString(value_, out_);
    return true;
  }

  std::string& out_;
  std::string_view rest_;
  const ArrayElements elements_;
  std::string value_;  // in hand
};

}  // namespace

ArrayElements ElementsOf(std::string_view element_type) {
  constexpr std::array<std::string_view, 6> kNumbers = {"smallint", "integer", "bigint",
                                                        "oid",      "real",    "double precision"};
  if (element_type == "boolean") return {ElementForm::kBoolean};
  if (element_type == "json" || element_type == "jsonb") return {ElementForm::kDocument};
  if (std::ranges::find(kNumbers, element_type) != kNumbers.end()) return {ElementForm::kNumber};
  return {ElementForm::kText, element_type == "box" ? ';' : ','};
}

ArrayRead AppendArrayAsJson(std::string& out, std::string_view text, ArrayElements elements) {
  ArrayRead read = ArrayRead::kRead;
  if (text.starts_with('[')) {
    const size_t equals = text.find('=');
    if (equals == std::string_view::npos) return ArrayRead::kNone;
    text.remove_prefix(equals + 1);
    read = ArrayRead::kWithBounds;
  }
  return Reader(out, text, elements).Read() ? read : ArrayRead::kNone;
}

}  // namespace godwit::wire::postgres
