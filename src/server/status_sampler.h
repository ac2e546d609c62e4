#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "config/task.h"
#include "pipeline/progress.h"
#include "server/rate_meter.h"
#include "server/task_status.h"

namespace godwit::server {

// Makes a run's status of what the pipeline reports, a sample at a time: what changes with time
// (rates, time left) comes from the samples before. One thread.
class StatusSampler {
 public:
  // `state`: what the target had of the task before the run, if anything. `progress` is borrowed.
  StatusSampler(const config::Task& task, const std::string& task_file,
                const std::optional<connector::TaskState>& state,
                const pipeline::Progress& progress);

  // As of now. To be called a few times a second.
  const TaskStatus& Sample();
  // A status for each phase that began and ended between the sample before and this one.
  const std::vector<TaskStatus>& passed() const { return passed_; }
  // The notes that came since they were last asked for.
  std::vector<std::string> TakeNotes();
  // As it ended.
  const TaskStatus& End(const base::Status& status);

 private:
  void SamplePhase();
  void SampleCopy(double now);
  void SampleChanges(double now);
  void SampleTables(double now);

  const pipeline::Progress& progress_;
  const std::chrono::steady_clock::time_point begun_;
  TaskStatus status_;
  std::vector<TaskStatus> passed_;
  uint64_t rows_before_ = 0, bytes_before_ = 0;  // copied by earlier runs
  uint64_t notes_taken_ = 0;
  size_t phases_seen_ = 1;
  std::optional<double> copy_begun_;
  std::optional<double> tables_looked_at_;
  uint64_t tables_version_ = 0;
  connector::TaskPhase tables_phase_ = connector::TaskPhase::kPreparing;
  RateMeter copy_bytes_{10}, copy_fraction_{30}, transactions_{5}, row_changes_{5};
};

}  // namespace godwit::server
