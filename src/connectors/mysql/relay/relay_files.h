#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "connector/relay.h"

namespace godwit::connectors::mysql {

// In a relay's folder: by which one process at a time has it; and what stands after the name of a
// file of which the rest is not to be had, or of which it is not known what is whole.
inline constexpr std::string_view kLockName = "lock";
inline constexpr std::string_view kEndsEarly = ".ends-early", kUnproven = ".unproven";

// A file descriptor that is closed with its owner.
class OpenFile {
 public:
  explicit OpenFile(int file = -1) : file_(file) {}
  OpenFile(OpenFile&& other) noexcept : file_(std::exchange(other.file_, -1)) {}
  OpenFile& operator=(OpenFile&& other) noexcept {
    std::swap(file_, other.file_);
    return *this;
  }
  ~OpenFile();
  int get() const { return file_; }

 private:
  int file_;
};

// One server's binlog files in a folder, byte for byte as the server has them, each from its
// beginning: the last one grows, and others come after it. The folder is all that is known of them:
// no index beside it could say something else.
//
// A file that has ended is on the disk for good before the next is begun. What a crash leaves of
// the last one is cut back to its last whole event when the folder is opened, and the server is
// asked for the rest again. Where events have no checksums, and the machine went down, nothing
// tells which of them are whole: that file is read by nobody, and written over, from its beginning,
// with what the server has. Nothing that may be whole is deleted but by Purge: a file whose rest is
// not to be had any more is marked (NAME.ends-early), and one of which it is not known what is
// whole, and the server has it no more, is put aside (NAME.unproven).
//
// One thread writes, any number read.
class RelayFiles {
 public:
  struct Place {
    std::string file;
    uint64_t offset = 0;
  };

  // Makes the folder if need be. kFailedPrecondition: it cannot be used. kUnavailable: another
  // process has it, or another object of this one.
  static base::StatusOr<std::shared_ptr<RelayFiles>> Open(const std::string& folder);

  std::string Path(const std::string& name) const { return folder_ + "/" + name; }
  // Where the writer goes on; nothing: there is no file yet.
  std::optional<Place> End() const;
  // Whether the last file's last event says that the log goes on in another one.
  bool LastHasEnded() const;
  // Whether the last file is to be written over from End() on, as it is not known what of it is
  // whole.
  bool LastIsUnproven() const;

  // The writer's. Begins a file; the one before has ended.
  base::Status Begin(const std::string& name);
  // Adds whole events to the last file. kResourceExhausted: the disk is full, and the file is as it
  // was before.
  base::Status Append(std::string_view events, bool ends_file);
  // The server has the last file no more, nor what that had after what there is of it here. Keeps
  // what can be read, marked as cut short; puts aside what cannot, and gives where that is then.
  base::StatusOr<std::string> LeaveLast();
  // From here on more may come, and readers may trust what is there: the source still has the log
  // that this is a copy of. From here on nothing comes, for that reason; one that says that the
  // source has another log ends the trust.
  void Start();
  void Stop(const base::Status& why);

  // Deletes the oldest files, as far as the limits and `needed`, a file's number, allow; never the
  // last one. Gives by how many bytes what is left exceeds the limit.
  base::StatusOr<uint64_t> Purge(const connector::RelayLimits& limits,
                                 std::optional<uint64_t> needed);

  // The readers', each of which has a number. Names, the newest first.
  std::vector<std::string> Names() const;
  bool is_running() const;
  // Waits for the writer's first word on whether these are the source's files: nothing is read
  // before it.
  void WaitForWord(std::chrono::milliseconds wait) const;
  // As long as there is no such word, as far as one can see.
  bool Has(const Place& place) const;
  // Whether to read from there: there is more, or more may come. Not up to an end that the reader
  // has met already, as long as nothing comes there.
  bool GoesOnFrom(const Place& place, uint32_t reader) const;
  struct Rest {
    uint64_t bytes = 0;  // of whole events that are in the file
    std::string next;    // the file that follows it; empty: none yet
  };
  // What there is of a file, once that is more than `offset` or a file follows it, or as it is
  // `until` then. kUnavailable: nothing more will come here. kCancelled: `stop`.
  base::StatusOr<Rest> WaitBeyond(const Place& place, std::chrono::steady_clock::time_point until,
                                  const std::stop_token& stop, uint32_t reader);

  void Describe(connector::RelayStatus& status) const;

 private:
  struct File {
    std::string name;
    uint64_t number = 0;
    uint64_t bytes = 0;  // of whole events
    std::chrono::system_clock::time_point written;
    bool ends_early = false;  // more followed in the server's, which is not to be had
  };

  RelayFiles(std::string folder, OpenFile lock)
      : folder_(std::move(folder)), lock_(std::move(lock)) {}
  base::Status Scan();
  base::Status Repair();
  // Has the folder say that nothing of it is unproven but for what a crash of the machine from now
  // on leaves.
  void NoteBoot() const;
  base::Status Delete(const File& file) const;
  base::Status SyncFolder() const;
  // With mutex_ held; past the end: there is no such file.
  std::deque<File>::const_iterator Find(const std::string& name) const;
  Rest RestOf(std::deque<File>::const_iterator file) const;

  const std::string folder_;
  const OpenFile lock_;
  // The writer's alone.
  OpenFile writing_;             // the last file
  uint64_t unproven_bytes_ = 0;  // of the last file, all beyond its whole events included; 0: none

  mutable std::mutex mutex_;
  mutable std::condition_variable_any changed_;
  std::deque<File> files_;  // by number
  bool last_has_ended_ = false;
  bool running_ = false;
  bool trusted_ = false;  // by this process
  bool decided_ = false;  // whether to trust them, once at least
  std::string why_not_ = "it has not begun";
  // By reader: the end that it has met, a file's number and an offset, since nothing comes there.
  std::map<uint32_t, std::pair<uint64_t, uint64_t>> at_end_;
  uint64_t purged_files_ = 0, purged_bytes_ = 0;
};

// Whether a file of this name is the one after that.
bool Follows(const std::string& name, const std::string& before);

}  // namespace godwit::connectors::mysql
