#include "sql/column_parser.h"

#include "base/text.h"
#include "sql/clauses.h"
#include "sql/data_type.h"
#include "sql/foreign_key_parser.h"
#include "sql/writer.h"

namespace godwit::sql {
namespace {

// `((NULL))`, which to MariaDB is NULL, and to MySQL an expression.
bool IsNullInParentheses(std::string_view expression) {
  while (expression.starts_with('(') && expression.ends_with(')')) {
    expression = expression.substr(1, expression.size() - 2);
    const size_t begin = expression.find_first_not_of(' ');
    if (begin == std::string_view::npos) return false;
    expression = expression.substr(begin, expression.find_last_not_of(' ') + 1 - begin);
  }
  return base::EqualsIgnoreCase(expression, "NULL");
}

class ColumnParser {
 public:
  ColumnParser(TokenCursor& cursor, const std::string& schema) : cursor_(cursor), schema_(schema) {}

  base::StatusOr<ParsedColumn> Run() {
    GODWIT_RETURN_IF_ERROR(ParseName());
    GODWIT_ASSIGN_OR_RETURN(ParsedType type, ParseType(cursor_));
    column().type = std::move(type.type);
    if (type.serial) MakeSerial();
    while (!AtElementEnd(cursor_) && !AtPlacement()) {
      GODWIT_ASSIGN_OR_RETURN(bool found, ParseTypeAttribute());
      if (!found) GODWIT_RETURN_IF_ERROR(ParseAttribute());
    }
    ChooseUtf8mb4(cursor_.options(), column().type.charset);
    bool computed =
        column().generated == Generated::kVirtual || column().generated == Generated::kStored;
    bool assigned = (nullability_said_ && !IsMySql()) || column().auto_increment ||
                    !column().default_value.empty();
    if (computed && (assigned || !column().on_update.empty())) {
      return cursor_.Error(
          "a generated column without NULL, DEFAULT, ON UPDATE and AUTO_INCREMENT");
    }
    if (IsMySql() && column().type.name == "vector" && column().type.length.value_or(0) == 0)
      return cursor_.Error("a vector's length");
    if (column().type.name == "timestamp" && column().generated == Generated::kNo &&
        !cursor_.options().explicit_defaults_for_timestamp) {
      if (!nullability_said_) column().nullable = false;
      column().takes_default = !column().nullable;
    }
    if (type.json && column().check.empty()) {
      column().check = "json_valid(" + QuoteIdentifier(column().name) + ")";
    }
    return std::move(result_);
  }

 private:
  ColumnDefinition& column() { return result_.column; }
  bool IsMySql() const { return cursor_.options().flavour == Flavour::kMySql; }

  // [CONSTRAINT [name]] before REFERENCES.
  bool AtNamedReferences() const {
    return cursor_.Is("CONSTRAINT") && (cursor_.Is("REFERENCES", 1) || cursor_.Is("REFERENCES", 2));
  }
  // FIRST and AFTER belong to ALTER TABLE; both could begin an engine's attribute.
  bool AtPlacement() const {
    return (cursor_.Is("FIRST") || cursor_.Is("AFTER")) && !cursor_.IsSymbol('=', 1);
  }

  base::Status ParseName() {
    GODWIT_ASSIGN_OR_RETURN(column().name, cursor_.ExpectName("a column name"));
    while (cursor_.AcceptSymbol('.')) {  // table.column
      GODWIT_ASSIGN_OR_RETURN(column().name, cursor_.ExpectName("a column name"));
    }
    return base::OkStatus();
  }

  void MakeSerial() {
    column().auto_increment = true;
    SetNullable(false);
    AddKey(KeyKind::kUnique);
  }
  void SetNullable(bool nullable) {
    column().nullable = nullable;
    nullability_said_ = true;
  }
  void AddKey(KeyKind kind) {
    KeyDefinition key;
    key.kind = kind;
    if (kind == KeyKind::kPrimary) key.name = "PRIMARY";
    key.parts.push_back({column().name});
    // KEY makes UNIQUE needless to MariaDB.
    if (!IsMySql() && kind == KeyKind::kUnique && HasPrimary()) return;
    if (!IsMySql() && kind == KeyKind::kPrimary) result_.keys.clear();
    result_.keys.push_back(std::move(key));
  }
  bool HasPrimary() const {
    return std::ranges::any_of(
        result_.keys, [](const KeyDefinition& key) { return key.kind == KeyKind::kPrimary; });
  }

  // What the type's values are made of.
  base::StatusOr<bool> ParseTypeAttribute() {
    DataType& type = column().type;
    if (cursor_.Accept("UNSIGNED")) {
      type.is_unsigned = true;
    } else if (cursor_.Accept("ZEROFILL")) {
      type.is_unsigned = type.zerofill = true;
    } else if (cursor_.Accept("ASCII")) {
      type.charset.charset = "latin1";
    } else if (cursor_.Accept("UNICODE")) {
      type.charset.charset = "ucs2";
    } else if (cursor_.Accept("BYTE")) {
      type.charset.charset = "binary";
    } else if (cursor_.Accept("BINARY")) {
      type.charset.collation = "bin";  // of whatever charset; see Resolve
    } else if (cursor_.Accept("COMPRESSED")) {
      type.compressed = "COMPRESSED";
      if (cursor_.AcceptSymbol('=')) {
        GODWIT_ASSIGN_OR_RETURN(std::string method,
                                cursor_.ExpectPlainName("a compression method"));
        type.compressed += "=" + method;
      }
    } else if (cursor_.Accept("REF_SYSTEM_ID")) {
      cursor_.AcceptSymbol('=');
      GODWIT_ASSIGN_OR_RETURN(uint32_t id, cursor_.ExpectNumber("a number"));
      type.reference_system = std::to_string(id);
    } else if (IsMySql() && cursor_.Accept("SRID")) {
      GODWIT_ASSIGN_OR_RETURN(uint32_t id, cursor_.ExpectNumber("a number"));
      type.reference_system = std::to_string(id);
    } else if (!cursor_.AcceptAny("SIGNED")) {
      return ParseColumnCharset(type.charset);
    }
    return true;
  }

  // Of BINARY and a COLLATE behind it MySQL takes the latter for the charset alone, where this is
  // not said otherwise.
  base::StatusOr<bool> ParseColumnCharset(CharsetChoice& charset) {
    const bool binary = IsMySql() && charset.charset.empty() && charset.collation == "bin";
    GODWIT_ASSIGN_OR_RETURN(const bool found, ParseCharset(cursor_, charset));
    if (binary && charset.charset.empty() && charset.collation != "bin")
      charset = {Resolve(charset, {}, Flavour::kMySql).charset, "bin"};
    return found;
  }

  base::Status ParseAttribute() {
    if (cursor_.Accept("NOT", "NULL")) {
      SetNullable(false);
    } else if (cursor_.Accept("NULL")) {
      SetNullable(true);
    } else if (cursor_.Accept("DEFAULT")) {
      GODWIT_ASSIGN_OR_RETURN(column().default_value, ParseDefaultExpression(cursor_));
      if (!IsMySql() && IsNullInParentheses(column().default_value))
        column().default_value = "NULL";
    } else if (cursor_.Accept("ON", "UPDATE")) {
      GODWIT_ASSIGN_OR_RETURN(column().on_update, ParseDefaultExpression(cursor_));
    } else if (cursor_.Accept("AUTO_INCREMENT")) {
      column().auto_increment = true;
      SetNullable(false);
    } else if (cursor_.Accept("SERIAL", "DEFAULT", "VALUE")) {
      MakeSerial();
    } else if (cursor_.Accept("UNIQUE")) {
      cursor_.AcceptAny("KEY");
      AddKey(KeyKind::kUnique);
    } else if (cursor_.Accept("PRIMARY", "KEY") || cursor_.Accept("KEY")) {
      AddKey(KeyKind::kPrimary);
    } else if (cursor_.Accept("COMMENT")) {
      GODWIT_ASSIGN_OR_RETURN(column().comment, cursor_.ExpectString("a comment"));
    } else if (cursor_.Accept("INVISIBLE")) {
      column().invisible = true;
    } else if (cursor_.Is("REFERENCES") || AtNamedReferences()) {
      return ParseForeignKey();
    } else if (IsMySql()) {
      return ParseMySqlAttribute();
    } else if (cursor_.Accept("CHECK")) {
      GODWIT_ASSIGN_OR_RETURN(column().check, cursor_.ExpectExpression());
    } else if (cursor_.Accept("WITHOUT", "SYSTEM", "VERSIONING")) {
      column().without_versioning = true;
    } else if (!cursor_.Accept("WITH", "SYSTEM", "VERSIONING")) {
      return ParseGeneratedOrEngineAttribute();
    }
    return base::OkStatus();
  }

  base::Status ParseMySqlAttribute() {
    if (cursor_.Accept("VISIBLE")) {
      column().invisible = false;
      return base::OkStatus();
    }
    if (cursor_.Is("CHECK") || cursor_.Is("CONSTRAINT")) {
      CheckDefinition check;
      if (cursor_.Accept("CONSTRAINT") && !cursor_.Is("CHECK")) {
        GODWIT_ASSIGN_OR_RETURN(check.name, cursor_.ExpectName("a constraint's name"));
      }
      GODWIT_RETURN_IF_ERROR(cursor_.Expect("CHECK"));
      GODWIT_ASSIGN_OR_RETURN(check.expression, cursor_.ExpectExpression());
      ParseEnforcement(cursor_, check);
      result_.checks.push_back(std::move(check));
      return base::OkStatus();
    }
    const size_t begin = cursor_.position();
    if (cursor_.AcceptAny("ENGINE_ATTRIBUTE", "SECONDARY_ENGINE_ATTRIBUTE")) {
      cursor_.AcceptSymbol('=');
      GODWIT_RETURN_IF_ERROR(cursor_.ExpectString("an attribute").status());
    } else if (cursor_.AcceptAny("COLUMN_FORMAT", "STORAGE")) {
      GODWIT_RETURN_IF_ERROR(cursor_.ExpectName("a format").status());
    } else if (!cursor_.Accept("NOT", "SECONDARY")) {
      return ParseGeneratedOrEngineAttribute();
    }
    AddAttributeFrom(begin);
    return base::OkStatus();
  }

  void AddAttributeFrom(size_t begin) {
    if (!column().attributes.empty()) column().attributes += ' ';
    column().attributes += cursor_.TextFrom(begin);
  }

  base::Status ParseGeneratedOrEngineAttribute() {
    bool said = cursor_.Accept("GENERATED", "ALWAYS");
    if (cursor_.Accept("AS")) return ParseGenerated();
    if (said) return cursor_.Error("AS");
    size_t begin = cursor_.position();
    if (!cursor_.IsName() || !cursor_.IsSymbol('=', 1) || IsMySql())
      return cursor_.Error("a column attribute");
    cursor_.Skip();
    cursor_.Skip();
    cursor_.AcceptSymbol('-');
    if (cursor_.AtEnd() || cursor_.Peek().kind == TokenKind::kSymbol)
      return cursor_.Error("a value");
    cursor_.Skip();
    AddAttributeFrom(begin);
    return base::OkStatus();
  }

  base::Status ParseGenerated() {
    bool starts = cursor_.Accept("ROW", "START");
    if (starts || cursor_.Accept("ROW", "END")) {
      column().generated = starts ? Generated::kRowStart : Generated::kRowEnd;
      SetNullable(false);
      return base::OkStatus();
    }
    GODWIT_ASSIGN_OR_RETURN(column().expression, cursor_.ExpectExpression());
    column().generated = Generated::kVirtual;
    if (cursor_.AcceptAny("STORED", "PERSISTENT")) {
      column().generated = Generated::kStored;
    } else {
      cursor_.AcceptAny("VIRTUAL");
    }
    return base::OkStatus();
  }

  base::Status ParseForeignKey() {
    model::ForeignKey foreign_key;
    foreign_key.columns.push_back(column().name);
    if (cursor_.Accept("CONSTRAINT") && !cursor_.Is("REFERENCES")) {
      GODWIT_ASSIGN_OR_RETURN(foreign_key.name, cursor_.ExpectName("a constraint's name"));
    }
    GODWIT_RETURN_IF_ERROR(ParseReferences(cursor_, schema_, foreign_key));
    result_.keys.push_back(KeyFor(foreign_key));
    result_.foreign_keys.push_back(std::move(foreign_key));
    return base::OkStatus();
  }

  TokenCursor& cursor_;
  const std::string& schema_;
  ParsedColumn result_;
  bool nullability_said_ = false;
};

}  // namespace

base::StatusOr<ParsedColumn> ParseColumn(TokenCursor& cursor, const std::string& schema) {
  return ColumnParser(cursor, schema).Run();
}

}  // namespace godwit::sql
