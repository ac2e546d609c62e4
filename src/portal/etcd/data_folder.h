#pragma once

#include <string>

#include "base/status.h"

namespace godwit::portal {

// What a member of etcd keeps on this machine, in one folder: `etcd/`, which is etcd's own, its log
// `etcd.log` with an earlier one `etcd.log.1`, and `lock` with the member's name. One thread at a
// time.
class DataFolder {
 public:
  // Makes it if need be, and takes it for the member of that name. It stays taken as long as this
  // or an etcd that was given `lock()` lives. kFailedPrecondition: it cannot be written, is
  // another member's, or still taken after some seconds.
  static base::StatusOr<DataFolder> Take(const std::string& path, const std::string& name);
  ~DataFolder();
  DataFolder(DataFolder&& other) noexcept;
  DataFolder& operator=(DataFolder&&) = delete;

  const std::string& path() const { return path_; }
  std::string etcd_path() const { return path_ + "/etcd"; }
  std::string log_path() const { return path_ + "/etcd.log"; }
  int lock() const { return lock_; }  // an open file
  int log() const { return log_; }    // likewise, what is written goes to its end

  // Whether etcd has been a member with what is there. kFailedPrecondition: that cannot be said, as
  // it cannot be read, or is not whole.
  base::StatusOr<bool> HasData() const;
  // Once it is large, what is in the log goes to the earlier one.
  void KeepLogSmall();
  // From here on LastWords looks.
  void MarkLog();
  // What the log ends with, for people: errors rather than anything else; with what to do, where
  // that is known.
  std::string LastWords() const;

 private:
  DataFolder(std::string path, int lock) : path_(std::move(path)), lock_(lock) {}

  std::string path_;
  int lock_ = -1, log_ = -1;
  off_t mark_ = 0;
};

}  // namespace godwit::portal
