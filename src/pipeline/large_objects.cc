#include "pipeline/large_objects.h"

#include "pipeline/task_scope.h"

namespace godwit::pipeline {

base::Status CopyLargeObjects(const config::Task& task, connector::Source& source,
                              connector::Destination& destination, Progress& progress,
                              const std::stop_token& stop) {
  if (task.large_objects != config::LargeObjects::kCopy) return base::OkStatus();
  GODWIT_ASSIGN_OR_RETURN(const std::unique_ptr<connector::LargeObjectReader> reader,
                          source.OpenLargeObjectReader());
  if (reader == nullptr) return base::OkStatus();
  std::stop_callback cancel(stop, [&] { reader->Cancel(); });
  GODWIT_ASSIGN_OR_RETURN(
      const connector::LargeObjectCounts counts,
      destination.TakeLargeObjects(
          *reader, {.if_exists = IfExistsOf(task), .rights = task.objects.rights, .stop = stop}));
  if (counts.written + counts.removed == 0) return base::OkStatus();
  progress.Note(fmt::format("large objects: {} written ({} KiB) and {} removed, of {}",
                            counts.written, counts.bytes >> 10, counts.removed, counts.seen));
  return base::OkStatus();
}

}  // namespace godwit::pipeline
