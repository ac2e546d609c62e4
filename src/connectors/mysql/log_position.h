#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"
#include "model/position.h"

namespace godwit::connectors::mysql {

// A place in a server's binlog: file and offset and, where known, the GTIDs up to there.
// Written "mariadb-bin.000003:1234" or "mariadb-bin.000003:1234;0-1-55".
struct LogPosition {
  std::string file;
  uint64_t offset = 0;
  std::string gtids;

  model::Position ToPosition() const;
  static base::StatusOr<LogPosition> Parse(const model::Position& position);

  // The number at the end of the file's name; 0 when there is none.
  uint64_t FileNumber() const;
};

// By file number, then offset; positions of one server's log are totally ordered.
std::partial_ordering ComparePositions(const model::Position& a, const model::Position& b);

}  // namespace godwit::connectors::mysql
