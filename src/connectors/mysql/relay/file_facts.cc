#include "connectors/mysql/relay/file_facts.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include "wire/mysql/binlog_file.h"
#include "wire/mysql/mysql_events.h"

namespace godwit::connectors::mysql {
namespace {

using wire::mysql::BinlogFile;
using wire::mysql::Event;
using wire::mysql::EventType;

// A file's bytes as memory that the kernel can take back, so that its size does not matter.
class MappedFile {
 public:
  static base::StatusOr<MappedFile> Open(const std::string& path) {
    const auto failed = [&] {
      if (errno == ENOENT) return base::Unavailable("relay: {} was purged", path);
      return base::FailedPrecondition("relay: {} cannot be read: {}", path, std::strerror(errno));
    };
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return failed();
    struct stat facts {};
    void* bytes = nullptr;
    if (::fstat(file, &facts) == 0 && facts.st_size > 0) {
      bytes = ::mmap(nullptr, static_cast<size_t>(facts.st_size), PROT_READ, MAP_SHARED, file, 0);
    }
    const base::Status status = bytes == MAP_FAILED ? failed() : base::OkStatus();
    ::close(file);
    if (!status.ok()) return status;
    return MappedFile(static_cast<const char*>(bytes), static_cast<size_t>(facts.st_size));
  }
  MappedFile(MappedFile&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}
  MappedFile& operator=(MappedFile&&) = delete;
  ~MappedFile() {
    if (!bytes_.empty()) ::munmap(const_cast<char*>(bytes_.data()), bytes_.size());
  }

  std::string_view bytes() const { return bytes_; }

 private:
  MappedFile(const char* bytes, size_t size) : bytes_(bytes, size) {}
  std::string_view bytes_;
};

base::StatusOr<FileHead> HeadOf(const Event& event) {
  GODWIT_ASSIGN_OR_RETURN(const wire::mysql::FormatDescription format,
                          wire::mysql::DecodeFormatDescription(event.body));
  return FileHead{event.header.timestamp, event.header.server_id, format.checksum};
}

}  // namespace

base::StatusOr<WholeEvents> FindWholeEvents(const std::string& path) {
  GODWIT_ASSIGN_OR_RETURN(const MappedFile file, MappedFile::Open(path));
  auto log = BinlogFile::Open(file.bytes());
  if (!log.ok()) return WholeEvents{};
  WholeEvents whole{.bytes = log->offset()};
  while (true) {
    const auto event = log->Next();
    if (!event.ok() || !*event) return whole;
    whole.bytes = log->offset();
    whole.ends_file = (*event)->header.type == EventType::kRotate;
    if ((*event)->header.type != EventType::kFormatDescription) continue;
    GODWIT_ASSIGN_OR_RETURN(const FileHead head, HeadOf(**event));
    whole.checked = head.checksum != wire::mysql::Checksum::kNone;
  }
}

base::StatusOr<FileHead> ReadFileHead(const std::string& path) {
  GODWIT_ASSIGN_OR_RETURN(const MappedFile file, MappedFile::Open(path));
  GODWIT_ASSIGN_OR_RETURN(BinlogFile log, BinlogFile::Open(file.bytes()));
  GODWIT_ASSIGN_OR_RETURN(const std::optional<Event> event, log.Next());
  if (!event) return base::DataLoss("relay: {} has no events", path);
  return HeadOf(*event);
}

base::StatusOr<std::optional<wire::mysql::MysqlGtidSet>> ReadPreviousGtids(
    const std::string& path) {
  GODWIT_ASSIGN_OR_RETURN(const MappedFile file, MappedFile::Open(path));
  auto log = BinlogFile::Open(file.bytes());
  if (!log.ok()) return std::nullopt;
  for (int events = 0; events < 2; ++events) {
    const auto event = log->Next();
    if (!event.ok() || !*event) return std::nullopt;
    if ((*event)->header.type != EventType::kPreviousGtids) continue;
    GODWIT_ASSIGN_OR_RETURN(wire::mysql::MysqlGtidSet gtids,
                            wire::mysql::DecodePreviousGtids((*event)->body));
    return std::optional(std::move(gtids));
  }
  return std::nullopt;
}

}  // namespace godwit::connectors::mysql
