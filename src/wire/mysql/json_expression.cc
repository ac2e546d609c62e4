#include "wire/mysql/json_expression.h"

#include "wire/mysql/json_scalar_sql.h"
#include "wire/mysql/json_text.h"

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
    AppendJsonIntegerSql(fmt::format_int(JsonInteger(value)).str(), JsonIsSigned(value.type), out_);
    return base::OkStatus();
  }

 private:
  // What its text says all of.
  base::Status Plain(const JsonValue& value) {
    std::string document(1, static_cast<char>(value.type));
    document += value.bytes;
    std::string text;
    GODWIT_RETURN_IF_ERROR(AppendJsonText(document, text));
    AppendPlainJsonSql(text, out_);
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
        AppendUtf8Sql(key, out_);
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
    if (static_cast<ColumnType>(type) == ColumnType::kNewDecimal) {
      AppendJsonDecimalSql(text, static_cast<uint8_t>(content[0]), static_cast<uint8_t>(content[1]),
                           out_);
      return base::OkStatus();
    }
    if (AppendJsonTimeSql(static_cast<ColumnType>(type), text, out_)) return base::OkStatus();
    return AppendJsonBytesSql(type, content, out_);
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
