#pragma once

#include <gtest/gtest.h>

#include "fake_reader.h"
#include "verify/keyed_comparison.h"
#include "verify/multiset_comparison.h"

namespace godwit::verify {

// Both sides of a comparison of the fake table, and what it takes to run it.
class Comparing : public testing::Test {
 protected:
  using Millis = std::chrono::milliseconds;

  PatientReader Reader(FakeSide& side) {
    return PatientReader(std::make_unique<FakeReader>(&side), Millis(2000), progress,
                         stop.get_token());
  }

  TableReport CompareKeyed(size_t suspect_bytes = 1 << 20, const connector::KeyRange& range = {}) {
    PatientReader ahead = Reader(source), close = Reader(source), theirs = Reader(target);
    ComparedTable table(FakeTable(true), 1, 10);
    SuspectList suspects(suspect_bytes);
    KeyedComparison comparison(ahead, close, theirs, suspects, patience, progress,
                               stop.get_token());
    status = comparison.Compare(table, range);
    if (status.ok()) status = Settle(suspects.TakeAll(), patience, close, theirs, stop.get_token());
    return table.Report();
  }

  TableReport CompareMultisets(size_t memory_bytes = 1 << 20) {
    PatientReader ours = Reader(source), theirs = Reader(target);
    ComparedTable table(FakeTable(false), 1, 10);
    MultisetComparison comparison(ours, theirs, memory_bytes, patience, progress, stop.get_token());
    status = comparison.Compare(table);
    return table.Report();
  }

  FakeSide source, target;
  std::vector<Millis> patience{Millis(1), Millis(1), Millis(1), Millis(1)};
  VerifyProgress progress;
  std::stop_source stop;
  base::Status status;
};

}  // namespace godwit::verify
