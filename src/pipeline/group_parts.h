#pragma once

#include <cstdint>
#include <vector>

#include "connector/destination.h"

namespace godwit::pipeline {

// Divides the changes of a group into `parts` runs of segments, which may be written and committed
// in any order: changes that touch the same row, or take and free the same value of a unique key,
// are in one part, and so are all tables that keys act on. A pure function of the changes, so that
// a process that takes over divides them alike.
//
// Values are told apart by what no collation and no rounding can make equal; where a key has
// nothing else, all changes of its table are in one part, and so are those of a table without a row
// identity.
std::vector<std::vector<connector::ChangeSegment>> DivideByConflict(
    const std::vector<connector::ChangeSegment>& segments, int parts);

// A fingerprint of what decides besides the changes themselves how they are divided: the tables'
// columns and keys, as they are written, and which tables keys act on. Never 0, and the same for
// every process of a version.
uint64_t FingerprintOfDivision(const std::vector<connector::ChangeSegment>& segments);

}  // namespace godwit::pipeline
