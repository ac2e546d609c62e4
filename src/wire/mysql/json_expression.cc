#include "wire/mysql/json_expression.h"

#include <algorithm>

#include "wire/mysql/decimal.h"
#include "wire/mysql/digits.h"
#include "wire/mysql/json_text.h"
#include "wire/mysql/table_map.h"

namespace godwit::wire::mysql {
namespace {

base::Status Malformed() { return base::DataLoss("binary JSON is malformed"); }

// Whether a number's text is read back as one of the other sign: the server's parser makes an
// unsigned integer of what needs more than 32 bits, and a signed one of anything else.
bool ChangesSign(const JsonValue& value) {
  switch (value.type) {
    case JsonType::kUint16:
    case JsonType::kUint32:
    case JsonType::kUint64:
      return JsonInteger(value) <= UINT32_MAX;
    case JsonType::kInt64:
      return static_cast<int64_t>(JsonInteger(value)) > int64_t{UINT32_MAX};
    default:
      return false;
  }
}

// Goes through a value until something needs an expression.
class Search {
 public:
  explicit Search(size_t bytes) : budget_(2 * bytes + 1) {}

  bool malformed() const { return malformed_; }

  bool Needs(const JsonValue& value, int depth) {
    if (value.type == JsonType::kOpaque || ChangesSign(value)) return true;
    if (!value.is_container()) return Fail(!budget_.Pay(value.bytes.size()));
    JsonContainer container;
    if (depth == kMostJsonDepth || !container.Open(value) || !budget_.Pay(container.head_size()))
      return Fail(true);
    for (size_t i = 0; i < container.size(); ++i) {
      JsonValue element;
      if (!container.Element(i, element)) return Fail(true);
      if (Needs(element, depth + 1)) return true;
    }
    return false;
  }

 private:
  // Ends the search where it is true.
  bool Fail(bool malformed) {
    malformed_ = malformed_ || malformed;
    return malformed;
  }

  JsonBudget budget_;
  bool malformed_ = false;
};

class Writer {
 public:
  Writer(size_t bytes, std::string& out) : budget_(2 * bytes + 1), out_(out) {}

  // An argument of JSON_OBJECT or JSON_ARRAY.
  base::Status Value(const JsonValue& value, int depth) {
    Search search(value.bytes.size());
    const bool needs = search.Needs(value, depth);
    if (search.malformed()) return Malformed();
    if (!needs) return Plain(value);
    if (value.is_container()) return Container(value, depth);
    if (value.type == JsonType::kOpaque) return Opaque(value);
    Add("CAST({} AS {})", JsonInteger(value), JsonIsSigned(value.type) ? "SIGNED" : "UNSIGNED");
    return base::OkStatus();
  }

 private:
  template <typename... Args>
  void Add(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(out_), format, std::forward<Args>(args)...);
  }

  void Hex(std::string_view bytes) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    for (char c : bytes) {
      const auto byte = static_cast<uint8_t>(c);
      out_ += kDigits[byte >> 4];
      out_ += kDigits[byte & 15];
    }
  }

  void Utf8(std::string_view text) {
    out_ += "_utf8mb4 x'";
    Hex(text);
    out_ += '\'';
  }

  // What its text says all of.
  base::Status Plain(const JsonValue& value) {
    std::string document(1, static_cast<char>(value.type));
    document += value.bytes;
    std::string text;
    GODWIT_RETURN_IF_ERROR(AppendJsonText(document, text));
    out_ += "CAST(";
    Utf8(text);
    out_ += " AS JSON)";
    return base::OkStatus();
  }

  base::Status Container(const JsonValue& value, int depth) {
    JsonContainer container;
    if (!container.Open(value) || !budget_.Pay(container.head_size())) return Malformed();
    out_ += container.is_object() ? "JSON_OBJECT(" : "JSON_ARRAY(";
    for (size_t i = 0; i < container.size(); ++i) {
      if (i > 0) out_ += ',';
      if (container.is_object()) {
        std::string_view key;
        if (!container.Key(i, key) || !budget_.Pay(key.size())) return Malformed();
        Utf8(key);
        out_ += ',';
      }
      JsonValue element;
      if (!container.Element(i, element)) return Malformed();
      if (!element.is_container() && !budget_.Pay(element.bytes.size())) return Malformed();
      GODWIT_RETURN_IF_ERROR(Value(element, depth + 1));
    }
    out_ += ')';
    return base::OkStatus();
  }

  base::Status Opaque(const JsonValue& value) {
    uint8_t type = 0;
    std::string_view content;
    std::string text;
    if (!JsonOpaque(value, type, content) || !FormatJsonOpaque(type, content, text))
      return Malformed();
    switch (static_cast<ColumnType>(type)) {
      case ColumnType::kNewDecimal:
        Decimal(text, static_cast<uint8_t>(content[0]), static_cast<uint8_t>(content[1]));
        break;
      case ColumnType::kDate:
        Add("CAST('{}' AS DATE)", text);
        break;
      case ColumnType::kTime:
        Add("CAST('{}' AS TIME(6))", text);
        break;
      case ColumnType::kDateTime:
        Add("CAST('{}' AS DATETIME(6))", text);
        break;
      case ColumnType::kTimestamp:
        FromColumn("TIMESTAMP(6)", fmt::format("JSON_ARRAY('{}')", text));
        break;
      case ColumnType::kVarchar:
        Bytes(content);
        break;
      case ColumnType::kBit:
        if (content.empty() || content.size() > 8) return CannotBeMade(type);
        FromColumn(fmt::format("BIT({})", 8 * content.size()),
                   fmt::format("JSON_ARRAY({})", LoadBig(content.data(), content.size())));
        break;
      case ColumnType::kTinyBlob:
        FromBytes("TINYBLOB", content);
        break;
      case ColumnType::kBlob:
        FromBytes("BLOB", content);
        break;
      case ColumnType::kMediumBlob:
        FromBytes("MEDIUMBLOB", content);
        break;
      case ColumnType::kLongBlob:
        FromBytes("LONGBLOB", content);
        break;
      case ColumnType::kString:
        if (content.size() > 255) return CannotBeMade(type);
        FromBytes(fmt::format("BINARY({})", content.size()), content);
        break;
      default:
        return CannotBeMade(type);
    }
    return base::OkStatus();
  }

  // Digits before the point are stored in groups of nine, leading zeros as they were written.
  void Decimal(std::string_view text, int precision, int scale) {
    constexpr size_t kGroup = 9;
    const bool negative = text.starts_with('-');
    if (negative) text.remove_prefix(1);
    const auto stored = static_cast<size_t>(precision - scale);
    const size_t digits = std::min(text.find('.'), text.size());
    size_t zeros = 0;
    if ((digits + kGroup - 1) / kGroup < (stored + kGroup - 1) / kGroup) zeros = stored - digits;
    Add("CAST('{}{:0<{}}{}' AS DECIMAL({},{}))", negative ? "-" : "", "", zeros, text,
        std::min(precision, kMostDecimalDigits), scale);
  }

  static base::Status CannotBeMade(uint8_t type) {
    return base::Unimplemented(
        "a JSON document holds an opaque value of type {}, which no SQL expression makes", type);
  }

  void Bytes(std::string_view bytes) {
    out_ += "x'";
    Hex(bytes);
    out_ += '\'';
  }

  // A value of a type that only columns have: JSON_TABLE has one made of the array's element.
  void FromColumn(std::string_view type, std::string_view array) {
    Add("(SELECT CAST(c AS JSON) FROM JSON_TABLE({},'$[*]' COLUMNS(c {} PATH '$')) j)", array,
        type);
  }
  void FromBytes(std::string_view type, std::string_view bytes) {
    out_ += "(SELECT CAST(c AS JSON) FROM JSON_TABLE(JSON_ARRAY(";
    Bytes(bytes);
    Add("),'$[*]' COLUMNS(c {} PATH '$')) j)", type);
  }

  JsonBudget budget_;
  std::string& out_;
};

}  // namespace

base::StatusOr<bool> JsonNeedsExpression(std::string_view document) {
  JsonValue root;
  if (!JsonRoot(document, root)) return Malformed();
  Search search(document.size());
  const bool needs = search.Needs(root, 0);
  if (search.malformed()) return Malformed();
  return needs;
}

base::Status AppendJsonExpression(std::string_view document, std::string& out) {
  JsonValue root;
  if (!JsonRoot(document, root)) return Malformed();
  GODWIT_ASSIGN_OR_RETURN(const bool needs, JsonNeedsExpression(document));
  Writer writer(document.size(), out);
  // Arguments of JSON_ARRAY become JSON by themselves, a lone scalar does not.
  const bool lone = needs && !root.is_container();
  if (lone) out += "CAST(";
  GODWIT_RETURN_IF_ERROR(writer.Value(root, 0));
  if (lone) out += " AS JSON)";
  return base::OkStatus();
}

}  // namespace godwit::wire::mysql
