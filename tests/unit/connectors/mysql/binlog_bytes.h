#pragma once

#include <libdeflate.h>

#include <string>
#include <string_view>

#include "connectors/mysql/log/log_dialect.h"
#include "wire/mysql/event.h"

namespace godwit::connectors::mysql {

// The bytes of a binlog file, event by event, with checksums.
class BinlogBytes {
 public:
  explicit BinlogBytes(bool checksums = true) : checksums_(checksums) {}

  // Adds an event to the file; gives its bytes.
  std::string Add(wire::mysql::EventType type, std::string_view body) {
    const std::string event = Made(type, body, text_.size() + SizeOf(body));
    text_ += event;
    return event;
  }
  std::string AddFormat(uint32_t created = 1) {
    return Add(wire::mysql::EventType::kFormatDescription, FormatBody(created));
  }
  std::string AddRotate(std::string_view file) {
    return Add(wire::mysql::EventType::kRotate, LittleEndian(4, 8) + std::string(file));
  }

  // As a server makes them up to send a file.
  std::string RotateTo(std::string_view file, uint64_t offset) const {
    return Made(wire::mysql::EventType::kRotate, LittleEndian(offset, 8) + std::string(file), 0,
                wire::mysql::kEventFlagArtificial);
  }
  std::string FormatAgain(uint32_t created = 1) const {
    return Made(wire::mysql::EventType::kFormatDescription, FormatBody(created), 0);
  }
  std::string Heartbeat(std::string_view file) const {
    return Made(wire::mysql::EventType::kHeartbeat, file, text_.size());
  }

  const std::string& text() const { return text_; }

 private:
  std::string FormatBody(uint32_t timestamp) const {
    return LittleEndian(4, 2) + std::string(50, '\0') + LittleEndian(timestamp, 4) + '\x13' +
           std::string(40, '\0') + static_cast<char>(checksums_ ? 1 : 0) +
           (checksums_ ? "" : LittleEndian(0, 4));
  }
  size_t SizeOf(std::string_view body) const {
    return wire::mysql::kEventHeaderSize + body.size() +
           (checksums_ ? wire::mysql::kChecksumSize : 0);
  }
  std::string Made(wire::mysql::EventType type, std::string_view body, uint64_t end,
                   uint16_t flags = 0) const {
    const bool is_format = type == wire::mysql::EventType::kFormatDescription;
    // Two files are begun at two times.
    const std::string timestamp = is_format ? std::string(body.substr(52, 4)) : LittleEndian(9, 4);
    std::string event = timestamp + static_cast<char>(type) + LittleEndian(1, 4) +
                        LittleEndian(SizeOf(body), 4) + LittleEndian(end, 4) +
                        LittleEndian(flags, 2) + std::string(body);
    if (checksums_) event += LittleEndian(libdeflate_crc32(0, event.data(), event.size()), 4);
    return event;
  }

  const bool checksums_;
  std::string text_ =
      "\xfe"
      "bin";
};

}  // namespace godwit::connectors::mysql
