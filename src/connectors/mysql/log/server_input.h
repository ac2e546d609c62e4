#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "connectors/mysql/connection/packet_channel.h"
#include "connectors/mysql/log/log_input.h"
#include "wire/mysql/packet.h"

namespace godwit::connectors::mysql {

// A log as the packets of a connection that has asked for it.
class ServerInput : public LogInput {
 public:
  // `doing` opens the messages of the server's own errors: "source: reading the binlog".
  ServerInput(PacketChannel channel, std::string doing);

  PacketChannel& channel() { return channel_; }

  bool has_next() const override { return channel_.has_buffered_packet(); }
  // kUnavailable: 30 s of waiting in a row have brought nothing, not even a heartbeat.
  base::StatusOr<bool> Wait(std::chrono::milliseconds wait) override;
  base::StatusOr<bool> LargeIsNext() override { return channel_.LargeIsNext(); }
  // kUnavailable: the connection was lost or the server ended the log. Else what the server's error
  // means.
  base::StatusOr<std::string_view> Next() override;
  const ReceiveBlock& block() const override { return channel_.block(); }

  // What the server said, where that is why Next gave an error; valid until the next call.
  const std::optional<wire::mysql::ErrorPacket>& server_error() const { return server_error_; }

 private:
  PacketChannel channel_;
  const std::string doing_;
  std::chrono::steady_clock::duration silence_{};  // so far
  std::optional<wire::mysql::ErrorPacket> server_error_;
};

}  // namespace godwit::connectors::mysql
