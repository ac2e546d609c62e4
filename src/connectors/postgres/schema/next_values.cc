#include "connectors/postgres/schema/next_values.h"

#include <algorithm>

#include "base/text.h"
#include "connectors/postgres/definition/catalog_sql.h"
#include "connectors/postgres/definition/definition.h"
#include "connectors/postgres/sql_text.h"

namespace godwit::connectors::postgres {
namespace {

constexpr size_t kAtOnce = 200;

struct Counter {
  model::TableName table;
  std::string column;
  model::TableName sequence;
};

base::StatusOr<std::vector<Counter>> CountersOf(const connector::Catalog& catalog) {
  std::vector<Counter> counters;
  for (const connector::CatalogTable& table : catalog.tables) {
    GODWIT_ASSIGN_OR_RETURN(const Definition definition, FromJson(table.definition.statement));
    for (const ColumnDefinition& column : definition.columns) {
      if (!column.sequence.table.empty())
        counters.push_back({definition.name, column.name, column.sequence});
    }
  }
  return counters;
}

}  // namespace

base::Status AddNextValues(Connection& connection, connector::Catalog& catalog) {
  GODWIT_ASSIGN_OR_RETURN(const std::vector<Counter> counters, CountersOf(catalog));
  for (size_t begin = 0; begin < counters.size(); begin += kAtOnce) {
    std::string query;
    for (size_t i = begin; i < std::min(begin + kAtOnce, counters.size()); ++i) {
      const std::string name = QuoteName(counters[i].sequence);
      // Beyond bigint, too, where a sequence has come to its end.
      query += fmt::format(
          "{}SELECT {}, s.last_value::numeric + CASE WHEN s.is_called THEN q.seqincrement ELSE 0 "
          "END FROM {} s, pg_catalog.pg_sequence q WHERE q.seqrelid = {}::pg_catalog.regclass AND "
          "q.seqincrement > 0",
          i == begin ? "" : " UNION ALL ", i, name, QuoteText(name));
    }
    GODWIT_ASSIGN_OR_RETURN(const std::vector<ResultRow> rows, connection.Query(query));
    for (const ResultRow& row : rows) {
      const auto next = base::ParseInteger<uint64_t>(TextOf(row[1]));
      if (!next || *next == 0) continue;  // it has not come to numbers that others count with
      const Counter& counter = counters[NumberOf(row[0])];
      catalog.objects.push_back({.kind = connector::ObjectKind::kTableSequence,
                                 .schema = counter.table.schema,
                                 .name = counter.column,
                                 .dialect = std::string(kDialect),
                                 .table = counter.table.table,
                                 .next_value = *next});
    }
  }
  return base::OkStatus();
}

}  // namespace godwit::connectors::postgres
