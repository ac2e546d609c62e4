#pragma once

#include <absl/container/flat_hash_map.h>

#include <chrono>
#include <stop_token>
#include <string>
#include <vector>

#include "base/status.h"
#include "verify/compared_table.h"
#include "verify/digest.h"
#include "verify/patient_reader.h"

namespace godwit::verify {

// Compares tables that have no key as multisets of rows: which rows there are, and how many of
// each.
//
// A first pass over both sides sums up the digests of the rows in each of many buckets; rows can
// differ only in buckets whose sums do. Further passes count the rows of those, as many buckets at
// once as the memory takes. What differs is then counted again after a wait, as it may have been on
// its way. One thread, plus one for the first pass.
class MultisetComparison {
 public:
  // All borrowed. `memory_bytes` is what it may take, whatever the size of the table.
  MultisetComparison(PatientReader& source, PatientReader& target, size_t memory_bytes,
                     const std::vector<std::chrono::milliseconds>& patience,
                     VerifyProgress& progress, std::stop_token stop)
      : source_(source),
        target_(target),
        memory_bytes_(memory_bytes),
        patience_(patience),
        progress_(progress),
        stop_(std::move(stop)) {}

  // Enters in `table` what it finds. An error ends the whole comparison.
  base::Status Compare(ComparedTable& table);

 private:
  struct Bucket {
    uint64_t rows = 0;
    Digest sum;
  };
  // What one pass looks for.
  struct Pass {
    std::vector<bool> buckets;
    uint64_t rows = 0;  // of both sides
    uint64_t source_rows = 0;
  };
  // How often a row is on the source more than on the target.
  using Surplus = absl::flat_hash_map<Digest, int64_t>;

  base::Status CompareRows(ComparedTable& table);
  base::StatusOr<std::vector<Bucket>> SumUp(const model::Table& table, PatientReader& reader) const;
  // The last one beyond kMostPasses holds all that is left out.
  std::vector<Pass> PlanPasses(const std::vector<Bucket>& source,
                               const std::vector<Bucket>& target) const;
  // The rows of a pass that differ.
  base::StatusOr<Surplus> Count(const model::Table& table, const std::vector<bool>& buckets);
  // Counts the rows of `surplus` again, and notes how some of them look.
  base::Status Recount(const model::Table& table, Surplus& surplus,
                       absl::flat_hash_map<Digest, std::string>& texts);

  PatientReader& source_;
  PatientReader& target_;
  const size_t memory_bytes_;
  const std::vector<std::chrono::milliseconds>& patience_;
  VerifyProgress& progress_;
  std::stop_token stop_;
};

}  // namespace godwit::verify
