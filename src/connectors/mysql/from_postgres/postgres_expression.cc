#include "connectors/mysql/from_postgres/postgres_expression.h"

#include <nlohmann/json.hpp>
#include <optional>

#include "connectors/mysql/from_postgres/expression_assignment.h"
#include "connectors/mysql/from_postgres/expression_functions.h"
#include "connectors/mysql/from_postgres/expression_operators.h"
#include "connectors/mysql/from_postgres/expression_syntax.h"
#include "connectors/mysql/from_postgres/expression_value.h"
#include "sql/lexer.h"
#include "wire/postgres/array_text.h"

namespace godwit::connectors::mysql {
namespace {

using Kind = ExpressionNode::Kind;
using Result = base::StatusOr<ExpressionValue>;
using std::string_view;

class Translator {
 public:
  explicit Translator(ExpressionScope& scope) : scope_(scope) {}

  Result Translate(const ExpressionNode& node) {
    ExpressionValue value;
    switch (node.kind) {
      case Kind::kNull:
        value = MakeValue("NULL", ValueKind::kNull);
        value.is_literal = true;
        return value;
      case Kind::kBoolean:
        value = MakeValue(node.text == "true" ? "TRUE" : "FALSE", ValueKind::kBoolean);
        value.is_literal = true;
        return value;
      case Kind::kNumber:
        return MakeNumber(node.text);
      case Kind::kString:
        return MakeTextLiteral(node.text);
      case Kind::kColumn:
        return ColumnValue(scope_, node.text);
      case Kind::kCall: {
        GODWIT_ASSIGN_OR_RETURN(const std::vector<ExpressionValue> args, All(node.children));
        return Called(scope_, node.text, args);
      }
      case Kind::kOperator:
        return Operator(node);
      case Kind::kAny:
      case Kind::kAll:
        return Quantified(node);
      case Kind::kCast:
        return CastOf(node);
      case Kind::kCase:
        return Case(node);
      case Kind::kIs:
        return Is(node);
      case Kind::kCollate:
        return Collated(node);
      case Kind::kBits:
      case Kind::kArray:
        return NotTranslated(node.kind == Kind::kArray ? "an array" : "a string of bits");
    }
    return NotTranslated("such an expression");
  }

 private:
  base::StatusOr<std::vector<ExpressionValue>> All(const std::vector<ExpressionNode>& nodes) {
    std::vector<ExpressionValue> values;
    for (const ExpressionNode& node : nodes) {
      GODWIT_ASSIGN_OR_RETURN(ExpressionValue value, Translate(node));
      values.push_back(std::move(value));
    }
    return values;
  }

  static bool IsTruth(const ExpressionValue& value) {
    return value.kind == ValueKind::kBoolean || value.kind == ValueKind::kNull;
  }

  Result Operator(const ExpressionNode& node) {
    const std::string& op = node.text;
    GODWIT_ASSIGN_OR_RETURN(const ExpressionValue left, Translate(node.children[0]));
    if (op == "NOT") return Negation(left);
    if (node.children.size() == 1) return Negative(left);
    GODWIT_ASSIGN_OR_RETURN(const ExpressionValue right, Translate(node.children[1]));
    if (op == "AND" || op == "OR") {
      if (!IsTruth(left) || !IsTruth(right)) return NotTranslated(op + " of such values");
      return MakeCondition(fmt::format("({} {} {})", left.sql, op, right.sql));
    }
    if (op.ends_with("DISTINCT FROM")) {
      GODWIT_ASSIGN_OR_RETURN(const ExpressionValue same, Compared(scope_, left, "<=>", right));
      return op.starts_with("IS NOT") ? Result(same) : Negation(same);
    }
    for (const string_view comparison : {"=", "<>", "<", ">", "<=", ">="}) {
      if (op == comparison) return Compared(scope_, left, op, right);
    }
    return Computed(scope_, left, op, right);
  }

  // The elements of an array that is a constant.
  base::StatusOr<std::vector<ExpressionValue>> Elements(const ExpressionNode& array) {
    if (array.kind == Kind::kArray) return All(array.children);
    if (array.kind != Kind::kCast || array.type.dimensions != 1)
      return NotTranslated("a comparison with an array");
    PostgresType type = array.type;
    type.dimensions = 0;
    const ExpressionNode& inner = array.children[0];
    if (inner.kind == Kind::kString) return ElementsOf(inner.text, type);
    GODWIT_ASSIGN_OR_RETURN(std::vector<ExpressionValue> values, Elements(inner));
    for (ExpressionValue& value : values) {
      GODWIT_ASSIGN_OR_RETURN(value, Cast(scope_, value, type));
    }
    return values;
  }

  // '{1,2}'::integer[]
  base::StatusOr<std::vector<ExpressionValue>> ElementsOf(const std::string& text,
                                                          const PostgresType& type) {
    std::string document;
    if (wire::postgres::AppendArrayAsJson(document, text, {}) != wire::postgres::ArrayRead::kRead)
      return NotTranslated(fmt::format("the array {}", text));
    std::vector<ExpressionValue> values;
    for (const nlohmann::json& element : nlohmann::json::parse(document)) {
      if (element.is_null()) {
        values.push_back(MakeValue("NULL", ValueKind::kNull));
        continue;
      }
      if (!element.is_string()) return NotTranslated(fmt::format("the array {}", text));
      GODWIT_ASSIGN_OR_RETURN(ExpressionValue value,
                              CastLiteral(scope_, element.get<std::string>(), type));
      values.push_back(std::move(value));
    }
    return values;
  }

  Result Quantified(const ExpressionNode& node) {
    const bool known = node.kind == Kind::kAny ? node.text == "=" : node.text == "<>";
    if (!known)
      return NotTranslated(node.text + (node.kind == Kind::kAny ? " ANY (...)" : " ALL (...)"));
    GODWIT_ASSIGN_OR_RETURN(const ExpressionValue left, Translate(node.children[0]));
    GODWIT_ASSIGN_OR_RETURN(const std::vector<ExpressionValue> values, Elements(node.children[1]));
    return ComparedWithAll(scope_, left, node.text, values);
  }

  Result CastOf(const ExpressionNode& node) {
    const ExpressionNode& operand = node.children[0];
    if (operand.kind == Kind::kString) return CastLiteral(scope_, operand.text, node.type);
    GODWIT_ASSIGN_OR_RETURN(const ExpressionValue value, Translate(operand));
    return Cast(scope_, value, node.type);
  }

  Result Is(const ExpressionNode& node) {
    GODWIT_ASSIGN_OR_RETURN(const ExpressionValue operand, Translate(node.children[0]));
    if (!node.text.ends_with("NULL") && !IsTruth(operand))
      return NotTranslated(fmt::format("IS {} of such a value", node.text));
    return MakeCondition(fmt::format("({} IS {})", operand.sql, node.text));
  }

  Result Collated(const ExpressionNode& node) {
    GODWIT_ASSIGN_OR_RETURN(ExpressionValue text, Translate(node.children[0]));
    // Those without a schema are the server's own, which take nothing for equal that is not.
    const bool built_in =
        node.text.find('.') == std::string::npos || node.text.starts_with("pg_catalog.");
    if (text.kind != ValueKind::kText || text.order == TextOrder::kOther || !built_in)
      return NotTranslated(fmt::format("COLLATE {}", node.text));
    text.sorts_by_bytes = node.text.ends_with("\"C\"") || node.text.ends_with("\"POSIX\"");
    return text;
  }

  Result Case(const ExpressionNode& node) {
    size_t at = 0;
    std::optional<ExpressionValue> subject;
    if (node.has_subject) {
      GODWIT_ASSIGN_OR_RETURN(subject, Translate(node.children[at++]));
    }
    std::string sql = "(CASE";
    std::vector<ExpressionValue> values;
    const size_t end = node.children.size() - (node.has_else ? 1 : 0);
    for (; at + 1 < end; at += 2) {
      GODWIT_ASSIGN_OR_RETURN(ExpressionValue when, Translate(node.children[at]));
      if (subject) {
        GODWIT_ASSIGN_OR_RETURN(when, Compared(scope_, *subject, "=", when));
      }
      if (!IsTruth(when)) return NotTranslated("CASE of such values");
      GODWIT_ASSIGN_OR_RETURN(ExpressionValue then, Translate(node.children[at + 1]));
      sql += fmt::format(" WHEN {} THEN {}", when.sql, then.sql);
      values.push_back(std::move(then));
    }
    if (node.has_else) {
      GODWIT_ASSIGN_OR_RETURN(ExpressionValue value, Translate(node.children.back()));
      sql += " ELSE " + value.sql;
      values.push_back(std::move(value));
    }
    GODWIT_ASSIGN_OR_RETURN(ExpressionValue result, OneOf(values));
    result.sql = sql + " END)";
    return result;
  }

  ExpressionScope& scope_;
};

// The most characters of a part of an index: 3072 bytes.
constexpr uint32_t kLongestPart = 768;

base::StatusOr<std::string> AsKey(const ExpressionScope& scope, const ExpressionValue& value) {
  if (!scope.IsMySql())
    return NotTranslated("a key over an expression, of which MariaDB has none,");
  if (value.kind == ValueKind::kText && value.most_length.value_or(kLongestPart + 1) > kLongestPart)
    return NotTranslated("a key over text that may be longer than a key");
  if (value.kind == ValueKind::kBytes || value.kind == ValueKind::kJson ||
      value.kind == ValueKind::kOther || value.kind == ValueKind::kNull || value.is_literal)
    return NotTranslated("a key over such a value");
  if (value.sql.starts_with('`')) return NotTranslated("a key over what is a column there");
  return value.sql;
}

base::StatusOr<std::string> AsCheck(const ExpressionScope& scope, const ExpressionValue& value) {
  if (value.kind != ValueKind::kBoolean) return NotTranslated("a check that is no condition");
  // MySQL takes only what is a condition to it.
  if (scope.IsMySql() && !value.is_condition) return fmt::format("({} <> 0)", value.sql);
  return value.sql;
}

// Dates of the target end with the year 9999: what is beyond is NULL there, or an error. A column
// could not hold it anyway; elsewhere rows would be refused that PostgreSQL takes.
base::Status AllowMoves(ExpressionScope& scope, const ExpressionNode& node) {
  if (scope.moves == 0 || scope.use == ExpressionUse::kDefault) return base::OkStatus();
  int of_value = 0;
  const ExpressionNode* at = &node;
  while (at->kind == Kind::kCast || (at->kind == Kind::kOperator && at->children.size() == 2 &&
                                     (at->text == "+" || at->text == "-"))) {
    if (at->kind == Kind::kOperator) ++of_value;
    at = &at->children[0];
  }
  if (scope.use != ExpressionUse::kGenerated || of_value != scope.moves)
    return NotTranslated("a date with days added to it, which the target has up to the year 9999,");
  scope.Warn("what comes after the year 9999 is NULL or an error on the target");
  return base::OkStatus();
}

base::StatusOr<std::string> TranslateIn(ExpressionScope& scope, const ExpressionNode& node,
                                        const ExpressionContext& context) {
  const sql::ColumnDefinition* here = nullptr;
  if (context.column != nullptr) {
    const int index = scope.here.FindColumn(context.column->name);
    if (index >= 0) here = &scope.here.columns[static_cast<size_t>(index)];
  }
  const bool assigns =
      scope.use == ExpressionUse::kDefault || scope.use == ExpressionUse::kGenerated;
  if (assigns && here == nullptr)
    return base::Internal("no column is said that gets the value of an expression");
  if (scope.use == ExpressionUse::kDefault) {
    std::string text = TimeDefault(scope, node, *context.column, *here);
    if (!text.empty()) return text;
  }
  GODWIT_ASSIGN_OR_RETURN(const ExpressionValue value, Translator(scope).Translate(node));
  GODWIT_RETURN_IF_ERROR(AllowMoves(scope, node));
  if (scope.use == ExpressionUse::kKey) return AsKey(scope, value);
  if (scope.use == ExpressionUse::kCheck) return AsCheck(scope, value);
  GODWIT_ASSIGN_OR_RETURN(std::string sql, Assigned(value, *context.column, *here));
  if (scope.use == ExpressionUse::kGenerated) return sql;
  return "(" + sql + ")";
}

// As definitions have expressions, so that the text is the same once it has been read back. What
// MariaDB keeps of a string with an introducer lacks its backslashes, so that it has none there:
// statements that define tables are sent in utf8mb4.
base::StatusOr<std::string> Rendered(const std::string& text, sql::Flavour to) {
  sql::ParseOptions options;
  options.flavour = to;
  GODWIT_ASSIGN_OR_RETURN(std::vector<sql::Token> tokens, sql::Lex(text, options));
  for (size_t i = tokens.size(); to == sql::Flavour::kMariaDb && i-- > 0;) {
    if (tokens[i].raw != "_utf8mb4") continue;
    tokens[i + 1].gap = tokens[i].gap;
    tokens.erase(tokens.begin() + static_cast<ptrdiff_t>(i));
  }
  return sql::Render(tokens);
}

}  // namespace

base::StatusOr<std::string> FromPostgresExpression(string_view text,
                                                   const sql::postgres::Definition& table,
                                                   ExpressionUse use, sql::Flavour to,
                                                   const ExpressionContext& context) {
  GODWIT_ASSIGN_OR_RETURN(const ExpressionNode node, ParsePostgresExpression(text));
  if (context.here == nullptr) return base::Internal("no table is said that has an expression");
  ExpressionScope scope{
      .table = table, .use = use, .to = to, .here = *context.here, .caveats = {}, .moves = 0};
  GODWIT_ASSIGN_OR_RETURN(const std::string translated, TranslateIn(scope, node, context));
  if (context.caveats != nullptr)
    context.caveats->insert(context.caveats->end(), scope.caveats.begin(), scope.caveats.end());
  return Rendered(translated, to);
}

}  // namespace godwit::connectors::mysql
