#pragma once

#include <chrono>
#include <stop_token>
#include <string>

#include "base/status.h"
#include "portal/http_server.h"
#include "store/etcd_store.h"

namespace godwit::portal {

struct WorkerOptions {
  std::string name;
  Exposure exposure;
  std::string version;
  int slots = 1;             // so many sources at a time
  std::string relay_folder;  // where the logs of sources are kept; empty: nowhere
  store::EtcdOptions etcd;
  std::chrono::seconds lease{10};
};

// A worker of a cluster, in this process, until it is asked to stop: then it stops all it runs,
// with everything saved, and lets go of it.
base::Status RunWorker(const WorkerOptions& options, const std::stop_token& stop);

}  // namespace godwit::portal
