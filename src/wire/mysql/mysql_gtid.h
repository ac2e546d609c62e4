#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace godwit::wire::mysql {

// A server's UUID, the first part of MySQL's GTIDs.
struct Uuid {
  std::array<uint8_t, 16> bytes{};

  // "3e11fa47-71ca-11e1-9e33-c80aa9429562" in lower case.
  std::string ToString() const;
  bool operator==(const Uuid&) const = default;
  bool operator<(const Uuid& other) const { return bytes < other.bytes; }
};

inline constexpr uint64_t kMostGno = INT64_MAX - 1;  // the largest number of a transaction
inline constexpr size_t kMostTagSize = 32;
// Whether a log may hold it: empty, or letters, digits and underscores in lower case, a digit not
// first.
bool ValidTag(std::string_view tag);

// A MySQL global transaction id, "uuid:number" or, since MySQL 8.3, "uuid:tag:number"
// (https://dev.mysql.com/doc/refman/9.7/en/replication-gtids-concepts.html).
struct MysqlGtid {
  Uuid uuid;
  std::string tag;   // in lower case; empty for none
  uint64_t gno = 0;  // 1 to kMostGno

  // In the forms that the server takes. kInvalidArgument: not exactly one GTID.
  static base::StatusOr<MysqlGtid> Parse(std::string_view text);
  std::string ToString() const;
  bool operator==(const MysqlGtid&) const = default;
};

// A set of MySQL GTIDs, as in gtid_executed: for every UUID and tag the numbers, as intervals that
// neither overlap nor touch. A value. Not thread-safe while being changed.
class MysqlGtidSet {
 public:
  struct Interval {
    uint64_t first = 0, last = 0;  // both belong to it
    bool operator==(const Interval&) const = default;
  };
  // The transactions that one server numbered under one tag.
  struct Source {
    Uuid uuid;
    std::string tag;
    std::vector<Interval> intervals;  // ascending, never empty
    bool operator==(const Source&) const = default;
  };

  // Takes what the server takes: "uuid:1-5:7:tag:1-3,uuid:2" with spaces around the parts, either
  // case, UUIDs without hyphens or in braces, any order, overlaps, empty parts and empty intervals
  // ("5-4"); "" is the empty set. kInvalidArgument: anything else.
  static base::StatusOr<MysqlGtidSet> Parse(std::string_view text);
  // The server's canonical form on one line: ordered by UUID and tag, a UUID once, no spaces (the
  // server itself breaks the line after each comma).
  std::string ToString() const;

  // The binary form, of COM_BINLOG_DUMP_GTID and of Previous_gtids events (Gtid_set::encode in
  // the server's sources; integers are little-endian). A count of 8 bytes; for each source its
  // UUID (16 bytes), the number of its intervals (8 bytes) and these, each by its first number and
  // the one after its last (8 bytes each). In the tagged form, of MySQL 8.3 and later, the first
  // and the last byte of the count are 1 and the count is the six between; a tag follows each UUID,
  // its size as a variable-length integer (serialization.h) before it. Decode tells them apart.
  // kDataLoss: malformed.
  static base::StatusOr<MysqlGtidSet> Decode(std::string_view bytes);
  // In the tagged form where there is a tag, so that a server that knows none can take the rest.
  std::string Encode() const;

  // Adds one transaction; a number outside 1 to kMostGno is none. At the end of a source's last
  // interval, where a log's next transaction comes, it costs next to nothing.
  void Add(const MysqlGtid& gtid);
  void Union(const MysqlGtidSet& other);
  void Subtract(const MysqlGtidSet& other);
  void Intersect(const MysqlGtidSet& other);

  bool Contains(const MysqlGtid& gtid) const;
  bool Contains(const MysqlGtidSet& other) const;
  // By what each contains; unordered where each has something that the other lacks.
  std::partial_ordering Compare(const MysqlGtidSet& other) const;

  // How many transactions; UINT64_MAX for all numbers from there on.
  uint64_t Count() const;
  bool empty() const { return sources_.empty(); }
  const std::vector<Source>& sources() const { return sources_; }  // by UUID and tag
  bool tagged() const;
  bool operator==(const MysqlGtidSet&) const = default;

 private:
  // Sorts and merges sources and intervals that came in any order.
  static MysqlGtidSet Normalized(std::vector<Source> sources);
  template <typename Combine>
  void CombineEach(const MysqlGtidSet& other, bool keep_mine, bool take_theirs, Combine combine);

  std::vector<Source> sources_;
};

}  // namespace godwit::wire::mysql
