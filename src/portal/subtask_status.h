#pragma once

#include <map>
#include <string>
#include <utility>

#include "portal/api.h"
#include "portal/control.h"
#include "portal/http_client.h"

namespace godwit::portal {

// How subtasks stand: by the books, and as the worker that runs them answers. Thread-safe.
class SubtaskStatuses {
 public:
  // `control` is borrowed; `call` is how workers are asked.
  SubtaskStatuses(Control& control, CallOptions call);

  // An array of what the document calls Subtask. Workers are asked with the caller's own rights.
  base::StatusOr<Json> OfTask(const std::string& task, const HttpRequest& asked);
  // One of what the document calls TaskStatus for each task.
  base::StatusOr<Json> OfAllTasks(const HttpRequest& asked);
  base::StatusOr<Json> OfSource(const std::string& source, const HttpRequest& asked);

  // How the tables of a task stand, on one of its sources or (empty) on all of them, each as its
  // worker answers, which alone knows: an array of what the document calls SubtaskTables. `asked`
  // has in its query which tables are meant (TableQueryOf).
  base::StatusOr<Json> TablesOfTask(const std::string& task, const std::string& source,
                                    const HttpRequest& asked);
  // What the document calls Relay.
  base::StatusOr<Json> RelayOfSource(const std::string& source, const HttpRequest& asked);

 private:
  struct Seen;
  // By source and task; of which an error says why there is none.
  using Live = base::StatusOr<std::map<std::pair<std::string, std::string>, Json>>;

  base::StatusOr<std::vector<Seen>> SeeOne(const std::string& task);
  static void SeeTask(const cluster::View& view, const std::string& task, std::vector<Seen>& seen);
  Json ToJson(const std::vector<Seen>& seen, const HttpRequest& asked) const;
  std::map<std::string, Live> AskWorkers(const std::vector<Seen>& seen,
                                         const HttpRequest& asked) const;
  Live AskWorker(const std::string& address, const HttpRequest& asked) const;
  // What a worker answers with 200; anything else is an error.
  base::StatusOr<Json> Ask(const std::string& address, const std::string& path,
                           std::map<std::string, std::string> query,
                           const HttpRequest& asked) const;

  Control& control_;
  const CallOptions call_;
};

}  // namespace godwit::portal
