#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "connectors/postgres/connection/connection.h"

namespace godwit::connectors::postgres {

// What has to be known of a task's publication, whether its target can be reached or not: kept as
// the publication's comment (docs/formats.md).
struct PublicationNote {
  std::optional<bool> by_leaf;  // whether each leaf of a partitioned table is one of its tables
  uint64_t generation = 0;      // that the log is held for (connector::Destination::Claim); 0: none
  std::map<uint32_t, char> identities;  // what tables had before they got REPLICA IDENTITY FULL

  // A comment of somebody else's notes nothing.
  static PublicationNote Parse(std::string_view comment);
  std::string ToComment() const;
  bool operator==(const PublicationNote&) const = default;
};

// Nothing: there is no such publication.
base::StatusOr<std::optional<PublicationNote>> ReadNote(Connection& control,
                                                        const std::string& publication);

// The statement that keeps it.
std::string WriteNote(const std::string& publication, const PublicationNote& note);

}  // namespace godwit::connectors::postgres
