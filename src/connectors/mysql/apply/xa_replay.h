#pragma once

#include <memory>
#include <optional>
#include <string>

#include "connectors/mysql/connection/lazy_connection.h"
#include "connectors/mysql/connection/server.h"
#include "connectors/mysql/log/log_reader.h"
#include "connectors/mysql/log/xa_transactions.h"
#include "wire/mysql/event.h"
#include "wire/mysql/transaction_payload.h"

namespace godwit::connectors::mysql {

// Whether the event tells of rows: it is a table map, rows, or the statement that they come from.
bool IsChange(const wire::mysql::Event& event);

// Goes through the changes of an XA transaction at the place of its commit: from memory, or from
// the log once more, over a connection of its own. One thread, save for Cancel.
class XaReplay {
 public:
  // To be begun. `commit_time_us`: of the commit.
  XaReplay(Server server, XaChanges changes, int64_t commit_time_us)
      : changes_(std::move(changes)),
        commit_time_us_(commit_time_us),
        connection_(std::in_place, std::move(server), "source") {}
  // From a log that was asked for.
  XaReplay(XaChanges changes, int64_t commit_time_us, LogReader log)
      : changes_(std::move(changes)), commit_time_us_(commit_time_us), log_(std::move(log)) {}

  // Asks for the log, where that is needed. `server_id`: the replica's for such a connection; not
  // that of a stream that is open. kCancelled: after Cancel; else as Next.
  base::Status Begin(uint32_t server_id);

  struct Piece {
    wire::mysql::Event event;            // one that IsChange
    std::shared_ptr<const void> pinned;  // what its body points into
    size_t bytes = 0;                    // of new memory
  };
  // Nothing at the end. kUnavailable: the connection was lost, as by Cancel; open the stream anew.
  // kFailedPrecondition: the log of that place was purged. kDataLoss: there is no such group at
  // that place, or it is another transaction's.
  base::StatusOr<std::optional<Piece>> Next();

  // Ends a call that waits for the server, and every later one. From any thread.
  void Cancel() {
    if (connection_) connection_->Cancel();
  }

  int64_t commit_time_us() const { return commit_time_us_; }

 private:
  base::Status RequestLog(Connection& connection, uint32_t server_id);
  // The next event of the group, past the one that opens it.
  base::StatusOr<wire::mysql::Event> NextOfGroup();
  base::StatusOr<wire::mysql::Event> NextOfLog();
  // Nothing, where the group that ends is the one asked for.
  base::StatusOr<std::optional<Piece>> CheckEnd(const wire::mysql::Event& event) const;
  base::Status AnotherLog() const;

  XaChanges changes_;
  const int64_t commit_time_us_;
  size_t next_ = 0;  // of what is held

  std::optional<LazyConnection> connection_;  // that the log comes over, where it is this one's own
  std::optional<LogReader> log_;              // nothing: all is held
  bool in_group_ = false;
  std::optional<wire::mysql::TransactionPayload> payload_;
};

}  // namespace godwit::connectors::mysql
