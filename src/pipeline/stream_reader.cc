#include "pipeline/stream_reader.h"

#include <utility>

namespace godwit::pipeline {

StreamReader::StreamReader(std::unique_ptr<connector::ChangeStream> stream, size_t memory_limit,
                           size_t group_bytes)
    : stream_(std::move(stream)),
      group_bytes_(group_bytes),
      most_held_(memory_limit / 8 * 3),
      batches_(memory_limit / 32) {}

void StreamReader::Start() {
  thread_ = std::jthread([this](std::stop_token stop) { Read(stop); });
}

void StreamReader::Stop() {
  thread_.request_stop();
  batches_.Close();
  stream_->Cancel();
}

void StreamReader::Read(std::stop_token stop) {
  while (!stop.stop_requested()) {
    // Groups of the usual size never come to this: large changes do, one of which may be all that
    // there is room for. A group is passed on when it has group_bytes_, so that the waiting ends.
    if (!unbounded_) held_.WaitBelow(stream_->large_is_next() ? group_bytes_ : most_held_, stop);
    base::StatusOr<std::unique_ptr<model::ChangeBatch>> batch =
        stream_->Next(std::chrono::milliseconds(200));
    if (!batch.ok()) {
      status_ = batch.status();
      break;
    }
    if (*batch == nullptr) continue;
    const size_t cost = (*batch)->bytes;
    if (!batches_.Push({held_.Count(*std::move(batch)), std::chrono::steady_clock::now()}, cost))
      return;
  }
  batches_.Close();
}

}  // namespace godwit::pipeline
