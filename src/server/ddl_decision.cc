#include "server/ddl_decision.h"

#include "server/connectors.h"
#include "server/patience.h"
#include "server/state_dir.h"
#include "server/task_lock.h"

namespace godwit::server {

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
  return WithPatience([&] { return destination->DecideDdl(verb, replacement); });
}

}  // namespace godwit::server
