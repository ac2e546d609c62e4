#pragma once

#include <cstdint>
#include <string_view>

namespace godwit::wire::mysql {

// Types of binlog events: MySQL's numbers, and MariaDB's own from 160 on
// (https://mariadb.com/kb/en/2-binlog-event-header/; MySQL's, as of 9.7, in
// https://dev.mysql.com/doc/dev/mysql-server/latest/namespacemysql_1_1binlog_1_1event.html). Any
// other number may turn up in a header too.
enum class EventType : uint8_t {
  kUnknown = 0,
  kStartV3 = 1,
  kQuery = 2,
  kStop = 3,
  kRotate = 4,
  kIntvar = 5,
  kLoad = 6,
  kSlave = 7,
  kCreateFile = 8,
  kAppendBlock = 9,
  kExecLoad = 10,
  kDeleteFile = 11,
  kNewLoad = 12,
  kRand = 13,
  kUserVar = 14,
  kFormatDescription = 15,
  kXid = 16,
  kBeginLoadQuery = 17,
  kExecuteLoadQuery = 18,
  kTableMap = 19,
  kWriteRowsV0 = 20,
  kUpdateRowsV0 = 21,
  kDeleteRowsV0 = 22,
  kWriteRowsV1 = 23,
  kUpdateRowsV1 = 24,
  kDeleteRowsV1 = 25,
  kIncident = 26,
  kHeartbeat = 27,
  kIgnorable = 28,
  kRowsQuery = 29,
  kWriteRowsV2 = 30,
  kUpdateRowsV2 = 31,
  kDeleteRowsV2 = 32,
  kGtid = 33,
  kAnonymousGtid = 34,
  kPreviousGtids = 35,
  kTransactionContext = 36,
  kViewChange = 37,
  kXaPrepare = 38,
  kPartialUpdateRows = 39,
  kTransactionPayload = 40,  // all of a transaction: a reader goes into it, or refuses it
  kHeartbeatV2 = 41,
  kGtidTagged = 42,
  kMariadbAnnotateRows = 160,
  kMariadbBinlogCheckpoint = 161,
  kMariadbGtid = 162,
  kMariadbGtidList = 163,
  kMariadbStartEncryption = 164,
  kMariadbQueryCompressed = 165,
  kMariadbWriteRowsCompressedV1 = 166,
  kMariadbUpdateRowsCompressedV1 = 167,
  kMariadbDeleteRowsCompressedV1 = 168,
};

// What a reader that follows row events does with a type.
enum class EventRole : uint8_t {
  kHandled,      // it has a decoder here
  kPassOver,     // it carries nothing that a reader of rows needs
  kStatement,    // a part of a change in statement format (Intvar, Rand, User_var, LOAD DATA)
  kUnsupported,  // may carry changes that cannot be read
};
EventRole RoleOf(EventType type);

// The server's name of the type ("Table_map"); "unknown" for a number not listed above.
std::string_view EventTypeName(EventType type);

}  // namespace godwit::wire::mysql
