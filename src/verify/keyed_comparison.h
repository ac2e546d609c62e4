#pragma once

#include <chrono>
#include <stop_token>
#include <vector>

#include "base/status.h"
#include "verify/compared_table.h"
#include "verify/patient_reader.h"
#include "verify/suspects.h"

namespace godwit::verify {

// Compares ranges of tables that have a key. A stretch of the source's rows is read to its last
// key, then the target's rows up to that key: so no order of keys is needed but the servers'.
// Stretches with one digest on both sides are equal; others are read again row by row. Memory: the
// keys and digests of one page of rows, whatever the size of rows, stretches and tables. One
// thread, plus one that reads the source ahead.
class KeyedComparison {
 public:
  // All borrowed. `ahead` and `source` read the source, on two connections.
  KeyedComparison(PatientReader& ahead, PatientReader& source, PatientReader& target,
                  SuspectList& suspects, const std::vector<std::chrono::milliseconds>& patience,
                  VerifyProgress& progress, std::stop_token stop)
      : ahead_(ahead),
        source_(source),
        target_(target),
        suspects_(suspects),
        patience_(patience),
        progress_(progress),
        stop_(std::move(stop)) {}

  // Enters in `table` what it finds. An error ends the whole comparison.
  base::Status Compare(ComparedTable& table, const connector::KeyRange& range);

 private:
  base::Status CompareStretches(ComparedTable& table, const connector::KeyRange& range);
  base::Status CompareRows(ComparedTable& table, const connector::KeyRange& range);
  // A row that differs at first sight.
  base::Status Note(ComparedTable& table, Difference difference, std::string key);

  PatientReader& ahead_;
  PatientReader& source_;
  PatientReader& target_;
  SuspectList& suspects_;
  const std::vector<std::chrono::milliseconds>& patience_;
  VerifyProgress& progress_;
  std::stop_token stop_;
};

}  // namespace godwit::verify
