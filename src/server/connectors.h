#pragma once

#include <memory>

#include "base/status.h"
#include "config/task.h"
#include "connector/destination.h"
#include "connector/relay.h"
#include "connector/source.h"

namespace godwit::server {

// The connectors for a task's two ends, chosen by the schemes of their urls; not connected yet. The
// only place that knows which connectors there are. `relay`: the source's, made here; null: its log
// is read from the server.
base::StatusOr<std::unique_ptr<connector::Source>> MakeSource(
    const config::Task& task, const std::shared_ptr<connector::Relay>& relay = nullptr);
base::StatusOr<std::unique_ptr<connector::Destination>> MakeDestination(const config::Task& task);

// The relay of a source, which any number of tasks on it may read; it takes nothing in before it is
// run. `name`: the source's. `options` name its folder.
base::StatusOr<std::shared_ptr<connector::Relay>> MakeRelay(const config::Endpoint& source,
                                                            const std::string& name,
                                                            const config::RelayOptions& options);
// Deletes what the relay of a source that is not here any more has left in its folder.
base::Status DeleteRelay(const std::string& folder);

}  // namespace godwit::server
