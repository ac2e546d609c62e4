#include "connectors/mysql/from_postgres/expression_syntax.h"

#include <absl/algorithm/container.h>
#include <absl/strings/ascii.h>

#include <algorithm>

#include "connectors/mysql/from_postgres/expression_cursor.h"
#include "connectors/mysql/from_postgres/expression_type.h"

namespace godwit::connectors::mysql {
namespace {

using Kind = ExpressionNode::Kind;
using TokenKind = PostgresToken::Kind;
using Result = base::StatusOr<ExpressionNode>;
using std::string_view;

// How strongly operators bind (PostgreSQL manual, "Operator Precedence"). Deparsed expressions have
// parentheses nearly everywhere.
enum Binding : uint8_t { kAnything, kComparison, kOther, kSum, kProduct };

Binding BindingOf(string_view op) {
  if (op == "=" || op == "<" || op == ">" || op == "<=" || op == ">=" || op == "<>")
    return kComparison;
  if (op == "+" || op == "-") return kSum;
  if (op == "*" || op == "/" || op == "%") return kProduct;
  return kOther;
}

ExpressionNode Make(Kind kind, std::string text = "", std::vector<ExpressionNode> children = {}) {
  ExpressionNode node;
  node.kind = kind;
  node.text = std::move(text);
  node.children = std::move(children);
  return node;
}

class Parser {
 public:
  explicit Parser(std::vector<PostgresToken> tokens) : cursor_(std::move(tokens)) {}

  Result Expression() {
    GODWIT_ASSIGN_OR_RETURN(ExpressionNode node, Or());
    if (!cursor_.AtEnd()) return cursor_.Unknown();
    return node;
  }

 private:
  Result Or() {
    return Joined("OR", [this] { return And(); });
  }
  Result And() {
    return Joined("AND", [this] { return Not(); });
  }

  template <typename Operand>
  Result Joined(string_view word, Operand operand) {
    GODWIT_ASSIGN_OR_RETURN(ExpressionNode left, operand());
    while (cursor_.Accept(word)) {
      GODWIT_ASSIGN_OR_RETURN(ExpressionNode right, operand());
      left = Make(Kind::kOperator, std::string(word), {std::move(left), std::move(right)});
    }
    return left;
  }

  Result Not() {
    if (!cursor_.Accept("NOT")) return Test();
    GODWIT_ASSIGN_OR_RETURN(ExpressionNode operand, Not());
    return Make(Kind::kOperator, "NOT", {std::move(operand)});
  }

  // What IS follows, or not.
  Result Test() {
    GODWIT_ASSIGN_OR_RETURN(ExpressionNode left, Operators(kAnything));
    while (cursor_.Accept("IS")) {
      const string_view negation = cursor_.Accept("NOT") ? "NOT " : "";
      if (cursor_.Accept("DISTINCT")) {
        if (!cursor_.Accept("FROM")) return cursor_.Unknown();
        GODWIT_ASSIGN_OR_RETURN(ExpressionNode right, Operators(kComparison));
        left = Make(Kind::kOperator, fmt::format("IS {}DISTINCT FROM", negation),
                    {std::move(left), std::move(right)});
        continue;
      }
      string_view what;
      for (const string_view word : {"NULL", "TRUE", "FALSE", "UNKNOWN"}) {
        if (cursor_.Accept(word)) what = word;
      }
      if (what.empty()) return cursor_.Unknown();
      left = Make(Kind::kIs, fmt::format("{}{}", negation, what), {std::move(left)});
    }
    return left;
  }

  // Operands with operators between them that bind more strongly than `least`.
  Result Operators(Binding least) {
    GODWIT_ASSIGN_OR_RETURN(ExpressionNode left, Signed());
    while (cursor_.AtOperator() && BindingOf(cursor_.Peek().text) > least) {
      const std::string op = cursor_.Peek().text;
      cursor_.Skip();
      const bool any = cursor_.Is("ANY");
      if ((any || cursor_.Is("ALL")) && cursor_.IsSymbol("(", 1)) {
        cursor_.Skip(2);
        GODWIT_ASSIGN_OR_RETURN(ExpressionNode array, Or());
        if (!cursor_.AcceptSymbol(")")) return cursor_.Unknown();
        left = Make(any ? Kind::kAny : Kind::kAll, op, {std::move(left), std::move(array)});
        continue;
      }
      GODWIT_ASSIGN_OR_RETURN(ExpressionNode right, Operators(BindingOf(op)));
      left = Make(Kind::kOperator, op, {std::move(left), std::move(right)});
    }
    return left;
  }

  Result Signed() {
    if (!cursor_.AtOperator()) return WithSuffixes();
    const std::string op = cursor_.Peek().text;
    if (op != "-" && op != "+") return cursor_.Unknown();
    cursor_.Skip();
    GODWIT_ASSIGN_OR_RETURN(ExpressionNode operand, Signed());
    if (op == "+") return operand;
    return Make(Kind::kOperator, "-", {std::move(operand)});
  }

  Result WithSuffixes() {
    GODWIT_ASSIGN_OR_RETURN(ExpressionNode node, Primary());
    while (true) {
      if (cursor_.AcceptSymbol("::")) {
        node = Make(Kind::kCast, "", {std::move(node)});
        GODWIT_ASSIGN_OR_RETURN(node.type, ParsePostgresType(cursor_));
      } else if (cursor_.Accept("COLLATE")) {
        node = Make(Kind::kCollate, "", {std::move(node)});
        GODWIT_ASSIGN_OR_RETURN(node.text, cursor_.QualifiedName());
      } else if (cursor_.Is("AT") && cursor_.Is("TIME", 1) && cursor_.Is("ZONE", 2)) {
        cursor_.Skip(3);
        GODWIT_ASSIGN_OR_RETURN(ExpressionNode zone, WithSuffixes());
        node = Make(Kind::kCall, "timezone", {std::move(zone), std::move(node)});
      } else {
        return node;
      }
    }
  }

  Result Primary() {
    const PostgresToken token = cursor_.Peek();
    if (cursor_.AcceptSymbol("(")) {
      GODWIT_ASSIGN_OR_RETURN(ExpressionNode inner, Or());
      if (!cursor_.AcceptSymbol(")")) return cursor_.Unknown();
      return inner;
    }
    switch (token.kind) {
      case TokenKind::kNumber:
        cursor_.Skip();
        return Make(Kind::kNumber, token.text);
      case TokenKind::kString:
        cursor_.Skip();
        return Make(Kind::kString, token.text);
      case TokenKind::kBits:
        cursor_.Skip();
        return Make(Kind::kBits, token.text);
      case TokenKind::kWord:
        return Word();
      case TokenKind::kName:
        return NameOrCall();
      default:
        return cursor_.Unknown();
    }
  }

  Result Word() {
    if (cursor_.Accept("NULL")) return Make(Kind::kNull);
    if (cursor_.Accept("true")) return Make(Kind::kBoolean, "true");
    if (cursor_.Accept("false")) return Make(Kind::kBoolean, "false");
    if (cursor_.Accept("CASE")) return Case();
    if (cursor_.Is("ARRAY") && cursor_.IsSymbol("[", 1)) {
      cursor_.Skip(2);
      return Items(Kind::kArray, "", "]");
    }
    // Keywords that are written in capitals; as names they would be in quotes.
    for (const string_view word :
         {"CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIMESTAMP", "LOCALTIME", "LOCALTIMESTAMP"}) {
      if (!cursor_.Is(word)) continue;
      cursor_.Skip();
      const std::string name = absl::AsciiStrToLower(std::string(word));
      if (cursor_.AcceptSymbol("(")) return Items(Kind::kCall, name, ")");
      return Make(Kind::kCall, name);
    }
    if (cursor_.IsSymbol("(", 1)) {
      for (const string_view word : {"EXTRACT", "SUBSTRING", "TRIM", "POSITION"}) {
        if (cursor_.Peek().text != word) continue;
        cursor_.Skip(2);
        return SpecialCall(word);
      }
      for (const string_view word : {"COALESCE", "NULLIF", "GREATEST", "LEAST"}) {
        if (cursor_.Peek().text != word) continue;
        cursor_.Skip(2);
        return Items(Kind::kCall, absl::AsciiStrToLower(std::string(word)), ")");
      }
    }
    return NameOrCall();
  }

  Result NameOrCall() {
    const PostgresToken token = cursor_.Peek();
    if (token.kind == TokenKind::kWord && absl::c_any_of(token.text, absl::ascii_isupper))
      return cursor_.Unknown();  // a keyword
    GODWIT_ASSIGN_OR_RETURN(std::string name, cursor_.QualifiedName());
    const bool qualified = name != token.raw;
    if (!cursor_.AcceptSymbol("(")) {
      if (qualified) return base::Unimplemented("`{}`", name);
      return Make(Kind::kColumn, token.text);
    }
    return Items(Kind::kCall, qualified ? name : token.text, ")");  // "left"(a, 1)
  }

  // What stands up to `end` with commas between.
  Result Items(Kind kind, std::string text, string_view end) {
    ExpressionNode node = Make(kind, std::move(text));
    if (cursor_.AcceptSymbol(end)) return node;
    do {
      GODWIT_ASSIGN_OR_RETURN(ExpressionNode item, Or());
      node.children.push_back(std::move(item));
    } while (cursor_.AcceptSymbol(","));
    if (!cursor_.AcceptSymbol(end)) return cursor_.Unknown();
    return node;
  }

  // After `EXTRACT(` and the like: as calls of the functions that they stand for.
  Result SpecialCall(string_view word) {
    ExpressionNode call = Make(Kind::kCall, absl::AsciiStrToLower(std::string(word)));
    std::vector<ExpressionNode>& args = call.children;
    const auto add = [&]() -> base::Status {
      GODWIT_ASSIGN_OR_RETURN(ExpressionNode arg, Or());
      args.push_back(std::move(arg));
      return base::OkStatus();
    };
    if (word == "EXTRACT") {
      args.push_back(Make(Kind::kString, cursor_.Peek().text));
      cursor_.Skip();
      if (!cursor_.Accept("FROM")) return cursor_.Unknown();
      GODWIT_RETURN_IF_ERROR(add());
    } else if (word == "TRIM") {
      call.text = cursor_.Accept("LEADING")    ? "ltrim"
                  : cursor_.Accept("TRAILING") ? "rtrim"
                                               : "btrim";
      cursor_.Accept("BOTH");
      if (!cursor_.Is("FROM")) GODWIT_RETURN_IF_ERROR(add());
      if (!cursor_.Accept("FROM")) return cursor_.Unknown();
      GODWIT_RETURN_IF_ERROR(add());
      std::reverse(args.begin(), args.end());
    } else if (word == "POSITION") {
      call.text = "strpos";
      GODWIT_RETURN_IF_ERROR(add());
      if (!cursor_.Accept("IN")) return cursor_.Unknown();
      GODWIT_RETURN_IF_ERROR(add());
      std::reverse(args.begin(), args.end());
    } else {
      GODWIT_RETURN_IF_ERROR(add());
      if (!cursor_.Accept("FROM")) return cursor_.Unknown();
      GODWIT_RETURN_IF_ERROR(add());
      if (cursor_.Accept("FOR")) GODWIT_RETURN_IF_ERROR(add());
    }
    if (!cursor_.AcceptSymbol(")")) return cursor_.Unknown();
    return call;
  }

  Result Case() {
    ExpressionNode node = Make(Kind::kCase);
    if (!cursor_.Is("WHEN")) {
      node.has_subject = true;
      GODWIT_ASSIGN_OR_RETURN(ExpressionNode subject, Or());
      node.children.push_back(std::move(subject));
    }
    while (cursor_.Accept("WHEN")) {
      GODWIT_ASSIGN_OR_RETURN(ExpressionNode when, Or());
      if (!cursor_.Accept("THEN")) return cursor_.Unknown();
      GODWIT_ASSIGN_OR_RETURN(ExpressionNode then, Or());
      node.children.push_back(std::move(when));
      node.children.push_back(std::move(then));
    }
    if (cursor_.Accept("ELSE")) {
      node.has_else = true;
      GODWIT_ASSIGN_OR_RETURN(ExpressionNode value, Or());
      node.children.push_back(std::move(value));
    }
    if (!cursor_.Accept("END")) return cursor_.Unknown();
    return node;
  }

  ExpressionCursor cursor_;
};

}  // namespace

base::StatusOr<ExpressionNode> ParsePostgresExpression(string_view text) {
  GODWIT_ASSIGN_OR_RETURN(std::vector<PostgresToken> tokens, LexPostgres(text));
  return Parser(std::move(tokens)).Expression();
}

}  // namespace godwit::connectors::mysql
