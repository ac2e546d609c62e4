#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "base/status.h"
#include "portal/etcd/options.h"
#include "portal/http_server.h"
#include "store/etcd_store.h"

namespace godwit::portal {

struct MasterOptions {
  std::string name;
  Exposure exposure;
  std::string version;
  store::EtcdOptions etcd;
  // One that is run beside the master; then `etcd` is as EndpointsOf gives it.
  std::optional<ManagedEtcdOptions> managed_etcd;
  std::chrono::seconds lease{10};
};

// A master of a cluster, in this process, until it is asked to stop: then another one may lead at
// once. `on_ready` is told the url that it answers at. What it runs beside itself ends after it.
base::Status RunMaster(const MasterOptions& options, const std::stop_token& stop,
                       const std::function<void(const std::string& url)>& on_ready = {});

}  // namespace godwit::portal
