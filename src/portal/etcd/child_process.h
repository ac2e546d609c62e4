#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"

namespace godwit::portal {

// A program run as a process of its own. It is killed by the kernel when the THREAD that has
// started it ends, and so when this process is killed; it is in a process group of its own, so that
// Ctrl-C reaches it by way of us alone. One thread at a time.
class ChildProcess {
 public:
  struct Command {
    std::vector<std::string> words;        // the first one is the program's path
    std::vector<std::string> environment;  // all of it, as NAME=VALUE
    int output;                            // what it writes to, open for writing
    int kept;                              // another open file that it keeps open
  };
  // kFailedPrecondition: it cannot be started.
  static base::StatusOr<ChildProcess> Start(const Command& command);

  // Kills it, if it still runs.
  ~ChildProcess();
  ChildProcess(ChildProcess&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {}
  ChildProcess& operator=(ChildProcess&&) = delete;

  pid_t pid() const { return pid_; }
  // In words how it has ended, once it has: told once. Does not wait.
  std::optional<std::string> TakeEnd();
  // Asks it to end (SIGTERM), and kills it if it has not by then. False: it had to be killed.
  bool End(std::chrono::milliseconds grace);

 private:
  explicit ChildProcess(pid_t pid) : pid_(pid) {}

  pid_t pid_;  // -1: it has ended
};

}  // namespace godwit::portal
