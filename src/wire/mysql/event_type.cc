#include "wire/mysql/event_type.h"

namespace godwit::wire::mysql {

std::string_view EventTypeName(EventType type) {
  switch (type) {
    case EventType::kUnknown:
      return "Unknown";
    case EventType::kStartV3:
      return "Start_v3";
    case EventType::kQuery:
      return "Query";
    case EventType::kStop:
      return "Stop";
    case EventType::kRotate:
      return "Rotate";
    case EventType::kIntvar:
      return "Intvar";
    case EventType::kLoad:
      return "Load";
    case EventType::kSlave:
      return "Slave";
    case EventType::kCreateFile:
      return "Create_file";
    case EventType::kAppendBlock:
      return "Append_block";
    case EventType::kExecLoad:
      return "Exec_load";
    case EventType::kDeleteFile:
      return "Delete_file";
    case EventType::kNewLoad:
      return "New_load";
    case EventType::kRand:
      return "RAND";
    case EventType::kUserVar:
      return "User_var";
    case EventType::kFormatDescription:
      return "Format_desc";
    case EventType::kXid:
      return "Xid";
    case EventType::kBeginLoadQuery:
      return "Begin_load_query";
    case EventType::kExecuteLoadQuery:
      return "Execute_load_query";
    case EventType::kTableMap:
      return "Table_map";
    case EventType::kWriteRowsV0:
      return "Write_rows_v0";
    case EventType::kUpdateRowsV0:
      return "Update_rows_v0";
    case EventType::kDeleteRowsV0:
      return "Delete_rows_v0";
    case EventType::kWriteRowsV1:
      return "Write_rows_v1";
    case EventType::kUpdateRowsV1:
      return "Update_rows_v1";
    case EventType::kDeleteRowsV1:
      return "Delete_rows_v1";
    case EventType::kIncident:
      return "Incident";
    case EventType::kHeartbeat:
      return "Heartbeat";
    case EventType::kIgnorable:
      return "Ignorable";
    case EventType::kRowsQuery:
      return "Rows_query";
    case EventType::kWriteRowsV2:
      return "Write_rows";
    case EventType::kUpdateRowsV2:
      return "Update_rows";
    case EventType::kDeleteRowsV2:
      return "Delete_rows";
    case EventType::kGtid:
      return "Gtid";
    case EventType::kAnonymousGtid:
      return "Anonymous_gtid";
    case EventType::kPreviousGtids:
      return "Previous_gtids";
    case EventType::kTransactionContext:
      return "Transaction_context";
    case EventType::kViewChange:
      return "View_change";
    case EventType::kXaPrepare:
      return "XA_prepare";
    case EventType::kPartialUpdateRows:
      return "Update_rows_partial";
    case EventType::kTransactionPayload:
      return "Transaction_payload";
    case EventType::kHeartbeatV2:
      return "Heartbeat_v2";
    case EventType::kGtidTagged:
      return "Gtid_tagged";
    case EventType::kMariadbAnnotateRows:
      return "Annotate_rows";
    case EventType::kMariadbBinlogCheckpoint:
      return "Binlog_checkpoint";
    case EventType::kMariadbGtid:
      return "Gtid";
    case EventType::kMariadbGtidList:
      return "Gtid_list";
    case EventType::kMariadbStartEncryption:
      return "Start_encryption";
    case EventType::kMariadbQueryCompressed:
      return "Query_compressed";
    case EventType::kMariadbWriteRowsCompressedV1:
      return "Write_rows_compressed_v1";
    case EventType::kMariadbUpdateRowsCompressedV1:
      return "Update_rows_compressed_v1";
    case EventType::kMariadbDeleteRowsCompressedV1:
      return "Delete_rows_compressed_v1";
  }
  return "unknown";
}

EventRole RoleOf(EventType type) {
  switch (type) {
    case EventType::kQuery:
    case EventType::kRotate:
    case EventType::kFormatDescription:
    case EventType::kXid:
    case EventType::kTableMap:
    case EventType::kWriteRowsV1:
    case EventType::kUpdateRowsV1:
    case EventType::kDeleteRowsV1:
    case EventType::kIncident:
    case EventType::kHeartbeat:
    case EventType::kRowsQuery:
    case EventType::kWriteRowsV2:
    case EventType::kUpdateRowsV2:
    case EventType::kDeleteRowsV2:
    case EventType::kGtid:
    case EventType::kAnonymousGtid:
    case EventType::kPreviousGtids:
    case EventType::kXaPrepare:
    case EventType::kPartialUpdateRows:
    case EventType::kTransactionPayload:
    case EventType::kHeartbeatV2:
    case EventType::kGtidTagged:
    case EventType::kMariadbAnnotateRows:
    case EventType::kMariadbBinlogCheckpoint:
    case EventType::kMariadbGtid:
    case EventType::kMariadbGtidList:
    case EventType::kMariadbQueryCompressed:
    case EventType::kMariadbWriteRowsCompressedV1:
    case EventType::kMariadbUpdateRowsCompressedV1:
    case EventType::kMariadbDeleteRowsCompressedV1:
      return EventRole::kHandled;
    case EventType::kStop:
    case EventType::kIgnorable:
    case EventType::kTransactionContext:      // for the members of a replication group
    case EventType::kViewChange:              // likewise
    case EventType::kMariadbStartEncryption:  // the sender of a stream decrypts
      return EventRole::kPassOver;
    case EventType::kIntvar:
    case EventType::kLoad:
    case EventType::kCreateFile:
    case EventType::kAppendBlock:
    case EventType::kExecLoad:
    case EventType::kDeleteFile:
    case EventType::kNewLoad:
    case EventType::kRand:
    case EventType::kUserVar:
    case EventType::kBeginLoadQuery:
    case EventType::kExecuteLoadQuery:
      return EventRole::kStatement;
    default:
      return EventRole::kUnsupported;
  }
}

}  // namespace godwit::wire::mysql
