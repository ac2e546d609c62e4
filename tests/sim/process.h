#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cluster/master_duties.h"
#include "cluster/worker_duties.h"
#include "tests/sim/books.h"

namespace godwit::sim {

using Micros = int64_t;  // of the simulation's one true time
constexpr Micros kSecond = 1'000'000;
constexpr Micros kNever = INT64_MAX;
constexpr std::chrono::seconds kTtl{10};

inline cluster::Time ToTime(Micros at) { return cluster::Time(std::chrono::microseconds(at)); }

struct Event {
  enum class Kind {
    kWake,      // a process looks at what there is to do
    kWatch,     // its watch tells it of changes
    kArrive,    // a request reaches the store
    kAnswer,    // an answer, or the end of waiting for one, reaches its process
    kDone,      // a worker has stopped something
    kLeaseEnd,  // a lease may have ended
    kFault,
    kOperator,
    kThaw,
    kHeal,
    kRestart,
  };
  Micros at = 0;
  int64_t number = 0;  // the order among those of one time
  Kind kind = Kind::kWake;
  int process = 0;
  int life = 0;     // of the process; 0: of any
  int message = 0;  // or which of its units
  bool operator>(const Event& other) const {
    return std::pair(at, number) > std::pair(other.at, other.number);
  }
};

// A request on its way to the store and back.
struct Message {
  cluster::Request request;
  cluster::Answer answer;
  int process = 0, life = 0;
  int ways = 0;  // events that are yet to come of it
  Micros sent = 0;
  bool is_answered = false;
  std::optional<Operation> operation;
};

// Something that a worker runs.
struct Unit {
  std::string source, task;
  int64_t epoch = 0;
  cluster::Stage stage = cluster::Stage::kRunning;
  bool has_failed = false;
  int number = 0;
  // Its process was frozen past the end of the lease by its own clock, and has not stopped it
  // since: that is what the epoch is for.
  bool is_past_lease = false;
};

struct Process {
  int id = 0;
  std::string name;
  int life = 1;  // grows with each restart
  bool is_up = true, is_frozen = false, is_cut = false, is_leaving = false;
  // Its own clock.
  double rate = 1;
  Micros offset = 0;

  cluster::View own_view;
  const cluster::View* view = nullptr;  // null: it has read nothing yet
  std::unique_ptr<store::Watch> watch;
  bool has_watch_event = false;
  Micros wake = kNever;
  std::vector<Event> late;  // what came while it was frozen

  std::optional<cluster::MasterDuties> master;
  std::optional<Operation> asked;  // what its request to come is about

  std::optional<cluster::WorkerDuties> worker;
  std::vector<Unit> units;
  Micros OwnClock(Micros now) const {
    return static_cast<Micros>(static_cast<double>(now) * rate) + offset;
  }
  Micros TrueTime(cluster::Time own) const {
    if (own == cluster::Time::max()) return kNever;
    const auto micros =
        std::chrono::duration_cast<std::chrono::microseconds>(own.time_since_epoch()).count();
    return static_cast<Micros>(static_cast<double>(micros - offset) / rate) + 1;
  }
  bool Runs(const std::string& source) const {
    for (const Unit& unit : units) {
      if (unit.source == source) return true;
    }
    return false;
  }
};

}  // namespace godwit::sim
