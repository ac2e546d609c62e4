#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace godwit::wire::postgres {

// A number of a transaction that never comes again: the 32 bits that rows and the log have, under
// the epoch (xid8).
using FullXid = uint64_t;

// The full number of a transaction that is within 2^31 of `near`. None is below zero: in the first
// epoch, numbers far ahead stay as they are.
FullXid FullXidNear(uint32_t xid, FullXid near);

// Which transactions are visible, as pg_current_snapshot() says: all before `xmin`, and of those
// before `xmax` all but `running`. The snapshots of one server form a chain: of two, the later one
// sees all that the earlier one sees.
// Two exceptions. On a standby, what is running is missing in the text, which so says to see more
// than it does (in all versions that we know of). In the text of the snapshot that a new slot
// exports, what was rolled back counts as running: it may not see all of an earlier one; and `xmax`
// may be before `xmin`, as only commits move it on: to the server, and to us, it is then the same.
// https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-PG-SNAPSHOT
struct Snapshot {
  FullXid xmin = 0, xmax = 0;
  std::vector<FullXid> running;  // ascending

  // Of a transaction; of a subtransaction it cannot tell, as it knows none. That one was rolled
  // back is no matter to it.
  bool Sees(FullXid xid) const;
  // Whether it sees all that `other` sees.
  bool SeesAllOf(const Snapshot& other) const;
  std::string ToString() const;  // "745:760:745,750"
  bool operator==(const Snapshot&) const = default;
};
// Nothing when it is not what the server writes.
std::optional<Snapshot> ParseSnapshot(std::string_view text);

}  // namespace godwit::wire::postgres
