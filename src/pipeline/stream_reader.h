#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>
#include <thread>

#include "base/channel.h"
#include "base/status.h"
#include "connector/source.h"
#include "model/change.h"
#include "pipeline/held_bytes.h"

namespace godwit::pipeline {

// Reads a change stream on a thread of its own into a queue, as far ahead as there is room for. It
// outlives the batches that it hands out. Methods are for one thread, but for Wake and Cancel.
class StreamReader {
 public:
  // `group_bytes`: of batches, at which whoever takes them passes them on, so that room comes free.
  StreamReader(std::unique_ptr<connector::ChangeStream> stream, size_t memory_limit,
               size_t group_bytes);

  void Start();
  // Ends the reading; what has been read can still be taken.
  void Stop();

  // While more has to be held at once than there is room for: nothing is waited for.
  void set_unbounded(bool unbounded) { unbounded_ = unbounded; }

  struct Batch {
    std::shared_ptr<const model::ChangeBatch> batch;
    std::chrono::steady_clock::time_point read_at;
  };
  // Nothing when none came within `wait`, on Wake, or at the end.
  std::optional<Batch> Take(std::chrono::milliseconds wait) { return batches_.PopFor(wait); }
  void Wake() { batches_.Wake(); }
  bool has_more() const { return !batches_.empty(); }
  bool ended() const { return batches_.closed(); }
  // What batches that have been read take, those that were taken included.
  size_t held_bytes() { return held_.held(); }
  // Why, once it has.
  const base::Status& status() const { return status_; }

  // As the stream's.
  void Applied(const model::Position& position) { stream_->Applied(position); }
  void Cancel() { stream_->Cancel(); }

 private:
  void Read(std::stop_token stop);

  const std::unique_ptr<connector::ChangeStream> stream_;
  const size_t group_bytes_;
  const size_t most_held_;  // beyond which nothing more is read
  HeldBytes held_;
  base::Channel<Batch> batches_;
  base::Status status_;  // written before batches_ is closed
  std::atomic<bool> unbounded_ = false;
  std::jthread thread_;  // uses all of these
};

}  // namespace godwit::pipeline
