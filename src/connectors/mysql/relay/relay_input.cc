#include "connectors/mysql/relay/relay_input.h"

#include <fcntl.h>
#include <libdeflate.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "connectors/mysql/log/log_dialect.h"
#include "connectors/mysql/relay/file_facts.h"
#include "wire/mysql/mysql_gtid.h"
#include "wire/mysql/packet.h"

namespace godwit::connectors::mysql {
namespace {

using wire::mysql::Checksum;
using wire::mysql::EventType;

constexpr size_t kBlockBytes = 512 * 1024;
constexpr uint64_t kFirstEvent = 4;  // after the file's magic number

// As a server makes it up where a file begins.
std::string RotateTo(const std::string& file, uint64_t offset, Checksum checksum) {
  const size_t trailer = checksum == Checksum::kCrc32 ? wire::mysql::kChecksumSize : 0;
  const size_t size = wire::mysql::kEventHeaderSize + 8 + file.size() + trailer;
  std::string event = LittleEndian(0, 4) + static_cast<char>(EventType::kRotate) +
                      LittleEndian(0, 4) + LittleEndian(size, 4) + LittleEndian(0, 4) +
                      LittleEndian(wire::mysql::kEventFlagArtificial, 2) + LittleEndian(offset, 8) +
                      file;
  if (trailer > 0) event += LittleEndian(libdeflate_crc32(0, event.data(), event.size()), 4);
  return event;
}

}  // namespace

base::StatusOr<std::unique_ptr<RelayInput>> RelayInput::Open(std::shared_ptr<RelayFiles> files,
                                                             const RelayFiles::Place& start,
                                                             std::stop_token stop,
                                                             uint32_t reader) {
  std::unique_ptr<RelayInput> input(new RelayInput(std::move(files), std::move(stop), reader));
  GODWIT_RETURN_IF_ERROR(input->Enter(start));
  if (start.offset > kFirstEvent) {
    GODWIT_ASSIGN_OR_RETURN(const FileHead head, ReadFileHead(input->files_->Path(start.file)));
    input->checksum_ = head.checksum;
  }
  return input;
}

base::Status RelayInput::Enter(const RelayFiles::Place& place) {
  const std::string path = files_->Path(place.file);
  file_ = OpenFile(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file_.get() < 0) {
    if (errno == ENOENT) return base::Unavailable("source: the relay has {} no more", place.file);
    return base::FailedPrecondition("relay: {} cannot be read: {}", path, std::strerror(errno));
  }
  place_ = place;
  rest_ = {};
  begin_ = end_ = 0;
  block_.reset();
  return base::OkStatus();
}

base::StatusOr<bool> RelayInput::Look(std::chrono::steady_clock::time_point until) {
  if (end_ > begin_ || rest_.bytes > place_.offset) return true;
  GODWIT_ASSIGN_OR_RETURN(rest_, files_->WaitBeyond(place_, until, stop_, reader_));
  return rest_.bytes > place_.offset || !rest_.next.empty();
}

base::StatusOr<bool> RelayInput::Wait(std::chrono::milliseconds wait) {
  return Look(std::chrono::steady_clock::now() + wait);
}

bool RelayInput::has_next() const {
  const std::string_view unread(block_.get() + begin_, end_ - begin_);
  const auto header = wire::mysql::DecodeEventHeader(unread);
  return header.ok() && header->event_size <= unread.size();
}

base::Status RelayInput::Damaged() const {
  return base::DataLoss(
      "relay: {} is damaged near {}: stop what reads it and move the file's folder away; what is "
      "needed is read from the source again",
      files_->Path(place_.file), place_.offset - (end_ - begin_));
}

base::Status RelayInput::Fill(size_t needed) {
  const size_t unread = end_ - begin_;
  if (unread >= needed) return base::OkStatus();
  if (needed - unread > rest_.bytes - place_.offset) return Damaged();
  if (unread == 0 && block_.use_count() == 1 && capacity_ <= kBlockBytes) {
    // Nobody holds what was given out. The count alone orders nothing; another reference, taken
    // from it, comes after the last use that another thread made of the block.
    const ReceiveBlock after_others = block_;
    begin_ = end_ = 0;
  }
  if (block_ == nullptr || begin_ + needed > capacity_) {
    const size_t capacity = std::max(kBlockBytes, needed);
    ReceiveBlock block = std::make_shared_for_overwrite<char[]>(capacity);
    if (unread > 0) std::memcpy(block.get(), block_.get() + begin_, unread);
    block_ = std::move(block);
    capacity_ = capacity;
    begin_ = 0;
    end_ = unread;
  }
  while (end_ - begin_ < needed) {
    const size_t size = std::min<uint64_t>(capacity_ - end_, rest_.bytes - place_.offset);
    const ssize_t got =
        ::pread(file_.get(), block_.get() + end_, size, static_cast<off_t>(place_.offset));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return Damaged();
    end_ += static_cast<size_t>(got);
    place_.offset += static_cast<uint64_t>(got);
  }
  return base::OkStatus();
}

base::StatusOr<uint32_t> RelayInput::SizeOfNext() {
  GODWIT_RETURN_IF_ERROR(Fill(wire::mysql::kEventHeaderSize));
  const auto header = wire::mysql::DecodeEventHeader({block_.get() + begin_, end_ - begin_});
  if (!header.ok()) return Damaged();
  return header->event_size;
}

base::StatusOr<bool> RelayInput::LargeIsNext() {
  if (end_ == begin_ && rest_.bytes <= place_.offset) return false;  // another file is next
  GODWIT_ASSIGN_OR_RETURN(const uint32_t size, SizeOfNext());
  return size >= wire::mysql::kMaxPacketPayload;
}

base::StatusOr<std::string_view> RelayInput::Next() {
  while (true) {
    GODWIT_ASSIGN_OR_RETURN(const bool more,
                            Look(std::chrono::steady_clock::now() + std::chrono::seconds(1)));
    if (more) break;
  }
  if (end_ == begin_ && rest_.bytes <= place_.offset) {
    GODWIT_RETURN_IF_ERROR(Enter({rest_.next, kFirstEvent}));
    rotate_ = RotateTo(place_.file, kFirstEvent, checksum_);
    return rotate_;
  }
  GODWIT_ASSIGN_OR_RETURN(const uint32_t size, SizeOfNext());
  GODWIT_RETURN_IF_ERROR(Fill(size));
  const std::string_view event(block_.get() + begin_, size);
  begin_ += size;
  if (static_cast<EventType>(event[4]) == EventType::kFormatDescription)
    checksum_ = static_cast<Checksum>(event[size - wire::mysql::kChecksumSize - 1]);
  return event;
}

base::StatusOr<std::optional<RelayFiles::Place>> FindStart(const RelayFiles& files,
                                                           const LogPosition& after, bool is_mysql,
                                                           uint32_t reader) {
  const RelayFiles::Place at{after.file, after.offset};
  const bool goes_on = after.file.empty() ? files.is_running() : files.GoesOnFrom(at, reader);
  if (!goes_on) return std::nullopt;
  if (!is_mysql || after.gtids.empty()) {
    // Of MariaDB's GTIDs alone only the server knows where in its files they are.
    return after.file.empty() ? std::nullopt : std::optional(at);
  }
  // Transactions that are not in the set may stand before its place: the file to begin with is the
  // newest one before which there are none, as for the server.
  GODWIT_ASSIGN_OR_RETURN(const auto set, wire::mysql::MysqlGtidSet::Parse(after.gtids));
  for (const std::string& name : files.Names()) {
    GODWIT_ASSIGN_OR_RETURN(const auto previous, ReadPreviousGtids(files.Path(name)));
    if (!previous || !set.Contains(*previous)) continue;
    const RelayFiles::Place start{name, kFirstEvent};
    return files.GoesOnFrom(start, reader) ? std::optional(start) : std::nullopt;
  }
  return std::nullopt;
}

}  // namespace godwit::connectors::mysql
