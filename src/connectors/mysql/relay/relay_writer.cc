#include "connectors/mysql/relay/relay_writer.h"

#include <utility>

namespace godwit::connectors::mysql {
namespace {

using wire::mysql::EventHeader;
using wire::mysql::EventType;

constexpr size_t kBufferBytes = 256 * 1024;
constexpr uint64_t kFirstEvent = 4;  // after the file's magic number

}  // namespace

base::StatusOr<RelayWriter> RelayWriter::Open(RelayFiles& files) {
  RelayFiles::Place end = *files.End();
  std::optional<FileHead> head;
  if (end.offset > kFirstEvent) {
    GODWIT_ASSIGN_OR_RETURN(head, ReadFileHead(files.Path(end.file)));
  } else if (files.LastIsUnproven()) {
    // Where that much can be read, it has to be the same log all the same.
    if (auto unproven = ReadFileHead(files.Path(end.file)); unproven.ok()) head = *unproven;
  }
  return RelayWriter(files, std::move(end), head);
}

base::Status RelayWriter::Take(const LogReader& reader, const LogReader::Item& item) {
  const EventHeader& header = item.event.header;
  switch (item.kind) {
    case LogReader::Kind::kHeartbeat:
      return Flush();
    case LogReader::Kind::kBeforeStart:
      return base::OkStatus();
    case LogReader::Kind::kNewFile:
      if (header.artificial()) return GoOnIn(reader.place().file());
      return Add(item);
    case LogReader::Kind::kEvent:
      break;
  }
  if (header.artificial()) return base::OkStatus();
  if (header.type == EventType::kFormatDescription) {
    GODWIT_RETURN_IF_ERROR(TakeFormat(item));
    return end_.offset > kFirstEvent ? base::OkStatus() : Add(item);
  }
  if (header.type == EventType::kMariadbStartEncryption) {
    return base::MakeStatus(
        base::StatusCode::kPermissionDenied,
        "relay: the source encrypts its log from {}:{} on, and sends it in clear text: it is not "
        "kept here. Do without the relay",
        end_.file, end_.offset);
  }
  return Add(item);
}

// The server names the file that it sends whenever it begins with one.
base::Status RelayWriter::GoOnIn(const std::string& file) {
  if (file == end_.file) return base::OkStatus();
  GODWIT_RETURN_IF_ERROR(Flush());
  if (!Follows(file, end_.file)) {
    return base::FailedPrecondition(
        "relay: the source's log goes on in {}, which is not the file after {}; move the folder of "
        "{} away, and it is begun anew",
        file, end_.file, files_.Path(end_.file));
  }
  GODWIT_RETURN_IF_ERROR(files_.Begin(file));
  end_ = {file, kFirstEvent};
  head_.reset();
  return base::OkStatus();
}

// What the file begins with, sent once more, with another place and another time of the server's
// start.
base::Status RelayWriter::TakeFormat(const LogReader::Item& item) {
  const EventHeader& header = item.event.header;
  if (!head_ || (head_->timestamp == header.timestamp && head_->server_id == header.server_id))
    return base::OkStatus();
  return base::FailedPrecondition(
      "relay: the source has another {} than the one kept as {}: its log was begun anew. Move that "
      "folder away, and run again",
      end_.file, files_.Path(end_.file));
}

base::Status RelayWriter::Add(const LogReader::Item& item) {
  const uint64_t end = end_.offset + item.bytes.size();
  if (item.event.header.next_position != static_cast<uint32_t>(end)) {
    return base::DataLoss("relay: at {}:{} the source sent what ends at {}, not at {}", end_.file,
                          end_.offset, item.event.header.next_position, end);
  }
  if (buffer_.size() + item.bytes.size() > kBufferBytes) {
    GODWIT_RETURN_IF_ERROR(Flush());
  }
  end_.offset = end;
  const bool ends_file = item.event.header.type == EventType::kRotate;
  if (item.bytes.size() > kBufferBytes || (ends_file && buffer_.empty()))
    return files_.Append(item.bytes, ends_file);
  buffer_ += item.bytes;
  if (!ends_file) return base::OkStatus();
  GODWIT_RETURN_IF_ERROR(files_.Append(buffer_, true));
  buffer_.clear();
  return base::OkStatus();
}

base::Status RelayWriter::Flush() {
  if (buffer_.empty()) return base::OkStatus();
  GODWIT_RETURN_IF_ERROR(files_.Append(buffer_, false));
  buffer_.clear();
  return base::OkStatus();
}

}  // namespace godwit::connectors::mysql
