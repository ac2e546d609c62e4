#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/status.h"
#include "connectors/mysql/connection/connection.h"
#include "connectors/mysql/connection/packet_channel.h"
#include "connectors/mysql/log/log_place.h"
#include "wire/mysql/event.h"
#include "wire/mysql/packet.h"

namespace godwit::connectors::mysql {

// Reads a server's log from the packets of a connection that has asked for it: one event after the
// other, checked, and where each stands. One thread.
class LogReader {
 public:
  // `doing` opens the messages of the server's own errors: "source: reading the binlog".
  LogReader(PacketChannel channel, std::string doing);

  // Before the log is asked for through `channel()`, which is the connection's: has the server send
  // it in the form that is read here, from `start` on.
  base::Status Prepare(Connection& connection, LogPlace start);
  // For a log of which that is known: its events end in `checksum` until one says otherwise.
  void StartAt(LogPlace start, wire::mysql::Checksum checksum);

  PacketChannel& channel() { return channel_; }
  const LogPlace& place() const { return place_; }
  std::string Where() const;  // of the last event, as errors say it: "binlog.000003:1234"

  // Whether a whole event has come in.
  bool has_next() const { return channel_.has_buffered_packet(); }
  // Waits until something has come in, for at most `wait`. kUnavailable: 30 s of waiting in a row
  // have brought nothing, not even a heartbeat.
  base::StatusOr<bool> Wait(std::chrono::milliseconds wait);

  enum class Kind {
    kEvent,
    kNewFile,      // the log goes on in place().file(), which may be the one it was in
    kHeartbeat,    // there is no more of the log for now
    kBeforeStart,  // of a file that could only be asked for from its beginning
  };
  struct Item {
    Kind kind;
    wire::mysql::Event event;
    size_t packet_bytes;
  };
  // Waits for the next event. Its body is valid until the next call; longer for who holds
  // channel().block(). kUnavailable: the connection was lost or the server ended the log.
  // kDataLoss: what came is no event. Else what the server's error means.
  base::StatusOr<Item> Next();
  // What the server said, where that is why Next gave an error; valid until the next call.
  const std::optional<wire::mysql::ErrorPacket>& server_error() const { return server_error_; }

 private:
  base::StatusOr<Item> Read(std::string_view packet);
  base::StatusOr<Kind> Locate(const wire::mysql::Event& event);

  PacketChannel channel_;
  const std::string doing_;
  wire::mysql::EventFramer framer_;
  LogPlace place_;
  std::chrono::steady_clock::duration silence_{};  // so far
  std::optional<wire::mysql::ErrorPacket> server_error_;
};

}  // namespace godwit::connectors::mysql
