#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/status.h"
#include "verify/compared_table.h"
#include "verify/digest.h"
#include "verify/patient_reader.h"

namespace godwit::verify {

// A row that was found to differ, and may only be on its way.
struct Suspect {
  ComparedTable* table = nullptr;
  std::string key;
  // What the source was seen to hold, latest last; nothing: no row.
  std::vector<std::optional<Digest>> source_states;
  bool settled = false;
};

// The rows that are to be looked at again, of all tables, in bounded memory. Thread-safe.
class SuspectList {
 public:
  explicit SuspectList(size_t most_bytes) : most_bytes_(most_bytes) {}

  // Adds one. When there is no room for more, gives all there are, to be settled by the caller.
  std::vector<Suspect> Add(ComparedTable& table, std::string key);
  std::vector<Suspect> TakeAll();

 private:
  const size_t most_bytes_;
  std::mutex mutex_;
  std::vector<Suspect> suspects_;
  size_t bytes_ = 0;
};

// Looks at the suspects after each wait of `patience`, and enters in their tables what became of
// them. A row counts as equal when the target has what the source was seen to have, in this look or
// one before: what is on its way arrives. A row that the source was still changing at the last look
// is unsettled.
base::Status Settle(std::vector<Suspect> suspects,
                    const std::vector<std::chrono::milliseconds>& patience, PatientReader& source,
                    PatientReader& target, const std::stop_token& stop);

}  // namespace godwit::verify
