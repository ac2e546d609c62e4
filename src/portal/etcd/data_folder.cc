#include "portal/etcd/data_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <thread>

#include "base/log.h"
#include "portal/etcd/last_words.h"

namespace godwit::portal {
namespace {

namespace fs = std::filesystem;

constexpr off_t kLargeLog = 8 << 20;
constexpr off_t kMostLastWords = 64 << 10;
// For an etcd whose master was killed: the kernel ends it, too.
constexpr std::chrono::seconds kPatience(3);
constexpr std::chrono::milliseconds kPause(50);

base::Status CannotWrite(const std::string& path) {
  return base::FailedPrecondition(
      "{} cannot be written: {}; it has to be the user's that the master runs as, on a disk with "
      "room: chown -R USER FOLDER, or name another folder by --data-dir",
      path, std::generic_category().message(errno));
}

// With those above it; a new one is its owner's alone.
base::Status MakeFolder(const std::string& path) {
  std::error_code error;
  const bool is_new = fs::create_directories(path, error);
  if (is_new && !error) fs::permissions(path, fs::perms::owner_all, error);
  if (!error && access(path.c_str(), R_OK | W_OK | X_OK) == 0) return base::OkStatus();
  if (error) errno = error.value();
  return CannotWrite(path);
}

bool Lock(int file) {
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (flock(file, LOCK_EX | LOCK_NB) != 0) {
    if (std::chrono::steady_clock::now() >= until) return false;
    std::this_thread::sleep_for(kPause);
  }
  return true;
}

std::string ReadFrom(int file, off_t offset, off_t most) {
  std::string text(most, '\0');
  const ssize_t got = pread(file, text.data(), text.size(), offset);
  text.resize(std::max<ssize_t>(got, 0));
  return text;
}

off_t SizeOf(int file) {
  struct stat found {};
  return fstat(file, &found) == 0 ? found.st_size : 0;
}

}  // namespace

base::StatusOr<DataFolder> DataFolder::Take(const std::string& path, const std::string& name) {
  GODWIT_RETURN_IF_ERROR(MakeFolder(path));
  const std::string lock_path = path + "/lock";
  DataFolder folder(path, open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (folder.lock_ < 0) return CannotWrite(lock_path);
  if (!Lock(folder.lock_)) {
    return base::FailedPrecondition(
        "{} is in use by another master, or by an etcd that one has left: end it, or name another "
        "folder by --data-dir (fuser {} tells which process it is)",
        path, lock_path);
  }
  const std::string owner = ReadFrom(folder.lock_, 0, 1024);
  if (!owner.empty() && owner != name) {
    return base::FailedPrecondition(
        "{} has the data of the member {}, and this master is called {}: name another folder by "
        "--data-dir, or call it as it was by --name",
        path, owner, name);
  }
  if (owner.empty() && pwrite(folder.lock_, name.data(), name.size(), 0) < 0) {
    return CannotWrite(lock_path);
  }
  GODWIT_RETURN_IF_ERROR(MakeFolder(folder.etcd_path()));
  folder.log_ = open(folder.log_path().c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (folder.log_ < 0) return CannotWrite(folder.log_path());
  return folder;
}

DataFolder::DataFolder(DataFolder&& other) noexcept
    : path_(std::move(other.path_)),
      lock_(std::exchange(other.lock_, -1)),
      log_(std::exchange(other.log_, -1)),
      mark_(other.mark_) {}

DataFolder::~DataFolder() {
  for (const int file : {lock_, log_}) {
    if (file >= 0) close(file);
  }
}

base::StatusOr<bool> DataFolder::HasData() const {
  const std::string member = etcd_path() + "/member";
  std::error_code error;
  fs::directory_iterator file(member + "/wal", error);
  for (const fs::directory_iterator end; !error && file != end; file.increment(error)) {
    if (file->path().extension() == ".wal") return true;
  }
  const bool is_there = error != std::errc::no_such_file_or_directory;
  if (error && is_there) {
    return base::FailedPrecondition(
        "{} cannot be read: {}; it has to be the user's that the master runs as: chown -R USER {}",
        member, error.message(), path_);
  }
  if (!is_there && !fs::exists(member, error) && !error) return false;
  return base::FailedPrecondition(
      "{} is there, without the log that etcd keeps in {}/wal: put that back, or, if the member's "
      "data are lost, move {} away, so that it joins anew",
      member, member, member);
}

void DataFolder::KeepLogSmall() {
  if (SizeOf(log_) < kLargeLog) return;
  std::error_code failed;
  // etcd has it open: it is emptied rather than moved.
  fs::copy_file(log_path(), log_path() + ".1", fs::copy_options::overwrite_existing, failed);
  if (failed) spdlog::warn("{} cannot be kept: {}", log_path(), failed.message());
  if (ftruncate(log_, 0) == 0) mark_ = 0;
}

void DataFolder::MarkLog() { mark_ = SizeOf(log_); }

std::string DataFolder::LastWords() const {
  const off_t size = SizeOf(log_);
  const off_t from = std::max(mark_, size - kMostLastWords);
  std::string log = ReadFrom(log_, from, std::max<off_t>(size - from, 0));
  if (from > mark_) log.erase(0, log.find('\n'));  // a piece of a line
  return LastWordsOf(log);
}

}  // namespace godwit::portal
