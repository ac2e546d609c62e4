#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "connectors/mysql/apply/xa_replay.h"
#include "connectors/mysql/connection/server.h"
#include "connectors/mysql/ddl/ddl_follower.h"
#include "connectors/mysql/log/log_position.h"
#include "connectors/mysql/log/xa_transactions.h"
#include "wire/mysql/event.h"
#include "wire/mysql/xa.h"

namespace godwit::connectors::mysql {

// Follows the XA transactions of a log. Each has two groups: the first ends with its being
// prepared, the second is the statement that commits it or rolls it back. Its changes count with
// the second, and come from there once more: the replay. One thread, save for Cancel.
class XaFollower {
 public:
  // `server_id`: that of the stream that reads the log; a replay uses another one. `follower` is
  // borrowed.
  XaFollower(Server server, uint32_t server_id, DdlFollower& follower)
      : server_(std::move(server)), server_id_(server_id), follower_(follower) {}

  // What became of the group in hand.
  enum class Step {
    kGoesOn,
    kEnds,     // it has ended, and changes nothing here
    kReplays,  // its changes come next, and end it
  };

  // Those that are prepared where the log is read from.
  void KnowPrepared(std::map<std::string, XaPlace> prepared) {
    transactions_ = XaTransactions(std::move(prepared));
  }
  // Those that are prepared at the place reached.
  std::map<std::string, XaPlace> Prepared() const { return transactions_.Places(); }

  // The group that begins here is the first one of an XA transaction.
  void BeginGroup(XaPlace begin) { transactions_.Begin(std::move(begin)); }
  bool in_first_group() const { return transactions_.in_group(); }
  // An event of such a group. `commit_time_us`: of the group. kFailedPrecondition: it holds what
  // cannot be carried over.
  base::StatusOr<Step> Take(const wire::mysql::Event& event, int64_t commit_time_us);
  // A statement of an XA transaction, in the group that begins at `group`. kFailedPrecondition: it
  // commits one whose changes are not known.
  base::StatusOr<Step> TakeStatement(const wire::mysql::XaStatement& statement, XaPlace group,
                                     int64_t commit_time_us);

  // Null: no changes come again.
  XaReplay* replay() { return replay_.get(); }
  const XaReplay* replay() const { return replay_.get(); }
  void EndReplay();

  // Ends a replay that waits for the server, and keeps later ones from beginning. From any thread.
  void Cancel();

 private:
  base::Status CheckStatement(const wire::mysql::Event& event);
  base::StatusOr<Step> Replay(XaChanges changes, int64_t commit_time_us);

  const Server server_;
  const uint32_t server_id_;
  DdlFollower& follower_;
  XaTransactions transactions_;
  std::mutex mutex_;                  // guards the replacing of replay_ against Cancel
  std::unique_ptr<XaReplay> replay_;  // replaced by the stream's thread alone
  bool cancelled_ = false;            // under mutex_
};

}  // namespace godwit::connectors::mysql
