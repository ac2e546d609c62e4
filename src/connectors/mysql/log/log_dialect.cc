#include "connectors/mysql/log/log_dialect.h"

#include <mysql.h>

#include <chrono>

namespace godwit::connectors::mysql {
namespace {

constexpr std::chrono::seconds kHeartbeat(2);

}  // namespace

std::string LittleEndian(uint64_t value, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out.push_back(static_cast<char>(value >> (8 * i)));
  return out;
}

// "Replica registration" in https://mariadb.com/kb/en/5-slave-registration/. MySQL has taken either
// name since 8.0.26.
base::Status AskForHeartbeat(Connection& connection) {
  return connection
      .Execute(fmt::format("SET @master_heartbeat_period={0}, @source_heartbeat_period={0}, "
                           "@master_binlog_checksum=@@global.binlog_checksum, "
                           "@source_binlog_checksum=@@global.binlog_checksum",
                           std::chrono::nanoseconds(kHeartbeat).count()))
      .status();
}

base::Status AskForOwnEvents(Connection& connection) {
  return connection.Execute("SET @mariadb_slave_capability=4").status();
}

// https://mariadb.com/kb/en/com_binlog_dump/
base::Status RequestByOffset(PacketChannel& channel, const std::string& file, uint64_t offset,
                             uint32_t server_id, uint16_t flags) {
  constexpr uint64_t kFirstEvent = 4;  // after the file's magic number
  const uint64_t from = offset > UINT32_MAX ? kFirstEvent : offset;
  return channel.SendCommand(COM_BINLOG_DUMP, LittleEndian(from, 4) + LittleEndian(flags, 2) +
                                                  LittleEndian(server_id, 4) + file);
}

}  // namespace godwit::connectors::mysql
