#pragma once

#include <compare>
#include <optional>
#include <string>

#include "base/status.h"
#include "model/position.h"
#include "wire/postgres/lsn.h"
#include "wire/postgres/snapshot.h"

namespace godwit::connectors::postgres {

// A place in PostgreSQL's log, as kept in model::Position.
//
// Of an event: an address, "0/16B3748". Of a snapshot (a chunk's token) also what it sees,
// "0/16B3748 745:760:745,750": the address is the end of the log just after the snapshot was taken,
// so that no transaction that it sees was committed after it. One committed before it need not be
// seen: commits become visible in another order than the log has them in. Whether one is, its
// number tells.
struct LogPosition {
  wire::postgres::Lsn lsn = 0;
  std::optional<wire::postgres::Snapshot> snapshot;

  model::Position ToPosition() const;
  // kInvalidArgument: it is not one.
  static base::StatusOr<LogPosition> Parse(const model::Position& position);
};

// Snapshots by what they see; all else by addresses. Positions that cannot be read are unordered.
std::partial_ordering ComparePositions(const model::Position& a, const model::Position& b);

// The end of the log as an event has it that ends there: an insert position that is right after a
// page's header is the end of the page before.
wire::postgres::Lsn WithoutPageHeader(wire::postgres::Lsn insert_position);

}  // namespace godwit::connectors::postgres
