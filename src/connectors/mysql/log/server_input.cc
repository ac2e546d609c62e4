#include "connectors/mysql/log/server_input.h"

#include <utility>

#include "connectors/mysql/connection/errors.h"

namespace godwit::connectors::mysql {
namespace {

constexpr std::chrono::seconds kSilence(30);  // without even a heartbeat: the connection is dead

}  // namespace

ServerInput::ServerInput(PacketChannel channel, std::string doing)
    : channel_(std::move(channel)), doing_(std::move(doing)) {
  channel_.LimitSilence(kSilence);
}

base::StatusOr<bool> ServerInput::Wait(std::chrono::milliseconds wait) {
  const auto began = std::chrono::steady_clock::now();
  GODWIT_ASSIGN_OR_RETURN(const bool readable,
                          channel_.WaitReadable(static_cast<int>(wait.count())));
  if (readable) {
    silence_ = {};
    return true;
  }
  silence_ += std::chrono::steady_clock::now() - began;
  if (silence_ > kSilence) {
    return base::Unavailable("source: nothing heard for {} s, not even a heartbeat",
                             kSilence.count());
  }
  return false;
}

base::StatusOr<std::string_view> ServerInput::Next() {
  server_error_.reset();
  GODWIT_ASSIGN_OR_RETURN(const std::string_view packet, channel_.Receive());
  silence_ = {};
  switch (wire::mysql::KindOf(packet)) {
    case wire::mysql::PacketKind::kOk:
      return packet.substr(1);
    case wire::mysql::PacketKind::kError: {
      GODWIT_ASSIGN_OR_RETURN(const wire::mysql::ErrorPacket error,
                              wire::mysql::DecodeError(packet));
      server_error_ = error;
      return StatusOfError(error.code, error.message, doing_);
    }
    default:
      return base::Unavailable("source: the server ended the binlog");
  }
}

}  // namespace godwit::connectors::mysql
