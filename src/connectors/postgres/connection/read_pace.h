#pragma once

#include <chrono>

namespace godwit::connectors::postgres {

// When to let the messages of a stream gather before they are read. A sender that is no faster than
// its reader wakes it for each message, which costs both more than the message does.
class ReadPace {
 public:
  using Duration = std::chrono::steady_clock::duration;

  // For how long they gather. A message may be so much later for it.
  static constexpr std::chrono::microseconds kGather{200};

  // A message has come after such a wait.
  void Waited(Duration time) { short_waits_ = time < kShort ? short_waits_ + 1 : 0; }
  // They have come one by one for a while.
  bool IsBusy() const { return short_waits_ >= kMany; }
  // Nothing has come while they were to gather.
  void BeIdle() { short_waits_ = 0; }

 private:
  static constexpr std::chrono::microseconds kShort{100};
  static constexpr int kMany = 16;  // more than a transaction of a quiet server has messages
  int short_waits_ = 0;
};

}  // namespace godwit::connectors::postgres
