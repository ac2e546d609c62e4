#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "base/status.h"
#include "wire/mysql/event.h"

namespace godwit::wire::mysql {

// Goes through a Transaction_payload event, which holds all other events of a transaction after its
// GTID (binlog_transaction_compression): a list of fields of the form type, length, value (1 the
// size of the payload, 2 how it is compressed: 0 zstd, 255 not at all, 3 its inflated size; type 0
// ends it; others are passed over), then the payload
// (https://dev.mysql.com/doc/dev/mysql-server/latest/classmysql_1_1binlog_1_1event_1_1Transaction__payload__event.html).
//
// The events inside have no checksum and no place of their own in the log: they all take effect at
// the place of the event around them. They are inflated as they are asked for: what is held in
// memory is the largest event, a piece of 128 KiB, and zstd's window (8 MiB at most as servers
// write it by default, 128 MiB at the highest compression level).
// Borrows the body, which must outlive it. Not thread-safe.
class TransactionPayload {
 public:
  // kDataLoss: malformed; kFailedPrecondition: compressed in a way that is not known.
  static base::StatusOr<TransactionPayload> Open(std::string_view body);
  TransactionPayload(TransactionPayload&&) noexcept;
  TransactionPayload& operator=(TransactionPayload&&) noexcept;
  ~TransactionPayload();

  // The next event, valid until the next call; nothing at the end. kDataLoss: cut off, corrupt, or
  // an event that cannot be inside another.
  base::StatusOr<std::optional<Event>> Next();

  // What the sender says of the payload, for estimates: nothing holds it to that. 0: not said.
  uint64_t claimed_size() const { return claimed_size_; }

 private:
  class Inflater;

  TransactionPayload();
  base::StatusOr<std::string_view> Take(size_t size);

  std::string_view plain_;              // of an uncompressed payload: what is left
  std::unique_ptr<Inflater> inflater_;  // of a compressed one
  uint64_t claimed_size_ = 0;
};

}  // namespace godwit::wire::mysql
