#include "server/comparison.h"

#include "pipeline/task_scope.h"
#include "server/connectors.h"

namespace godwit::server {

base::StatusOr<verify::VerifyReport> CompareTask(const config::Task& task,
                                                 verify::VerifyProgress& progress,
                                                 std::stop_token stop) {
  GODWIT_ASSIGN_OR_RETURN(auto source, MakeSource(task));
  GODWIT_ASSIGN_OR_RETURN(auto destination, MakeDestination(task));
  verify::VerifyOptions options;
  options.threads = task.copy.threads;
  options.memory_bytes = task.memory_limit / 2;
  options.retry_for = task.retry_for;
  return verify::Verify(*source, *destination, pipeline::FilterOf(task), options, progress,
                        std::move(stop));
}

}  // namespace godwit::server
