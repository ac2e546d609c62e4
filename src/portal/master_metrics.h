#pragma once

#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "cluster/view.h"
#include "portal/control.h"
#include "portal/http.h"
#include "portal/measured_store.h"

namespace godwit::portal {

// What a master tells Prometheus. Thread-safe; the store is borrowed.
class MasterMetrics {
 public:
  explicit MasterMetrics(const MeasuredStore& store) : store_(store) {}

  // Of the master (Master::OnChange).
  void OnChanges(const cluster::View& view, const std::vector<store::Watch::Change>& changes);
  void CountRequest(const std::string& method, int status);

  std::string Page(Control& control);

 private:
  const MeasuredStore& store_;
  std::mutex mutex_;
  std::map<std::string, cluster::Binding> bindings_;  // by source, those to a worker
  int64_t failovers_ = 0;
  std::map<std::pair<std::string, int>, int64_t> requests_;  // by method and HTTP status
};

}  // namespace godwit::portal
