#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "base/status.h"
#include "wire/postgres/lsn.h"

// The messages of the logical decoding plugin pgoutput, protocol versions 1 to 4.
// https://www.postgresql.org/docs/current/protocol-logicalrep-message-formats.html
//
// A decoder of one message at a time, without state but for whether a streamed block is open, which
// changes the format of what is in it (each change then names its transaction); each stream has a
// decoder of its own. Views point into the message. kDataLoss: the bytes are no such message, or it
// cannot come here; says which and where.
namespace godwit::wire::postgres {

struct Begin {
  Lsn commit = 0;              // where the commit record begins
  int64_t commit_time_us = 0;  // Unix microseconds
  uint32_t xid = 0;
};
struct Commit {
  Lsn commit = 0, end = 0;  // the commit record, and what is behind it
  int64_t commit_time_us = 0;
};
struct Origin {
  Lsn commit = 0;  // on the origin
  std::string_view name;
};
struct RelationColumn {
  bool is_key = false;  // part of the replica identity
  std::string_view name;
  uint32_t type_oid = 0;
  int32_t type_modifier = -1;
};
struct Relation {
  // Here as below: in a streamed block, the transaction or the subtransaction that did it (Stream
  // Abort says which are void); else 0.
  uint32_t xid = 0;
  uint32_t id = 0;
  std::string_view schema;  // empty: pg_catalog
  std::string_view name;
  char replica_identity = 'd';
  std::vector<RelationColumn> columns;
};
struct Type {
  uint32_t xid = 0, id = 0;
  std::string_view schema, name;
};

enum class TupleValue : uint8_t {
  kNull,
  kUnchanged,  // a TOASTed value that the update did not touch: it is not in the log
  kText,
  kBinary,
};
struct TupleColumn {
  TupleValue kind = TupleValue::kNull;
  std::string_view value;
};
// The columns of a row; reused from message to message, so that none is allocated for a row.
using Tuple = std::vector<TupleColumn>;

enum class OldTuple : uint8_t {
  kNone,
  kKey,    // only the replica identity's columns have values, the others are kNull
  kWhole,  // REPLICA IDENTITY FULL
};
// The rows of these three are in RowTuples.
struct Insert {
  uint32_t xid = 0, relation = 0;
};
struct Update {
  uint32_t xid = 0, relation = 0;
  OldTuple old = OldTuple::kNone;
};
struct Delete {
  uint32_t xid = 0, relation = 0;
  OldTuple old = OldTuple::kKey;
};
struct RowTuples {
  Tuple before, after;
};

struct Truncate {
  uint32_t xid = 0;
  bool cascade = false, restart_identity = false;
  std::vector<uint32_t> relations;
};
// pg_logical_emit_message
struct LogicalMessage {
  uint32_t xid = 0;
  bool transactional = false;
  Lsn lsn = 0;
  std::string_view prefix, content;
};

// Of transactions that are streamed while they are in progress (version 2).
struct StreamStart {
  uint32_t xid = 0;
  bool first = false;  // the transaction's first block
};
struct StreamStop {};
struct StreamCommit {
  uint32_t xid = 0;
  Lsn commit = 0, end = 0;
  int64_t commit_time_us = 0;
};
struct StreamAbort {
  uint32_t xid = 0, subxid = 0;  // equal: all of the transaction
  Lsn abort = 0;  // with parallel streaming (version 4), but not after a crash; else 0
  int64_t abort_time_us = 0;
};

// Two-phase commit (version 3).
struct BeginPrepare {
  Lsn prepare = 0, end = 0;
  int64_t prepare_time_us = 0;
  uint32_t xid = 0;
  std::string_view gid;
};
struct Prepare {
  Lsn prepare = 0, end = 0;
  int64_t prepare_time_us = 0;
  uint32_t xid = 0;
  std::string_view gid;
  bool streamed = false;  // Stream Prepare
};
struct CommitPrepared {
  Lsn commit = 0, end = 0;
  int64_t commit_time_us = 0;
  uint32_t xid = 0;
  std::string_view gid;
};
struct RollbackPrepared {
  Lsn prepare_end = 0, end = 0;
  int64_t prepare_time_us = 0, rollback_time_us = 0;
  uint32_t xid = 0;
  std::string_view gid;
};

using PgOutputMessage =
    std::variant<Begin, Commit, Origin, Relation, Type, Insert, Update, Delete, Truncate,
                 LogicalMessage, StreamStart, StreamStop, StreamCommit, StreamAbort, BeginPrepare,
                 Prepare, CommitPrepared, RollbackPrepared>;

// Of a message as it comes within a streamed block, whose change it is: a transaction's or a
// subtransaction's; 0: it does not say, and is of the block's transaction. Nothing: it ends the
// block, or cannot come in one. Of what is behind that it knows nothing.
std::optional<uint32_t> StreamedXid(std::string_view message);
// Whether it is a Relation, if it is a message at all.
bool IsRelation(std::string_view message);

class PgOutputDecoder {
 public:
  // `parallel`: the stream was asked for with streaming=parallel, so that Stream Abort says more.
  explicit PgOutputDecoder(bool parallel = false) : parallel_(parallel) {}
  // Of messages out of streamed blocks, with no Stream Start before them.
  static PgOutputDecoder WithinBlock() {
    PgOutputDecoder decoder;
    decoder.in_stream_ = true;
    return decoder;
  }

  // `rows` gets the rows of Insert, Update and Delete, which have no columns where a message has no
  // such row; it is left alone by all others. After an error it has nothing of use.
  base::StatusOr<PgOutputMessage> Decode(std::string_view message, RowTuples& rows);

  // Whether a streamed block is open.
  bool in_stream() const { return in_stream_; }

 private:
  bool parallel_;
  bool in_stream_ = false;
};

}  // namespace godwit::wire::postgres
