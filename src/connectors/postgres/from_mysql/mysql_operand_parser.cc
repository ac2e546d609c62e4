// Operands of expressions: literals, columns, calls, and what has a syntax of its own.

#include <absl/algorithm/container.h>
#include <absl/strings/ascii.h>

#include <optional>

#include "base/text.h"
#include "connectors/postgres/from_mysql/mysql_expression_parser.h"
#include "connectors/postgres/from_mysql/mysql_functions.h"
#include "connectors/postgres/from_mysql/mysql_operators.h"
#include "connectors/postgres/sql_text.h"

namespace godwit::connectors::postgres {

using sql::Token;
using sql::TokenKind;
using std::string_view;
using Result = base::StatusOr<Expression>;

Result MysqlExpressionParser::Primary() {
  const Token token = cursor_.Peek();
  if (cursor_.AcceptSymbol('(')) {
    GODWIT_ASSIGN_OR_RETURN(Expression inner, Or());
    if (!cursor_.AcceptSymbol(')')) return Unknown();
    return inner;
  }
  switch (token.kind) {
    case TokenKind::kNumber:
      return Number(token);
    case TokenKind::kString:
      return Text();
    case TokenKind::kIdentifier:
      cursor_.Skip();
      return Column(token.value);
    case TokenKind::kWord:
      return Word(token);
    default:
      return Unknown();
  }
}

Result MysqlExpressionParser::Number(const Token& token) {
  const string_view raw = token.raw;
  if (raw.find_first_not_of("0123456789.") != string_view::npos) return Unknown();
  cursor_.Skip();
  const bool whole = raw.find('.') == string_view::npos && raw.size() <= 18;
  Expression number =
      MakeExpression(std::string(raw), whole ? ValueType::kInteger : ValueType::kDecimal);
  number.is_literal = true;
  number.value = raw;
  return number;
}

Result MysqlExpressionParser::Text() {
  GODWIT_ASSIGN_OR_RETURN(std::string text, cursor_.ExpectString("a string"));
  if (text.find('\0') != std::string::npos) return NotTranslated("a string with a zero byte");
  Expression result = MakeExpression(QuoteText(text), ValueType::kText);
  result.is_literal = true;
  result.is_ascii = absl::c_all_of(text, [](char c) { return (c & 0x80) == 0; });
  result.value = std::move(text);
  return result;
}

Result MysqlExpressionParser::Column(const std::string& name) {
  if (cursor_.IsSymbol('.') || cursor_.IsSymbol('(')) return Unknown();
  const auto column = absl::c_find_if(columns_, [&](const PlannedColumn& planned) {
    return base::EqualsIgnoreCase(planned.source->name, name);
  });
  if (column == columns_.end()) return NotTranslated(fmt::format("another column, `{}`,", name));
  Expression result = MakeExpression(QuoteName(column->source->name), TypeOf(*column));
  const bool is_generated = column->source->generated != sql::Generated::kNo;
  if (is_generated && generated_ == GeneratedColumns::kByExpression) {
    if (column->expression.empty())
      return NotTranslated(fmt::format("another column, `{}`,", name));
    result.sql = fmt::format("({})::{}", column->expression, column->type);
  }
  if (column->base == "real") result.sql = fmt::format("({})::double precision", result.sql);
  if (result.type == ValueType::kText) {
    result.charset = column->source->type.charset.charset;
    result.is_ascii = result.charset == "ascii";
    result.comparison = ComparisonOf(column->source->type.charset);
  }
  if (cursor_.IsSymbol('-') && cursor_.IsSymbol('>', 1)) return Arrow(result);
  return result;
}

Result MysqlExpressionParser::Word(const Token& token) {
  const string_view raw = token.raw;
  if (raw[0] == '_' && cursor_.Peek(1).kind == TokenKind::kString) {  // a charset
    cursor_.Skip();
    return Text();
  }
  if (cursor_.Accept("NULL")) {
    Expression null = MakeExpression("NULL", ValueType::kNull);
    null.is_literal = true;
    return null;
  }
  if (cursor_.Peek(1).kind == TokenKind::kString) return Moment(token);
  for (const string_view word : {"TRUE", "FALSE"}) {
    if (cursor_.Accept(word)) return MakeExpression(std::string(word), ValueType::kBoolean);
  }
  if (cursor_.Accept("CASE")) return Case();
  if (!cursor_.IsSymbol('(', 1)) {
    cursor_.Skip();
    return Column(std::string(raw));
  }
  cursor_.Skip();
  const std::string name = absl::AsciiStrToLower(std::string(raw));
  if (name == "cast") return Cast();
  if (name == "convert" || name == "extract") return NotTranslated(fmt::format("{}()", name));
  GODWIT_ASSIGN_OR_RETURN(const std::vector<Expression> args, Arguments());
  if (name == "if" && args.size() == 3) return If(args);
  if (name == "mod" && args.size() == 2) return Computed(args[0], "%", args[1]);
  GODWIT_ASSIGN_OR_RETURN(Expression result, name.starts_with("json_")
                                                 ? TranslateJsonCall(name, args)
                                                 : TranslateCall(name, args));
  caveats_.insert(caveats_.end(), result.caveats.begin(), result.caveats.end());
  result.caveats.clear();
  return result;
}

Result MysqlExpressionParser::Cast() {
  if (!cursor_.AcceptSymbol('(')) return Unknown();
  GODWIT_ASSIGN_OR_RETURN(Expression value, Or());
  if (!cursor_.Accept("AS")) return Unknown();
  const bool has_date = value.type == ValueType::kDate || value.type == ValueType::kDateTime;
  if (cursor_.AcceptAny("DATE") && has_date) {
    value = MakeExpression(fmt::format("({})::date", value.sql), ValueType::kDate);
  } else if (cursor_.AcceptAny("CHAR") && value.type == ValueType::kInteger) {
    value = MakeExpression(fmt::format("({})::text", value.sql), ValueType::kText);
    value.is_ascii = true;
    if (cursor_.AcceptAny("CHARSET") || cursor_.Accept("CHARACTER", "SET")) cursor_.Skip();
  } else if (value.type == ValueType::kInteger && cursor_.AcceptAny("SIGNED")) {
    cursor_.AcceptAny("INTEGER");
  } else {
    return NotTranslated("cast()");
  }
  if (!cursor_.AcceptSymbol(')')) return NotTranslated("cast()");
  return value;
}

Result MysqlExpressionParser::Moment(const Token& word) {
  const bool is_date = base::EqualsIgnoreCase(word.raw, "DATE");
  if (!is_date && !base::EqualsIgnoreCase(word.raw, "TIMESTAMP")) return Unknown();
  cursor_.Skip();
  GODWIT_ASSIGN_OR_RETURN(Expression literal, Text());
  Expression like;
  like.type = is_date ? ValueType::kDate : ValueType::kDateTime;
  TakeForTime(literal, like);
  if (literal.type != like.type) return NotTranslated("a date that is none to PostgreSQL");
  return literal;
}

base::StatusOr<std::vector<Expression>> MysqlExpressionParser::Arguments() {
  std::vector<Expression> args;
  if (!cursor_.AcceptSymbol('(')) return Unknown();
  if (cursor_.AcceptSymbol(')')) return args;
  do {
    GODWIT_ASSIGN_OR_RETURN(Expression arg, Or());
    args.push_back(std::move(arg));
  } while (cursor_.AcceptSymbol(','));
  if (!cursor_.AcceptSymbol(')')) return Unknown();
  return args;
}

Result MysqlExpressionParser::If(const std::vector<Expression>& args) {
  if (!CanBeCondition(args[0])) return NotTranslated("IF of such a value");
  GODWIT_ASSIGN_OR_RETURN(Expression result, OneOf(std::span(args).subspan(1)));
  result.sql = fmt::format("(CASE WHEN {} THEN {} ELSE {} END)", AsCondition(args[0]), args[1].sql,
                           args[2].sql);
  return result;
}

Result MysqlExpressionParser::Case() {
  std::optional<Expression> subject;
  if (!cursor_.Is("WHEN")) {
    GODWIT_ASSIGN_OR_RETURN(subject, Or());
  }
  std::string text = "(CASE";
  std::vector<Expression> values;
  while (cursor_.AcceptAny("WHEN")) {
    GODWIT_ASSIGN_OR_RETURN(Expression when, Or());
    if (subject) {
      GODWIT_ASSIGN_OR_RETURN(when, Compared(*subject, "=", when));
    }
    if (!CanBeCondition(when) || !cursor_.Accept("THEN")) return Unknown();
    GODWIT_ASSIGN_OR_RETURN(Expression then, Or());
    text += fmt::format(" WHEN {} THEN {}", AsCondition(when), then.sql);
    values.push_back(std::move(then));
  }
  if (cursor_.AcceptAny("ELSE")) {
    GODWIT_ASSIGN_OR_RETURN(Expression value, Or());
    text += " ELSE " + value.sql;
    values.push_back(std::move(value));
  }
  if (values.empty() || !cursor_.Accept("END")) return Unknown();
  GODWIT_ASSIGN_OR_RETURN(Expression result, OneOf(values));
  result.sql = text + " END)";
  return result;
}

Result MysqlExpressionParser::Arrow(const Expression& document) {
  cursor_.Skip();
  cursor_.Skip();
  const bool unquotes = cursor_.AcceptSymbol('>');
  GODWIT_ASSIGN_OR_RETURN(const Expression path, Text());
  GODWIT_ASSIGN_OR_RETURN(const Expression found,
                          TranslateJsonCall("json_extract", std::vector{document, path}));
  if (!unquotes) return found;
  GODWIT_ASSIGN_OR_RETURN(Expression text, TranslateJsonCall("json_unquote", std::vector{found}));
  caveats_.insert(caveats_.end(), text.caveats.begin(), text.caveats.end());
  text.caveats.clear();
  return text;
}

}  // namespace godwit::connectors::postgres
