#include "connectors/mysql/ddl/session_facts.h"

#include <absl/strings/escaping.h>

#include <set>
#include <vector>

#include "base/text.h"
#include "connectors/mysql/catalog.h"
#include "connectors/mysql/connection/connection.h"

namespace godwit::connectors::mysql {
namespace {

constexpr int64_t kDay = 24 * 3600;
// What all servers take for a session's zone.
constexpr int64_t kFarthestWest = -(12 * 3600 + 59 * 60), kFarthestEast = 13 * 3600;
constexpr int kDaysBetweenProbes = 91;         // summer and winter of every year
constexpr int64_t kLastProbe = 2'145'916'800;  // 2038-01-01, the end of 32 bits

// The seconds that the session's zone is ahead of UTC at a moment.
std::string OffsetAt(int64_t unix_seconds) {
  return fmt::format(
      "TIMESTAMPDIFF(SECOND, TIMESTAMPADD(SECOND, {0}, '1970-01-01'), FROM_UNIXTIME({0}))",
      unix_seconds);
}

class AskingFacts : public SessionFacts {
 public:
  explicit AskingFacts(Server source) : source_(std::move(source)) {}

  base::StatusOr<std::string> ToUtf8(std::string_view text, uint16_t collation) override {
    GODWIT_ASSIGN_OR_RETURN(auto server, Open());
    GODWIT_ASSIGN_OR_RETURN(auto names, ReadCollations(*server));
    const auto name = names.find(collation);
    if (name == names.end()) {
      return base::FailedPrecondition(
          "a statement in the source's log is in the character set of collation {}, which the "
          "source does not have: {}",
          collation, text.substr(0, 200));
    }
    const std::string charset = name->second.substr(0, name->second.find('_'));
    return server->QueryValue(fmt::format("SELECT CONVERT(_{} x'{}' USING utf8mb4)", charset,
                                          absl::BytesToHexString({text.data(), text.size()})));
  }

  base::StatusOr<Zone> SystemZoneAt(uint32_t unix_seconds) override {
    GODWIT_ASSIGN_OR_RETURN(auto server, Open());
    GODWIT_RETURN_IF_ERROR(server->Execute("SET SESSION time_zone='SYSTEM'").status());
    std::string query = "SELECT " + OffsetAt(unix_seconds);
    for (int64_t probe = kDay; probe < kLastProbe; probe += kDaysBetweenProbes * kDay)
      query += "," + OffsetAt(probe);
    GODWIT_ASSIGN_OR_RETURN(const ResultRow offsets, server->QueryRow(query));
    const int64_t seconds = base::ParseInteger<int64_t>(offsets[0].value_or("")).value_or(0);
    Zone zone;
    if (seconds >= kFarthestWest && seconds <= kFarthestEast)
      zone.offset = fmt::format("{}{:02}:{:02}", seconds < 0 ? '-' : '+', std::abs(seconds) / 3600,
                                std::abs(seconds) / 60 % 60);
    zone.constant = std::set(offsets.begin(), offsets.end()).size() == 1;
    return zone;
  }

 private:
  base::StatusOr<std::unique_ptr<Connection>> Open() const {
    return Connection::Open(source_, "source", Connection::Text::kBinary);
  }

  const Server source_;
};

}  // namespace

std::unique_ptr<SessionFacts> AskServer(Server source) {
  return std::make_unique<AskingFacts>(std::move(source));
}

}  // namespace godwit::connectors::mysql
