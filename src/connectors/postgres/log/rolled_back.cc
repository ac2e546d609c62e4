#include "connectors/postgres/log/rolled_back.h"

#include <absl/strings/str_join.h>

#include <algorithm>
#include <span>

#include "base/text.h"
#include "wire/postgres/snapshot.h"

namespace godwit::connectors::postgres {
namespace {

constexpr size_t kAtOnce = 5000;

}  // namespace

base::StatusOr<std::vector<uint32_t>> FindRolledBack(Connection& connection,
                                                     const std::vector<uint32_t>& subtransactions) {
  std::vector<uint32_t> found;
  if (subtransactions.empty()) return found;
  GODWIT_ASSIGN_OR_RETURN(
      const std::string text,
      connection.QueryValue(
          "SELECT pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot())"));
  const std::optional<uint64_t> next = base::ParseInteger<uint64_t>(text);
  if (!next) return base::Internal("{}: '{}' is no transaction", connection.side(), text);
  for (size_t at = 0; at < subtransactions.size(); at += kAtOnce) {
    const std::span some =
        std::span(subtransactions).subspan(at, std::min(kAtOnce, subtransactions.size() - at));
    const std::string list = absl::StrJoin(some, ",", [&](std::string* out, uint32_t xid) {
      *out += std::to_string(wire::postgres::FullXidNear(xid, *next));
    });
    GODWIT_ASSIGN_OR_RETURN(
        const std::vector<ResultRow> rows,
        connection.Query(fmt::format(
            "SELECT xid, status FROM (SELECT xid, pg_catalog.pg_xact_status(xid) AS status "
            "FROM pg_catalog.unnest('{{{}}}'::pg_catalog.xid8[]) AS xid) AS one "
            "WHERE status IS NULL OR status = 'aborted'",
            list)));
    for (const ResultRow& row : rows) {
      const std::optional<uint64_t> xid = base::ParseInteger<uint64_t>(row[0].value_or(""));
      if (!xid) return base::Internal("{}: a transaction without a number", connection.side());
      if (!row[1]) {
        return base::FailedPrecondition(
            "{}: it does not know any more whether subtransaction {} was rolled back, which the "
            "log has changes of; set `source.streaming: false` and run again",
            connection.side(), *xid);
      }
      found.push_back(static_cast<uint32_t>(*xid));
    }
  }
  return found;
}

}  // namespace godwit::connectors::postgres
