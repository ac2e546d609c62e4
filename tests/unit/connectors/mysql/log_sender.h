#pragma once

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <string_view>

#include "connectors/mysql/connection/packet_channel.h"
#include "connectors/mysql/log/log_dialect.h"
#include "wire/mysql/event.h"

namespace godwit::connectors::mysql {

// A server that sends a log, of which the test says every event.
class LogSender {
 public:
  LogSender() { EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends_), 0); }
  LogSender(const LogSender&) = delete;
  LogSender& operator=(const LogSender&) = delete;
  ~LogSender() {
    ::close(ends_[0]);
    if (ends_[1] >= 0) ::close(ends_[1]);
  }

  // The other end of the connection.
  PacketChannel Channel() { return PacketChannel(ByteStream(ends_[0], nullptr, "source")); }

  // An event that ends at `end` of the file, which its header says modulo 2^32.
  void Send(wire::mysql::EventType type, uint64_t end, std::string_view body = "",
            uint16_t flags = 0) {
    std::string event = LittleEndian(1'700'000'000, 4);
    event += static_cast<char>(type);
    event += LittleEndian(1, 4) + LittleEndian(SizeOf(body), 4) +
             LittleEndian(static_cast<uint32_t>(end), 4) + LittleEndian(flags, 2);
    SendPacket(std::string(1, '\0') + event + std::string(body));
  }
  static uint64_t SizeOf(std::string_view body) {
    return wire::mysql::kEventHeaderSize + body.size();
  }
  // The log goes on there: said by the file before it, or made up by the server.
  void Rotate(std::string_view file, uint64_t offset, uint64_t end = 0) {
    Send(wire::mysql::EventType::kRotate, end, LittleEndian(offset, 8) + std::string(file),
         end == 0 ? wire::mysql::kEventFlagArtificial : 0);
  }
  void SendPacket(std::string_view payload) {
    const std::string packet = LittleEndian(payload.size(), 3) + '\1' + std::string(payload);
    EXPECT_EQ(::send(ends_[1], packet.data(), packet.size(), 0),
              static_cast<ssize_t>(packet.size()));
  }
  void Close() {
    ::close(ends_[1]);
    ends_[1] = -1;
  }

 private:
  int ends_[2];
};

}  // namespace godwit::connectors::mysql
