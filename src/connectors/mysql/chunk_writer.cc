#include "connectors/mysql/chunk_writer.h"

#include <mysql.h>

#include "base/failpoint.h"
#include "connectors/mysql/errors.h"
#include "connectors/mysql/literal.h"
#include "connectors/mysql/load_text.h"
#include "connectors/mysql/select_list.h"
#include "wire/mysql/packet.h"

namespace godwit::connectors::mysql {
namespace {

// The server counts warnings in 16 bits.
constexpr uint64_t kMostWarnings = 65535;
constexpr size_t kInsertBytes = 1024 * 1024;
constexpr unsigned char kLocalInfileRequest = 0xfb;

}  // namespace

base::Status LoadTextChunkWriter::Connect() {
  if (connection_ == nullptr) {
    GODWIT_ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection,
                            Connection::Open(endpoint_, "target", Connection::Text::kBinary));
    std::lock_guard lock(mutex_);
    connection_ = std::move(connection);
  }
  std::lock_guard lock(mutex_);
  return cancelled_ ? base::Cancelled("writing was cancelled") : base::OkStatus();
}

base::Status LoadTextChunkWriter::Write(const model::TablePtr& table,
                                        connector::RowBlockSource& blocks) {
  GODWIT_RETURN_IF_ERROR(Connect());
  GODWIT_RETURN_IF_ERROR(connection_->Execute("START TRANSACTION").status());
  return local_infile_ ? Load(*table, blocks) : Insert(*table, blocks);
}

base::Status LoadTextChunkWriter::Load(const model::Table& table,
                                       connector::RowBlockSource& blocks) {
  PacketChannel channel(connection_.get());
  const SelectList list(table);
  GODWIT_RETURN_IF_ERROR(channel.SendCommand(
      COM_QUERY,
      fmt::format("LOAD DATA LOCAL INFILE 'godwit' INTO TABLE {} CHARACTER SET binary {}",
                  QuoteName(table.name), list.LoadTarget())));
  uint64_t rows = 0, expected_warnings = 0;
  auto fail = [&](std::string_view packet) {
    auto error = wire::mysql::DecodeError(packet);
    if (!error.ok()) return error.status();
    return StatusOfError(error->code, error->message, "target: loading " + table.name.ToString());
  };
  GODWIT_ASSIGN_OR_RETURN(std::string_view request, channel.Receive());
  if (wire::mysql::KindOf(request) == wire::mysql::PacketKind::kError) return fail(request);
  if (request.empty() || static_cast<unsigned char>(request[0]) != kLocalInfileRequest) {
    return base::Internal("target: LOAD DATA was not answered with a request for the file");
  }
  while (true) {
    GODWIT_ASSIGN_OR_RETURN(std::optional<connector::RowBlock> block, blocks.Take());
    if (!block) break;
    rows += block->rows;
    expected_warnings += block->expected_warnings;
    GODWIT_RETURN_IF_ERROR(channel.SendData(block->bytes));
  }
  GODWIT_RETURN_IF_ERROR(channel.SendData(""));
  GODWIT_ASSIGN_OR_RETURN(std::string_view answer, channel.Receive());
  if (wire::mysql::KindOf(answer) == wire::mysql::PacketKind::kError) return fail(answer);
  GODWIT_ASSIGN_OR_RETURN(wire::mysql::OkPacket ok, wire::mysql::DecodeOk(answer));
  return CheckWritten(table, rows, ok.affected_rows, ok.warnings, expected_warnings);
}

base::Status LoadTextChunkWriter::Insert(const model::Table& table,
                                         connector::RowBlockSource& blocks) {
  const SelectList list(table);
  const std::string head =
      fmt::format("INSERT INTO {} ({}) VALUES ", QuoteName(table.name), list.column_names());
  std::string statement, field;
  uint64_t rows = 0;
  auto flush = [&](uint64_t expected_warnings) -> base::Status {
    if (rows == 0) return base::OkStatus();
    GODWIT_ASSIGN_OR_RETURN(ExecuteResult result, connection_->Execute(statement));
    const uint64_t sent = std::exchange(rows, 0);
    statement.clear();
    return CheckWritten(table, sent, result.affected_rows, result.warnings, expected_warnings);
  };
  while (true) {
    GODWIT_ASSIGN_OR_RETURN(std::optional<connector::RowBlock> block, blocks.Take());
    if (!block) return base::OkStatus();
    std::string_view rest = block->bytes, row;
    while (CutRow(rest, row)) {
      statement += rows++ == 0 ? head + "(" : ",(";
      LoadTextFields fields(row);
      bool is_null = false;
      for (size_t i = 0; fields.Next(field, is_null); ++i) {
        if (i > 0) statement.push_back(',');
        if (is_null) {
          statement += "NULL";
          continue;
        }
        const auto column = static_cast<size_t>(list.fields()[i].column);
        if (list.fields()[i].warns == "0") {  // an index, not a label
          statement += field;
          continue;
        }
        if (TakesTextOnly(table.columns[column].kind)) statement += "_latin1 ";
        AppendText(statement, field);
      }
      statement.push_back(')');
      // Blocks with warnings to come are written whole, so that the two counts are of the same
      // rows.
      if (statement.size() >= kInsertBytes && block->expected_warnings == 0)
        GODWIT_RETURN_IF_ERROR(flush(0));
    }
    GODWIT_RETURN_IF_ERROR(flush(block->expected_warnings));
  }
}

base::Status LoadTextChunkWriter::CheckWritten(const model::Table& table, uint64_t rows,
                                               uint64_t affected, uint64_t warnings,
                                               uint64_t expected_warnings) {
  if (affected == rows && warnings == std::min(expected_warnings, kMostWarnings))
    return base::OkStatus();
  std::string details;
  if (auto shown = connection_->Query("SHOW WARNINGS LIMIT 3"); shown.ok()) {
    for (const ResultRow& row : *shown)
      details += fmt::format("; {} ({})", row[2].value_or(""), row[1].value_or(""));
  }
  return base::FailedPrecondition(
      "target: {}: {} rows were sent and {} taken, with {} warnings where {} were expected{}; the "
      "chunk was rolled back. "
      "Empty the table on the target if it holds rows of another origin, or make its columns hold "
      "what the source has",
      table.name.ToString(), rows, affected, warnings, expected_warnings, details);
}

base::Status LoadTextChunkWriter::Commit(const connector::ChunkRecord& record) {
  GODWIT_RETURN_IF_ERROR(store_->WriteChunkRecord(*connection_, record));
  GODWIT_RETURN_IF_ERROR(store_->HoldEpoch(*connection_));
  base::Failpoint("copy.before_chunk_commit");
  GODWIT_RETURN_IF_ERROR(connection_->Execute("COMMIT").status());
  base::Failpoint("copy.after_chunk_commit");
  return base::OkStatus();
}

// Also where a LOAD DATA stream is half sent: the server drops what a lost connection did.
void LoadTextChunkWriter::Rollback() { Disconnect(); }

void LoadTextChunkWriter::Disconnect() {
  std::lock_guard lock(mutex_);
  connection_.reset();
}

void LoadTextChunkWriter::Cancel() {
  std::lock_guard lock(mutex_);
  cancelled_ = true;
  if (connection_ != nullptr) connection_->Cancel();
}

}  // namespace godwit::connectors::mysql
