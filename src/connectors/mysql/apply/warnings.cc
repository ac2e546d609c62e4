#include "connectors/mysql/apply/warnings.h"

#include <mysqld_error.h>

#include <vector>

#include "base/text.h"
#include "connectors/mysql/connection/errors.h"
#include "connectors/mysql/log/row_history.h"

namespace godwit::connectors::mysql {
namespace {

constexpr unsigned kMostCounted =
    65535;  // with the answer to a statement, which has 16 bits for it
constexpr uint64_t kMostTold = 3;

bool IsOfNoValue(const ResultRow& warning, bool takes_defaults) {
  const std::string code = warning[1].value_or("");
  if (IsAboutPartitions(warning) || IsAboutWords(code)) return true;
  if (takes_defaults && code == std::to_string(ER_NO_DEFAULT_FOR_FIELD)) return true;
  // What the target thinks of the statement for its own binlog; but a value that was cut is one
  // that it would not store.
  return warning[0] == "Note" && code != std::to_string(WARN_DATA_TRUNCATED);
}

}  // namespace

base::StatusOr<std::optional<std::string>> FindUnexpectedWarnings(
    Connection& connection, unsigned counted, const ExpectedWarnings& expected) {
  if (counted < kMostCounted && counted == expected.count) return std::optional<std::string>();
  GODWIT_ASSIGN_OR_RETURN(const std::vector<ResultRow> shown, connection.Query("SHOW WARNINGS"));
  uint64_t all = counted;
  if (counted >= kMostCounted) {
    // Not before: MySQL forgets the warnings over it.
    GODWIT_ASSIGN_OR_RETURN(const std::string exactly,
                            connection.QueryValue("SELECT @@warning_count"));
    all = base::ParseInteger<uint64_t>(exactly).value_or(counted);
    if (all == expected.count) return std::optional<std::string>();
  }
  uint64_t real = 0;
  std::string details;
  for (const ResultRow& row : shown) {
    if (IsOfNoValue(row, expected.takes_defaults)) continue;
    if (++real <= kMostTold)
      details += fmt::format("; {} ({})", row[2].value_or(""), row[1].value_or(""));
  }
  // Of those that it does not tell nobody knows what they are about.
  if (shown.size() >= all && real == expected.count) return std::optional<std::string>();
  if (shown.size() < all)
    details += fmt::format("; of {} warnings the target tells {}", all, shown.size());
  return std::optional(std::move(details));
}

base::Status CheckWarnings(Connection& connection, const model::Table& table, unsigned counted,
                           const ExpectedWarnings& expected) {
  GODWIT_ASSIGN_OR_RETURN(const std::optional<std::string> details,
                          FindUnexpectedWarnings(connection, counted, expected));
  if (!details) return base::OkStatus();
  return base::FailedPrecondition(
      "table {}: the target would not store a value as the source has it{}; make the columns of "
      "the target hold what the source's hold",
      table.name.ToString(), *details);
}

}  // namespace godwit::connectors::mysql
