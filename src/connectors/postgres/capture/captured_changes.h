#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/status.h"
#include "connectors/postgres/capture/captured_message.h"
#include "connectors/postgres/definition/new_names.h"
#include "connectors/postgres/log/followed_tables.h"
#include "model/change.h"

namespace godwit::connectors::postgres {

// What one transaction of the log does to definitions, by the messages of the event triggers.
class CapturedChanges {
 public:
  struct Table {
    std::optional<Definition> after;     // nothing: it is as it was
    std::optional<Definition> at_first;  // of one that the transaction has made
    bool gone = false;
    bool made = false;         // by the transaction, and in the publication from its beginning
    bool added = false;        // to the publication, by the transaction
    bool published = false;    // it is in it
    bool rewritten = false;    // with other values, maybe
    bool rows_before = false;  // the transaction has changed rows of it before it came to be so
    std::set<int> not_null_at_once;                        // columns that came as NOT NULL
    std::map<std::string, std::set<std::string>> missing;  // as CapturedMessage has it
  };

  // Whether the message says something of a table of the task, or of one that may come into it.
  static bool Concerns(const CapturedMessage& message, const FollowedTables& known,
                       const connector::TableFilter& filter, uint32_t xid,
                       wire::postgres::Lsn commit);

  // `with_rows`: the relations that the transaction has changed rows of before the message.
  void Add(const CapturedMessage& message, const FollowedTables& known,
           const std::set<uint32_t>& with_rows);
  void SawRow() { has_rows_ = true; }
  bool has_rows() const { return has_rows_; }
  // Why a table is to be copied again, whatever the rest says.
  void CopyAgain(uint32_t table, std::string why) { copied_again_[table] = std::move(why); }

  const std::map<uint32_t, Table>& tables() const { return tables_; }
  const std::map<uint32_t, std::string>& copied_again() const { return copied_again_; }
  const std::set<uint32_t>& made_partitions() const { return made_partitions_; }
  const std::set<uint32_t>& dropped() const { return dropped_; }
  const std::string& failed() const { return failed_; }  // a command could not be captured; why
  std::string Commands() const;

 private:
  const Definition* Form(uint32_t table, const FollowedTables& known) const;
  void Drop(const CapturedMessage::Dropped& dropped, const FollowedTables& known);
  void DropIndex(const model::TableName& name, const FollowedTables& known);
  void FollowParents(const CapturedMessage& message,
                     const std::map<model::TableName, Renames>& names, const FollowedTables& known);
  std::set<uint32_t> Numbers(const FollowedTables& known) const;  // of all tables that have a form

  std::map<uint32_t, Table> tables_;  // by the numbers of tables, not of partitions
  std::map<uint32_t, std::string> copied_again_;
  std::set<uint32_t> made_partitions_, dropped_;
  std::vector<std::string> commands_;
  std::string failed_;
  bool has_rows_ = false;
};

// The DDL that it amounts to, for tables as they are known.
struct ComposedDdl {
  std::shared_ptr<model::DdlChange> ddl;  // null: nothing is to be done
  int64_t commit_time_us = 0;             // of the transaction, the last of several, that it is of
  // What rows of before have in columns that have come.
  std::map<model::TableName, std::map<std::string, EarlierValue>> missing;
};

// What the source has by now of a table that has come. One that is gone again was never of use, and
// one that has another name, or is a partition, by now comes again with the statement that said so.
struct TableNow {
  model::TableName name;
  bool is_partition = false;
};
// By its number; nothing: it is gone.
using AskSource = std::function<base::StatusOr<std::optional<TableNow>>(uint32_t)>;

// kFailedPrecondition: names have changed in a way that cannot be followed.
base::StatusOr<ComposedDdl> Compose(const CapturedChanges& changes, const FollowedTables& known,
                                    const connector::TableFilter& filter,
                                    const wire::postgres::Begin& transaction,
                                    const AskSource& ask_source);

// What transactions have left for later that are applied, their commits being before `end`.
base::StatusOr<ComposedDdl> ComposeLater(const FollowedTables& known,
                                         const connector::TableFilter& filter,
                                         wire::postgres::Lsn end);

}  // namespace godwit::connectors::postgres
