#pragma once

#include <deque>
#include <map>
#include <queue>
#include <set>
#include <string>
#include <vector>

#include "tests/sim/options.h"
#include "tests/sim/process.h"

namespace godwit::sim {

// One history: masters, workers and an operator around a store in memory, on one virtual time. All
// that happens follows from the seed. What is checked:
//   - No two workers run a source at the same time. A worker runs it from when it starts anything
//   of it
//     until it has stopped all; what a process does that was frozen past the end of its lease, by
//     its own clock, does not count: that is what the epoch is for, and of epochs it is checked
//     that each belongs to one life of one worker, and that they grow with each binding and start.
//   - A master's write takes effect only while the key `leader` is its own; it gives away nothing
//   that is
//     held. A worker takes only what is given to it, and lets go only of what it does not run.
//   - Configurations and expected stages are what the operators' requests amount to, after each.
//   - When all has been mended, there is a leader; as many enabled sources are run as there are
//   slots
//     for, each by the worker that it is bound to, in the stages that are expected; nothing else
//     is run, held or bound.
class World {
 public:
  explicit World(const Options& options);
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  Outcome Run();

 private:
  // world.cc: time, processes and messages
  void Push(Micros delay, Event::Kind kind, int process = 0, int life = 0, int message = 0);
  void Handle(const Event& event);
  void Start(Process& process);
  void Wake(Process& process);
  void WakeAt(Process& process, Micros at);
  void Watch(Process& process);
  void Kick();
  Micros HowLate() { return random_.Below(random_.Percent(50) ? kSecond / 5 : 4 * kSecond); }
  void Send(Process& process, cluster::Request request);
  void Arrive(int message);
  void Answer(int message);
  void Release(int message);

  // workers.cc: what workers run
  void WakeWorker(Process& process);
  void Carry(Process& process, const cluster::Order& order);
  void Begin(Process& process, const cluster::Order& order);
  void Stopped(Process& process, int unit);
  void CheckAlone(const Process& process, const std::string& source);

  // faults.cc
  void Fault();
  void Crash(Process& process);
  void Thaw(Process& process);
  void Mend();
  void Operate(int focus);            // on that source; negative: on any
  void Lose(const Process& process);  // as an impatient scheduler would

  // checks.cc
  void Mutate(const Process& process, cluster::Request& request) const;
  void CheckBefore(const Message& message);
  void CheckAfter(const Message& message);
  void CheckLetGo(const Message& message);
  std::string WhatIsLeft();
  std::string WhatIsLeftOf(const cluster::View& view, const std::string& name,
                           const Books::Source* source, int& running);
  void Violate(const std::string& what);
  template <typename... Args>
  void Trace(fmt::format_string<Args...> format, Args&&... args) const {
    if (!options_.is_traced) return;
    fmt::print("{:10.4f} {}\n", static_cast<double>(now_) / kSecond,
               fmt::format(format, std::forward<Args>(args)...));
  }

  struct LeaseOwner {
    int process = 0, life = 0;
    Micros ends = 0;
  };
  bool IsOf(store::LeaseId lease, int process, int life) const {
    const auto owner = leases_.find(lease);
    return owner != leases_.end() && owner->second.process == process && owner->second.life == life;
  }

  const Options options_;
  Random random_;
  Micros now_ = kSecond;
  store::MemoryStore store_{[this] { return ToTime(now_); }};
  store::Revision revision_ = 1;
  std::deque<Process> processes_;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  int64_t last_event_ = 0;
  std::deque<Message> messages_;
  std::vector<int> free_messages_;
  int loss_ = 0, lag_ = 0;  // percent: of messages and answers lost; of what comes late
  bool is_mended_ = false;
  bool is_leaders_ = false, is_held_ = false,
       is_given_ = false;  // of the write that is about to take effect

  Books books_;
  std::map<std::string, cluster::Binding> bindings_;                     // the last of each source
  std::map<std::pair<std::string, int64_t>, std::pair<int, int>> runs_;  // (source, epoch): whose
  std::map<std::string, int64_t> fences_;                                // by source, the epoch
  std::map<store::LeaseId, LeaseOwner> leases_;
  int last_unit_ = 0;
  Outcome outcome_;
};

}  // namespace godwit::sim
