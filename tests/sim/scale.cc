#include "tests/sim/scale.h"

#include <chrono>
#include <set>
#include <vector>

#include "tests/sim/process.h"

namespace godwit::sim {
namespace {

// A large cluster on a virtual clock, nothing delayed or lost: one master, and workers that share
// one view, as all would be up to date.
class LargeCluster {
 public:
  LargeCluster(int workers, int sources, int slots) : sources_(sources) {
    for (int i = 0; i < workers; ++i) {
      workers_.push_back({cluster::WorkerDuties(
          Name('w', i), {.address = "", .version = "1", .slots = slots}, kTtl)});
    }
    view_.Reset(*store_.Range(""));
    watch_ = *store_.WatchFrom("", view_.revision());
  }

  struct Costs {
    int64_t changes = 0, leader_writes = 0, worker_writes = 0, polls = 0;
    std::chrono::duration<double> leader{0}, all{0};
  };

  Costs SetUp() {
    Costs costs;
    PassTime(costs, 0);  // the master leads, the workers are registered
    for (int i = 0; i < sources_; ++i) {
      master_.Ask(
          [i](const cluster::View& view, store::Revision leadership) {
            return AddSource(view, leadership, Name('s', i), "url: mysql://10.0.0.1:3306/");
          },
          [](const base::Status&) {});
    }
    Settle(costs);
    return costs;
  }

  // The workers [0, dead) of those that have not died yet.
  Costs Kill(int dead) {
    for (int i = 0; i < dead; ++i) workers_[static_cast<size_t>(first_alive_++)].is_dead = true;
    Costs costs;
    for (int i = 0; i < 5; ++i) PassTime(costs, 3 * kSecond);
    return costs;
  }

  int64_t Bound() const {
    int64_t held = 0;
    for (const auto& [name, source] : view_.sources()) {
      const auto* worker = source.held ? view_.FindWorker(source.held->record.worker) : nullptr;
      held += worker && worker->IsAlive();
    }
    return held;
  }
  store::Revision revision() const { return view_.revision(); }

 private:
  using Clock = std::chrono::steady_clock;
  struct Worker {
    cluster::WorkerDuties duties;
    bool is_dead = false;
  };

  static std::string Name(char kind, int number) { return kind + std::to_string(number); }

  void PassTime(Costs& costs, Micros time) {
    now_ += time;
    const Clock::time_point begin = Clock::now();
    for (size_t i = 0; i < workers_.size(); ++i) PollWorker(costs, i);
    costs.all += Clock::now() - begin;
    Settle(costs);
  }

  void Settle(Costs& costs) {
    const Clock::time_point begin = Clock::now();
    while (true) {
      const Clock::time_point told = Clock::now();
      const auto changes = *watch_->Next(std::chrono::milliseconds(0));
      view_.Apply(changes, watch_->revision());
      std::vector<cluster::Request> requests = master_.Poll(ToTime(now_), view_);
      costs.leader += Clock::now() - told;
      costs.changes += std::ssize(changes);
      for (const cluster::Request& request : requests) {
        costs.leader_writes += request.asker == cluster::Request::Asker::kScheduler;
        master_.OnAnswer(request, Perform(store_, request), ToTime(now_));
      }
      std::set<size_t> concerned;
      for (const auto& change : changes) {
        const cluster::Key key = cluster::ParseKey(change.entry.key);
        if (key.kind == cluster::Key::Kind::kAlive) concerned.insert(Number(key.name));
        const cluster::View::Source* source = view_.FindSource(key.name);
        const bool is_binding =
            key.kind == cluster::Key::Kind::kBound || key.kind == cluster::Key::Kind::kHeld;
        if (is_binding && source && source->IsBound()) {
          concerned.insert(Number(source->binding->record.worker));
        }
      }
      for (const size_t worker : concerned) PollWorker(costs, worker);
      if (changes.empty() && requests.empty()) break;
    }
    costs.all += Clock::now() - begin;
  }

  static size_t Number(std::string_view name) { return std::stoul(std::string(name.substr(1))); }

  void PollWorker(Costs& costs, size_t number) {
    Worker& worker = workers_[number];
    if (worker.is_dead) return;
    // Once more with the lease.
    for (int i = 0; i < 2; ++i) {
      ++costs.polls;
      const cluster::WorkerDuties::Step step = worker.duties.Poll(ToTime(now_), view_);
      for (const cluster::Order& order : step.orders) {
        worker.duties.Done(order.source, order.task, cluster::Stage::kRunning);
      }
      for (const cluster::Request& request : step.requests) {
        costs.worker_writes += request.kind == cluster::Request::Kind::kCommit;
        worker.duties.OnAnswer(request, Perform(store_, request), ToTime(now_));
      }
    }
  }

  const int sources_;
  Micros now_ = kSecond;
  store::MemoryStore store_{[this] { return ToTime(now_); }};
  cluster::View view_;
  std::unique_ptr<store::Watch> watch_;
  cluster::MasterDuties master_{
      cluster::Candidate(cluster::LeaderRecord{"m0", ""}, "", kTtl, [] { return int64_t{0}; })};
  std::vector<Worker> workers_;
  int first_alive_ = 0;
};

void Print(std::string_view what, const LargeCluster& cluster, const LargeCluster::Costs& costs) {
  const double events = static_cast<double>(costs.changes + costs.polls);
  fmt::print(
      "{:<28} {:>6} held, {:>6} changes, {:>5} writes by the leader, {:>6} by workers; the "
      "leader's "
      "processor {:>8.2f} ms, {:>6.1f} us a change; all {:>8.1f} ms, {:>8.0f} events a second\n",
      what, cluster.Bound(), costs.changes, costs.leader_writes, costs.worker_writes,
      costs.leader.count() * 1e3, costs.leader.count() * 1e6 / static_cast<double>(costs.changes),
      costs.all.count() * 1e3, events / costs.all.count());
}

}  // namespace

int RunScale(const Options& options) {
  const int slots = options.slots ? options.slots : 12;
  LargeCluster cluster(options.workers, options.sources, slots);
  Print("set up", cluster, cluster.SetUp());
  Print("one worker dies", cluster, cluster.Kill(1));
  Print("ten workers die at once", cluster, cluster.Kill(10));
  Print("a tenth dies at once", cluster, cluster.Kill(options.workers / 10));
  return 0;
}

}  // namespace godwit::sim
