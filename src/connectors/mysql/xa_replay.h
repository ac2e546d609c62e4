#pragma once

#include <memory>
#include <optional>
#include <string>

#include "config/endpoint.h"
#include "connectors/mysql/connection.h"
#include "connectors/mysql/log_place.h"
#include "connectors/mysql/packet_channel.h"
#include "connectors/mysql/xa_transactions.h"
#include "wire/mysql/event.h"
#include "wire/mysql/transaction_payload.h"

namespace godwit::connectors::mysql {

// Whether the event tells of rows: it is a table map, rows, or the statement that they come from.
bool IsChange(const wire::mysql::Event& event);

// Goes through the changes of an XA transaction at the place of its commit: from memory, or from
// the log once more, over a connection of its own. One thread.
class XaReplay {
 public:
  // `server_id`: the replica's for such a connection; not that of a stream that is open.
  // `commit_time_us`: of the commit.
  static base::StatusOr<std::unique_ptr<XaReplay>> Open(const config::Endpoint& endpoint,
                                                        XaChanges changes, uint32_t server_id,
                                                        int64_t commit_time_us);

  struct Piece {
    wire::mysql::Event event;            // one that IsChange
    std::shared_ptr<const void> pinned;  // what its body points into
    size_t bytes = 0;                    // of new memory
  };
  // Nothing at the end. kUnavailable: the connection was lost; open the stream anew.
  // kFailedPrecondition: the log of that place was purged. kDataLoss: it is another one's.
  base::StatusOr<std::optional<Piece>> Next();

  int64_t commit_time_us() const { return commit_time_us_; }

 private:
  explicit XaReplay(XaChanges changes, int64_t commit_time_us)
      : changes_(std::move(changes)), commit_time_us_(commit_time_us) {}
  base::Status RequestLog(const config::Endpoint& endpoint, uint32_t server_id);
  // Nothing: one that means nothing here.
  base::StatusOr<std::optional<wire::mysql::Event>> NextOfLog();
  // The end, where it is that of the transaction asked for.
  base::StatusOr<std::optional<Piece>> CheckEnd(const wire::mysql::Event& event) const;

  XaChanges changes_;
  const int64_t commit_time_us_;
  size_t next_ = 0;  // of what is held

  std::unique_ptr<Connection> connection_;  // null: all is held
  std::optional<PacketChannel> channel_;
  wire::mysql::EventFramer framer_;
  LogPlace place_;
  std::optional<wire::mysql::TransactionPayload> payload_;
};

}  // namespace godwit::connectors::mysql
