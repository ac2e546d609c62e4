#pragma once

#include <absl/container/flat_hash_map.h>

#include <bitset>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "connectors/postgres/log/spill_file.h"
#include "wire/postgres/pgoutput.h"

namespace godwit::connectors::postgres {

// A message out of a streamed block, as it came.
struct WaitingMessage {
  uint64_t arrival = 0;        // the how many-th of the stream's messages it is
  wire::postgres::Lsn at = 0;  // where in the log it is from
  std::string_view bytes;
  bool undone = false;                 // it was rolled back, and counts for what it describes alone
  std::shared_ptr<const void> memory;  // that a large one has for itself
};

// Numbers of transactions, as bits: those of one transaction's subtransactions are near each other.
class XidSet {
 public:
  void Insert(uint32_t xid) { pages_[xid / kPage].set(xid % kPage); }
  bool Contains(uint32_t xid) const {
    const auto page = pages_.find(xid / kPage);
    return page != pages_.end() && page->second.test(xid % kPage);
  }
  std::vector<uint32_t> ToVector() const;

 private:
  static constexpr uint32_t kPage = 4096;
  absl::flat_hash_map<uint32_t, std::bitset<kPage>> pages_;
};

// The messages of one transaction, in their order: written until it is committed, then read. In
// memory, or once there is a file, in the file but for the last ones.
class WaitingTransaction {
 public:
  // Of a message from which on it gets memory for itself, which others are not to wait for.
  static constexpr size_t kLargeBytes = 1024 * 1024;

  explicit WaitingTransaction(uint32_t xid) : xid_(xid) {}

  // What the message takes up.
  static size_t SizeOf(const WaitingMessage& message);

  void Add(const WaitingMessage& message);
  // To the end of the file, which is made in `folder` the first time.
  base::Status AddToFile(const WaitingMessage& message, const std::string& folder);
  base::Status MoveToFile(const std::string& folder);
  // What there is of the subtransaction was rolled back. The server has said so, and forgotten what
  // it described in it; or it has not.
  void Undo(uint32_t subxid) { undone_.Insert(subxid); }
  void UndoUntold(uint32_t subxid) { undone_untold_.Insert(subxid); }
  // Those that it has changes of, and that were not undone.
  std::vector<uint32_t> Subtransactions() const;

  size_t bytes_in_memory() const { return held_.size(); }

  // The next one of what counts; nothing at the end, or once `limit` bytes were passed
  // over (then at_end() is false). Its bytes are there until the next call, or as its memory is.
  base::StatusOr<std::optional<WaitingMessage>> Next(size_t limit);
  bool at_end() const;

 private:
  void Note(const WaitingMessage& message);
  // So many bytes more, of what comes next. Nothing is taken before they are.
  base::Status Fetch(size_t size);
  // Takes what comes next into memory that it allocates.
  base::Status TakeLarge(size_t size, WaitingMessage& message);

  std::string held_;  // what has been added; of what is read, what was fetched
  size_t next_ = 0;   // in `held_`
  std::optional<SpillFile> file_;
  uint64_t fetched_ = 0;  // of the file
  bool reading_ = false;
  const uint32_t xid_;
  uint32_t last_ = 0;  // whose the last message is
  XidSet subtransactions_, undone_, undone_untold_;
};

// The transactions that the server sends while they are in progress: their messages wait here until
// it says how they end. At most 4 MiB of memory is taken for all of them; the others are in a file
// for each, in `folder`. A later stream gets all of them again from the server, so that none need
// outlive this one. One thread.
class WaitingTransactions {
 public:
  explicit WaitingTransactions(std::string folder) : folder_(std::move(folder)) {}

  // kDataLoss, of all three: the server says something of a transaction that is not so.
  base::Status BeginBlock(const wire::postgres::StreamStart& start);
  // To the block that was begun last.
  base::Status Add(const WaitingMessage& message);
  void Abort(const wire::postgres::StreamAbort& abort);
  // To be read.
  base::StatusOr<std::unique_ptr<WaitingTransaction>> Commit(uint32_t xid);

 private:
  base::Status MakeRoom();

  const std::string folder_;
  std::map<uint32_t, std::unique_ptr<WaitingTransaction>> transactions_;
  WaitingTransaction* open_ = nullptr;
  size_t bytes_ = 0;  // in memory
};

}  // namespace godwit::connectors::postgres
