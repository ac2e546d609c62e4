#include "server/ddl_decision.h"

#include <chrono>
#include <thread>

#include "server/connectors.h"
#include "server/state_dir.h"
#include "server/task_lock.h"

namespace godwit::server {
namespace {

// For the target to notice that the connection of a run that has ended is gone.
constexpr std::chrono::seconds kPatience(15);
constexpr std::chrono::milliseconds kPause(200);

}  // namespace

base::StatusOr<DdlStanding> ReadDdl(const config::Task& task) {
  GODWIT_ASSIGN_OR_RETURN(auto destination, MakeDestination(task));
  GODWIT_ASSIGN_OR_RETURN(std::optional<connector::TaskState> state, destination->LoadState());
  DdlStanding standing;
  if (!state) return standing;
  if (state->pending_ddl && !state->pending_ddl->waits_for.empty())
    standing.waiting = std::move(state->pending_ddl);
  GODWIT_ASSIGN_OR_RETURN(standing.records, destination->ReadDdlRecords());
  return standing;
}

base::Status DecideDdl(const config::Task& task, const std::string& state_dir,
                       connector::DdlVerb verb, const std::vector<std::string>& replacement) {
  GODWIT_RETURN_IF_ERROR(MakeStateDir(state_dir));
  GODWIT_ASSIGN_OR_RETURN(const TaskLock lock, TaskLock::Take(state_dir, task.name));
  GODWIT_ASSIGN_OR_RETURN(auto destination, MakeDestination(task));
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (true) {
    base::Status decided = destination->DecideDdl(verb, replacement);
    if (!absl::IsUnavailable(decided) || std::chrono::steady_clock::now() >= deadline)
      return decided;
    std::this_thread::sleep_for(kPause);
  }
}

}  // namespace godwit::server
