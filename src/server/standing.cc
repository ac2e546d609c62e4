#include "server/standing.h"

#include <filesystem>

#include "pipeline/source_move.h"
#include "server/connectors.h"
#include "server/run_record.h"
#include "server/state_dir.h"
#include "server/task_lock.h"
#include "store/sqlite_store.h"

namespace godwit::server {
namespace {

base::StatusOr<std::optional<TaskStatus>> ReadLastRun(const std::string& state_dir,
                                                      const std::string& task) {
  if (!std::filesystem::exists(StorePath(state_dir))) return std::optional<TaskStatus>();
  GODWIT_ASSIGN_OR_RETURN(auto store, store::SqliteStore::Open(StorePath(state_dir)));
  return RunRecord(*store, task).Read();
}

TargetStanding Summarize(const connector::TaskState& state) {
  TargetStanding target;
  target.phase = state.phase;
  target.epoch = state.epoch;
  target.server = state.server;
  target.t0 = state.t0.text;
  target.applied = state.applied.text;
  target.copy_end = state.copy_end.text;
  target.applied_commit_us = state.applied_commit_us;
  if (state.pending_ddl) {
    target.pending_ddl = state.pending_ddl->statement;
    target.pending_ddl_why = state.pending_ddl->waits_for;
  }
  for (const connector::TableState& table : state.tables) {
    ++target.tables[connector::ToString(table.stage)];
    for (const connector::RangeState& range : table.ranges) {
      target.rows_copied += range.rows;
      target.bytes_copied += range.bytes;
    }
  }
  return target;
}

// `need`: of the task, as far as it is known.
base::Status AskSource(const config::Task& task, const connector::LogNeed& need,
                       Standing& standing) {
  GODWIT_ASSIGN_OR_RETURN(auto source, MakeSource(task));
  const auto server = source->Settle(need);
  if (!server.ok()) {
    standing.source_problem = std::string(server.status().message());
    return base::OkStatus();
  }
  auto hold = source->ReadLogHold();
  if (!hold.ok()) {
    standing.source_problem = std::string(hold.status().message());
    return base::OkStatus();
  }
  standing.log_hold = *std::move(hold);
  if (server->from.empty()) return base::OkStatus();
  if (auto behind = source->LogBytesAfter(server->from); behind.ok()) {
    standing.bytes_behind = *behind;
  } else {
    standing.source_problem = std::string(behind.status().message());
  }
  return base::OkStatus();
}

}  // namespace

base::StatusOr<Standing> ReadStanding(const config::Task& task, const std::string& state_dir) {
  Standing standing;
  standing.running_pid = TaskLock::Holder(state_dir, task.name);
  auto last_run = ReadLastRun(state_dir, task.name);
  if (last_run.ok()) {
    standing.last_run = *std::move(last_run);
  } else {
    standing.store_problem = std::string(last_run.status().message());
  }

  GODWIT_ASSIGN_OR_RETURN(auto destination, MakeDestination(task));
  auto state = destination->LoadState();
  if (!state.ok()) {
    if (!standing.last_run) return state.status();
    standing.target_problem = std::string(state.status().message());
    GODWIT_RETURN_IF_ERROR(AskSource(task, {}, standing));
    return standing;
  }
  if (!*state) {
    GODWIT_RETURN_IF_ERROR(AskSource(task, {}, standing));
    return standing;
  }
  standing.target = Summarize(**state);
  if (auto ddls = destination->ReadDdlRecords(); ddls.ok()) {
    standing.target->ddls = *std::move(ddls);
  } else {
    standing.target_problem = std::string(ddls.status().message());
  }
  connector::LogNeed need = pipeline::NeedOf(**state);
  need.from = (*state)->applied;
  GODWIT_RETURN_IF_ERROR(AskSource(task, need, standing));
  return standing;
}

}  // namespace godwit::server
