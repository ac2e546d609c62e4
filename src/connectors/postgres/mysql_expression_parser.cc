#include <absl/algorithm/container.h>
#include <absl/strings/ascii.h>

#include <optional>

#include "base/text.h"
#include "connectors/postgres/from_mysql_expression.h"
#include "connectors/postgres/mysql_functions.h"
#include "connectors/postgres/mysql_literal.h"
#include "connectors/postgres/sql_text.h"
#include "sql/lexer.h"
#include "sql/token_cursor.h"

namespace godwit::connectors::postgres {
namespace {

using sql::Token;
using sql::TokenKind;
using std::string_view;
using Result = base::StatusOr<Expression>;

base::Status Not(std::string what) { return base::InvalidArgument("{}", what); }

Expression Make(std::string sql, ValueType type) {
  Expression result;
  result.sql = std::move(sql);
  result.type = type;
  return result;
}

class Parser {
 public:
  Parser(sql::TokenCursor& cursor, std::span<const PlannedColumn> columns,
         GeneratedColumns generated)
      : cursor_(cursor), columns_(columns), generated_(generated) {}

  Result Run() {
    GODWIT_ASSIGN_OR_RETURN(Expression result, Or());
    if (!cursor_.AtEnd()) return Unknown();
    result.caveats = std::move(caveats_);
    return result;
  }

 private:
  base::Status Unknown() const {
    const string_view raw = cursor_.Peek().raw;
    return Not(fmt::format("`{}`", raw.empty() ? "its end" : raw));
  }

  // Symbols that stand together: "<=>".
  bool AcceptOperator(string_view symbols) {
    for (size_t i = 0; i < symbols.size(); ++i) {
      if (!cursor_.IsSymbol(symbols[i], i) || (i > 0 && cursor_.Peek(i).gap)) return false;
    }
    for (size_t i = 0; i < symbols.size(); ++i) cursor_.Skip();
    return true;
  }

  Expression Joined(const Expression& a, string_view op, const Expression& b, ValueType type) {
    return Make(fmt::format("({} {} {})", a.sql, op, b.sql), type);
  }
  Expression Conditions(const Expression& a, string_view op, const Expression& b) {
    return Make(fmt::format("({} {} {})", AsCondition(a), op, AsCondition(b)), ValueType::kBoolean);
  }

  static bool CanBeCondition(const Expression& value) {
    return IsNumeric(value.type) || value.type == ValueType::kNull;
  }

  Result Or() {
    GODWIT_ASSIGN_OR_RETURN(Expression left, Xor());
    while (cursor_.AcceptAny("OR") || AcceptOperator("||")) {
      GODWIT_ASSIGN_OR_RETURN(const Expression right, Xor());
      if (!CanBeCondition(left) || !CanBeCondition(right)) return Not("OR of such values");
      left = Conditions(left, "OR", right);
    }
    return left;
  }

  Result Xor() {
    GODWIT_ASSIGN_OR_RETURN(Expression left, And());
    while (cursor_.AcceptAny("XOR")) {
      GODWIT_ASSIGN_OR_RETURN(const Expression right, And());
      if (!CanBeCondition(left) || !CanBeCondition(right)) return Not("XOR of such values");
      left = Conditions(left, "<>", right);
    }
    return left;
  }

  Result And() {
    GODWIT_ASSIGN_OR_RETURN(Expression left, Negated());
    while (cursor_.AcceptAny("AND") || AcceptOperator("&&")) {
      GODWIT_ASSIGN_OR_RETURN(const Expression right, Negated());
      if (!CanBeCondition(left) || !CanBeCondition(right)) return Not("AND of such values");
      left = Conditions(left, "AND", right);
    }
    return left;
  }

  Result Negated() {
    if (!cursor_.AcceptAny("NOT")) return Comparison();
    GODWIT_ASSIGN_OR_RETURN(const Expression operand, Negated());
    return Negation(operand);
  }
  Result Negation(const Expression& operand) {
    if (!CanBeCondition(operand)) return Not("NOT of such a value");
    return Make(fmt::format("(NOT {})", AsCondition(operand)), ValueType::kBoolean);
  }

  // Text without the blanks that do not count.
  static std::string Comparable(const Expression& value, TextComparison comparison) {
    if (value.type != ValueType::kText || comparison == TextComparison::kBytes) return value.sql;
    if (!value.is_literal) return fmt::format("rtrim({}, ' ')", value.sql);
    const size_t end = value.value.find_last_not_of(' ');
    return QuoteText(value.value.substr(0, end == std::string::npos ? 0 : end + 1));
  }

  // A string that stands for a date or a time beside one.
  static void TakeForTime(Expression& literal, const Expression& other) {
    if (!literal.is_literal || literal.type != ValueType::kText) return;
    const std::string& text = literal.value;
    if (other.type == ValueType::kDate && IsDate(text)) {
      literal = Make(QuoteText(text) + "::date", ValueType::kDate);
    } else if (other.type == ValueType::kDateTime && IsDateTime(text)) {
      literal = Make(QuoteText(text) + "::timestamp", ValueType::kDateTime);
    } else if (other.type == ValueType::kTime && IsTimeOfDay(text)) {
      literal = Make(QuoteText(text) + "::time", ValueType::kTime);
    }
  }

  Result Compared(Expression a, string_view op, Expression b) {
    TakeForTime(a, b);
    TakeForTime(b, a);
    GODWIT_ASSIGN_OR_RETURN(const ValueType type, CommonType(a, b));
    if (type == ValueType::kJson || type == ValueType::kOther || type == ValueType::kNull)
      return Not("a comparison of such values");
    if (type != ValueType::kText) return Joined(a, op, b, ValueType::kBoolean);
    GODWIT_ASSIGN_OR_RETURN(const TextComparison comparison, CommonComparison(a, b));
    if (op.starts_with('<') && op != "<>") return Not("an order of text");
    if (op.starts_with('>')) return Not("an order of text");
    a.sql = Comparable(a, comparison);
    b.sql = Comparable(b, comparison);
    return Joined(a, op, b, ValueType::kBoolean);
  }

  Result Comparison() {
    GODWIT_ASSIGN_OR_RETURN(Expression left, Predicate());
    while (true) {
      if (cursor_.AcceptAny("IS")) {
        GODWIT_ASSIGN_OR_RETURN(left, Is(left));
        continue;
      }
      string_view op;
      if (AcceptOperator("<=>")) {
        op = "IS NOT DISTINCT FROM";
      } else if (AcceptOperator("<=")) {
        op = "<=";
      } else if (AcceptOperator(">=")) {
        op = ">=";
      } else if (AcceptOperator("<>") || AcceptOperator("!=")) {
        op = "<>";
      } else if (!cursor_.IsSymbol('<', 1) && AcceptOperator("<")) {
        op = "<";
      } else if (!cursor_.IsSymbol('>', 1) && AcceptOperator(">")) {
        op = ">";
      } else if (AcceptOperator("=")) {
        op = "=";
      } else {
        return left;
      }
      GODWIT_ASSIGN_OR_RETURN(Expression right, Predicate());
      GODWIT_ASSIGN_OR_RETURN(left, Compared(std::move(left), op, std::move(right)));
    }
  }

  // What follows IS.
  Result Is(const Expression& left) {
    const string_view negation = cursor_.AcceptAny("NOT") ? "NOT " : "";
    if (cursor_.AcceptAny("NULL"))
      return Make(fmt::format("({} IS {}NULL)", left.sql, negation), ValueType::kBoolean);
    for (const string_view word : {"TRUE", "FALSE", "UNKNOWN"}) {
      if (!cursor_.Accept(word)) continue;
      if (!CanBeCondition(left)) return Not("IS " + std::string(word) + " of such a value");
      return Make(fmt::format("({} IS {}{})", AsCondition(left), negation, word),
                  ValueType::kBoolean);
    }
    return Unknown();
  }

  // [NOT] IN, BETWEEN, LIKE.
  Result Predicate() {
    GODWIT_ASSIGN_OR_RETURN(Expression left, Sum());
    const bool negated = cursor_.AcceptAny("NOT");
    Result result = left;
    if (cursor_.AcceptAny("IN")) {
      result = In(left);
    } else if (cursor_.AcceptAny("BETWEEN")) {
      GODWIT_ASSIGN_OR_RETURN(Expression least, Sum());
      if (!cursor_.Accept("AND")) return Unknown();
      GODWIT_ASSIGN_OR_RETURN(Expression most, Sum());
      GODWIT_ASSIGN_OR_RETURN(const Expression low, Compared(left, ">=", std::move(least)));
      GODWIT_ASSIGN_OR_RETURN(const Expression high, Compared(left, "<=", std::move(most)));
      result = Conditions(low, "AND", high);
    } else if (cursor_.AcceptAny("LIKE")) {
      result = Like(left);
    } else if (negated) {
      return Unknown();
    }
    if (!result.ok() || !negated) return result;
    return Negation(*result);
  }

  Result In(const Expression& left) {
    GODWIT_ASSIGN_OR_RETURN(const std::vector<Expression> values, Arguments());
    if (values.empty()) return Unknown();
    Expression result;
    for (const Expression& value : values) {
      GODWIT_ASSIGN_OR_RETURN(Expression one, Compared(left, "=", value));
      result = result.sql.empty() ? std::move(one) : Conditions(result, "OR", one);
    }
    return result;
  }

  Result Like(const Expression& left) {
    GODWIT_ASSIGN_OR_RETURN(const Expression pattern, Sum());
    if (left.type != ValueType::kText || !pattern.is_literal || pattern.type != ValueType::kText ||
        left.is_literal)
      return Not("LIKE of such values");
    if (left.comparison == TextComparison::kOther) return Not("LIKE by a collation");
    // Of other escapes only PostgreSQL would complain, or not make the same.
    const std::string& text = pattern.value;
    for (size_t i = 0; i < text.size(); ++i) {
      if (text[i] != '\\') continue;
      if (++i == text.size() || string_view("%_\\").find(text[i]) == string_view::npos)
        return Not("LIKE with such a pattern");
    }
    if (cursor_.Is("ESCAPE")) return Unknown();
    return Joined(left, "LIKE", pattern, ValueType::kBoolean);
  }

  Result Sum() {
    GODWIT_ASSIGN_OR_RETURN(Expression left, Product());
    while (true) {
      const bool plus = cursor_.IsSymbol('+');
      if (!plus && (!cursor_.IsSymbol('-') || cursor_.IsSymbol('>', 1))) return left;
      cursor_.Skip();
      if (cursor_.Is("INTERVAL")) return Unknown();
      GODWIT_ASSIGN_OR_RETURN(const Expression right, Product());
      GODWIT_ASSIGN_OR_RETURN(left, Computed(left, plus ? "+" : "-", right));
    }
  }

  Result Product() {
    GODWIT_ASSIGN_OR_RETURN(Expression left, Signed());
    while (true) {
      string_view op;
      if (cursor_.AcceptSymbol('*')) {
        op = "*";
      } else if (cursor_.AcceptSymbol('%') || cursor_.AcceptAny("MOD")) {
        op = "%";
      } else if (cursor_.AcceptAny("DIV")) {
        op = "DIV";
      } else if (cursor_.AcceptSymbol('/')) {
        op = "/";
      } else {
        return left;
      }
      GODWIT_ASSIGN_OR_RETURN(const Expression right, Signed());
      GODWIT_ASSIGN_OR_RETURN(left, Computed(left, op, right));
    }
  }

  // By zero nothing is divided: that is NULL to MySQL.
  Result Computed(const Expression& a, string_view op, const Expression& b) {
    if (!IsNumeric(a.type) || !IsNumeric(b.type)) return Not("arithmetic with such values");
    ValueType type = std::max(a.type, b.type);
    if (type == ValueType::kBoolean) type = ValueType::kInteger;
    if (op == "/" && type != ValueType::kDouble)
      return Not("division, of which MySQL makes other decimals,");
    if (op == "DIV" && type != ValueType::kInteger) return Not("DIV of such values");
    if (op == "%" && type == ValueType::kDouble) return Not("the remainder of such values");
    const bool divides = op == "/" || op == "DIV" || op == "%";
    const std::string by = AsNumber(b);
    return Make(fmt::format("({} {} {})", AsNumber(a), op == "DIV" ? "/" : op,
                            divides ? fmt::format("NULLIF({}, 0)", by) : by),
                type);
  }

  Result Signed() {
    if (cursor_.AcceptSymbol('-')) {
      GODWIT_ASSIGN_OR_RETURN(const Expression operand, Signed());
      if (!IsNumeric(operand.type)) return Not("a sign before such a value");
      if (operand.is_literal && !operand.value.starts_with('-')) {
        Expression negative = operand;
        negative.value = "-" + operand.value;
        negative.sql = "(" + negative.value + ")";
        return negative;
      }
      const ValueType type =
          operand.type == ValueType::kBoolean ? ValueType::kInteger : operand.type;
      return Make(fmt::format("(- {})", AsNumber(operand)), type);
    }
    if (cursor_.AcceptSymbol('+')) return Signed();
    if (cursor_.IsSymbol('!') && !cursor_.IsSymbol('=', 1)) {
      cursor_.Skip();
      GODWIT_ASSIGN_OR_RETURN(const Expression operand, Signed());
      return Negation(operand);
    }
    return Primary();
  }

  Result Primary() {
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

  Result Number(const Token& token) {
    const string_view raw = token.raw;
    if (raw.find_first_not_of("0123456789.") != string_view::npos) return Unknown();
    cursor_.Skip();
    const bool whole = raw.find('.') == string_view::npos && raw.size() <= 18;
    Expression number = Make(std::string(raw), whole ? ValueType::kInteger : ValueType::kDecimal);
    number.is_literal = true;
    number.value = raw;
    return number;
  }

  Result Text() {
    GODWIT_ASSIGN_OR_RETURN(std::string text, cursor_.ExpectString("a string"));
    if (text.find('\0') != std::string::npos) return Not("a string with a zero byte");
    Expression result = Make(QuoteText(text), ValueType::kText);
    result.is_literal = true;
    result.is_ascii = absl::c_all_of(text, [](char c) { return (c & 0x80) == 0; });
    result.value = std::move(text);
    return result;
  }

  Result Column(const std::string& name) {
    if (cursor_.IsSymbol('.') || cursor_.IsSymbol('(')) return Unknown();
    const auto column = absl::c_find_if(columns_, [&](const PlannedColumn& planned) {
      return base::EqualsIgnoreCase(planned.source->name, name);
    });
    if (column == columns_.end()) return Not(fmt::format("another column, `{}`,", name));
    Expression result = Make(QuoteName(column->source->name), TypeOf(*column));
    const bool is_generated = column->source->generated != sql::Generated::kNo;
    if (is_generated && generated_ == GeneratedColumns::kByExpression) {
      if (column->expression.empty()) return Not(fmt::format("another column, `{}`,", name));
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

  Result Word(const Token& token) {
    const string_view raw = token.raw;
    if (raw[0] == '_' && cursor_.Peek(1).kind == TokenKind::kString) {  // a charset
      cursor_.Skip();
      return Text();
    }
    if (cursor_.Accept("NULL")) {
      Expression null = Make("NULL", ValueType::kNull);
      null.is_literal = true;
      return null;
    }
    if (cursor_.Peek(1).kind == TokenKind::kString) return Moment(token);
    for (const string_view word : {"TRUE", "FALSE"}) {
      if (cursor_.Accept(word)) return Make(std::string(word), ValueType::kBoolean);
    }
    if (cursor_.Accept("CASE")) return Case();
    if (!cursor_.IsSymbol('(', 1)) {
      cursor_.Skip();
      return Column(std::string(raw));
    }
    cursor_.Skip();
    const std::string name = absl::AsciiStrToLower(std::string(raw));
    if (name == "cast") return Cast();
    if (name == "convert" || name == "extract") return Not(fmt::format("{}()", name));
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

  // Those that make no other value of one: CAST(x AS DATE), AS SIGNED, AS CHAR.
  Result Cast() {
    if (!cursor_.AcceptSymbol('(')) return Unknown();
    GODWIT_ASSIGN_OR_RETURN(Expression value, Or());
    if (!cursor_.Accept("AS")) return Unknown();
    const bool has_date = value.type == ValueType::kDate || value.type == ValueType::kDateTime;
    if (cursor_.AcceptAny("DATE") && has_date) {
      value = Make(fmt::format("({})::date", value.sql), ValueType::kDate);
    } else if (cursor_.AcceptAny("CHAR") && value.type == ValueType::kInteger) {
      value = Make(fmt::format("({})::text", value.sql), ValueType::kText);
      value.is_ascii = true;
      if (cursor_.AcceptAny("CHARSET") || cursor_.Accept("CHARACTER", "SET")) cursor_.Skip();
    } else if (value.type == ValueType::kInteger && cursor_.AcceptAny("SIGNED")) {
      cursor_.AcceptAny("INTEGER");
    } else {
      return Not("cast()");
    }
    if (!cursor_.AcceptSymbol(')')) return Not("cast()");
    return value;
  }

  // DATE'2000-01-01' and TIMESTAMP'2000-01-01 00:00:00'.
  Result Moment(const Token& word) {
    const bool is_date = base::EqualsIgnoreCase(word.raw, "DATE");
    if (!is_date && !base::EqualsIgnoreCase(word.raw, "TIMESTAMP")) return Unknown();
    cursor_.Skip();
    GODWIT_ASSIGN_OR_RETURN(Expression literal, Text());
    Expression like;
    like.type = is_date ? ValueType::kDate : ValueType::kDateTime;
    TakeForTime(literal, like);
    if (literal.type != like.type) return Not("a date that is none to PostgreSQL");
    return literal;
  }

  base::StatusOr<std::vector<Expression>> Arguments() {
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

  Result If(const std::vector<Expression>& args) {
    if (!CanBeCondition(args[0])) return Not("IF of such a value");
    GODWIT_ASSIGN_OR_RETURN(Expression result, OneOf(std::span(args).subspan(1)));
    result.sql = fmt::format("(CASE WHEN {} THEN {} ELSE {} END)", AsCondition(args[0]),
                             args[1].sql, args[2].sql);
    return result;
  }

  Result Case() {
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

  // column->'path' and column->>'path'.
  Result Arrow(const Expression& document) {
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

  sql::TokenCursor& cursor_;
  const std::span<const PlannedColumn> columns_;
  const GeneratedColumns generated_;
  std::vector<std::string> caveats_;
};

}  // namespace

Result TranslateMysqlExpression(string_view text, sql::Flavour flavour,
                                std::span<const PlannedColumn> columns,
                                GeneratedColumns generated) {
  sql::ParseOptions options;
  options.flavour = flavour;
  GODWIT_ASSIGN_OR_RETURN(std::vector<Token> tokens, sql::Lex(text, options));
  sql::TokenCursor cursor(std::move(tokens), options);
  return Parser(cursor, columns, generated).Run();
}

}  // namespace godwit::connectors::postgres
