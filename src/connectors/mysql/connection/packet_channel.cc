#include "connectors/mysql/connection/packet_channel.h"

#include <cstring>
#include <utility>
#include <vector>

#include "wire/mysql/packet.h"

namespace godwit::connectors::mysql {
namespace {

constexpr size_t kBlockBytes = 512 * 1024;
// A block with less room than this at its end is not read into any more.
constexpr size_t kLeastRead = 32 * 1024;
// MariaDB tells how far a long statement is in packets that look like errors of number 65535
// (https://mariadb.com/kb/en/progress-reporting/).
constexpr std::string_view kProgressReport = "\xff\xff\xff";

using wire::mysql::kMaxPacketPayload;
using wire::mysql::kPacketHeaderSize;

}  // namespace

PacketChannel::PacketChannel(Connection* connection) : PacketChannel(connection->Stream()) {}
PacketChannel::PacketChannel(ByteStream stream) : stream_(stream) {}

base::Status PacketChannel::SendCommand(unsigned char code, std::string_view payload) {
  sequence_ = 0;
  std::string command(1, static_cast<char>(code));
  command.append(payload);
  return SendData(command);
}

base::Status PacketChannel::SendData(std::string_view payload) {
  while (true) {
    const size_t size = std::min<size_t>(payload.size(), kMaxPacketPayload);
    const char header[kPacketHeaderSize] = {static_cast<char>(size), static_cast<char>(size >> 8),
                                            static_cast<char>(size >> 16),
                                            static_cast<char>(sequence_++)};
    GODWIT_RETURN_IF_ERROR(stream_.Write({header, sizeof header}, payload.substr(0, size)));
    payload.remove_prefix(size);
    if (size < kMaxPacketPayload) return base::OkStatus();
  }
}

bool PacketChannel::has_buffered_packet() const {
  if (end_ - begin_ < kPacketHeaderSize) return false;
  return end_ - begin_ >=
         kPacketHeaderSize + wire::mysql::DecodePacketHeader(block_.get() + begin_).length;
}

base::StatusOr<bool> PacketChannel::LargeIsNext() {
  GODWIT_RETURN_IF_ERROR(Fill(kPacketHeaderSize, false));
  return wire::mysql::DecodePacketHeader(block_.get() + begin_).length == kMaxPacketPayload;
}

base::StatusOr<bool> PacketChannel::WaitReadable(int milliseconds) {
  GODWIT_ASSIGN_OR_RETURN(heard_, stream_.WaitReadable(milliseconds));
  return heard_;
}

// Makes at least `needed` unread bytes stand in one block. What was given out from the old block
// stays valid for who holds it. `in_packet`: the server has begun to send them.
base::Status PacketChannel::Fill(size_t needed, bool in_packet) {
  if (end_ - begin_ >= needed) return base::OkStatus();
  const size_t unread = end_ - begin_;
  if (unread == 0 && block_.use_count() == 1) {  // nobody holds what was given out
    // The count alone orders nothing; another reference, taken from it, comes after the last use
    // that another thread made of the block.
    const ReceiveBlock after_others = block_;
    begin_ = end_ = 0;
  }
  if (block_ == nullptr || begin_ + needed > capacity_ || capacity_ - end_ < kLeastRead) {
    const size_t capacity = std::max(kBlockBytes, needed + kLeastRead);
    ReceiveBlock block = std::make_shared_for_overwrite<char[]>(capacity);
    if (unread > 0) std::memcpy(block.get(), block_.get() + begin_, unread);
    block_ = std::move(block);
    capacity_ = capacity;
    begin_ = 0;
    end_ = unread;
  }
  while (end_ - begin_ < needed) {
    const bool begun = std::exchange(heard_, false) || in_packet || end_ > begin_;
    GODWIT_ASSIGN_OR_RETURN(const size_t got,
                            stream_.Read(block_.get() + end_, capacity_ - end_,
                                         begun ? static_cast<int>(silence_.count()) : -1));
    end_ += got;
  }
  return base::OkStatus();
}

base::StatusOr<std::string_view> PacketChannel::Receive() {
  while (true) {
    GODWIT_ASSIGN_OR_RETURN(std::string_view payload, ReceiveAny());
    if (!payload.starts_with(kProgressReport)) return payload;
  }
}

base::StatusOr<std::string_view> PacketChannel::ReceiveAny() {
  GODWIT_RETURN_IF_ERROR(Fill(kPacketHeaderSize, false));
  wire::mysql::PacketHeader header = wire::mysql::DecodePacketHeader(block_.get() + begin_);
  GODWIT_RETURN_IF_ERROR(Fill(kPacketHeaderSize + header.length, true));
  sequence_ = static_cast<unsigned char>(header.sequence + 1);
  const size_t payload_begin = begin_ + kPacketHeaderSize;
  begin_ = payload_begin + header.length;
  if (header.length < kMaxPacketPayload)
    return std::string_view(block_.get() + payload_begin, header.length);

  return ReceiveRest(payload_begin);
}

// A payload of 16 MiB or more: its packets are put together in a block of its own, once their sizes
// are known; each is let go of as it is copied, so that the payload is never held twice.
base::StatusOr<std::string_view> PacketChannel::ReceiveRest(size_t first) {
  struct Piece {
    std::unique_ptr<char[]> bytes;
    size_t size;
  };
  std::vector<Piece> pieces;
  size_t total = 0;
  const auto keep = [&](const char* bytes, size_t size) {
    Piece& piece = pieces.emplace_back(Piece{std::make_unique_for_overwrite<char[]>(size), size});
    std::memcpy(piece.bytes.get(), bytes, size);
    total += size;
  };
  keep(block_.get() + first, kMaxPacketPayload);
  if (capacity_ > 2 * kMaxPacketPayload) {  // it was another such payload's: to be let go of first
    const ReceiveBlock large = std::exchange(block_, nullptr);
    const size_t left = end_ - begin_;
    capacity_ = std::max(left, kMaxPacketPayload + kBlockBytes) + kLeastRead;
    block_ = std::make_shared_for_overwrite<char[]>(capacity_);
    std::memcpy(block_.get(), large.get() + begin_, left);
    begin_ = 0;
    end_ = left;
  }
  for (size_t size = kMaxPacketPayload; size == kMaxPacketPayload;) {
    GODWIT_RETURN_IF_ERROR(Fill(kPacketHeaderSize, true));
    const wire::mysql::PacketHeader header = wire::mysql::DecodePacketHeader(block_.get() + begin_);
    size = header.length;
    GODWIT_RETURN_IF_ERROR(Fill(kPacketHeaderSize + size, true));
    sequence_ = static_cast<unsigned char>(header.sequence + 1);
    keep(block_.get() + begin_ + kPacketHeaderSize, size);
    begin_ += kPacketHeaderSize + size;
  }
  const size_t unread = end_ - begin_;
  keep(block_.get() + begin_, unread);
  block_.reset();
  capacity_ = total + kBlockBytes;
  block_ = std::make_shared_for_overwrite<char[]>(capacity_);
  end_ = 0;
  for (Piece& piece : pieces) {
    std::memcpy(block_.get() + end_, piece.bytes.get(), piece.size);
    end_ += piece.size;
    piece.bytes.reset();
  }
  begin_ = end_ - unread;
  return std::string_view(block_.get(), begin_);
}

}  // namespace godwit::connectors::mysql
