#include "connectors/postgres/copy/range_planner.h"

#include "base/text.h"
#include "connectors/postgres/row_key.h"
#include "connectors/postgres/sql_text.h"

namespace godwit::connectors::postgres {
namespace {

constexpr uint64_t kPageBytes = 8192;
constexpr uint64_t kLeastPages = 256;  // of a table that is worth to be cut
constexpr uint64_t kSampledPages = 400;

// Of a table, or of all partitions of one; as the file system says, which needs no statistics.
base::StatusOr<uint64_t> ReadPages(Connection& connection, const model::TableName& name) {
  GODWIT_ASSIGN_OR_RETURN(
      const std::string bytes,
      connection.QueryValue(fmt::format(
          "SELECT pg_catalog.sum(pg_catalog.pg_relation_size(t.relid))::bigint FROM (SELECT relid "
          "FROM pg_catalog.pg_partition_tree({0}::regclass) UNION SELECT {0}::regclass) t",
          QuoteText(QuoteName(name)))));
  return base::ParseInteger<uint64_t>(bytes).value_or(0) / kPageBytes;
}

}  // namespace

base::StatusOr<std::vector<connector::KeyRange>> PlanRanges(Connection& connection,
                                                            const model::TableName& name,
                                                            const model::Table& table, int parts) {
  const std::vector<connector::KeyRange> whole(1);
  if (parts <= 1 || table.RowIdentity().empty()) return whole;
  GODWIT_ASSIGN_OR_RETURN(const uint64_t pages, ReadPages(connection, name));
  if (pages < kLeastPages) return whole;
  const std::string keys = KeyColumns(table);
  const double percent =
      std::min(100.0, 100.0 * static_cast<double>(kSampledPages) / static_cast<double>(pages));
  GODWIT_ASSIGN_OR_RETURN(
      const std::vector<ResultRow> sample,
      connection.Query(fmt::format("SELECT {0} FROM {1} TABLESAMPLE SYSTEM ({2}) ORDER BY {0}",
                                   keys, QuoteName(name), percent)));
  std::vector<connector::KeyRange> ranges;
  std::string after;
  for (int part = 1; part < parts; ++part) {
    const size_t at = sample.size() * static_cast<size_t>(part) / static_cast<size_t>(parts);
    if (at >= sample.size()) break;
    std::string key = EncodeKey(sample[at]);
    if (key == after) continue;
    ranges.push_back({after, key});
    after = std::move(key);
  }
  ranges.push_back({after, ""});
  return ranges;
}

}  // namespace godwit::connectors::postgres
