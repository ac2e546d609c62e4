#pragma once

#include <chrono>
#include <deque>
#include <mutex>

#include "base/status.h"

namespace godwit::connectors::mysql {

// Tells a task of the same name from what a run that was taken over has left: a server has one
// reader of a number, and ends it when another one comes with it. Of an earlier run that happens a
// few times; two tasks would end each other for ever. Thread-safe.
class OtherReaders {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // What a reader is to end with whose server has given `status`: that itself; or, when others have
  // come in its place too often, kFailedPrecondition.
  base::Status Judge(const base::Status& status, Time now = std::chrono::steady_clock::now());

 private:
  std::mutex mutex_;
  std::deque<Time> ended_;  // by others, of late
};

}  // namespace godwit::connectors::mysql
