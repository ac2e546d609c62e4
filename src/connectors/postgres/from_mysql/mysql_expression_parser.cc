#include "connectors/postgres/from_mysql/mysql_expression_parser.h"

#include "connectors/postgres/from_mysql/mysql_functions.h"
#include "connectors/postgres/from_mysql/mysql_operators.h"
#include "sql/lexer.h"

namespace godwit::connectors::postgres {

using sql::Token;
using std::string_view;
using Result = base::StatusOr<Expression>;

Result MysqlExpressionParser::Run() {
  GODWIT_ASSIGN_OR_RETURN(Expression result, Or());
  if (!cursor_.AtEnd()) return Unknown();
  result.caveats = std::move(caveats_);
  return result;
}

base::Status MysqlExpressionParser::Unknown() const {
  const string_view raw = cursor_.Peek().raw;
  return NotTranslated(fmt::format("`{}`", raw.empty() ? "its end" : raw));
}

bool MysqlExpressionParser::AcceptOperator(string_view symbols) {
  for (size_t i = 0; i < symbols.size(); ++i) {
    if (!cursor_.IsSymbol(symbols[i], i) || (i > 0 && cursor_.Peek(i).gap)) return false;
  }
  for (size_t i = 0; i < symbols.size(); ++i) cursor_.Skip();
  return true;
}

Result MysqlExpressionParser::Or() {
  GODWIT_ASSIGN_OR_RETURN(Expression left, Xor());
  while (cursor_.AcceptAny("OR") || AcceptOperator("||")) {
    GODWIT_ASSIGN_OR_RETURN(const Expression right, Xor());
    if (!CanBeCondition(left) || !CanBeCondition(right)) return NotTranslated("OR of such values");
    left = Conditions(left, "OR", right);
  }
  return left;
}

Result MysqlExpressionParser::Xor() {
  GODWIT_ASSIGN_OR_RETURN(Expression left, And());
  while (cursor_.AcceptAny("XOR")) {
    GODWIT_ASSIGN_OR_RETURN(const Expression right, And());
    if (!CanBeCondition(left) || !CanBeCondition(right)) return NotTranslated("XOR of such values");
    left = Conditions(left, "<>", right);
  }
  return left;
}

Result MysqlExpressionParser::And() {
  GODWIT_ASSIGN_OR_RETURN(Expression left, Negated());
  while (cursor_.AcceptAny("AND") || AcceptOperator("&&")) {
    GODWIT_ASSIGN_OR_RETURN(const Expression right, Negated());
    if (!CanBeCondition(left) || !CanBeCondition(right)) return NotTranslated("AND of such values");
    left = Conditions(left, "AND", right);
  }
  return left;
}

Result MysqlExpressionParser::Negated() {
  if (!cursor_.AcceptAny("NOT")) return Comparison();
  GODWIT_ASSIGN_OR_RETURN(const Expression operand, Negated());
  return Negation(operand);
}

Result MysqlExpressionParser::Comparison() {
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

Result MysqlExpressionParser::Is(const Expression& left) {
  const string_view negation = cursor_.AcceptAny("NOT") ? "NOT " : "";
  if (cursor_.AcceptAny("NULL"))
    return MakeExpression(fmt::format("({} IS {}NULL)", left.sql, negation), ValueType::kBoolean);
  for (const string_view word : {"TRUE", "FALSE", "UNKNOWN"}) {
    if (!cursor_.Accept(word)) continue;
    if (!CanBeCondition(left)) return NotTranslated("IS " + std::string(word) + " of such a value");
    return MakeExpression(fmt::format("({} IS {}{})", AsCondition(left), negation, word),
                          ValueType::kBoolean);
  }
  return Unknown();
}

Result MysqlExpressionParser::Predicate() {
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

Result MysqlExpressionParser::In(const Expression& left) {
  GODWIT_ASSIGN_OR_RETURN(const std::vector<Expression> values, Arguments());
  if (values.empty()) return Unknown();
  Expression result;
  for (const Expression& value : values) {
    GODWIT_ASSIGN_OR_RETURN(Expression one, Compared(left, "=", value));
    result = result.sql.empty() ? std::move(one) : Conditions(result, "OR", one);
  }
  return result;
}

Result MysqlExpressionParser::Like(const Expression& left) {
  GODWIT_ASSIGN_OR_RETURN(const Expression pattern, Sum());
  if (left.type != ValueType::kText || !pattern.is_literal || pattern.type != ValueType::kText ||
      left.is_literal)
    return NotTranslated("LIKE of such values");
  if (left.comparison == TextComparison::kOther) return NotTranslated("LIKE by a collation");
  // Of other escapes only PostgreSQL would complain, or not make the same.
  const std::string& text = pattern.value;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') continue;
    if (++i == text.size() || string_view("%_\\").find(text[i]) == string_view::npos)
      return NotTranslated("LIKE with such a pattern");
  }
  if (cursor_.Is("ESCAPE")) return Unknown();
  return MakeExpression(fmt::format("({} LIKE {})", left.sql, pattern.sql), ValueType::kBoolean);
}

Result MysqlExpressionParser::Sum() {
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

Result MysqlExpressionParser::Product() {
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

Result MysqlExpressionParser::Signed() {
  if (cursor_.AcceptSymbol('-')) {
    GODWIT_ASSIGN_OR_RETURN(const Expression operand, Signed());
    if (!IsNumeric(operand.type)) return NotTranslated("a sign before such a value");
    if (operand.is_literal && !operand.value.starts_with('-')) {
      Expression negative = operand;
      negative.value = "-" + operand.value;
      negative.sql = "(" + negative.value + ")";
      return negative;
    }
    const ValueType type = operand.type == ValueType::kBoolean ? ValueType::kInteger : operand.type;
    return MakeExpression(fmt::format("(- {})", AsNumber(operand)), type);
  }
  if (cursor_.AcceptSymbol('+')) return Signed();
  if (cursor_.IsSymbol('!') && !cursor_.IsSymbol('=', 1)) {
    cursor_.Skip();
    GODWIT_ASSIGN_OR_RETURN(const Expression operand, Signed());
    return Negation(operand);
  }
  return Primary();
}

Result TranslateMysqlExpression(string_view text, sql::Flavour flavour,
                                std::span<const PlannedColumn> columns,
                                GeneratedColumns generated) {
  sql::ParseOptions options;
  options.flavour = flavour;
  GODWIT_ASSIGN_OR_RETURN(std::vector<Token> tokens, sql::Lex(text, options));
  sql::TokenCursor cursor(std::move(tokens), options);
  return MysqlExpressionParser(cursor, columns, generated).Run();
}

}  // namespace godwit::connectors::postgres
