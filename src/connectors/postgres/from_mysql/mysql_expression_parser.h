#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/postgres/from_mysql/from_mysql_expression.h"
#include "sql/token_cursor.h"

namespace godwit::connectors::postgres {

// Reads one expression of MySQL and writes PostgreSQL's; the methods stand in the order in which
// operators bind, the weakest first. Both arguments are borrowed.
class MysqlExpressionParser {
 public:
  MysqlExpressionParser(sql::TokenCursor& cursor, std::span<const PlannedColumn> columns,
                        GeneratedColumns generated)
      : cursor_(cursor), columns_(columns), generated_(generated) {}

  base::StatusOr<Expression> Run();

 private:
  base::Status Unknown() const;
  // Symbols that stand together: "<=>".
  bool AcceptOperator(std::string_view symbols);
  base::StatusOr<Expression> Or();
  base::StatusOr<Expression> Xor();
  base::StatusOr<Expression> And();
  base::StatusOr<Expression> Negated();
  base::StatusOr<Expression> Comparison();
  // What follows IS.
  base::StatusOr<Expression> Is(const Expression& left);
  // [NOT] IN, BETWEEN, LIKE.
  base::StatusOr<Expression> Predicate();
  base::StatusOr<Expression> In(const Expression& left);
  base::StatusOr<Expression> Like(const Expression& left);
  base::StatusOr<Expression> Sum();
  base::StatusOr<Expression> Product();
  base::StatusOr<Expression> Signed();

  // Operands, in mysql_operand_parser.cc.
  base::StatusOr<Expression> Primary();
  base::StatusOr<Expression> Number(const sql::Token& token);
  base::StatusOr<Expression> Text();
  base::StatusOr<Expression> Column(const std::string& name);
  base::StatusOr<Expression> Word(const sql::Token& token);
  // Those that make no other value of one: CAST(x AS DATE), AS SIGNED, AS CHAR.
  base::StatusOr<Expression> Cast();
  // DATE'2000-01-01' and TIMESTAMP'2000-01-01 00:00:00'.
  base::StatusOr<Expression> Moment(const sql::Token& word);
  base::StatusOr<std::vector<Expression>> Arguments();
  base::StatusOr<Expression> If(const std::vector<Expression>& args);
  base::StatusOr<Expression> Case();
  // column->'path' and column->>'path'.
  base::StatusOr<Expression> Arrow(const Expression& document);

  sql::TokenCursor& cursor_;
  const std::span<const PlannedColumn> columns_;
  const GeneratedColumns generated_;
  std::vector<std::string> caveats_;
};

}  // namespace godwit::connectors::postgres
