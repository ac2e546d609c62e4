#include "config/read_file.h"

#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>

#include "base/status.h"

namespace godwit::config {

absl::StatusOr<std::string> ReadFile(const std::string& path, size_t most) {
  auto cannot_read = [&](int error) {
    return base::InvalidArgument("cannot read {}: {}", path,
                                 std::generic_category().message(error));
  };
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rbe"),
                                                       std::fclose);
  if (file == nullptr) return cannot_read(errno);
  std::string content(most + 1, '\0');
  content.resize(std::fread(content.data(), 1, content.size(), file.get()));
  if (std::ferror(file.get()) != 0) return cannot_read(errno);
  if (content.size() > most) {
    return base::InvalidArgument("cannot read {}: it holds more than {} bytes", path, most);
  }
  return content;
}

}  // namespace godwit::config
