#include "server/checks.h"

#include "server/connectors.h"

namespace godwit::server {

base::StatusOr<connector::CheckReport> CheckTask(const config::Task& task) {
  GODWIT_ASSIGN_OR_RETURN(auto source, MakeSource(task));
  GODWIT_ASSIGN_OR_RETURN(auto destination, MakeDestination(task));
  return pipeline::CheckTask(task, *source, *destination);
}

}  // namespace godwit::server
