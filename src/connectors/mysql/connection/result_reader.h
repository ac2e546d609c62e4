#pragma once

#include <optional>
#include <string_view>

#include "base/status.h"
#include "connectors/mysql/connection/packet_channel.h"

namespace godwit::connectors::mysql {

// Reads the result of one SELECT row by row, however large it is. The connection, which is
// borrowed, can be used otherwise again when the result has been read to its end or the server has
// answered with an error. https://mariadb.com/kb/en/result-set-packets/
class ResultReader {
 public:
  explicit ResultReader(Connection* connection) : connection_(connection), channel_(connection) {}

  base::Status Open(std::string_view query);

  // The next row: its values as length-encoded strings, 0xfb for NULL. Nothing at the end. Valid
  // until the next call.
  base::StatusOr<std::optional<std::string_view>> Next();

  // True when Next will leave the bytes of the row before as they are.
  bool row_stays() const { return channel_.has_buffered_packet(); }

  // Whether what Next would receive is of 16 MiB or more; waits for its first bytes.
  base::StatusOr<bool> LargeIsNext() { return channel_.LargeIsNext(); }

  size_t columns() const { return columns_; }
  // The number of the error that the server answered with; 0: none.
  unsigned server_error() const { return server_error_; }

 private:
  base::Status ServerError(std::string_view packet);

  Connection* connection_;
  PacketChannel channel_;
  size_t columns_ = 0;
  unsigned server_error_ = 0;
};

}  // namespace godwit::connectors::mysql
