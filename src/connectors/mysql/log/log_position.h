#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "model/position.h"

namespace godwit::connectors::mysql {

// Where the group of an XA transaction begins that is prepared.
struct XaPlace {
  std::string file;
  uint64_t offset = 0;
  bool operator==(const XaPlace&) const = default;
};

// A place in a server's binlog: file and offset, where known the GTIDs up to there, and the XA
// transactions that are prepared there, and the shadows of online schema changes under way. Written
// "mariadb-bin.000003:1234", "mariadb-bin.000003:1234;0-1-55",
// "mariadb-bin.000003:1234;0-1-55;6162..1@mariadb-bin.000003:700,63..1@mariadb-bin.000002:300" or
// "mariadb-bin.000003:1234;0-1-55;;shop/_t_gho/rows".
//
// Without a file it is the set of transactions alone: where a user says to begin, or what a
// snapshot of MySQL is known to hold, which need not be a stretch of the log. At the beginning of a
// group of MySQL's log the GTIDs include the group's own, so that such a set tells whether the
// group is in it.
struct LogPosition {
  std::string file;
  uint64_t offset = 0;
  std::string gtids;
  std::map<std::string, XaPlace> prepared;  // by name (wire::mysql::XaName)
  std::string shadows;                      // what ShadowFilling knows there

  model::Position ToPosition() const;
  static base::StatusOr<LogPosition> Parse(const model::Position& position);

  // The number at the end of the file's name; 0 when there is none.
  uint64_t FileNumber() const;
  // Every file of the log that is needed to go on from here, the oldest first.
  std::vector<std::string> FilesNeeded() const;
};

// By file number, then offset; places in one server's log are totally ordered, and what has no file
// is before all that has one. Except that, where both have MySQL's GTIDs, a place whose
// transactions a set without a file holds is before the set, and any other place after it; two such
// sets compare by what they contain.
std::partial_ordering ComparePositions(const model::Position& a, const model::Position& b);

}  // namespace godwit::connectors::mysql
