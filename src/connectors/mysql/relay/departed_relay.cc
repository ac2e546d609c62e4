#include "connectors/mysql/relay/departed_relay.h"

#include <fcntl.h>
#include <sys/file.h>

#include <filesystem>
#include <system_error>
#include <vector>

#include "connectors/mysql/log/log_position.h"
#include "connectors/mysql/relay/relay_files.h"

namespace godwit::connectors::mysql {
namespace {

namespace fs = std::filesystem;

bool IsOfRelay(std::string name) {
  for (std::string_view mark : {kEndsEarly, kUnproven}) {
    if (name.ends_with(mark)) name.resize(name.size() - mark.size());
  }
  return LogPosition{name}.FileNumber() > 0;
}

std::vector<fs::path> ListFolder(const fs::path& folder, std::error_code& error) {
  std::vector<fs::path> paths;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    paths.push_back(entry->path());
  }
  return paths;
}

// Of one server.
void DeleteFiles(const fs::path& folder, std::error_code& error) {
  const fs::path path = folder / kLockName;
  const OpenFile lock(::open(path.c_str(), O_RDWR | O_CLOEXEC));
  if (lock.get() < 0 || ::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) return;
  for (const fs::path& file : ListFolder(folder, error)) {
    if (IsOfRelay(file.filename().string())) fs::remove(file, error);
    if (error) return;
  }
  fs::remove(path, error);
  std::error_code stays;  // with what is not ours
  fs::remove(folder, stays);
}

}  // namespace

base::Status DeleteRelay(const std::string& folder) {
  std::error_code error;
  for (const fs::path& server : ListFolder(folder, error)) {
    if (!error && fs::is_directory(server)) DeleteFiles(server, error);
    if (error) break;
  }
  if (error)
    return base::FailedPrecondition("relay: {}: failed while deleting it: {}", folder,
                                    error.message());
  std::error_code stays;
  fs::remove(folder, stays);
  return base::OkStatus();
}

}  // namespace godwit::connectors::mysql
