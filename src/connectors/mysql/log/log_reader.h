#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "connectors/mysql/connection/connection.h"
#include "connectors/mysql/connection/packet_channel.h"
#include "connectors/mysql/log/log_input.h"
#include "connectors/mysql/log/log_place.h"
#include "connectors/mysql/log/server_input.h"
#include "wire/mysql/event.h"
#include "wire/mysql/mysql_gtid.h"

namespace godwit::connectors::mysql {

// Reads a server's log: one event after the other, checked, and where each stands. One thread.
class LogReader {
 public:
  // From the packets of a connection that has asked for it. `doing` opens the messages of the
  // server's own errors: "source: reading the binlog".
  LogReader(PacketChannel channel, std::string doing);

  // Before the log is asked for through `channel()`, which is the connection's: has the server send
  // it in the form that is read here, from `start` on.
  base::Status Prepare(Connection& connection, LogPlace start);
  // For a log of which that is known: its events end in `checksum` until one says otherwise.
  void StartAt(LogPlace start, wire::mysql::Checksum checksum);
  // Goes on with another input of the same log, which begins at `start`. Events of transactions
  // that are in `seen` are kBeforeStart there.
  void GoOnWith(std::unique_ptr<LogInput> input, LogPlace start, wire::mysql::Checksum checksum,
                wire::mysql::MysqlGtidSet seen);

  // The connection's, until GoOnWith.
  PacketChannel& channel() { return server_->channel(); }
  const LogPlace& place() const { return place_; }
  std::string Where() const;  // of the last event, as errors say it: "binlog.000003:1234"

  // As LogInput.
  bool has_next() const { return input_->has_next(); }
  base::StatusOr<bool> Wait(std::chrono::milliseconds wait) { return input_->Wait(wait); }
  base::StatusOr<bool> LargeIsNext() { return input_->LargeIsNext(); }
  const ReceiveBlock& block() const { return input_->block(); }

  enum class Kind {
    kEvent,
    kNewFile,      // the log goes on in place().file(), which may be the one it was in
    kHeartbeat,    // there is no more of the log for now
    kBeforeStart,  // of a file that could only be asked for from its beginning
  };
  struct Item {
    Kind kind;
    wire::mysql::Event event;
    std::string_view bytes;  // that it was read from
  };
  // Waits for the next event. Its body is valid until the next call; longer for who holds block().
  // kUnavailable: the connection was lost or the log was ended. kDataLoss: what came is no event.
  // Else what the server's error means.
  base::StatusOr<Item> Next();
  // What the server said, where that is why Next gave an error; valid until the next call.
  const std::optional<wire::mysql::ErrorPacket>& server_error() const {
    return server_->server_error();
  }

 private:
  base::StatusOr<Item> Read();
  base::StatusOr<Kind> Locate(const wire::mysql::Event& event);
  // Whether the event is of a transaction in seen_.
  base::StatusOr<bool> IsSeen(const wire::mysql::Event& event);

  std::unique_ptr<LogInput> input_;
  ServerInput* server_;  // as long as it is the input
  wire::mysql::EventFramer framer_;
  LogPlace place_;
  wire::mysql::MysqlGtidSet seen_;
  bool in_seen_ = false;
};

}  // namespace godwit::connectors::mysql
