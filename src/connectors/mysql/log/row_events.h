#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/status.h"
#include "connector/source.h"
#include "connectors/mysql/catalog.h"
#include "connectors/mysql/ddl/ddl_follower.h"
#include "connectors/mysql/log/absent_columns.h"
#include "connectors/mysql/log/row_history.h"
#include "model/change.h"
#include "wire/mysql/event.h"
#include "wire/mysql/row_layout.h"
#include "wire/mysql/rows.h"
#include "wire/mysql/table_map.h"

namespace godwit::connectors::mysql {

// The table maps and rows of a log as changes: each row is read by the definition in force at its
// place. One thread.
class RowEvents {
 public:
  // Whether streams of a source ask for statements, which tell what MariaDB's rows mean that lack
  // columns (absent_columns.h). Shared by them: set by the first that meets such rows without.
  using NeedsStatements = std::shared_ptr<std::atomic<bool>>;

  // `follower` is borrowed. `target_dialect`: as of connector::StreamStart.
  RowEvents(sql::Flavour log, connector::TableFilter filter, DdlFollower& follower,
            const std::string& target_dialect, NeedsStatements needs_statements)
      : log_(log),
        json_is_text_(!IsMysql(target_dialect, log)),
        filter_(std::move(filter)),
        follower_(follower),
        needs_statements_(std::move(needs_statements)) {}

  // Whether the log is asked for with the statements that rows come from, which make it longer.
  void ExpectStatements(bool always) { has_statements_ = always || needs_statements_->load(); }
  bool expects_statements() const { return has_statements_; }

  // A table map and what is made of its rows.
  struct MappedTable {
    std::string body;  // of the table map event: the same again means the same table
    bool wanted = false;
    bool shadow = false;  // of an online schema change: that it has rows is all that counts
    model::TableName name;
    model::TablePtr table;
    std::optional<wire::mysql::RowLayout> layout;
    ImplicitDefaults defaults;
  };

  base::Status TakeTableMap(const wire::mysql::Event& event);
  // The statement that the next rows come from.
  base::Status TakeStatement(const wire::mysql::Event& annotation);
  // The table that rows are of; null: nothing is made of them.
  base::StatusOr<const MappedTable*> TableOf(const wire::mysql::Event& rows);
  // Adds the rows to the batch, which pins what their cells point into together with the event's
  // body. kAborted: what they mean is not known; the log is to be read again, with statements.
  base::Status Append(const wire::mysql::Event& event, const MappedTable& mapped,
                      model::ChangeBatch& batch);
  // After the rows of an event.
  void EndEvent(const wire::mysql::Event& event);
  // At the end of a transaction. kFailedPrecondition: its history is not whole.
  base::Status EndTransaction() { return history_.Finish(); }

  // The definitions, or which tables are followed, have changed; or the log goes on elsewhere.
  void ForgetTableMaps() { mapped_.clear(); }

 private:
  static bool IsMysql(const std::string& dialect, sql::Flavour own) {
    return dialect == DialectName(sql::Flavour::kMySql) ||
           (dialect.empty() && own == sql::Flavour::kMySql);
  }
  // Those that the target would not give by itself.
  ImplicitDefaults DefaultsOf(const model::Table& table) const;
  base::Status Map(const wire::mysql::TableMap& map, MappedTable& mapped);
  // What it means that updates of the rows event lack columns.
  base::StatusOr<AbsentMeans> WhatAbsentMeans(const wire::mysql::RowsEvent& rows,
                                              const MappedTable& mapped) const;

  const sql::Flavour log_;
  const bool json_is_text_;  // on the target
  const connector::TableFilter filter_;
  DdlFollower& follower_;
  const NeedsStatements needs_statements_;
  bool has_statements_ = false;
  std::string statement_;  // that rows come from, where the log says so
  std::map<uint64_t, MappedTable> mapped_;
  RowHistory history_;
};

}  // namespace godwit::connectors::mysql
