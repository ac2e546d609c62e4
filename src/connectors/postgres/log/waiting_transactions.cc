#include "connectors/postgres/log/waiting_transactions.h"

#include <algorithm>
#include <cstring>

#include "base/failpoint.h"

namespace godwit::connectors::postgres {
namespace {

constexpr size_t kMostInMemory = 4 * 1024 * 1024;
constexpr size_t kReadAtOnce = 256 * 1024;

// What stands before each message.
struct Header {
  uint64_t arrival, at, size;
};

std::string_view BytesOf(const Header& header) {
  return {reinterpret_cast<const char*>(&header), sizeof(header)};
}

Header HeaderOf(const WaitingMessage& message) {
  return {message.arrival, message.at, message.bytes.size()};
}

}  // namespace

std::vector<uint32_t> XidSet::ToVector() const {
  std::vector<uint32_t> xids;
  for (const auto& [page, bits] : pages_) {
    for (uint32_t bit = 0; bit < kPage; ++bit) {
      if (bits.test(bit)) xids.push_back(page * kPage + bit);
    }
  }
  return xids;
}

size_t WaitingTransaction::SizeOf(const WaitingMessage& message) {
  return sizeof(Header) + message.bytes.size();
}

void WaitingTransaction::Note(const WaitingMessage& message) {
  const uint32_t xid = wire::postgres::StreamedXid(message.bytes).value_or(0);
  if (std::exchange(last_, xid) != xid && xid != xid_ && xid != 0) subtransactions_.Insert(xid);
}

std::vector<uint32_t> WaitingTransaction::Subtransactions() const {
  std::vector<uint32_t> xids = subtransactions_.ToVector();
  std::erase_if(xids, [&](uint32_t xid) { return undone_.Contains(xid); });
  return xids;
}

void WaitingTransaction::Add(const WaitingMessage& message) {
  Note(message);
  held_ += BytesOf(HeaderOf(message));
  held_ += message.bytes;
}

base::Status WaitingTransaction::MoveToFile(const std::string& folder) {
  if (!file_) {
    GODWIT_ASSIGN_OR_RETURN(SpillFile made, SpillFile::Make(folder));
    file_.emplace(std::move(made));
  }
  GODWIT_RETURN_IF_ERROR(file_->Append(held_));
  held_ = {};  // with its memory
  return base::OkStatus();
}

base::Status WaitingTransaction::AddToFile(const WaitingMessage& message,
                                           const std::string& folder) {
  Note(message);
  GODWIT_RETURN_IF_ERROR(MoveToFile(folder));
  GODWIT_RETURN_IF_ERROR(file_->Append(BytesOf(HeaderOf(message))));
  return file_->Append(message.bytes);
}

bool WaitingTransaction::at_end() const {
  return reading_ && next_ == held_.size() && (!file_ || fetched_ == file_->size());
}

base::Status WaitingTransaction::Fetch(size_t size) {
  if (held_.size() - next_ >= size) return base::OkStatus();
  if (!file_) return base::Internal("source: a waiting transaction ends within a message");
  std::string rest = held_.substr(next_);
  const size_t kept = rest.size();
  const uint64_t left = file_->size() - fetched_;
  const uint64_t more = std::min<uint64_t>(left, std::max(size - kept, kReadAtOnce));
  if (kept + more < size)
    return base::Internal("source: a waiting transaction ends within a message");
  rest.resize(kept + more);
  GODWIT_RETURN_IF_ERROR(file_->Read(fetched_, rest.data() + kept, more));
  fetched_ += more;
  held_ = std::move(rest);
  next_ = 0;
  return base::OkStatus();
}

base::Status WaitingTransaction::TakeLarge(size_t size, WaitingMessage& message) {
  const size_t there = std::min(size, held_.size() - next_);
  if (there < size && !file_)
    return base::Internal("source: a waiting transaction ends within a message");
  const std::shared_ptr<char[]> bytes = std::make_shared_for_overwrite<char[]>(size);
  std::memcpy(bytes.get(), held_.data() + next_, there);
  next_ += there;
  if (there < size) {
    GODWIT_RETURN_IF_ERROR(file_->Read(fetched_, bytes.get() + there, size - there));
    fetched_ += size - there;
  }
  message.bytes = {bytes.get(), size};
  message.memory = bytes;
  return base::OkStatus();
}

base::StatusOr<std::optional<WaitingMessage>> WaitingTransaction::Next(size_t limit) {
  if (!std::exchange(reading_, true) && file_) {
    GODWIT_RETURN_IF_ERROR(file_->Append(held_));
    held_ = {};
  }
  for (size_t passed = 0; !at_end() && passed < limit;) {
    Header header;
    GODWIT_RETURN_IF_ERROR(Fetch(sizeof(header)));
    std::memcpy(&header, held_.data() + next_, sizeof(header));
    next_ += sizeof(header);
    WaitingMessage message{.arrival = header.arrival, .at = header.at};
    if (header.size < kLargeBytes) {
      GODWIT_RETURN_IF_ERROR(Fetch(header.size));
      message.bytes = {held_.data() + next_, header.size};
      next_ += header.size;
    } else {
      GODWIT_RETURN_IF_ERROR(TakeLarge(header.size, message));
    }
    const std::optional<uint32_t> xid = wire::postgres::StreamedXid(message.bytes);
    if (!xid) return base::Internal("source: a waiting transaction has what is no change");
    message.undone = undone_untold_.Contains(*xid);
    if (!undone_.Contains(*xid) && (!message.undone || wire::postgres::IsRelation(message.bytes))) {
      return message;
    }
    passed += message.bytes.size();
  }
  return std::optional<WaitingMessage>();
}

base::Status WaitingTransactions::BeginBlock(const wire::postgres::StreamStart& start) {
  const auto found = transactions_.find(start.xid);
  if (start.first == (found != transactions_.end())) {
    return base::DataLoss("source: the log has a part of transaction {}, which is {} the first one",
                          start.xid, start.first ? "again" : "not");
  }
  auto& transaction = start.first ? transactions_[start.xid] : found->second;
  if (start.first) transaction = std::make_unique<WaitingTransaction>(start.xid);
  open_ = transaction.get();
  return base::OkStatus();
}

base::Status WaitingTransactions::Add(const WaitingMessage& message) {
  base::Failpoint("postgres.streamed_change");
  const size_t size = WaitingTransaction::SizeOf(message);
  if (size > kMostInMemory / 4) {
    bytes_ -= open_->bytes_in_memory();
    return open_->AddToFile(message, folder_);
  }
  open_->Add(message);
  bytes_ += size;
  return bytes_ > kMostInMemory ? MakeRoom() : base::OkStatus();
}

// The largest one makes the most room, and the files fewest.
base::Status WaitingTransactions::MakeRoom() {
  WaitingTransaction& largest = *std::ranges::max_element(transactions_, {}, [](const auto& entry) {
                                   return entry.second->bytes_in_memory();
                                 })->second;
  bytes_ -= largest.bytes_in_memory();
  return largest.MoveToFile(folder_);
}

void WaitingTransactions::Abort(const wire::postgres::StreamAbort& abort) {
  const auto found = transactions_.find(abort.xid);
  if (found == transactions_.end()) return;  // of which nothing was sent
  if (abort.subxid != abort.xid) return found->second->Undo(abort.subxid);
  bytes_ -= found->second->bytes_in_memory();
  transactions_.erase(found);
}

base::StatusOr<std::unique_ptr<WaitingTransaction>> WaitingTransactions::Commit(uint32_t xid) {
  auto node = transactions_.extract(xid);
  if (node.empty()) {
    return base::DataLoss("source: the log has the commit of transaction {} without the rest of it",
                          xid);
  }
  bytes_ -= node.mapped()->bytes_in_memory();
  return std::move(node.mapped());
}

}  // namespace godwit::connectors::postgres
