#include "connectors/mysql/log/prepared_xa.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <thread>

namespace godwit::connectors::mysql {
namespace {

constexpr std::chrono::seconds kPatience(10);
constexpr std::chrono::milliseconds kPause(50);
// One that is just being prepared is in the log before it is listed.
constexpr int kFirstLooks = 3;

}  // namespace

base::StatusOr<std::optional<std::set<std::string>>> PreparedXa(Connection& connection) {
  base::StatusOr<std::vector<ResultRow>> rows = connection.Query("XA RECOVER");
  if (!rows.ok()) {
    if (connection.is_mysql() && !absl::IsUnavailable(rows.status()))
      return std::optional<std::set<std::string>>();
    return rows.status();
  }
  std::set<std::string> names;
  for (const ResultRow& row : *rows) {
    names.insert(fmt::format("{}:{}:{}:{}", row[0].value_or(""), row[1].value_or(""),
                             row[2].value_or(""), row[3].value_or("")));
  }
  return std::optional(std::move(names));
}

base::Status WaitForPrepared(Connection& connection) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  std::set<std::string> waited_for;
  for (int look = 1;; ++look) {
    GODWIT_ASSIGN_OR_RETURN(const auto prepared, PreparedXa(connection));
    if (!prepared) return base::OkStatus();
    if (look <= kFirstLooks) {
      if (look == 1 && prepared->empty()) return base::OkStatus();
      waited_for.insert(prepared->begin(), prepared->end());
    }
    std::erase_if(waited_for, [&](const std::string& name) { return !prepared->contains(name); });
    if (look >= kFirstLooks && waited_for.empty()) return base::OkStatus();
    if (std::chrono::steady_clock::now() > deadline) {
      return base::FailedPrecondition(
          "source: {} XA transactions have been prepared for {} s and more; end those that "
          "`XA RECOVER` lists with XA COMMIT or XA ROLLBACK, then run it again",
          waited_for.size(), kPatience.count());
    }
    std::this_thread::sleep_for(kPause);
  }
}

}  // namespace godwit::connectors::mysql
