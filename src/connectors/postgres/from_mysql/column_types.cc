#include "connectors/postgres/from_mysql/column_types.h"

#include <memory>

#include "connectors/postgres/sql_text.h"

namespace godwit::connectors::postgres {

base::StatusOr<std::map<std::string, ColumnType>> ReadColumnTypes(Connection& connection,
                                                                  const model::TableName& table) {
  const std::string quoted = QuoteName(table);
  const Parameter name = quoted;
  GODWIT_ASSIGN_OR_RETURN(
      const std::vector<ResultRow> rows,
      connection.QueryPrepared(
          "SELECT a.attname, b.type, a.attidentity = 'a' "
          "FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid "
          "AND a.attnum > 0 AND NOT a.attisdropped LEFT JOIN LATERAL ("
          "WITH RECURSIVE below(type, modifier) AS (SELECT a.atttypid, a.atttypmod UNION ALL "
          "SELECT t.typbasetype, t.typtypmod FROM below l JOIN pg_catalog.pg_type t "
          "ON t.oid = l.type WHERE t.typtype = 'd') "
          "SELECT pg_catalog.format_type(l.type, l.modifier) AS type FROM below l "
          "JOIN pg_catalog.pg_type t ON t.oid = l.type WHERE t.typtype <> 'd') b ON true "
          "WHERE c.oid = pg_catalog.to_regclass($1)",
          {&name, 1}));
  if (rows.empty()) {
    return base::NotFound("{}: table {} does not exist", connection.side(), table.ToString());
  }
  std::map<std::string, ColumnType> columns;
  for (const ResultRow& row : rows) {
    if (row[0]) columns[*row[0]] = {row[1].value_or(""), row[2] == "t"};
  }
  return columns;
}

base::StatusOr<model::TablePtr> WithTypesHere(Connection& connection, const model::Table& table) {
  GODWIT_ASSIGN_OR_RETURN(const auto types, ReadColumnTypes(connection, table.name));
  auto here = std::make_shared<model::Table>(table);
  here->cells_are_text = true;
  for (model::Column& column : here->columns) {
    if (column.left_out) continue;
    const auto found = types.find(column.name);
    if (found == types.end()) {
      return base::NotFound("{}: table {} has no column {}", connection.side(),
                            table.name.ToString(), column.name);
    }
    column.kind = model::TypeKind::kText;
    column.type_text = found->second.type;
    column.auto_increment = found->second.always_identity;
    column.charset.clear();
    column.collation.clear();
    column.labels.clear();
  }
  return here;
}

}  // namespace godwit::connectors::postgres
