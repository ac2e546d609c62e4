#include "connectors/postgres/apply/target_types.h"

#include "connectors/postgres/sql_text.h"

namespace godwit::connectors::postgres {
namespace {

// A domain compares as the type that it is made of, however many domains are between.
constexpr std::string_view kReadTypes = R"(
WITH RECURSIVE made_of (oid, base) AS (
  SELECT oid, oid FROM pg_catalog.pg_type WHERE typtype <> 'd'
  UNION ALL
  SELECT t.oid, m.base FROM pg_catalog.pg_type t JOIN made_of m ON m.oid = t.typbasetype
  WHERE t.typtype = 'd'),
equality (type, schema) AS (
  SELECT DISTINCT ON (c.opcintype) c.opcintype, n.nspname
  FROM pg_catalog.pg_opclass c JOIN pg_catalog.pg_am a ON a.oid = c.opcmethod
  JOIN pg_catalog.pg_amop p ON p.amopfamily = c.opcfamily AND p.amoplefttype = c.opcintype
    AND p.amoprighttype = c.opcintype
    AND (a.amname, p.amopstrategy) IN (('btree', 3), ('hash', 1))
  JOIN pg_catalog.pg_operator o ON o.oid = p.amopopr
  JOIN pg_catalog.pg_namespace n ON n.oid = o.oprnamespace
  WHERE c.opcdefault AND o.oprname = '=' AND n.nspname <> 'pg_catalog'
  ORDER BY c.opcintype, a.amname)
SELECT pg_catalog.format_type(t.oid, NULL), t.typdelim, e.schema
FROM pg_catalog.pg_type t JOIN made_of m ON m.oid = t.oid LEFT JOIN equality e ON e.type = m.base
WHERE t.typdelim <> ',' OR e.schema IS NOT NULL)";

}  // namespace

base::StatusOr<TargetTypes> ReadTargetTypes(Connection& connection) {
  GODWIT_ASSIGN_OR_RETURN(const std::vector<ResultRow> rows, connection.Query(kReadTypes));
  TargetTypes types;
  for (const ResultRow& row : rows) {
    TypeFacts& facts = types[row[0].value_or("")];
    if (row[1] && !row[1]->empty()) facts.delimiter = row[1]->front();
    facts.equal_schema = row[2].value_or("");
  }
  return types;
}

std::string Equality(const TargetTypes& types, const model::Column& column, std::string_view left,
                     std::string_view right) {
  const auto facts = types.find(CastType(column.type_text));
  if (facts == types.end() || facts->second.equal_schema.empty())
    return fmt::format("{} = {}", left, right);
  return fmt::format("{} OPERATOR({}.=) {}", left, QuoteName(facts->second.equal_schema), right);
}

}  // namespace godwit::connectors::postgres
