#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "wire/mysql/event.h"

namespace godwit::connectors::mysql {

// Where a reader is in a server's log, which it reads from a start on. An event's header has but
// the lower 32 bits of its place in the file, and a log is asked for with no more than these; a
// large transaction makes a file of more than 4 GiB. One thread.
class LogPlace {
 public:
  enum class Asked {
    kByOffset,  // a start past 4 GiB by the beginning of its file: what comes before it is no news
    // The server passes over what comes before the start; what the start says of its place in the
    // file may be a little off.
    kByGtid,
  };

  LogPlace() = default;
  LogPlace(std::string file, uint64_t offset, Asked asked);

  const std::string& file() const { return file_; }
  uint64_t offset() const { return offset_; }            // just after the last event
  uint64_t event_start() const { return event_start_; }  // of that event

  // The log goes on here (a Rotate event).
  void Enter(std::string_view file, uint64_t offset);
  // An event of this file. False: it lies before the start.
  bool Advance(const wire::mysql::EventHeader& header);
  // The file is known to go on up to here (a heartbeat).
  void Reach(uint64_t offset);

 private:
  std::string file_;
  uint64_t offset_ = 0;
  uint64_t event_start_ = 0;
  // Where the server began elsewhere: the start, which is yet to be reached; 0: none.
  uint64_t start_ = 0;
  std::string start_file_;
  Asked asked_ = Asked::kByOffset;
};

}  // namespace godwit::connectors::mysql
