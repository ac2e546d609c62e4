#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/table.h"

namespace godwit::verify {

// How a row of one side relates to the other side's.
enum class Difference : uint8_t {
  kMissing,    // on the source only
  kExtra,      // on the target only
  kDifferent,  // on both, with other values
};
std::string_view ToString(Difference difference);  // "missing", "extra", "different"

// One row that differs, as a user can find it.
struct RowSample {
  Difference difference = Difference::kMissing;
  std::string row;  // `id=17, line=2`: its key; all its values in a table without one
  std::vector<std::string> columns;  // of a kDifferent row: those whose values differ
};

enum class TableResult : uint8_t {
  kEqual,
  kDifferent,
  kMissing,        // the target does not have the table
  kExtra,          // the source does not have it
  kNotComparable,  // `problem` says why
};
std::string_view ToString(
    TableResult result);  // "equal", "different", "missing", "extra", "not comparable"

struct TableReport {
  model::TableName name;
  TableResult result = TableResult::kEqual;
  bool has_key =
      true;  // false: compared as a multiset, where a changed row is one missing and one extra
  uint64_t equal = 0;  // rows
  uint64_t missing = 0;
  uint64_t extra = 0;
  uint64_t different = 0;
  // Rows that the source changed each time they were looked at, so that the target, being behind,
  // could not be caught with the same values. No proof of a difference; compare again when they
  // rest.
  uint64_t unsettled = 0;
  // Rows of both sides, without a key, that were not looked at singly, as too many others differ:
  // they are in none of the counts above.
  uint64_t left_out = 0;
  std::vector<RowSample> samples;  // some of those that differ
  std::string
      problem;  // what is wrong with the table as a whole; empty where its rows were compared
};

struct VerifyReport {
  std::vector<TableReport> tables;  // by name; those of either side

  bool equal() const {
    for (const TableReport& table : tables) {
      if (table.result != TableResult::kEqual) return false;
    }
    return true;
  }
};

}  // namespace godwit::verify
