#pragma once

#include <cstdint>
#include <string>

namespace godwit::connector {

// The process that a connection belongs to, written down so that a later one can tell whether it
// still lives.
struct ClientProcess {
  std::string host;     // for people
  std::string machine;  // this boot of this machine, and in it the set of process numbers
  int64_t pid = 0;
  uint64_t started = 0;  // in the clock of the machine's boot: numbers are given out again
  bool operator==(const ClientProcess&) const = default;
};

ClientProcess ThisProcess();

// False: it is known to have ended. True: it lives, or nothing can be known of it from here.
bool MayLive(const ClientProcess& process);

}  // namespace godwit::connector
