#pragma once

#include <chrono>

namespace godwit::connectors::postgres {

// When to let the messages of a stream gather before they are read. One that is read as it comes
// costs its sender a transmission and its reader a wake-up, each more than the message itself.
// One thread uses it.
class ReadPace {
 public:
  using Duration = std::chrono::steady_clock::duration;

  ReadPace() = default;
  // For a stream that begins on a connected socket, which is not owned. Where the other end is
  // near, its receive buffer is made small: what does not fit gathers at the sender, who then
  // transmits it together. From a distance such a buffer would be what limits the stream.
  ReadPace(int socket, bool encrypted);

  // Before what has come is read: sleeps for a moment when messages come one by one. A message may
  // be so much later for it.
  void LetGather() const;

  // There is no message yet, although they may have gathered.
  void FoundNothing() { short_waits_ = IsBusy() ? 0 : short_waits_; }
  // One has come after such a wait.
  void Waited(Duration time) { short_waits_ = time < kShort ? short_waits_ + 1 : 0; }

 private:
  bool IsBusy() const { return short_waits_ >= kMany; }

  static constexpr std::chrono::microseconds kShort{100};
  static constexpr int kMany = 16;  // more than a transaction of a quiet server has messages

  int socket_ = -1;
  int enough_ = 0;  // bytes that are read at once
  int short_waits_ = 0;
};

}  // namespace godwit::connectors::postgres
