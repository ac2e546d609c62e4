#pragma once

#include <cstdint>
#include <string>

namespace godwit::sim {

// A rule that is broken, to show that a broken one is found.
enum class Mutant {
  kNone,
  kImpatientScheduler,   // gives away what a worker holds that has not been heard of for a second
  kUnconditionalLeader,  // writes whether or not it still leads
  kCarelessScheduler,    // does not make sure that nobody holds what it gives away
  kCarelessWorker,       // takes what was given to another meanwhile
  kTimelessWorker,       // goes on for a while when its lease may have ended by its clock
  kUnorderedOperations,  // one of which nothing is known may take effect after others
};

struct Options {
  uint64_t seed = 1;
  int masters = 0, workers = 0, sources = 0, tasks = 0;  // 0: a few, by the seed
  int slots = 0;     // of each worker; 0: one to three, another number with each start
  int seconds = 30;  // of faults and requests; then all that is broken is mended
  Mutant mutant = Mutant::kNone;
  bool is_traced = false;
};

struct Outcome {
  std::string violation;  // none: all held
  int64_t events = 0;
  int64_t commits = 0;  // that have changed the store
};

Outcome RunHistory(const Options& options);

}  // namespace godwit::sim
