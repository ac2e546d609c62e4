#include "wire/postgres/pgoutput.h"

#include "wire/postgres/message_reader.h"

namespace godwit::wire::postgres {
namespace {

// The bytes that messages begin with.
enum Kind : char {
  kBegin = 'B',
  kCommit = 'C',
  kOrigin = 'O',
  kRelation = 'R',
  kType = 'Y',
  kInsert = 'I',
  kUpdate = 'U',
  kDelete = 'D',
  kTruncate = 'T',
  kLogicalMessage = 'M',
  kStreamStart = 'S',
  kStreamStop = 'E',
  kStreamCommit = 'c',
  kStreamAbort = 'A',
  kBeginPrepare = 'b',
  kPrepare = 'P',
  kCommitPrepared = 'K',
  kRollbackPrepared = 'r',
  kStreamPrepare = 'p',
};

// What errors call it; empty: there is no such message.
std::string_view NameOf(char kind) {
  switch (kind) {
    case kBegin:
      return "pgoutput Begin";
    case kCommit:
      return "pgoutput Commit";
    case kOrigin:
      return "pgoutput Origin";
    case kRelation:
      return "pgoutput Relation";
    case kType:
      return "pgoutput Type";
    case kInsert:
      return "pgoutput Insert";
    case kUpdate:
      return "pgoutput Update";
    case kDelete:
      return "pgoutput Delete";
    case kTruncate:
      return "pgoutput Truncate";
    case kLogicalMessage:
      return "pgoutput Message";
    case kStreamStart:
      return "pgoutput Stream Start";
    case kStreamStop:
      return "pgoutput Stream Stop";
    case kStreamCommit:
      return "pgoutput Stream Commit";
    case kStreamAbort:
      return "pgoutput Stream Abort";
    case kBeginPrepare:
      return "pgoutput Begin Prepare";
    case kPrepare:
      return "pgoutput Prepare";
    case kCommitPrepared:
      return "pgoutput Commit Prepared";
    case kRollbackPrepared:
      return "pgoutput Rollback Prepared";
    case kStreamPrepare:
      return "pgoutput Stream Prepare";
    default:
      return {};
  }
}

// Whether it belongs where it is: of a transaction in a streamed block there are its changes alone,
// and only a block has an end.
bool Belongs(char kind, bool in_stream) {
  constexpr std::string_view kInBlocks = {"IUDRYTMOE"};
  return in_stream ? kInBlocks.find(kind) != std::string_view::npos : kind != kStreamStop;
}

void ReadTuple(MessageReader& in, Tuple& tuple) {
  tuple.clear();
  const size_t count = in.U16();
  if (count > in.remaining()) return in.Refuse("more columns than bytes", 2);
  tuple.resize(count);
  for (TupleColumn& column : tuple) {
    switch (in.Char()) {
      case 'n':
        column.kind = TupleValue::kNull;
        break;
      case 'u':
        column.kind = TupleValue::kUnchanged;
        break;
      case 't':
        column.kind = TupleValue::kText;
        column.value = in.Bytes(in.U32());
        break;
      case 'b':
        column.kind = TupleValue::kBinary;
        column.value = in.Bytes(in.U32());
        break;
      default:
        return in.Refuse("unknown kind of value", 1);
    }
  }
}

// The row after the change; `part` is the byte in front of it.
void ReadAfter(MessageReader& in, char part, Tuple& after) {
  if (part != 'N') return in.Refuse("no new row", 1);
  ReadTuple(in, after);
}

// The row before the change, or of it what identifies it, if `part` begins such.
OldTuple ReadBefore(MessageReader& in, char part, Tuple& before) {
  before.clear();
  if (part != 'K' && part != 'O') return OldTuple::kNone;
  ReadTuple(in, before);
  return part == 'K' ? OldTuple::kKey : OldTuple::kWhole;
}

Insert ReadInsert(MessageReader& in, uint32_t xid, RowTuples& rows) {
  const Insert insert{.xid = xid, .relation = in.U32()};
  rows.before.clear();
  ReadAfter(in, in.Char(), rows.after);
  return insert;
}

Update ReadUpdate(MessageReader& in, uint32_t xid, RowTuples& rows) {
  Update update{.xid = xid, .relation = in.U32()};
  char part = in.Char();
  update.old = ReadBefore(in, part, rows.before);
  if (update.old != OldTuple::kNone) part = in.Char();
  ReadAfter(in, part, rows.after);
  return update;
}

Delete ReadDelete(MessageReader& in, uint32_t xid, RowTuples& rows) {
  Delete deletion{.xid = xid, .relation = in.U32()};
  rows.after.clear();
  deletion.old = ReadBefore(in, in.Char(), rows.before);
  if (deletion.old == OldTuple::kNone) in.Refuse("no old row", 1);
  return deletion;
}

Relation ReadRelation(MessageReader& in, uint32_t xid) {
  constexpr uint8_t kKeyFlag = 1;
  constexpr size_t kLeastColumnSize = 10;  // flags, an empty name, two integers
  Relation relation{.xid = xid, .id = in.U32(), .schema = in.String(), .name = in.String()};
  relation.replica_identity = in.Char();
  if (std::string_view("dnfi").find(relation.replica_identity) == std::string_view::npos)
    in.Refuse("unknown replica identity", 1);
  const size_t count = in.U16();
  if (count > in.remaining() / kLeastColumnSize) {
    in.Refuse("more columns than bytes", 2);
    return relation;
  }
  relation.columns.resize(count);
  for (RelationColumn& column : relation.columns) {
    column.is_key = in.Flags(kKeyFlag) != 0;
    column.name = in.String();
    column.type_oid = in.U32();
    column.type_modifier = static_cast<int32_t>(in.U32());
  }
  return relation;
}

Truncate ReadTruncate(MessageReader& in, uint32_t xid) {
  constexpr uint8_t kCascade = 1, kRestartIdentity = 2;
  const size_t count = in.U32();
  const uint8_t flags = in.Flags(kCascade | kRestartIdentity);
  Truncate truncate{.xid = xid,
                    .cascade = (flags & kCascade) != 0,
                    .restart_identity = (flags & kRestartIdentity) != 0};
  if (count > in.remaining() / sizeof(uint32_t)) {
    in.Refuse("more tables than bytes", sizeof(uint32_t) + 1);
    return truncate;
  }
  truncate.relations.resize(count);
  for (uint32_t& relation : truncate.relations) relation = in.U32();
  return truncate;
}

LogicalMessage ReadLogicalMessage(MessageReader& in, uint32_t xid) {
  LogicalMessage message{
      .xid = xid, .transactional = in.Flags(1) != 0, .lsn = in.U64(), .prefix = in.String()};
  message.content = in.Bytes(in.U32());
  return message;
}

StreamAbort ReadStreamAbort(MessageReader& in, bool parallel) {
  StreamAbort abort{.xid = in.Xid(), .subxid = in.Xid()};
  if (!parallel) return abort;
  // No place when the server has found at a restart that the transaction was cut off by a crash.
  abort.abort = in.U64();
  abort.abort_time_us = in.UnixTime();
  return abort;
}

Prepare ReadPrepare(MessageReader& in, bool streamed) {
  in.Flags(0);
  return {.prepare = in.Place(),
          .end = in.Place(),
          .prepare_time_us = in.UnixTime(),
          .xid = in.Xid(),
          .gid = in.String(),
          .streamed = streamed};
}

PgOutputMessage ReadPreparedEnd(MessageReader& in, char kind) {
  in.Flags(0);
  if (kind == kCommitPrepared) {
    return CommitPrepared{.commit = in.Place(),
                          .end = in.Place(),
                          .commit_time_us = in.UnixTime(),
                          .xid = in.Xid(),
                          .gid = in.String()};
  }
  return RollbackPrepared{.prepare_end = in.Place(),
                          .end = in.Place(),
                          .prepare_time_us = in.UnixTime(),
                          .rollback_time_us = in.UnixTime(),
                          .xid = in.Xid(),
                          .gid = in.String()};
}

// What a transaction consists of. In a streamed block each says first whose it is.
PgOutputMessage ReadChange(MessageReader& in, char kind, bool in_stream, RowTuples& rows) {
  const uint32_t xid = in_stream ? in.Xid() : 0;
  switch (kind) {
    case kInsert:
      return ReadInsert(in, xid, rows);
    case kUpdate:
      return ReadUpdate(in, xid, rows);
    case kDelete:
      return ReadDelete(in, xid, rows);
    case kRelation:
      return ReadRelation(in, xid);
    case kType:
      return Type{.xid = xid, .id = in.U32(), .schema = in.String(), .name = in.String()};
    case kTruncate:
      return ReadTruncate(in, xid);
    default:
      return ReadLogicalMessage(in, xid);
  }
}

// Where transactions and blocks begin and end.
PgOutputMessage ReadControl(MessageReader& in, char kind, bool parallel) {
  switch (kind) {
    case kBegin:
      return Begin{.commit = in.Place(), .commit_time_us = in.UnixTime(), .xid = in.Xid()};
    case kCommit:
      in.Flags(0);
      return Commit{.commit = in.Place(), .end = in.Place(), .commit_time_us = in.UnixTime()};
    case kOrigin:
      return Origin{.commit = in.U64(), .name = in.String()};
    case kStreamStart:
      return StreamStart{.xid = in.Xid(), .first = in.Flags(1) != 0};
    case kStreamCommit: {
      const uint32_t xid = in.Xid();
      in.Flags(0);
      return StreamCommit{
          .xid = xid, .commit = in.Place(), .end = in.Place(), .commit_time_us = in.UnixTime()};
    }
    case kStreamAbort:
      return ReadStreamAbort(in, parallel);
    case kBeginPrepare:
      return BeginPrepare{.prepare = in.Place(),
                          .end = in.Place(),
                          .prepare_time_us = in.UnixTime(),
                          .xid = in.Xid(),
                          .gid = in.String()};
    case kPrepare:
    case kStreamPrepare:
      return ReadPrepare(in, kind == kStreamPrepare);
    case kCommitPrepared:
    case kRollbackPrepared:
      return ReadPreparedEnd(in, kind);
    default:
      return StreamStop{};
  }
}

}  // namespace

std::optional<uint32_t> StreamedXid(std::string_view message) {
  MessageReader in(message);
  const char kind = in.Char();
  if (message.empty() || kind == kStreamStop || !Belongs(kind, true)) return std::nullopt;
  if (kind == kOrigin) return 0;
  const uint32_t xid = in.U32();
  if (xid == 0) return std::nullopt;  // or cut off
  return xid;
}

bool IsRelation(std::string_view message) {
  return !message.empty() && message.front() == kRelation;
}

base::StatusOr<PgOutputMessage> PgOutputDecoder::Decode(std::string_view message, RowTuples& rows) {
  constexpr std::string_view kChanges = {"IUDRYTM"};
  if (message.empty()) return base::DataLoss("pgoutput message: empty");
  MessageReader in(message);
  const char kind = in.Char();
  const std::string_view name = NameOf(kind);
  if (name.empty()) {
    return base::DataLoss("pgoutput message of unknown type {:#04x}, {} bytes",
                          static_cast<uint8_t>(kind), message.size());
  }
  if (!Belongs(kind, in_stream_)) {
    return base::DataLoss("{} message: {} a streamed block", name,
                          in_stream_ ? "within" : "without");
  }
  PgOutputMessage result = kChanges.find(kind) != std::string_view::npos
                               ? ReadChange(in, kind, in_stream_, rows)
                               : ReadControl(in, kind, parallel_);
  GODWIT_RETURN_IF_ERROR(in.Finish(name));
  if (kind == kStreamStart || kind == kStreamStop) in_stream_ = kind == kStreamStart;
  return result;
}

}  // namespace godwit::wire::postgres
