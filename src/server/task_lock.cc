#include "server/task_lock.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/text.h"

namespace godwit::server {
namespace {

struct flock WholeFile() {
  struct flock lock = {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  return lock;
}

int64_t ReadPid(int file) {
  char text[32];
  const ssize_t size = pread(file, text, sizeof text, 0);
  if (size <= 0) return 0;
  std::string_view digits(text, static_cast<size_t>(size));
  return base::ParseInteger<int64_t>(digits.substr(0, digits.find('\n'))).value_or(0);
}

// False when the file was deleted since it was opened: a lock on it keeps nobody out.
bool IsStillAt(const std::string& path, int file) {
  struct stat opened = {}, there = {};
  return fstat(file, &opened) == 0 && stat(path.c_str(), &there) == 0 &&
         opened.st_dev == there.st_dev && opened.st_ino == there.st_ino;
}

}  // namespace

std::string TaskLock::Path(const std::string& state_dir, const std::string& task) {
  return state_dir + "/" + task + ".lock";
}

base::StatusOr<TaskLock> TaskLock::Take(const std::string& state_dir, const std::string& task) {
  const std::string path = Path(state_dir, task);
  TaskLock lock(open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600), path);
  if (lock.file_ < 0) return base::FailedPrecondition("{}: {}", path, std::strerror(errno));
  struct flock whole = WholeFile();
  // Of the open file, not of the process: a lock of the process would be lost with any other
  // descriptor of the same file.
  if (fcntl(lock.file_, F_OFD_SETLK, &whole) != 0) {
    if (errno != EAGAIN && errno != EACCES) {
      return base::FailedPrecondition("{}: {}", path, std::strerror(errno));
    }
    return base::FailedPrecondition(
        "task {}: it is running already, in process {}; `godwit status` shows how it stands, and "
        "SIGINT "
        "or SIGTERM stops it",
        task, ReadPid(lock.file_));
  }
  if (!IsStillAt(path, lock.file_)) return Take(state_dir, task);
  const std::string pid = std::to_string(getpid()) + "\n";
  if (ftruncate(lock.file_, 0) != 0 ||
      pwrite(lock.file_, pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
    return base::FailedPrecondition("{}: {}", path, std::strerror(errno));
  }
  return lock;
}

TaskLock::~TaskLock() {
  if (file_ >= 0) close(file_);
}

std::optional<int64_t> TaskLock::Holder(const std::string& state_dir, const std::string& task) {
  const int file = open(Path(state_dir, task).c_str(), O_RDWR | O_CLOEXEC);
  if (file < 0) return std::nullopt;
  struct flock whole = WholeFile();
  const bool held = fcntl(file, F_OFD_GETLK, &whole) == 0 && whole.l_type != F_UNLCK;
  const int64_t pid = ReadPid(file);
  close(file);
  if (!held) return std::nullopt;
  return pid;
}

base::Status TaskLock::RemoveFile() {
  // Once it is gone, one of that name is another holder's.
  if (!IsStillAt(path_, file_) || unlink(path_.c_str()) == 0) return base::OkStatus();
  return base::FailedPrecondition("{}: {}", path_, std::strerror(errno));
}

}  // namespace godwit::server
