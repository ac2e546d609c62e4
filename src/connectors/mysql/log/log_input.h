#pragma once

#include <chrono>
#include <string_view>

#include "base/status.h"
#include "connectors/mysql/connection/packet_channel.h"

namespace godwit::connectors::mysql {

// Where the events of a log come from: the server, or the files in which a relay keeps them. One
// thread.
class LogInput {
 public:
  virtual ~LogInput() = default;

  // Whether a whole event has come in.
  virtual bool has_next() const = 0;
  // Waits until something has come in, for at most `wait`. kUnavailable: nothing will come from
  // here.
  virtual base::StatusOr<bool> Wait(std::chrono::milliseconds wait) = 0;
  // Whether the next event has 16 MiB or more. Waits for its first bytes.
  virtual base::StatusOr<bool> LargeIsNext() = 0;
  // Waits for the next event: the bytes as they are in the log, with those that a server makes up
  // when a file begins or there is no more for now. Valid until the next call; longer for who
  // holds block().
  virtual base::StatusOr<std::string_view> Next() = 0;
  // The memory that the last event is in.
  virtual const ReceiveBlock& block() const = 0;
};

}  // namespace godwit::connectors::mysql
