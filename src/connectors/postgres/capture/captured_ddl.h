#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/status.h"
#include "connector/source.h"
#include "connectors/postgres/capture/captured_changes.h"
#include "connectors/postgres/connection/lazy_connection.h"
#include "connectors/postgres/connection/server.h"
#include "connectors/postgres/log/followed_tables.h"
#include "wire/postgres/pgoutput.h"

namespace godwit::connectors::postgres {

// What is known of transactions that are read once more, as they change definitions among their
// rows.
struct EarlyCapture {
  // Those that no stream will meet any more.
  void ForgetBefore(wire::postgres::Lsn commit) {
    std::lock_guard lock(mutex);
    by_commit.erase(by_commit.begin(), by_commit.lower_bound(commit));
  }

  std::mutex mutex;  // of what follows
  // By the transaction's commit. Several, as those behind the first may be met again with it.
  std::map<wire::postgres::Lsn, std::shared_ptr<CapturedChanges>> by_commit;
};

// The part of a change stream that follows the messages of the event triggers (ddl_capture).
//
// All changes of a transaction are told as one DDL before it. So its rows are not told from the
// first message on: at its end, a transaction without rows is told at once, and one with rows is
// read once more, with the DDL first; its relations are then mapped as each message says that they
// were. One thread, save for Cancel.
class CapturedDdl {
 public:
  // `after`: where the stream begins; it is the transaction whose DDL was done last, where none of
  // its rows were. `early` is borrowed.
  CapturedDdl(const Server& server, std::string hold, connector::TableFilter filter,
              wire::postgres::Lsn after, EarlyCapture& early);

  // Each of the two gives what is to be told before the transaction.
  base::StatusOr<ComposedDdl> Begin(const wire::postgres::Begin& begin,
                                    const FollowedTables& tables);
  // kUnavailable: the transaction is to be read once more.
  base::StatusOr<ComposedDdl> End(const FollowedTables& tables, bool rows_are_told);

  // What is to be told after the transaction, which ends there; of one that is read once more.
  base::StatusOr<ComposedDdl> After(const FollowedTables& tables, wire::postgres::Lsn end) const {
    return early_changes_ == nullptr ? ComposedDdl() : ComposeLater(tables, filter_, end);
  }

  base::Status Take(const wire::postgres::LogicalMessage& message, const FollowedTables& tables);

  // Whether rows are left out until the transaction's end. Says that there is one of the relation.
  bool LeavesOutRow(uint32_t relation);
  bool gathers() const { return gathered_ != nullptr; }

  // Maps a relation of a table that has not seen the transaction. kFailedPrecondition: it is as no
  // message has said.
  base::Status Map(const wire::postgres::Relation& relation, FollowedRelation& described,
                   FollowedTables& tables);
  // kFailedPrecondition: a relation that is not known is of a table of the task.
  base::Status ExpectOfOthers(const wire::postgres::Relation& relation,
                              const FollowedTables& tables);
  // kFailedPrecondition: the triggers are not what they have to be.
  base::Status ExpectInstalled();

  void Cancel() { connection_.Cancel(); }

 private:
  base::StatusOr<ComposedDdl> ComposeFrom(const CapturedChanges& changes,
                                          const FollowedTables& tables);
  base::Status UnknownForm(const FollowedTable& table);
  // Has the table copied again, if this transaction changes its definition.
  base::Status LeaveToCopy(const FollowedTable& table, std::string_view why,
                           base::Status otherwise);

  const std::string hold_, prefix_;
  const connector::TableFilter filter_;
  const wire::postgres::Lsn after_;
  EarlyCapture& early_;
  LazyConnection connection_;
  wire::postgres::Begin begin_;
  std::set<uint32_t> with_rows_;  // relations that the transaction has changed
  uint32_t last_with_rows_ = 0;
  std::shared_ptr<CapturedChanges> gathered_;       // of the transaction, at its first reading
  std::shared_ptr<CapturedChanges> early_changes_;  // at its second
  // At the second reading: tables as they were before the last message of each, where that is
  // known.
  std::map<uint32_t, Definition> forms_;
  // At the first reading of the transaction that the stream begins at: tables that are described in
  // another form than the known one, though no message has said so yet. Where none comes, that is
  // an error, as the triggers have failed; where one comes, the DDL was done, and not the rows.
  struct Suspect {
    std::string why_copied;
    base::Status otherwise;
  };
  std::map<uint32_t, Suspect> suspects_;
  std::map<model::TableName, std::map<std::string, EarlierValue>> missing_;
};

}  // namespace godwit::connectors::postgres
