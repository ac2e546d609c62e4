#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/status.h"
#include "connectors/mysql/connection/connection.h"
#include "connectors/mysql/connection/packet_channel.h"
#include "connectors/mysql/log/log_position.h"
#include "wire/mysql/event.h"
#include "wire/mysql/query_event.h"

namespace godwit::connectors::mysql {

// What differs between the logs of the two servers: how one is asked for, what opens a group of
// changes, which statements are a group of their own, and how a place in the log is told by GTIDs.
// One thread.
class LogDialect {
 public:
  virtual ~LogDialect() = default;

  // The log is read from `place` on.
  virtual base::Status StartAt(const LogPosition& place) = 0;
  // Has the server send it, by GTID where the place has them and by file and
  // offset where not. `statements`: with the statements that rows come from, where the server can.
  virtual base::Status Request(Connection& connection, PacketChannel& channel,
                               const LogPosition& place, uint32_t server_id, bool statements) = 0;

  // Whether the event opens a group.
  virtual base::StatusOr<bool> OpensGroup(const wire::mysql::Event& event) = 0;
  // Whether the open group is known to be of an XA transaction that is prepared.
  virtual bool prepares_xa() const = 0;

  struct Statement {
    bool alone = false;   // it is its group, which ends with it
    bool undone = false;  // the server took it back, or says so later
    bool frames = false;  // it opens or ends what the group holds, and means nothing else
  };
  // What a statement is to the group that is open.
  virtual base::StatusOr<Statement> Place(const wire::mysql::QueryEvent& query) = 0;

  // The group that is open, if one is, has ended.
  virtual void EndGroup() = 0;
  virtual bool in_group() const = 0;

  // When the open group was committed, in microseconds since 1970; 0: the log does not say.
  virtual int64_t commit_time_us() const = 0;

  // Outside of a group: of all that have ended; empty where they are not known.
  virtual std::string gtids() const = 0;
  // What a position at the beginning of the open group has of them (LogPosition).
  virtual std::string gtids_at_begin() const = 0;
};

std::unique_ptr<LogDialect> MakeMariadbLog();
std::unique_ptr<LogDialect> MakeMysqlLog();

// For either: has the server end the log's events as they are in its files, and say something every
// two seconds while there is none.
base::Status AskForHeartbeat(Connection& connection);
// Has a MariaDB server send all events of its own, GTIDs among them; means nothing to MySQL.
base::Status AskForOwnEvents(Connection& connection);
inline constexpr uint16_t kSendAnnotations = 2;  // MariaDB: BINLOG_SEND_ANNOTATE_ROWS_EVENT
// COM_BINLOG_DUMP, by file and offset; beyond 4 GiB, which it cannot say, from the beginning of the
// file (LogPlace tells where the offset is reached).
base::Status RequestByOffset(PacketChannel& channel, const std::string& file, uint64_t offset,
                             uint32_t server_id, uint16_t flags = 0);
std::string LittleEndian(uint64_t value, int bytes);

}  // namespace godwit::connectors::mysql
