#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "connector/chunk.h"
#include "connectors/mysql/copy/copy_fields.h"
#include "connectors/mysql/copy/load_text.h"
#include "connectors/mysql/copy/row_tuple.h"
#include "connectors/mysql/copy/select_list.h"

// Rows of a SELECT put together into blocks of about a MiB, which are handed on: one class for each
// format, so that what a cell takes is decided before the first row. Each value of a row goes to
// Add in turn, then the row to EndRow, whose error ends the chunk (kCancelled: the sink wants no
// more); at last what is left is handed on by Flush. The lists and the sink are borrowed.
namespace godwit::connectors::mysql {

class RowBlocks {
 public:
  base::Status Flush() {
    if (block_.rows == 0 && block_.tuples.empty()) return base::OkStatus();
    bytes_ += row_begin_ + tuple_bytes_;
    const bool wanted = sink_.Put(std::move(block_));
    Begin();
    return wanted ? base::OkStatus() : NotWanted();
  }
  uint64_t bytes() const { return bytes_; }

  // Before a row of 16 MiB and more is received.
  base::Status MakeRoom() {
    GODWIT_RETURN_IF_ERROR(Flush());
    return sink_.AwaitTurn() ? base::OkStatus() : NotWanted();
  }

 protected:
  explicit RowBlocks(connector::RowBlockSink& sink) : sink_(sink) { Begin(); }

  base::Status AwaitWritten() { return sink_.AwaitWritten() ? base::OkStatus() : NotWanted(); }

  base::Status FlushIfFull() {
    return row_begin_ + tuple_bytes_ < kBlockBytes ? base::OkStatus() : Flush();
  }

  connector::RowBlock block_;
  size_t row_begin_ = 0, tuple_bytes_ = 0;  // of the block
  uint64_t warnings_before_ = 0;            // of its rows before the one in hand

 private:
  static constexpr size_t kBlockBytes = 1024 * 1024;

  static base::Status NotWanted() { return base::Cancelled("the chunk is not wanted any more"); }

  void Begin() {
    block_ = {};
    row_begin_ = tuple_bytes_ = warnings_before_ = 0;
    block_.bytes.reserve(kBlockBytes + kBlockBytes / 8);
  }

  connector::RowBlockSink& sink_;
  uint64_t bytes_ = 0;
};

// As RowFormat::kMysqlLoadText.
class LoadTextBlocks : public RowBlocks {
 public:
  LoadTextBlocks(const model::Table& table, const SelectList& list, connector::RowBlockSink& sink)
      : RowBlocks(sink), table_(table), list_(list) {}

  void Add(size_t index, std::optional<std::string_view> value) {
    const SelectList::Field& field = list_.fields()[index];
    if (index > 0) block_.bytes.push_back('\t');
    if (!value) {
      block_.bytes.append("\\N");
    } else if (field.escaped) {
      AppendEscapedField(block_.bytes, *value);
      if (field.warns && *value == *field.warns) ++block_.expected_warnings;
    } else {
      block_.bytes.append(*value);
    }
  }
  base::Status EndRow(const RowValues& row) {
    if (NeedsTuple(list_, row)) {
      block_.bytes.resize(row_begin_);
      block_.expected_warnings = warnings_before_;
      GODWIT_ASSIGN_OR_RETURN(connector::RowTuple tuple, MakeTuple(table_, list_, row));
      tuple_bytes_ += tuple.sql.size();
      block_.tuples.push_back(std::move(tuple));
    } else {
      block_.bytes.push_back('\n');
      ++block_.rows;
      row_begin_ = block_.bytes.size();
      warnings_before_ = block_.expected_warnings;
    }
    return FlushIfFull();
  }

 private:
  const model::Table& table_;
  const SelectList& list_;
};

// As RowFormat::kPostgresCopyText.
class CopyTextBlocks : public RowBlocks {
 public:
  CopyTextBlocks(CopyFields& fields, connector::RowBlockSink& sink)
      : RowBlocks(sink), fields_(fields) {}

  // Bytes take twice as much as text, so that there is only one such row at a time.
  base::Status MakeRoom() {
    GODWIT_RETURN_IF_ERROR(RowBlocks::MakeRoom());
    return AwaitWritten();
  }

  void Add(size_t, std::optional<std::string_view>) {}  // an error names the whole row
  base::Status EndRow(const RowValues& row) {
    GODWIT_RETURN_IF_ERROR(fields_.AppendRow(block_.bytes, row));
    block_.bytes.push_back('\n');
    ++block_.rows;
    row_begin_ = block_.bytes.size();
    return FlushIfFull();
  }

 private:
  CopyFields& fields_;
};

}  // namespace godwit::connectors::mysql
