#pragma once

#include <string>
#include <vector>

#include "cluster/driver.h"
#include "cluster/machinery.h"
#include "cluster/reports.h"
#include "cluster/worker_duties.h"

namespace godwit::cluster {

// A worker at work. Thread-safe, except for Run.
class Worker : private Machine {
 public:
  // Both are borrowed.
  Worker(store::Store& store, Machinery& machinery, std::string name, WorkerRecord self,
         std::chrono::seconds ttl);

  // Until Leave, and then until all has stopped and was let go of. Once.
  void Run() { driver_.Run(); }
  void Leave();

  // What an order has come to, or a subtask by itself (WorkerDuties::Done).
  struct Outcome {
    Stage stage = Stage::kRunning;
    std::string error;   // why it has paused by itself
    std::string status;  // as SubtaskState has it
  };
  void Done(const std::string& source, const std::string& task, const Outcome& outcome);

 private:
  std::vector<Request> Poll(Time now, const View& view) override;
  void OnAnswer(const Request& request, const Answer& answer, Time now) override;
  Time NextWake(Time now) const override;
  bool HasEnded() const override { return duties_.HasLeft(); }
  void Carry(const Order& order, const View& view);

  Machinery& machinery_;
  const std::string name_;
  WorkerDuties duties_;
  Reports reports_;
  Driver driver_;
};

}  // namespace godwit::cluster
