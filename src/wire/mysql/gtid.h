#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace godwit::wire::mysql {

// A MariaDB global transaction id, "domain-server-sequence"
// (https://mariadb.com/kb/en/gtid/#implementation).
struct MariadbGtid {
  uint32_t domain = 0;
  uint32_t server = 0;
  uint64_t seq = 0;

  // kInvalidArgument: not three numbers in range.
  static base::StatusOr<MariadbGtid> Parse(std::string_view text);
  std::string ToString() const;
  bool operator==(const MariadbGtid&) const = default;
};

// A MariaDB position: the last transaction of each domain, as in gtid_binlog_pos. A value; within a
// domain the sequence number alone orders transactions. Not thread-safe while being changed.
class MariadbGtidSet {
 public:
  // "0-1-100,1-2-3"; spaces around the parts are allowed, "" is the empty position.
  // kInvalidArgument: malformed, or a domain twice.
  static base::StatusOr<MariadbGtidSet> Parse(std::string_view text);
  // The same form, ordered by domain.
  std::string ToString() const;

  // Moves the gtid's domain to it, forwards or backwards.
  void Update(const MariadbGtid& gtid);
  // The later of both in each domain: what either has seen.
  void Union(const MariadbGtidSet& other);
  // The earlier of both in the domains of both: what both have seen.
  void Intersect(const MariadbGtidSet& other);
  // Leaves the domains in which this position is beyond `other`, each with its last transaction:
  // where something is missing there. (What is missing are ranges, which no position can say.)
  void Subtract(const MariadbGtidSet& other);
  // Null where nothing of the domain has been seen. Valid until the next change.
  const MariadbGtid* Find(uint32_t domain) const;

  // Whether the transaction is at or before this position.
  bool Contains(const MariadbGtid& gtid) const;
  bool Contains(const MariadbGtidSet& other) const;
  // By what each contains; unordered where each has something that the other lacks. Positions that
  // differ in the server id alone are equivalent.
  std::partial_ordering Compare(const MariadbGtidSet& other) const;

  const std::vector<MariadbGtid>& gtids() const { return gtids_; }  // by domain, ascending
  bool empty() const { return gtids_.empty(); }
  bool operator==(const MariadbGtidSet&) const = default;

 private:
  std::vector<MariadbGtid> gtids_;
};

}  // namespace godwit::wire::mysql
