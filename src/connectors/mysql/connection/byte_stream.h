#pragma once

#include <string_view>

#include "base/status.h"

struct ssl_st;

namespace godwit::connectors::mysql {

// The bytes of a connection that the client library has made, read and written past it in pieces
// of any size: on its socket, or through the TLS session that it began there. Holds nothing back
// but what the session has read ahead, which the library reads from there too. One thread.
class ByteStream {
 public:
  // Both are borrowed from the library. `side` is how errors call the server; `tls` is null for a
  // plain connection.
  ByteStream(int socket, ssl_st* tls, std::string_view side);

  // Waits for something and reads at most `size` bytes, at least one. kUnavailable when the
  // connection is lost, or nothing comes for `milliseconds` in the midst of a packet; -1: it may
  // take any time.
  base::StatusOr<size_t> Read(char* to, size_t size, int milliseconds);
  // Writes both.
  base::Status Write(std::string_view head, std::string_view body);
  // Waits until there is something to read, for at most `milliseconds`.
  base::StatusOr<bool> WaitReadable(int milliseconds);

 private:
  base::StatusOr<size_t> ReadPlain(char* to, size_t size, int milliseconds);
  base::StatusOr<size_t> ReadTls(char* to, size_t size, int milliseconds);
  size_t ReadMoreTls(char* to, size_t read, size_t size);
  base::Status WritePlain(std::string_view head, std::string_view body);
  base::Status WriteTls(std::string_view bytes);
  // After a call that gave `result` bytes or fewer than one: OK when it is to be made again.
  base::Status WaitForTls(int result, std::string_view doing, int milliseconds);
  // What it means that there was nothing for so long.
  base::Status Silent(int milliseconds) const;
  base::Status Lost(std::string_view doing) const;

  int socket_;
  ssl_st* tls_;
  int receive_timeout_ = -1;  // of the socket, in milliseconds
  std::string_view side_;
};

}  // namespace godwit::connectors::mysql
