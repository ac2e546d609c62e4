#include "connectors/postgres/log/spill_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace godwit::connectors::postgres {
namespace {

base::Status Refused(const std::string& folder, std::string_view what, int error) {
  return base::FailedPrecondition(
      "source: large transactions wait for their commit in files in {}, where one cannot be {}: "
      "{}. Make room there, or name another folder as `source.spill_dir`, and run again; with "
      "`source.streaming: false` they wait on the source",
      folder, what, std::strerror(error));
}

// Not all file systems can make a file that never has a name.
int OpenNameless(const std::string& folder) {
  const int file = open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (file >= 0 || (errno != EOPNOTSUPP && errno != EISDIR)) return file;
  std::string path = folder + "/godwit-XXXXXX";
  const int named = mkostemp(path.data(), O_CLOEXEC);
  if (named >= 0) unlink(path.c_str());
  return named;
}

}  // namespace

std::string DefaultSpillFolder() {
  const char* folder = std::getenv("TMPDIR");
  return folder != nullptr && *folder != '\0' ? folder : "/var/tmp";
}

base::StatusOr<SpillFile> SpillFile::Make(const std::string& folder) {
  const int file = OpenNameless(folder);
  if (file < 0) return Refused(folder, "made", errno);
  return SpillFile(file, folder);
}

SpillFile::~SpillFile() {
  if (file_ >= 0) close(file_);
}

base::Status SpillFile::Append(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = pwrite(file_, bytes.data(), bytes.size(), static_cast<off_t>(size_));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return Refused(folder_, "written", written < 0 ? errno : ENOSPC);
    size_ += static_cast<uint64_t>(written);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return base::OkStatus();
}

base::Status SpillFile::Read(uint64_t offset, char* to, size_t size) const {
  while (size > 0) {
    const ssize_t read = pread(file_, to, size, static_cast<off_t>(offset));
    if (read < 0 && errno == EINTR) continue;
    if (read < 0) return Refused(folder_, "read", errno);
    if (read == 0)
      return base::DataLoss("source: a file in {} has lost what was written to it", folder_);
    offset += static_cast<uint64_t>(read);
    to += read;
    size -= static_cast<size_t>(read);
  }
  return base::OkStatus();
}

}  // namespace godwit::connectors::postgres
