#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "wire/mysql/event.h"
#include "wire/mysql/gtid.h"

// Events that steer the reading of a log and bound its transactions. Every view points into the
// event's body; every decoder gives kDataLoss for a body that is too short or contradicts itself.
namespace godwit::wire::mysql {

// Rotate: the log goes on in another file. An artificial one (header flag) opens every stream and
// names the file that is being sent.
struct RotateEvent {
  uint64_t position = 0;
  std::string_view file;
};
base::StatusOr<RotateEvent> DecodeRotate(std::string_view body);

// An XA transaction's identifier.
struct XaId {
  uint32_t format = 0;
  std::string_view gtrid;
  std::string_view bqual;
};

// MariaDB's GTID event: the beginning of a transaction or of a lone statement
// (https://mariadb.com/kb/en/gtid_event/).
struct MariadbGtidEvent {
  enum Flag : uint8_t {
    kStandalone = 0x01,     // no COMMIT or XID follows: a statement by itself
    kGroupCommit = 0x02,    // commit_id is there
    kTransactional = 0x04,  // may be rolled back
    kAllowParallel = 0x08,
    kWaited = 0x10,
    kDdl = 0x20,
    kPreparedXa = 0x40,   // XA PREPARE's group: ends with an XaPrepare event
    kCompletedXa = 0x80,  // XA COMMIT or XA ROLLBACK
  };
  // ALTER TABLE in two parts (binlog_alter_two_phase).
  enum class Alter : uint8_t { kNone, kStart, kCommit, kRollback };

  MariadbGtid gtid;
  uint8_t flags = 0;
  uint64_t commit_id = 0;  // the same for transactions that were committed together
  std::optional<XaId> xa;  // with kPreparedXa and kCompletedXa
  Alter alter = Alter::kNone;
  uint64_t alter_start_seq = 0;  // of kCommit and kRollback: the sequence number of their kStart

  bool standalone() const { return (flags & kStandalone) != 0; }
  bool ddl() const { return (flags & kDdl) != 0; }
};
base::StatusOr<MariadbGtidEvent> DecodeMariadbGtid(const Event& event);

// The position at the beginning of a file: the last transaction of each domain and server before
// it, the current one of a domain last (https://mariadb.com/kb/en/gtid_list_event/).
struct MariadbGtidListEvent {
  uint8_t flags = 0;
  std::vector<MariadbGtid> gtids;

  MariadbGtidSet Position() const;
};
base::StatusOr<MariadbGtidListEvent> DecodeMariadbGtidList(std::string_view body);

// XID: the commit of a transaction of a transactional engine.
base::StatusOr<uint64_t> DecodeXid(std::string_view body);

struct XaPrepareEvent {
  bool one_phase = false;  // XA COMMIT … ONE PHASE: committed, not prepared
  XaId xa;
};
base::StatusOr<XaPrepareEvent> DecodeXaPrepare(std::string_view body);

// The server lost events: what follows cannot be trusted to be complete.
struct IncidentEvent {
  uint16_t number = 0;
  std::string_view message;
};
base::StatusOr<IncidentEvent> DecodeIncident(std::string_view body);

// Sent in idle times. Its header's next_position is the sender's position in `file`.
struct HeartbeatEvent {
  std::string_view file;
};
base::StatusOr<HeartbeatEvent> DecodeHeartbeat(std::string_view body);

// The statement that the rows which follow came from, in the client's charset.
struct AnnotateRowsEvent {
  std::string_view sql;
};
base::StatusOr<AnnotateRowsEvent> DecodeAnnotateRows(std::string_view body);

// The oldest file that a crashed server may need.
struct BinlogCheckpointEvent {
  std::string_view file;
};
base::StatusOr<BinlogCheckpointEvent> DecodeBinlogCheckpoint(std::string_view body);

}  // namespace godwit::wire::mysql
