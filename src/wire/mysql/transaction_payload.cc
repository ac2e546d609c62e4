#include "wire/mysql/transaction_payload.h"

#include <zstd.h>

#include <algorithm>
#include <cstring>

#include "wire/mysql/packet.h"

namespace godwit::wire::mysql {
namespace {

constexpr size_t kPiece = size_t{128} << 10;
constexpr uint32_t kMostEventSize = 1u << 30;  // max_allowed_packet of a dump thread

enum Field : uint8_t { kEnd = 0, kPayloadSize = 1, kCompression = 2, kInflatedSize = 3 };
enum Compression : uint8_t { kZstd = 0, kNone = 255 };

base::Status Corrupt(std::string_view why) {
  return base::DataLoss("Transaction_payload event: {}", why);
}

struct FreeStream {
  void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
};

}  // namespace

// Inflates a stream piece by piece into a window that slides over it.
class TransactionPayload::Inflater {
 public:
  explicit Inflater(std::string_view packed)
      : stream_(ZSTD_createDStream()), in_{packed.data(), packed.size(), 0} {}

  bool ready() const { return stream_ != nullptr; }

  // At least `size` bytes from the front on; fewer at the end of the stream. Room is made as bytes
  // come, never for what is only announced.
  base::StatusOr<std::string_view> Fill(size_t size) {
    while (end_ - begin_ < size && !done_) {
      if (end_ == capacity_) MakeRoom(size);
      ZSTD_outBuffer out{buffer_.get() + end_, std::min(capacity_ - end_, kPiece), 0};
      const size_t before = in_.pos;
      const size_t result = ZSTD_decompressStream(stream_.get(), &out, &in_);
      if (ZSTD_isError(result) != 0) return Corrupt(ZSTD_getErrorName(result));
      end_ += out.pos;
      if (result == 0 && in_.pos == in_.size) {
        done_ = true;
      } else if (out.pos == 0 && in_.pos == before) {
        return Corrupt("the compressed data is cut off");
      }
    }
    return std::string_view(buffer_.get() + begin_, end_ - begin_);
  }

  void Drop(size_t size) { begin_ += size; }

 private:
  void MakeRoom(size_t wanted) {
    const size_t held = end_ - begin_;
    if (begin_ > 0 && held < capacity_ / 2) {
      std::memmove(buffer_.get(), buffer_.get() + begin_, held);
    } else {
      const size_t capacity = std::max(2 * kPiece, std::min(2 * capacity_, wanted + kPiece));
      auto larger = std::make_unique_for_overwrite<char[]>(std::max(capacity, held + kPiece));
      std::copy_n(buffer_.get() + begin_, held, larger.get());
      buffer_ = std::move(larger);
      capacity_ = std::max(capacity, held + kPiece);
    }
    begin_ = 0;
    end_ = held;
  }

  std::unique_ptr<ZSTD_DStream, FreeStream> stream_;
  ZSTD_inBuffer in_;
  std::unique_ptr<char[]> buffer_;
  size_t capacity_ = 0, begin_ = 0, end_ = 0;
  bool done_ = false;
};

TransactionPayload::TransactionPayload() = default;
TransactionPayload::TransactionPayload(TransactionPayload&&) noexcept = default;
TransactionPayload& TransactionPayload::operator=(TransactionPayload&&) noexcept = default;
TransactionPayload::~TransactionPayload() = default;

base::StatusOr<TransactionPayload> TransactionPayload::Open(std::string_view body) {
  base::ByteReader reader(body);
  TransactionPayload payload;
  std::optional<uint64_t> size, compression;
  for (;;) {
    const uint64_t field = ReadLengthEncoded(reader).value_or(UINT64_MAX);
    if (field == kEnd && !reader.failed()) break;
    base::ByteReader value(ReadLengthEncodedString(reader).value_or(std::string_view()));
    if (reader.failed()) return Corrupt("head cut off");
    if (field == kPayloadSize) size = ReadLengthEncoded(value);
    if (field == kCompression) compression = ReadLengthEncoded(value);
    if (field == kInflatedSize) payload.claimed_size_ = ReadLengthEncoded(value).value_or(0);
    if (value.failed()) return Corrupt("head malformed");
  }
  if (!size || !compression || *size != reader.remaining())
    return Corrupt("head malformed, or not as many bytes behind it as it says");
  if (*compression == kNone) {
    payload.plain_ = reader.rest();
  } else if (*compression == kZstd) {
    payload.inflater_ = std::make_unique<Inflater>(reader.rest());
    if (!payload.inflater_->ready())
      return base::ResourceExhausted("Transaction_payload event: no memory to inflate it");
  } else {
    return base::FailedPrecondition("Transaction_payload event: compression {} is not known",
                                    *compression);
  }
  return payload;
}

// At least `size` bytes from the front on, fewer at the end.
base::StatusOr<std::string_view> TransactionPayload::Take(size_t size) {
  if (inflater_ == nullptr) return plain_;
  return inflater_->Fill(size);
}

base::StatusOr<std::optional<Event>> TransactionPayload::Next() {
  GODWIT_ASSIGN_OR_RETURN(std::string_view bytes, Take(kEventHeaderSize));
  if (bytes.empty()) return std::nullopt;
  GODWIT_ASSIGN_OR_RETURN(EventHeader header, DecodeEventHeader(bytes));
  const bool misplaced = header.type == EventType::kTransactionPayload ||
                         header.type == EventType::kFormatDescription ||
                         header.type == EventType::kRotate;
  if (misplaced || header.event_size > kMostEventSize) {
    return base::DataLoss("Transaction_payload event: a {} event of {} bytes cannot be inside it",
                          EventTypeName(header.type), header.event_size);
  }
  GODWIT_ASSIGN_OR_RETURN(bytes, Take(header.event_size));
  if (bytes.size() < header.event_size) {
    return base::DataLoss("Transaction_payload event: {} event inside it cut off: {} of {} bytes",
                          EventTypeName(header.type), bytes.size(), header.event_size);
  }
  bytes = bytes.substr(0, header.event_size);
  if (inflater_ == nullptr) {
    plain_.remove_prefix(bytes.size());
  } else {
    inflater_->Drop(bytes.size());
  }
  return Event{header, bytes.substr(kEventHeaderSize)};
}

}  // namespace godwit::wire::mysql
