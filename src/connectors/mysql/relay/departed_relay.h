#pragma once

#include <string>

#include "base/status.h"

namespace godwit::connectors::mysql {

// Deletes what a source's relay has left in its folder, of all servers that have been the source,
// and the folder. What no relay has made stays, as does what a process has open.
base::Status DeleteRelay(const std::string& folder);

}  // namespace godwit::connectors::mysql
