#include "connectors/mysql/log/xa_follower.h"

#include "connectors/mysql/log/event_role.h"
#include "wire/mysql/query_event.h"

namespace godwit::connectors::mysql {

using wire::mysql::EventType;
using wire::mysql::XaStatement;

// What of rows comes with it is not told in rows, or is taken back.
base::Status XaFollower::CheckStatement(const wire::mysql::Event& event) {
  std::string inflated;
  GODWIT_ASSIGN_OR_RETURN(const wire::mysql::QueryEvent query,
                          wire::mysql::DecodeQuery(event, inflated));
  if (wire::mysql::ParseXaStatement(query.sql)) return base::OkStatus();
  GODWIT_ASSIGN_OR_RETURN(const DdlFollower::Followed followed,
                          follower_.Follow(query, event.header.timestamp));
  if (followed.meaning == DdlFollower::Meaning::kNothing) return base::OkStatus();
  return base::FailedPrecondition(
      "an XA transaction of the source's log holds a statement that cannot be carried over inside "
      "one ({}): copy anew with `godwit run --restart`",
      query.sql.substr(0, 200));
}

base::StatusOr<XaFollower::Step> XaFollower::Take(const wire::mysql::Event& event,
                                                  int64_t commit_time_us) {
  const EventType type = event.header.type;
  if (IsChange(event)) {
    transactions_.Capture(event);
    return Step::kGoesOn;
  }
  if (type == EventType::kQuery || type == EventType::kMariadbQueryCompressed) {
    GODWIT_RETURN_IF_ERROR(CheckStatement(event));
    return Step::kGoesOn;
  }
  if (type != EventType::kXaPrepare) {
    GODWIT_RETURN_IF_ERROR(CheckRole(event.header));
    return Step::kGoesOn;
  }
  GODWIT_ASSIGN_OR_RETURN(const wire::mysql::XaPrepareEvent prepare,
                          wire::mysql::DecodeXaPrepare(event.body));
  const std::string name = wire::mysql::XaName(prepare.xa);
  if (prepare.one_phase) return Replay(transactions_.CommittedAtOnce(name), commit_time_us);
  transactions_.Prepared(name);
  return Step::kEnds;
}

base::StatusOr<XaFollower::Step> XaFollower::TakeStatement(const XaStatement& statement,
                                                           XaPlace group, int64_t commit_time_us) {
  switch (statement.verb) {
    case XaStatement::Verb::kStart:
      BeginGroup(std::move(group));
      return Step::kGoesOn;
    case XaStatement::Verb::kEnd:
      return Step::kGoesOn;
    case XaStatement::Verb::kRollback:
      transactions_.Take(statement.name);
      return Step::kEnds;
    case XaStatement::Verb::kCommit:
      break;
  }
  std::optional<XaChanges> changes = transactions_.Take(statement.name);
  if (changes) return Replay(*std::move(changes), commit_time_us);
  // Before the copies' tokens it may be of a transaction that was prepared before the log was read.
  if (!follower_.follows_any()) return Step::kEnds;
  return base::FailedPrecondition(
      "the source commits an XA transaction ({}) that was prepared before the task's log begins; "
      "its changes are not known: copy anew with `godwit run --restart`",
      statement.name);
}

base::StatusOr<XaFollower::Step> XaFollower::Replay(XaChanges changes, int64_t commit_time_us) {
  auto replay = std::make_unique<XaReplay>(server_, std::move(changes), commit_time_us);
  {
    const std::lock_guard lock(mutex_);
    if (cancelled_) return base::Cancelled("source: reading was cancelled");
    replay_ = std::move(replay);
  }
  // Under the stream's id the server would end the stream.
  if (base::Status begun = replay_->Begin(server_id_ ^ 2); !begun.ok()) {
    EndReplay();
    return begun;
  }
  return Step::kReplays;
}

void XaFollower::EndReplay() {
  const std::lock_guard lock(mutex_);
  replay_.reset();
}

void XaFollower::Cancel() {
  const std::lock_guard lock(mutex_);
  cancelled_ = true;
  if (replay_ != nullptr) replay_->Cancel();
}

}  // namespace godwit::connectors::mysql
