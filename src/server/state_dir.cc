#include "server/state_dir.h"

#include <cstdlib>
#include <filesystem>

namespace godwit::server {

base::StatusOr<std::string> DefaultStateDir() {
  if (const char* state = std::getenv("XDG_STATE_HOME"); state != nullptr && *state == '/') {
    return std::string(state) + "/godwit";
  }
  if (const char* home = std::getenv("HOME"); home != nullptr && *home != '\0') {
    return std::string(home) + "/.local/state/godwit";
  }
  return base::InvalidArgument(
      "neither XDG_STATE_HOME nor HOME is set; say where the state is kept with --state-dir");
}

base::Status MakeStateDir(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code error;
  const bool made = fs::create_directories(path, error);
  if (made && !error) fs::permissions(path, fs::perms::owner_all, error);
  if (!error) return base::OkStatus();
  return base::FailedPrecondition(
      "state directory {}: {}; make it, or choose another with --state-dir", path, error.message());
}

std::string StorePath(const std::string& state_dir) { return state_dir + "/godwit.db"; }

}  // namespace godwit::server
