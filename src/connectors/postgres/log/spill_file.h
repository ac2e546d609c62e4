#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/status.h"

namespace godwit::connectors::postgres {

// Where files go of what has to wait for longer than there is memory for, unless the task names a
// folder: $TMPDIR, else /var/tmp.
std::string DefaultSpillFolder();

// A file without a name: nothing of it is left once it is closed, or the process has ended in
// whatever way. One thread.
//
// kFailedPrecondition: the folder or its disk does not take it; says what to do.
class SpillFile {
 public:
  static base::StatusOr<SpillFile> Make(const std::string& folder);
  ~SpillFile();
  SpillFile(SpillFile&& other) noexcept
      : file_(std::exchange(other.file_, -1)),
        size_(std::exchange(other.size_, 0)),
        folder_(std::move(other.folder_)) {}
  SpillFile& operator=(SpillFile&&) = delete;

  base::Status Append(std::string_view bytes);
  // All of `size` bytes from `offset` on. kDataLoss: it has not so many.
  base::Status Read(uint64_t offset, char* to, size_t size) const;

  uint64_t size() const { return size_; }

 private:
  SpillFile(int file, std::string folder) : file_(file), folder_(std::move(folder)) {}

  int file_;
  uint64_t size_ = 0;
  std::string folder_;
};

}  // namespace godwit::connectors::postgres
