#pragma once

#include <map>
#include <string>
#include <vector>

#include "cluster/view.h"

// What an operator may ask for, each a pure function from what the leader sees to the one
// transaction that does it, or an error that says why not and what to do instead. All or nothing is
// done, and only if all that was looked at is still so, the leadership included.
namespace godwit::cluster {

using Wanted = base::StatusOr<store::Transaction>;

// A new source, enabled, with a worker if one is free, and its relay expected to run. That it can
// be connected to has been verified before.
Wanted AddSource(const View& view, store::Revision leadership, const std::string& source,
                 const std::string& config);
// Another configuration; what runs goes on with it.
Wanted UpdateSource(const View& view, store::Revision leadership, const std::string& source,
                    const std::string& config);
// Refused while tasks use it.
Wanted RemoveSource(const View& view, store::Revision leadership, const std::string& source);
// No worker runs it until it is enabled; its tasks and their stages stay.
Wanted DisableSource(const View& view, store::Revision leadership, const std::string& source);
Wanted EnableSource(const View& view, store::Revision leadership, const std::string& source);
// To a worker with a free slot, once the one that has it has let go of it.
Wanted TransferSource(const View& view, store::Revision leadership, const std::string& source,
                      const std::string& worker);
// kRunning or kPaused.
Wanted SetRelayStage(const View& view, store::Revision leadership, const std::string& source,
                     Stage stage);

// The configurations of a task and, by source, of its subtasks.
struct TaskConfig {
  std::string config;
  std::map<std::string, std::string> subtasks;
};
constexpr size_t kMostSubtasks = 40;  // so that each of these is one transaction
// All subtasks are expected to run from the first, unless it `is_stopped`.
Wanted AddTask(const View& view, store::Revision leadership, const std::string& task,
               const TaskConfig& config, bool is_stopped = false);
// Of the same sources; subtasks that run are started again with it.
Wanted UpdateTask(const View& view, store::Revision leadership, const std::string& task,
                  const TaskConfig& config);
// Whatever its stage: its subtasks stop.
Wanted RemoveTask(const View& view, store::Revision leadership, const std::string& task);

enum class TaskRequest { kStart, kStop, kPause, kResume };
// On the sources named; on none: on all where it is possible. Resuming one that is expected to run
// lets it go on after an error.
Wanted ChangeTask(const View& view, store::Revision leadership, const std::string& task,
                  TaskRequest request, const std::vector<std::string>& sources = {});

// Has the task copied anew on the sources named, on none: on all, in place of what it has made
// there; once, whatever happens meanwhile. It is expected to run from there on, also where it was
// stopped or paused.
Wanted RestartTask(const View& view, store::Revision leadership, const std::string& task,
                   const std::vector<std::string>& sources = {});

// One that is offline. It is back in the books when it starts again.
Wanted RemoveWorker(const View& view, store::Revision leadership, const std::string& worker);
// The leader steps back for a while, in which another master may win the election.
Wanted EvictLeader(const View& view, store::Revision leadership);

}  // namespace godwit::cluster
