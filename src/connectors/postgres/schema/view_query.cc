#include "connectors/postgres/schema/view_query.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "connectors/postgres/sql_text.h"

namespace godwit::connectors::postgres {
namespace {

// "CREATE VIEW ... AS", the query, and what follows it where the view is a materialized one.
struct Parts {
  std::string_view head, query, tail;
};

Parts PartsOf(std::string_view statement) {
  constexpr std::string_view kAs = " AS\n", kNoData = "\n  WITH NO DATA";
  const size_t as = statement.find(kAs);
  if (as == std::string_view::npos) return {statement, {}, {}};
  const size_t query = as + kAs.size();
  const bool filled_later = statement.starts_with("CREATE MATERIALIZED ");
  const size_t end =
      filled_later ? std::min(statement.rfind(kNoData), statement.size()) : statement.size();
  return {statement.substr(0, query), statement.substr(query, end - query), statement.substr(end)};
}

}  // namespace

base::StatusOr<bool> IsSameView(Connection& connection, const std::string& schema,
                                std::string_view there, std::string_view here) {
  if (there == here) return true;
  const Parts theirs = PartsOf(there), ours = PartsOf(here);
  if (theirs.head != ours.head || theirs.tail != ours.tail) return false;
  const std::string name = QuoteName(schema) + ".godwit_view";
  const base::Status made =
      connection.Execute(fmt::format("BEGIN; CREATE VIEW {} AS\n{}", name, theirs.query)).status();
  const base::StatusOr<std::string> query =
      made.ok() ? connection.QueryValue(fmt::format(
                      "SELECT rtrim(pg_get_viewdef({}::regclass), ';')", QuoteText(name)))
                : base::StatusOr<std::string>(made);
  const base::Status ended = connection.Execute("ROLLBACK").status();
  if (absl::IsUnavailable(query.status()) || absl::IsAborted(query.status()) ||
      absl::IsCancelled(query.status())) {
    return query.status();
  }
  GODWIT_RETURN_IF_ERROR(ended);
  // What it cannot make is not what it has.
  return query.ok() && *query == ours.query;
}

}  // namespace godwit::connectors::postgres
