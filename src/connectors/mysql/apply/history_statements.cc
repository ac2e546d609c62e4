#include "connectors/mysql/apply/history_statements.h"

#include <algorithm>
#include <string_view>

#include "connectors/mysql/literal.h"
#include "connectors/mysql/log/row_history.h"

namespace godwit::connectors::mysql {
namespace {

using connector::TableChanges;
using model::Row;
using model::RowPeriod;
using model::Table;

constexpr size_t kMostKeys = 500;  // in one condition

// Makes the statement that follows happen at a time.
std::string AtTime(std::string_view time) {
  return fmt::format("SET STATEMENT timestamp=UNIX_TIMESTAMP({}) FOR ", QuoteText(time));
}

class HistoryWriter {
 public:
  HistoryWriter(const Table& table, const StatementSink& sink)
      : table_(table),
        sink_(sink),
        name_(QuoteName(table.name)),
        start_(static_cast<size_t>(table.FindPeriod(RowPeriod::kStart))),
        end_(static_cast<size_t>(table.FindPeriod(RowPeriod::kEnd))) {}

  base::Status Write(const std::vector<TableChanges::Update>& changes) {
    for (const TableChanges::Update& change : changes) {
      const Run run = RunOf(change);
      const bool goes_on = run == run_ && (run != Run::kEnd || change.after[end_] == time_);
      if (!goes_on) GODWIT_RETURN_IF_ERROR(Flush());
      run_ = run;
      switch (run) {
        case Run::kInsert:
          rows_.push_back(change.after);
          break;
        case Run::kPurge:
          rows_.push_back(change.before);
          break;
        case Run::kEnd:
          time_ = change.after[end_];
          rows_.push_back(change.before);
          if (rows_.size() == kMostKeys) GODWIT_RETURN_IF_ERROR(Flush());
          break;
        case Run::kUpdate:
          GODWIT_RETURN_IF_ERROR(Update(change));
          break;
        case Run::kRemove:
          GODWIT_RETURN_IF_ERROR(Remove(change.before));
          break;
        case Run::kNone:
          break;
      }
    }
    return Flush();
  }

 private:
  // What consecutive changes have in common.
  enum class Run : uint8_t {
    kNone,
    kInsert,  // rows, with their periods
    kUpdate,
    kEnd,     // deletes that leave history, at one time
    kRemove,  // deletes that leave none
    kPurge,   // deletes of history
  };

  Run RunOf(const TableChanges::Update& change) const {
    if (change.before.empty()) return Run::kInsert;
    if (!change.after.empty()) return StillHolds(table_, change.after) ? Run::kUpdate : Run::kEnd;
    return StillHolds(table_, change.before) ? Run::kRemove : Run::kPurge;
  }

  base::Status Flush() {
    base::Status status;
    if (run_ == Run::kInsert) status = WriteRows(WriteKind::kInsert, table_, rows_, sink_);
    if (run_ == Run::kEnd) status = End();
    if (run_ == Run::kPurge) status = Purge();
    rows_.clear();
    run_ = Run::kNone;
    return status;
  }

  base::Status Update(const TableChanges::Update& change) {
    RowStatement statement;
    statement.rows = statement.expected_affected = 1;
    statement.sql = AtTime(change.after[start_].view()) + "UPDATE " + name_ + " SET ";
    AppendAssignments(statement, table_, change.after);
    statement.sql += " WHERE ";
    AppendRowMatch(statement.sql, sql::Flavour::kMariaDb, table_, change.before);
    statement.sql += " LIMIT 1";
    return sink_(statement);
  }

  base::Status End() {
    if (rows_.empty()) return base::OkStatus();
    const bool one_by_one = table_.RowIdentity().empty();  // two rows may look alike
    RowStatement statement;
    const std::string head = AtTime(time_.view()) + "DELETE FROM " + name_ + " WHERE (";
    for (size_t i = 0; i < rows_.size(); ++i) {
      statement.sql += statement.rows == 0 ? head : ") OR (";
      AppendRowMatch(statement.sql, sql::Flavour::kMariaDb, table_, rows_[i]);
      ++statement.rows;
      if (i + 1 < rows_.size() && !one_by_one) continue;
      statement.sql += one_by_one ? ") LIMIT 1" : ")";
      statement.expected_affected = statement.rows;
      GODWIT_RETURN_IF_ERROR(sink_(statement));
      statement = {};
    }
    return base::OkStatus();
  }

  // A server leaves no version that would have ended before it began: the row just goes. The
  // source's clock had gone back, or it found the very same version there.
  base::Status Remove(Row row) {
    RowStatement statement;
    statement.rows = statement.expected_affected = 1;
    statement.sql = fmt::format("SET STATEMENT timestamp=1 FOR DELETE FROM {} WHERE ", name_);
    AppendRowMatch(statement.sql, sql::Flavour::kMariaDb, table_, row);
    statement.sql += " LIMIT 1";
    return sink_(statement);
  }

  // What DELETE HISTORY deletes is all that ended before a time: up to the last of its rows.
  base::Status Purge() {
    if (rows_.empty()) return base::OkStatus();
    const Row last = *std::max_element(rows_.begin(), rows_.end(), [this](Row a, Row b) {
      return a[end_].view() < b[end_].view();
    });
    RowStatement statement;
    statement.rows = statement.expected_affected = rows_.size();
    statement.count = RowStatement::Count::kByTransaction;
    statement.sql = fmt::format(
        "DELETE HISTORY FROM {} BEFORE SYSTEM_TIME (TIMESTAMP{} + INTERVAL 1 MICROSECOND)", name_,
        QuoteText(last[end_].view()));
    return sink_(statement);
  }

  const Table& table_;
  const StatementSink& sink_;
  const std::string name_;
  const size_t start_, end_;
  Run run_ = Run::kNone;
  model::Cell time_;  // of kEnd
  std::vector<Row> rows_;
};

}  // namespace

base::Status WriteHistory(const Table& table, const std::vector<TableChanges::Update>& changes,
                          const StatementSink& sink) {
  return HistoryWriter(table, sink).Write(changes);
}

}  // namespace godwit::connectors::mysql
