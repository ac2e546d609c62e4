#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "connector/destination.h"
#include "connector/source.h"
#include "verify/report.h"

namespace godwit::verify {

struct VerifyOptions {
  int threads = 4;  // ranges compared at once; each has up to two connections to the source and one
                    // to the target
  uint64_t memory_bytes = 128ull << 20;                           // for what is remembered of rows
  size_t samples = 10;                                            // differing rows named per table
  std::chrono::milliseconds retry_for{std::chrono::minutes(10)};  // how long a server may be away

  // A row that differs may be on its way through a running task: it is looked at again after each
  // of these waits, and counts as differing when it does to the end.
  std::vector<std::chrono::milliseconds> patience{
      std::chrono::milliseconds(200), std::chrono::milliseconds(500),
      std::chrono::milliseconds(1000), std::chrono::milliseconds(2000)};
};

// Why a server is asked again. May be used from several threads.
class LastTrouble {
 public:
  void Set(const base::Status& status) {
    const std::scoped_lock lock(mutex_);
    why_ = std::string(status.message());
    ++times_;
  }
  // How often there was one, and what the last one was.
  std::pair<uint64_t, std::string> Last() const {
    const std::scoped_lock lock(mutex_);
    return {times_, why_};
  }

 private:
  mutable std::mutex mutex_;
  uint64_t times_ = 0;
  std::string why_;
};

// What a comparison reports of itself while it goes on. Written by its threads, read by whoever
// shows it.
struct VerifyProgress {
  std::atomic<uint64_t> tables_total{0}, tables_done{0};
  std::atomic<uint64_t> rows_total_estimate{0},
      rows{0};                              // of the source; a row read twice counts twice
  std::atomic<uint64_t> bytes{0};           // of both sides
  std::atomic<uint64_t> differing_rows{0};  // found so far, before they are looked at again
  LastTrouble trouble;                      // none as long as both servers answer
};

// Compares every table that `filter` lets through, on either side, row by row and column by column.
// Writes nothing. An error means that the comparison could not be finished; kCancelled, that `stop`
// was asked for. Everything is borrowed for the time of the call.
base::StatusOr<VerifyReport> Verify(connector::Source& source, connector::Destination& destination,
                                    const connector::TableFilter& filter,
                                    const VerifyOptions& options, VerifyProgress& progress,
                                    std::stop_token stop);

}  // namespace godwit::verify
