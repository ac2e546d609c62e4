#include "connectors/mysql/relay/relay_files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "connectors/mysql/log/log_position.h"
#include "connectors/mysql/relay/file_facts.h"

namespace godwit::connectors::mysql {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMagic =
    "\xfe"
    "bin";

uint64_t NumberOf(const std::string& name) { return LogPosition{name}.FileNumber(); }

base::Status Failed(const std::string& path, std::string_view doing, int error) {
  if (error == ENOSPC || error == EDQUOT || error == EFBIG) {
    return base::ResourceExhausted(
        "relay: {}: no room while {}. Make room there, or have less kept (keep, max_size); it goes "
        "on by itself then",
        path, doing);
  }
  return base::FailedPrecondition("relay: {}: failed while {}: {}", path, doing,
                                  std::strerror(error));
}

// As much as can be written; an error number where that is not all.
int WriteAt(int file, std::string_view bytes, uint64_t offset) {
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return written < 0 ? errno : ENOSPC;
    offset += static_cast<uint64_t>(written);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return 0;
}

// Of this boot of the machine; empty: not known.
std::string BootId() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string id;
  std::getline(file, id);
  return id;
}

// Whether the lock file says that it was last written in this boot.
bool IsOfThisBoot(int lock) {
  const std::string now = BootId();
  char kept[64] = {};
  const ssize_t size = ::pread(lock, kept, sizeof kept, 0);
  return !now.empty() && size > 0 && std::string_view(kept, static_cast<size_t>(size)) == now;
}

std::chrono::system_clock::time_point WrittenAt(const fs::directory_entry& entry,
                                                std::error_code& error) {
  return std::chrono::file_clock::to_sys(
      std::chrono::time_point_cast<std::chrono::file_clock::duration>(
          entry.last_write_time(error)));
}

}  // namespace

bool Follows(const std::string& name, const std::string& before) {
  const auto stem = [](const std::string& file) { return file.substr(0, file.rfind('.')); };
  return stem(name) == stem(before) && NumberOf(name) == NumberOf(before) + 1;
}

OpenFile::~OpenFile() {
  if (file_ >= 0) ::close(file_);
}

base::StatusOr<std::shared_ptr<RelayFiles>> RelayFiles::Open(const std::string& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (!error) fs::permissions(folder, fs::perms::owner_all, error);
  if (error) return Failed(folder, "making the folder", error.value());
  const std::string path = fmt::format("{}/{}", folder, kLockName);
  OpenFile lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (lock.get() < 0) return Failed(path, "opening", errno);
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    return base::Unavailable(
        "relay: {} is in use by another process; each needs a folder of its own", folder);
  }
  std::shared_ptr<RelayFiles> files(new RelayFiles(folder, std::move(lock)));
  GODWIT_RETURN_IF_ERROR(files->Scan());
  GODWIT_RETURN_IF_ERROR(files->Repair());
  if (files->unproven_bytes_ == 0) files->NoteBoot();
  return files;
}

base::Status RelayFiles::Scan() {
  std::error_code error;
  for (fs::directory_iterator entry(folder_, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    const uint64_t number = NumberOf(name);
    if (number == 0) continue;
    files_.push_back({name, number, entry->file_size(error), WrittenAt(*entry, error),
                      fs::exists(Path(name) + std::string(kEndsEarly))});
    if (error) break;
  }
  if (error) return Failed(folder_, "reading it", error.value());
  std::ranges::sort(files_, {}, &File::number);
  return base::OkStatus();
}

base::Status RelayFiles::Repair() {
  const bool same_boot = IsOfThisBoot(lock_.get());
  // All before the last are on the disk as they were written.
  for (bool synced = false; !files_.empty(); synced = true) {
    File& last = files_.back();
    const std::string path = Path(last.name);
    GODWIT_ASSIGN_OR_RETURN(const WholeEvents whole, FindWholeEvents(path));
    if (whole.bytes == 0) {  // nothing in it can be read
      GODWIT_RETURN_IF_ERROR(Delete(last));
      files_.pop_back();
      continue;
    }
    writing_ = OpenFile(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (writing_.get() < 0) return Failed(path, "opening", errno);
    if (!whole.checked && !synced && !same_boot) {
      unproven_bytes_ = last.bytes;
      last.bytes = kMagic.size();
      return base::OkStatus();
    }
    if (whole.bytes < last.bytes &&
        ::ftruncate(writing_.get(), static_cast<off_t>(whole.bytes)) != 0)
      return Failed(path, "cutting it back", errno);
    last.bytes = whole.bytes;
    last_has_ended_ = whole.ends_file;
    return base::OkStatus();
  }
  return base::OkStatus();
}

std::optional<RelayFiles::Place> RelayFiles::End() const {
  std::lock_guard lock(mutex_);
  if (files_.empty()) return std::nullopt;
  return Place{files_.back().name, files_.back().bytes};
}

bool RelayFiles::LastHasEnded() const {
  std::lock_guard lock(mutex_);
  return last_has_ended_;
}

// What is not known is as good as another boot.
void RelayFiles::NoteBoot() const {
  if (!IsOfThisBoot(lock_.get()) && ::ftruncate(lock_.get(), 0) == 0)
    WriteAt(lock_.get(), BootId(), 0);
}

bool RelayFiles::LastIsUnproven() const {
  std::lock_guard lock(mutex_);
  return unproven_bytes_ > 0;
}

base::Status RelayFiles::SyncFolder() const {
  const OpenFile folder(::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.get() < 0 || ::fsync(folder.get()) != 0) return Failed(folder_, "writing it", errno);
  return base::OkStatus();
}

base::Status RelayFiles::Begin(const std::string& name) {
  if (writing_.get() >= 0) {
    // What was there of it and is not in the server's.
    const bool too_long = unproven_bytes_ > End()->offset;
    if (too_long && ::ftruncate(writing_.get(), static_cast<off_t>(End()->offset)) != 0)
      return Failed(Path(End()->file), "cutting it back", errno);
    if (::fdatasync(writing_.get()) != 0)
      return Failed(folder_, "writing a file to the disk", errno);
  }
  const std::string path = Path(name);
  OpenFile file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (file.get() < 0) return Failed(path, "making it", errno);
  if (const int error = WriteAt(file.get(), kMagic, 0); error != 0) {
    ::unlink(path.c_str());
    return Failed(path, "beginning it", error);
  }
  ::unlink((path + std::string(kEndsEarly)).c_str());  // of another file of this name
  GODWIT_RETURN_IF_ERROR(SyncFolder());
  NoteBoot();
  writing_ = std::move(file);
  std::lock_guard lock(mutex_);
  files_.push_back({name, NumberOf(name), kMagic.size(), std::chrono::system_clock::now()});
  last_has_ended_ = false;
  unproven_bytes_ = 0;
  changed_.notify_all();
  return base::OkStatus();
}

base::Status RelayFiles::Append(std::string_view events, bool ends_file) {
  const Place end = *End();  // nobody else moves it
  if (const int error = WriteAt(writing_.get(), events, end.offset); error != 0) {
    const uint64_t kept = std::max(end.offset, unproven_bytes_);
    if (::ftruncate(writing_.get(), static_cast<off_t>(kept)) != 0)
      return Failed(Path(end.file), "cutting it back", errno);
    return Failed(Path(end.file), "writing", error);
  }
  std::lock_guard lock(mutex_);
  files_.back().bytes += events.size();
  files_.back().written = std::chrono::system_clock::now();
  last_has_ended_ = ends_file;
  changed_.notify_all();
  return base::OkStatus();
}

base::Status RelayFiles::Delete(const File& file) const {
  // The mark goes last: a file without it would be gone on with in the next one.
  for (const std::string& path : {Path(file.name), Path(file.name) + std::string(kEndsEarly)}) {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) return Failed(path, "deleting it", errno);
  }
  return base::OkStatus();
}

base::StatusOr<std::string> RelayFiles::LeaveLast() {
  const Place end = *End();  // nobody else moves it
  const std::string path = Path(end.file);
  std::string aside;
  if (unproven_bytes_ > 0) {
    aside = path + std::string(kUnproven);
    if (::rename(path.c_str(), aside.c_str()) != 0) return Failed(path, "putting it aside", errno);
  } else {
    const std::string mark = path + std::string(kEndsEarly);
    const OpenFile file(::open(mark.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    if (file.get() < 0) return Failed(mark, "making it", errno);
  }
  GODWIT_RETURN_IF_ERROR(SyncFolder());
  NoteBoot();
  std::lock_guard lock(mutex_);
  if (aside.empty()) {
    files_.back().ends_early = true;
  } else {
    files_.pop_back();
    writing_ = OpenFile();
    unproven_bytes_ = 0;
  }
  last_has_ended_ = true;  // as far as what comes next is concerned
  changed_.notify_all();
  return aside;
}

void RelayFiles::Start() {
  std::lock_guard lock(mutex_);
  running_ = trusted_ = decided_ = true;
  at_end_.clear();
  changed_.notify_all();
}

void RelayFiles::Stop(const base::Status& why) {
  std::lock_guard lock(mutex_);
  running_ = false;
  decided_ = true;
  if (absl::IsFailedPrecondition(why) || absl::IsDataLoss(why)) trusted_ = false;
  why_not_ = std::string(why.message());
  changed_.notify_all();
}

base::StatusOr<uint64_t> RelayFiles::Purge(const connector::RelayLimits& limits,
                                           std::optional<uint64_t> needed) {
  const auto now = std::chrono::system_clock::now();
  std::lock_guard lock(mutex_);
  uint64_t bytes = 0;
  for (const File& file : files_) bytes += file.bytes;
  while (files_.size() > 1) {
    const File& oldest = files_.front();
    const bool old = limits.keep && oldest.written + *limits.keep < now;
    const bool large = limits.most_bytes && bytes > *limits.most_bytes;
    if ((!old && !large) || (needed && oldest.number >= *needed)) break;
    GODWIT_RETURN_IF_ERROR(Delete(oldest));
    bytes -= oldest.bytes;
    ++purged_files_;
    purged_bytes_ += oldest.bytes;
    files_.pop_front();
  }
  return limits.most_bytes ? bytes - std::min(bytes, *limits.most_bytes) : 0;
}

std::deque<RelayFiles::File>::const_iterator RelayFiles::Find(const std::string& name) const {
  return std::ranges::find(files_, name, &File::name);
}

RelayFiles::Rest RelayFiles::RestOf(std::deque<File>::const_iterator file) const {
  const auto next = file + 1;
  const bool follows = next != files_.end() && !file->ends_early && Follows(next->name, file->name);
  return {file->bytes, follows ? next->name : ""};
}

std::vector<std::string> RelayFiles::Names() const {
  std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  for (auto file = files_.rbegin(); file != files_.rend(); ++file) names.push_back(file->name);
  return names;
}

bool RelayFiles::is_running() const {
  std::lock_guard lock(mutex_);
  return running_;
}

void RelayFiles::WaitForWord(std::chrono::milliseconds wait) const {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, wait, [&] { return decided_; });
}

bool RelayFiles::Has(const Place& place) const {
  std::lock_guard lock(mutex_);
  const auto file = Find(place.file);
  return (trusted_ || !decided_) && file != files_.end() && place.offset <= file->bytes;
}

bool RelayFiles::GoesOnFrom(const Place& place, uint32_t reader) const {
  std::lock_guard lock(mutex_);
  const auto file = Find(place.file);
  if (!trusted_ || file == files_.end() || place.offset > file->bytes) return false;
  const auto met = at_end_.find(reader);
  if (met != at_end_.end() && std::pair(file->number, place.offset) <= met->second) return false;
  const Rest rest = RestOf(file);
  return (running_ && file + 1 == files_.end()) || rest.bytes > place.offset || !rest.next.empty();
}

base::StatusOr<RelayFiles::Rest> RelayFiles::WaitBeyond(const Place& place,
                                                        std::chrono::steady_clock::time_point until,
                                                        const std::stop_token& stop,
                                                        uint32_t reader) {
  std::unique_lock lock(mutex_);
  base::StatusOr<Rest> rest = Rest{};
  changed_.wait_until(lock, stop, until, [&] {
    const auto file = Find(place.file);
    if (file == files_.end()) {
      rest = base::Unavailable("source: the relay has {} no more", place.file);
      return true;
    }
    rest = RestOf(file);
    if (rest->bytes > place.offset || !rest->next.empty()) return true;
    if (running_ && file + 1 == files_.end()) return false;
    at_end_[reader] = {file->number, file->bytes};
    rest = running_ ? base::Unavailable("source: the relay lacks what follows {}", place.file)
                    : base::Unavailable("source: the relay is not read into: {}", why_not_);
    return true;
  });
  if (stop.stop_requested()) return base::Cancelled("source: cancelled");
  return rest;
}

void RelayFiles::Describe(connector::RelayStatus& status) const {
  std::lock_guard lock(mutex_);
  status.folder = folder_;
  status.running = running_;
  status.files = files_.size();
  for (const File& file : files_) status.bytes += file.bytes;
  if (!files_.empty()) {
    status.oldest = files_.front().name;
    status.end = LogPosition{files_.back().name, files_.back().bytes}.ToPosition();
  }
  status.purged_files = purged_files_;
  status.purged_bytes = purged_bytes_;
}

}  // namespace godwit::connectors::mysql
