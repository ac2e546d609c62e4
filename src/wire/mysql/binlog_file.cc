#include "wire/mysql/binlog_file.h"

namespace godwit::wire::mysql {
namespace {
constexpr std::string_view kMagic =
    "\xfe"
    "bin";
}

BinlogFile::BinlogFile(std::string_view bytes) : bytes_(bytes), offset_(kMagic.size()) {}

base::StatusOr<BinlogFile> BinlogFile::Open(std::string_view bytes) {
  if (!bytes.starts_with(kMagic))
    return base::DataLoss("not a binlog file: it does not begin with fe 62 69 6e");
  return BinlogFile(bytes);
}

base::StatusOr<std::optional<Event>> BinlogFile::Next() {
  std::string_view rest = bytes_.substr(offset_);
  if (rest.empty()) return std::nullopt;
  auto header = DecodeEventHeader(rest);
  if (!header.ok()) return base::Annotate(header.status(), fmt::format("offset {}", offset_));
  if (header->event_size > rest.size()) {
    return base::DataLoss("offset {}: {} event cut off: {} of {} bytes", offset_,
                          EventTypeName(header->type), rest.size(), header->event_size);
  }
  // Without it, how the events that follow end would be a guess.
  if (offset_ == kMagic.size() && header->type != EventType::kFormatDescription) {
    return base::DataLoss("offset {}: the file begins with a {} event, not a format description",
                          offset_, EventTypeName(header->type));
  }
  auto event = framer_.Frame(rest.substr(0, header->event_size));
  if (!event.ok()) return base::Annotate(event.status(), fmt::format("offset {}", offset_));
  if (event->header.type == EventType::kMariadbStartEncryption) {
    return base::FailedPrecondition("offset {}: the file is encrypted from here on", offset_);
  }
  offset_ += header->event_size;
  return *event;
}

}  // namespace godwit::wire::mysql
