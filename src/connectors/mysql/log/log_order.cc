#include "connectors/mysql/log/log_order.h"

#include <absl/strings/match.h>
#include <absl/strings/str_split.h>

#include <algorithm>
#include <string>
#include <utility>

#include "base/text.h"

namespace godwit::connectors::mysql {

using wire::mysql::MariadbGtid;

std::optional<LogWriter> LogWriter::Parse(std::string_view identity) {
  const std::vector<std::string> parts =
      absl::StrSplit(absl::string_view(identity.data(), identity.size()), '-');
  if (parts.size() != 3 || parts[0] != "mariadb") return std::nullopt;
  const auto domain = base::ParseInteger<uint32_t>(parts[1]);
  const auto server = base::ParseInteger<uint32_t>(parts[2]);
  if (!domain || !server) return std::nullopt;
  return LogWriter{*domain, *server};
}

void LogOrder::Begin(const std::vector<MariadbGtid>& before) {
  for (const MariadbGtid& gtid : before) Know(gtid);
}

std::optional<Disorder> LogOrder::Take(const MariadbGtid& gtid) {
  const auto place = std::ranges::find(places_, gtid.domain, &MariadbGtid::domain);
  if (place == places_.end()) return std::nullopt;
  const bool at_place = gtid.server == place->server && gtid.seq >= place->seq;
  if (at_place && gtid.seq > place->seq) {
    // The transaction of the place itself is not in this log, whose server was to leave it out. All
    // is passed over until here.
    for (const MariadbGtid& other : highest_) {
      if (other.domain == gtid.domain && other.server != gtid.server && other.seq > place->seq)
        return Disorder{other, gtid, *place};
    }
    places_.erase(place);
    return std::nullopt;
  }
  for (const MariadbGtid& other : highest_) {
    if (other.domain != gtid.domain || other.server == gtid.server || other.seq < gtid.seq)
      continue;
    if (earlier_ != LogWriter{other.domain, other.server}) return Disorder{other, gtid, *place};
  }
  Know(gtid);
  if (at_place) places_.erase(place);
  return std::nullopt;
}

void LogOrder::Know(const MariadbGtid& gtid) {
  const auto same = std::ranges::find_if(highest_, [&](const MariadbGtid& one) {
    return one.domain == gtid.domain && one.server == gtid.server;
  });
  if (same == highest_.end())
    highest_.push_back(gtid);
  else
    same->seq = std::max(same->seq, gtid.seq);
}

}  // namespace godwit::connectors::mysql
