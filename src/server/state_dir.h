#pragma once

#include <string>

#include "base/status.h"

namespace godwit::server {

// Where this user's runs keep what they know: $XDG_STATE_HOME/godwit, else ~/.local/state/godwit.
// kInvalidArgument when neither variable is set.
base::StatusOr<std::string> DefaultStateDir();

// Makes the folder, and those above it, if need be; a new one is its owner's alone.
// kFailedPrecondition when that cannot be.
base::Status MakeStateDir(const std::string& path);

// The control plane's store in a state directory.
std::string StorePath(const std::string& state_dir);

}  // namespace godwit::server
