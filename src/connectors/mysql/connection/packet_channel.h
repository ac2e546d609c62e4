#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"
#include "connectors/mysql/connection/byte_stream.h"
#include "connectors/mysql/connection/connection.h"

namespace godwit::connectors::mysql {

// A piece of memory that packets were received into. Views of packets live as long as it is held.
using ReceiveBlock = std::shared_ptr<char[]>;

// Speaks the client/server protocol on an authenticated connection's socket, reading and writing in
// large pieces, for what the client library does in small ones: result sets of a copy, LOAD DATA
// streams and the binlog. Between uses, when the server's answer has been read to its end, the
// library may use the connection. One thread.
// https://mariadb.com/kb/en/0-packet/
class PacketChannel {
 public:
  explicit PacketChannel(Connection* connection);  // borrowed
  explicit PacketChannel(ByteStream stream);

  // How long the server may keep silent in the midst of a packet; kUnavailable after that. Ten
  // minutes where nothing is said: a result set's packet may wait for the rows that follow it.
  void LimitSilence(std::chrono::milliseconds limit) { silence_ = limit; }

  // Sends a command packet: its code, then its payload.
  base::Status SendCommand(unsigned char code, std::string_view payload);

  // Sends one packet of an exchange under way (the data of LOAD DATA), numbered on from the last
  // received. An empty one ends the data.
  base::Status SendData(std::string_view payload);

  // The next packet's payload, as received, ERR packets included; progress reports are passed over.
  // Valid until the next call; longer for who holds block().
  base::StatusOr<std::string_view> Receive();

  // True when a whole packet has been received and not been given out.
  bool has_buffered_packet() const;

  // Whether the next payload comes in several packets, being of 16 MiB or more; waits for its first
  // bytes.
  base::StatusOr<bool> LargeIsNext();

  // Waits until the server has sent something, for at most `milliseconds`.
  base::StatusOr<bool> WaitReadable(int milliseconds);

  // The memory that the last payload is in.
  const ReceiveBlock& block() const { return block_; }

 private:
  base::StatusOr<std::string_view> ReceiveAny();
  base::StatusOr<std::string_view> ReceiveRest(size_t first);
  base::Status Fill(size_t needed, bool in_packet);

  ByteStream stream_;
  std::chrono::milliseconds silence_ = std::chrono::minutes(10);
  bool heard_ = false;  // the server has begun to send something
  ReceiveBlock block_;
  size_t capacity_ = 0;
  size_t begin_ = 0, end_ = 0;  // unread bytes of block_
  unsigned char sequence_ = 0;
};

}  // namespace godwit::connectors::mysql
