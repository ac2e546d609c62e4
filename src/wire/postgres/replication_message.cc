#include "wire/postgres/replication_message.h"

#include "wire/postgres/message_reader.h"

namespace godwit::wire::postgres {
namespace {

// From 1970 to 2000.
constexpr uint64_t kUnixToPostgres = 946'684'800ULL * 1'000'000;

void AppendU64(std::string& out, uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift);
}

}  // namespace

// Unsigned, so that nonsense wraps around and does not overflow.
int64_t UnixMicroseconds(int64_t postgres_us) {
  return static_cast<int64_t>(static_cast<uint64_t>(postgres_us) + kUnixToPostgres);
}

base::StatusOr<ReplicationMessage> ParseReplicationMessage(std::string_view bytes) {
  MessageReader in(bytes);
  const char type = in.Char();
  if (type == 'w') {
    LogData message{.start = in.U64(), .end = in.U64(), .send_time_us = in.UnixTime()};
    message.data = in.Rest();
    GODWIT_RETURN_IF_ERROR(in.Finish("replication log data"));
    return message;
  }
  if (type == 'k') {
    Keepalive message{
        .end = in.U64(), .send_time_us = in.UnixTime(), .reply_requested = in.Flags(1) != 0};
    GODWIT_RETURN_IF_ERROR(in.Finish("replication keepalive"));
    return message;
  }
  if (bytes.empty()) return base::DataLoss("replication message: empty");
  return base::DataLoss("replication message of unknown type {:#04x}, {} bytes",
                        static_cast<uint8_t>(type), bytes.size());
}

std::string StandbyStatusUpdate(Lsn received, Lsn flushed, int64_t now_us, bool reply_requested) {
  std::string out = "r";
  AppendU64(out, received);
  AppendU64(out, flushed);
  AppendU64(out, flushed);  // applied: for a target, the same
  AppendU64(out, static_cast<uint64_t>(now_us) - kUnixToPostgres);
  out += reply_requested ? '\1' : '\0';
  return out;
}

}  // namespace godwit::wire::postgres
