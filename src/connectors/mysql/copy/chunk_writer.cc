#include "connectors/mysql/copy/chunk_writer.h"

#include <mysql.h>

#include "base/failpoint.h"
#include "base/text.h"
#include "connectors/mysql/apply/warnings.h"
#include "connectors/mysql/connection/errors.h"
#include "connectors/mysql/copy/large_row.h"
#include "connectors/mysql/copy/load_text.h"
#include "connectors/mysql/copy/row_tuple.h"
#include "connectors/mysql/copy/select_list.h"
#include "connectors/mysql/from_postgres/copy_text_blocks.h"
#include "connectors/mysql/literal.h"
#include "connectors/mysql/log/row_history.h"
#include "wire/mysql/packet.h"

namespace godwit::connectors::mysql {
namespace {

constexpr size_t kInsertBytes = 1024 * 1024;
// Of a packet of LOAD DATA: below any max_allowed_packet that the checks let pass, whatever a row's
// size.
constexpr size_t kLoadBytes = 2 * 1024 * 1024;
constexpr unsigned char kLocalInfileRequest = 0xfb;

// Blocks, the first of which was taken already.
class ResumedBlocks : public connector::RowBlockSource {
 public:
  explicit ResumedBlocks(connector::RowBlockSource& rest) : rest_(rest) {}
  void PutBack(connector::RowBlock block) { first_ = std::move(block); }
  base::StatusOr<std::optional<connector::RowBlock>> Take() override {
    if (first_) return std::exchange(first_, std::nullopt);
    return rest_.Take();
  }

 private:
  connector::RowBlockSource& rest_;
  std::optional<connector::RowBlock> first_;
};

class OneBlock : public connector::RowBlockSource {
 public:
  explicit OneBlock(connector::RowBlock block) : block_(std::move(block)) {}
  base::StatusOr<std::optional<connector::RowBlock>> Take() override {
    return std::exchange(block_, std::nullopt);
  }

 private:
  std::optional<connector::RowBlock> block_;
};

// The bytes of blocks, until what comes with them has to be written, the tuples that make a
// statement or a large row: it has to wait, as a connection that LOAD DATA reads from can say
// nothing else.
class BytesOfBlocks : public connector::RowBlockSource {
 public:
  BytesOfBlocks(connector::RowBlockSource& blocks, const model::Table& table,
                uint64_t longest_value)
      : blocks_(blocks), table_(table), list_(table), longest_value_(longest_value) {}

  base::StatusOr<std::optional<connector::RowBlock>> Take() override {
    // An empty block would end the file that LOAD DATA reads.
    while (tuple_bytes_ < kInsertBytes && large_row_ == nullptr) {
      GODWIT_ASSIGN_OR_RETURN(std::optional<connector::RowBlock> block, blocks_.Take());
      ended_ = !block;
      if (!block) return block;
      large_row_ = LargeRow::TakeFrom(*block, table_, list_, longest_value_);
      for (connector::RowTuple& tuple : block->tuples) {
        tuple_bytes_ += tuple.sql.size();
        tuples_.push_back(std::move(tuple));
      }
      block->tuples.clear();
      if (block->rows > 0) return block;
    }
    return std::nullopt;
  }

  // True when the last block was taken.
  bool ended() const { return ended_; }
  // The tuples that came so far, once.
  std::vector<connector::RowTuple> TakeTuples() {
    tuple_bytes_ = 0;
    return std::exchange(tuples_, {});
  }
  // The large row that ended them; null where none did.
  std::unique_ptr<LargeRow> TakeLargeRow() { return std::move(large_row_); }

 private:
  connector::RowBlockSource& blocks_;
  const model::Table& table_;
  const SelectList list_;
  const uint64_t longest_value_;
  std::unique_ptr<LargeRow> large_row_;
  std::vector<connector::RowTuple> tuples_;
  size_t tuple_bytes_ = 0;
  bool ended_ = false;
};

// Where a row's text has the period of its version.
struct PeriodFields {
  PeriodFields(const model::Table& table, const SelectList& list) {
    for (size_t i = 0; i < list.fields().size(); ++i) {
      const auto column = static_cast<size_t>(list.fields()[i].column);
      if (table.columns[column].row_period == model::RowPeriod::kStart) start = i;
      if (table.columns[column].row_period == model::RowPeriod::kEnd) end = i;
    }
  }
  size_t start = 0, end = 0;
};

// The reader gives such rows, which nobody can insert, in blocks of their own before all others.
bool HeldForNoTime(const model::Table& table, const connector::RowBlock& block) {
  const PeriodFields period(table, SelectList(table));
  std::string_view rest = block.bytes, row;
  if (!CutRow(rest, row)) return false;
  const std::vector<std::string_view> fields = RawFields(row);
  return fields[period.start] >= fields[period.end];
}

}  // namespace

base::Status LoadTextChunkWriter::Connect() {
  if (connection_ == nullptr) {
    GODWIT_ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection,
                            store_->Open(endpoint_, Connection::Text::kBinary));
    GODWIT_ASSIGN_OR_RETURN(const std::string packet,
                            connection->QueryValue("SELECT @@max_allowed_packet"));
    longest_value_ = base::ParseInteger<uint64_t>(packet).value_or(0);
    std::lock_guard lock(mutex_);
    connection_ = std::move(connection);
  }
  std::lock_guard lock(mutex_);
  return cancelled_ ? base::Cancelled("writing was cancelled") : base::OkStatus();
}

base::Status LoadTextChunkWriter::Write(const model::TablePtr& table,
                                        connector::ChunkPlace /*place*/,
                                        connector::RowBlockSource& blocks) {
  GODWIT_RETURN_IF_ERROR(Connect());
  std::shared_ptr<PostgresRows> rows;
  if (table->cells_are_text) {
    postgres_.ForgetAllBut(table->name);
    GODWIT_ASSIGN_OR_RETURN(rows, postgres_.RowsOf(*connection_, table));
  }
  GODWIT_RETURN_IF_ERROR(connection_->Execute("START TRANSACTION").status());
  if (rows != nullptr) {
    BlocksFromCopyText here(*rows, blocks);
    return WriteBlocks(*rows->here(), here);
  }
  if (!table->system_versioned) return WriteBlocks(*table, blocks);
  ResumedBlocks rest(blocks);
  while (true) {
    GODWIT_ASSIGN_OR_RETURN(std::optional<connector::RowBlock> block, blocks.Take());
    if (!block) return base::OkStatus();
    if (!HeldForNoTime(*table, *block)) {
      rest.PutBack(*std::move(block));
      return WriteBlocks(*table, rest);
    }
    GODWIT_RETURN_IF_ERROR(WriteEnded(*table, *block));
  }
}

base::Status LoadTextChunkWriter::WriteBlocks(const model::Table& table,
                                              connector::RowBlockSource& blocks) {
  BytesOfBlocks bytes(blocks, table, longest_value_);
  while (!bytes.ended()) {
    GODWIT_RETURN_IF_ERROR(local_infile_ ? Load(table, bytes) : Insert(table, bytes));
    GODWIT_RETURN_IF_ERROR(InsertTuples(table, bytes.TakeTuples()));
    if (const std::unique_ptr<LargeRow> row = bytes.TakeLargeRow()) {
      GODWIT_ASSIGN_OR_RETURN(ExecuteResult result, row->Insert(*connection_));
      GODWIT_RETURN_IF_ERROR(
          CheckWritten(table, 1, result.affected_rows, result.warnings, row->expected_warnings()));
    }
  }
  return base::OkStatus();
}

base::Status LoadTextChunkWriter::InsertTuples(const model::Table& table,
                                               const std::vector<connector::RowTuple>& tuples) {
  const std::string head = fmt::format("INSERT INTO {} ({}) VALUES ", QuoteName(table.name),
                                       SelectList(table).column_names());
  std::string statement;
  uint64_t rows = 0, expected_warnings = 0;
  for (size_t i = 0; i < tuples.size(); ++i) {
    statement.append(rows++ == 0 ? head : ",").append(tuples[i].sql);
    expected_warnings += tuples[i].expected_warnings;
    if (i + 1 < tuples.size() && statement.size() + tuples[i + 1].sql.size() < kInsertBytes)
      continue;
    GODWIT_ASSIGN_OR_RETURN(ExecuteResult result, connection_->Execute(statement));
    GODWIT_RETURN_IF_ERROR(CheckWritten(table, std::exchange(rows, 0), result.affected_rows,
                                        result.warnings, std::exchange(expected_warnings, 0)));
    statement.clear();
  }
  return base::OkStatus();
}

// Inserted as versions that still hold, and deleted at the time at which they ended: before any
// other rows of the table are there that hold.
base::Status LoadTextChunkWriter::WriteEnded(const model::Table& table,
                                             const connector::RowBlock& block) {
  const SelectList list(table);
  const PeriodFields period(table, list);
  std::string_view rest = block.bytes, row;
  while (CutRow(rest, row)) {
    std::vector<std::string_view> fields = RawFields(row);
    const std::string_view start = fields[period.start], end = fields[period.end];
    fields[period.end] = kStillHolds;
    connector::RowBlock one{fmt::format("{}\n", fmt::join(fields, "\t")), 1, 0};
    for (size_t i = 0; i < fields.size(); ++i) {
      const std::optional<std::string_view>& warns = list.fields()[i].warns;
      if (warns && fields[i] == *warns) ++one.expected_warnings;
    }
    OneBlock source(std::move(one));
    GODWIT_RETURN_IF_ERROR(Insert(table, source));
    GODWIT_ASSIGN_OR_RETURN(
        ExecuteResult deleted,
        connection_->Execute(fmt::format(
            "SET STATEMENT timestamp=UNIX_TIMESTAMP({}) FOR DELETE FROM {} WHERE {}={}",
            QuoteText(end), QuoteName(table.name),
            QuoteName(table.columns[static_cast<size_t>(table.FindPeriod(model::RowPeriod::kStart))]
                          .name),
            QuoteText(start))));
    GODWIT_RETURN_IF_ERROR(CheckWritten(table, 1, deleted.affected_rows, deleted.warnings, 0));
  }
  return base::OkStatus();
}

base::Status LoadTextChunkWriter::Load(const model::Table& table,
                                       connector::RowBlockSource& blocks) {
  GODWIT_ASSIGN_OR_RETURN(std::optional<connector::RowBlock> block, blocks.Take());
  if (!block) return base::OkStatus();
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
  while (block) {
    rows += block->rows;
    expected_warnings += block->expected_warnings;
    std::string_view rest = block->bytes;
    while (!rest.empty()) {
      GODWIT_RETURN_IF_ERROR(channel.SendData(rest.substr(0, kLoadBytes)));
      rest.remove_prefix(std::min(rest.size(), kLoadBytes));
    }
    block.reset();  // it may be large, as the next one
    GODWIT_ASSIGN_OR_RETURN(block, blocks.Take());
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
      for (size_t i = 0; i < list.fields().size() && fields.Next(field, is_null); ++i) {
        if (i > 0) statement.push_back(',');
        if (is_null) {
          statement += "NULL";
          continue;
        }
        const SelectList::Field& written = list.fields()[i];
        AppendFieldLiteral(statement, written, table.columns[static_cast<size_t>(written.column)],
                           field);
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
                                               uint64_t affected, unsigned warnings,
                                               uint64_t expected_warnings) {
  GODWIT_ASSIGN_OR_RETURN(
      const std::optional<std::string> details,
      FindUnexpectedWarnings(*connection_, warnings, {.count = expected_warnings}));
  if (affected == rows && !details) return base::OkStatus();
  return base::FailedPrecondition(
      "target: {}: {} rows were sent and {} taken{}; the chunk was rolled back. "
      "Empty the table on the target if it holds rows of another origin, or make its columns hold "
      "what the source has",
      table.name.ToString(), rows, affected,
      details ? ", with warnings that are not to be expected" + *details : "");
}

base::Status LoadTextChunkWriter::Commit(const connector::ChunkRecord& record) {
  // The epoch's row first, as whoever writes the state does: else two of them could each wait for
  // what the other has locked.
  GODWIT_RETURN_IF_ERROR(store_->HoldEpoch(*connection_));
  GODWIT_RETURN_IF_ERROR(store_->WriteChunkRecord(*connection_, record));
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
