#include "connectors/postgres/copy/chunk_writer.h"

#include "base/failpoint.h"
#include "base/text.h"
#include "connectors/postgres/apply/write_session.h"
#include "connectors/postgres/from_mysql/column_types.h"
#include "connectors/postgres/row_columns.h"
#include "connectors/postgres/sql_text.h"
#include "wire/postgres/copy_binary.h"

namespace godwit::connectors::postgres {
namespace {

// To empty a table, the server looks through all of its buffers: 1.5 ms for each GiB of them, which
// is as long as it takes to copy a tiny table. So a table's rows come in frozen only where it takes
// this part of the buffers, and copying it twenty times as long.
constexpr uint64_t kLeastPartOfBuffers = 256;

// A table of no columns takes rows all the same, and no list.
std::string CopyStatement(const model::Table& table, bool binary, bool frozen) {
  const std::string names = ColumnNames(table, WrittenColumns(table));
  return fmt::format("COPY {}{} FROM STDIN (FORMAT {}{})", QuoteName(table.name),
                     names.empty() ? "" : fmt::format(" ({})", names), binary ? "binary" : "text",
                     frozen ? ", FREEZE" : "");
}

// The server names the table without its schema, and the row by its number within the chunk.
base::Status About(const model::TableName& table, const Connection& connection,
                   const base::Status& status) {
  if (status.ok()) return status;
  const std::string side = connection.side() + ": ";
  std::string what(status.message());
  if (what.starts_with(side)) what.erase(0, side.size());
  const char* way_out = absl::IsAlreadyExists(status)
                            ? "; empty the table on the target if it holds rows of another origin"
                            : "";
  return {status.code(), fmt::format("{}{}: {}{}", side, table.ToString(), what, way_out)};
}

}  // namespace

base::Status CopyChunkWriter::Connect() {
  if (connection_ == nullptr) {
    GODWIT_ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection, store_->Open(endpoint_));
    GODWIT_RETURN_IF_ERROR(BeginWriting(*connection, holding_));
    GODWIT_ASSIGN_OR_RETURN(
        const std::string buffers,
        connection->QueryValue("SELECT pg_size_bytes(current_setting('shared_buffers'))"));
    least_frozen_ = base::ParseInteger<uint64_t>(buffers).value_or(0) / kLeastPartOfBuffers;
    std::lock_guard lock(mutex_);
    connection_ = std::move(connection);
  }
  std::lock_guard lock(mutex_);
  return cancelled_ ? base::Cancelled("writing was cancelled") : base::OkStatus();
}

base::StatusOr<bool> CopyChunkWriter::Begin(const model::TableName& table,
                                            const connector::ChunkPlace& place) {
  if (in_transaction_) return false;
  bool frozen = place.new_table && place.table_bytes >= least_frozen_;
  if (frozen) {
    GODWIT_ASSIGN_OR_RETURN(frozen, BeginFrozen(table));
  }
  if (!frozen) GODWIT_RETURN_IF_ERROR(connection_->Execute("BEGIN").status());
  in_transaction_ = true;
  return frozen;
}

// Rows are taken as frozen only in a table that the same transaction has made or emptied. That
// locks out who reads the table, until the chunk is in; who has it now is not waited for, as
// everybody else would wait for them too. A table with rows that are not ours is left as it is, and
// so is one that is divided, has triggers (foreign keys to it are some), or whose emptying those
// may be told of who follow the server's log. What else is in the way is no error either.
base::StatusOr<bool> CopyChunkWriter::BeginFrozen(const model::TableName& table) {
  const std::string name = QuoteName(table);
  const base::StatusOr<std::string> can = connection_->QueryValue(fmt::format(
      "BEGIN; LOCK TABLE ONLY {} IN ACCESS EXCLUSIVE MODE NOWAIT; SELECT relkind = 'r' AND NOT "
      "relhastriggers AND pg_relation_size(oid) = 0 AND NOT EXISTS (SELECT FROM pg_publication "
      "WHERE pubtruncate) FROM pg_class WHERE oid = {}::regclass",
      name, QuoteText(name)));
  if (can.ok() && *can == "t" && connection_->Execute("TRUNCATE ONLY " + name).ok()) return true;
  GODWIT_RETURN_IF_ERROR(connection_->Execute("ROLLBACK").status());
  return false;
}

// The lock is that of COPY: types stay as they are until the chunk is written.
base::StatusOr<std::unique_ptr<CopyChunkWriter::ForeignTable>> CopyChunkWriter::ForeignOf(
    const model::TablePtr& table) {
  if (table->cells_are_text) return nullptr;
  GODWIT_RETURN_IF_ERROR(
      connection_
          ->Execute(fmt::format("LOCK TABLE {} IN ROW EXCLUSIVE MODE", QuoteName(table->name)))
          .status());
  GODWIT_ASSIGN_OR_RETURN(const model::TablePtr here, WithTypesHere(*connection_, *table));
  return std::make_unique<ForeignTable>(CopiedDocuments(table, *here, rules_),
                                        BinaryRows::Make(*here));
}

base::Status CopyChunkWriter::Write(const model::TablePtr& table, connector::ChunkPlace place,
                                    connector::RowBlockSource& blocks) {
  GODWIT_RETURN_IF_ERROR(Connect());
  // Before anything is locked: the reader may have to wait until other chunks are written.
  GODWIT_ASSIGN_OR_RETURN(std::optional<connector::RowBlock> block, blocks.Take());
  GODWIT_ASSIGN_OR_RETURN(const bool frozen, Begin(table->name, place));
  const auto about = [&](const base::Status& status) {
    return About(table->name, *connection_, status);
  };
  base::StatusOr<std::unique_ptr<ForeignTable>> of_table = ForeignOf(table);
  if (!of_table.ok()) return about(of_table.status());
  const std::unique_ptr<ForeignTable> foreign = *std::move(of_table);
  uint64_t sent = 0, taken = 0;
  const auto fit = [&]() -> base::Status {
    if (!block) return base::OkStatus();
    if (!block->tuples.empty())
      return about(base::Internal("rows as SQL were sent, which COPY does not take"));
    return foreign == nullptr ? base::OkStatus() : foreign->documents.Fit(*block);
  };
  const auto next = [&]() -> base::Status {
    block.reset();  // it may be large, as the next one
    GODWIT_ASSIGN_OR_RETURN(block, blocks.Take());
    return fit();
  };
  const auto start = [&](bool binary) {
    return about(connection_->StartCopyIn(CopyStatement(*table, binary, frozen)));
  };
  const auto put = [&](std::string_view bytes) { return about(connection_->PutCopied(bytes)); };
  const auto end = [&] {
    const base::StatusOr<uint64_t> rows = connection_->EndCopyIn();
    taken += rows.value_or(0);
    return about(rows.status());
  };
  GODWIT_RETURN_IF_ERROR(fit());
  const bool converts = foreign != nullptr && foreign->binary;
  if (converts) {
    GODWIT_RETURN_IF_ERROR(start(true));
    GODWIT_RETURN_IF_ERROR(put(wire::postgres::kCopyBinaryHead));
    while (block) {
      const std::optional<std::string_view> rows = foreign->binary->Convert(block->bytes);
      if (!rows) break;
      GODWIT_RETURN_IF_ERROR(put(*rows));
      sent += block->rows;
      GODWIT_RETURN_IF_ERROR(next());
    }
    GODWIT_RETURN_IF_ERROR(put(wire::postgres::kCopyBinaryEnd));
    GODWIT_RETURN_IF_ERROR(end());
  }
  if (block || !converts) {  // as it came
    GODWIT_RETURN_IF_ERROR(start(block && wire::postgres::IsCopyBinary(block->bytes)));
    while (block) {
      GODWIT_RETURN_IF_ERROR(put(block->bytes));
      sent += block->rows;
      GODWIT_RETURN_IF_ERROR(next());
    }
    GODWIT_RETURN_IF_ERROR(end());
  }
  if (taken == sent) return base::OkStatus();
  return about(base::FailedPrecondition(
      "{} rows were sent and {} taken; the chunk was rolled back. Triggers that fire ALWAYS or for "
      "replicas may have left rows out: disable them for the time of the migration",
      sent, taken));
}

base::Status CopyChunkWriter::Commit(const connector::ChunkRecord& record) {
  // On a new connection, the record would be without its rows.
  if (connection_ == nullptr || !in_transaction_)
    return base::Internal("{}: a chunk to be committed that was not written",
                          record.table.ToString());
  // The epoch's row first, as whoever writes the state does: else two of them could each wait for
  // what the other has locked.
  GODWIT_RETURN_IF_ERROR(store_->HoldEpoch(*connection_));
  GODWIT_RETURN_IF_ERROR(store_->WriteChunkRecord(*connection_, record));
  base::Failpoint("copy.before_chunk_commit");
  GODWIT_RETURN_IF_ERROR(connection_->Execute("COMMIT").status());
  in_transaction_ = false;
  base::Failpoint("copy.after_chunk_commit");
  return base::OkStatus();
}

// Also in the middle of a COPY: the server drops what a lost connection did.
void CopyChunkWriter::Rollback() {
  in_transaction_ = false;
  std::lock_guard lock(mutex_);
  connection_.reset();
}

void CopyChunkWriter::Cancel() {
  std::lock_guard lock(mutex_);
  cancelled_ = true;
  if (connection_ != nullptr) connection_->Cancel();
}

}  // namespace godwit::connectors::postgres
