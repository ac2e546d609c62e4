#include "config/read_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>

#include "base/status.h"

namespace godwit::config {
namespace {

absl::StatusOr<std::string> Read(const std::string& path, size_t most, bool is_private) {
  auto cannot_read = [&](int error) {
    return base::InvalidArgument("cannot read {}: {}", path,
                                 std::generic_category().message(error));
  };
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rbe"),
                                                       std::fclose);
  if (file == nullptr) return cannot_read(errno);
  if (is_private) {
    struct stat found;
    if (fstat(fileno(file.get()), &found) != 0) return cannot_read(errno);
    const mode_t others = found.st_uid == 0 ? S_IRWXO | S_IWGRP | S_IXGRP : S_IRWXO | S_IRWXG;
    if ((found.st_mode & others) != 0 || (found.st_uid != 0 && found.st_uid != geteuid())) {
      return base::InvalidArgument(
          "{} may be read or written by others than its owner, who has to be you or root: chmod "
          "600 {}",
          path, path);
    }
  }
  std::string content(most + 1, '\0');
  content.resize(std::fread(content.data(), 1, content.size(), file.get()));
  if (std::ferror(file.get()) != 0) return cannot_read(errno);
  if (content.size() > most) {
    return base::InvalidArgument("cannot read {}: it holds more than {} bytes", path, most);
  }
  return content;
}

}  // namespace

absl::StatusOr<std::string> ReadFile(const std::string& path, size_t most) {
  return Read(path, most, false);
}

absl::StatusOr<std::string> ReadPrivateFile(const std::string& path, size_t most) {
  return Read(path, most, true);
}

}  // namespace godwit::config
