#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "cluster/request.h"
#include "cluster/view.h"

namespace godwit::cluster {

// How a worker's subtasks stand, on its way to the store: the last word on each. It is written on
// condition that the worker still holds the source as it did then, and that there is such a
// subtask; else it is dropped. Not thread-safe.
class Reports {
 public:
  // By a view that shows the worker's hold.
  void Add(const View::Source& source, const std::string& task, SubtaskState state);
  void Poll(Time now, const View& view, std::vector<Request>& requests);
  // Of requests by kReport.
  void OnAnswer(const Request& request, const Answer& answer, Time now);
  Time NextWake(Time now) const;

 private:
  struct Report {
    SubtaskState state;
    store::Revision held = 0;
    bool is_sent = false;   // one is under way
    bool is_newer = false;  // than the one that is
    Time not_before;
  };
  std::map<std::string, Report> reports_;  // by key
};

}  // namespace godwit::cluster
