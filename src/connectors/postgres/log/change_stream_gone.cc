// Whether the tables are still there, and in the publication, which the log does not say.
#include <algorithm>
#include <utility>

#include "connectors/postgres/log/change_stream.h"
#include "connectors/postgres/log/log_hold.h"

namespace godwit::connectors::postgres {
namespace {

constexpr std::chrono::seconds kLookPeriod(10);

}  // namespace

base::Status SlotStream::ExpectStillPublished() {
  return asking_.With([&](Connection& connection) {
    return ExpectPublished(connection, hold_, tables_.Numbers());
  });
}

base::Status SlotStream::ExpectNoMoreLeaves() {
  return asking_.With([&](Connection& connection) {
    return connection.by_leaf() ? ExpectLeavesPublished(connection, hold_, filter_)
                                : base::OkStatus();
  });
}

base::Status SlotStream::LookForGone(model::ChangeBatch& batch) {
  const auto now = Clock::now();
  if (in_transaction_ || now - looked_at_ < kLookPeriod) return base::OkStatus();
  looked_at_ = now;
  if (captured_ != nullptr) GODWIT_RETURN_IF_ERROR(captured_->ExpectInstalled());
  // What is published, with its names, is as it was at the last look: so are the task's tables.
  if (captured_ == nullptr) GODWIT_RETURN_IF_ERROR(ExpectNoMoreLeaves());
  GODWIT_ASSIGN_OR_RETURN(std::string published, asking_.With([&](Connection& connection) {
    return DigestOfPublished(connection, hold_);
  }));
  if (published == seen_published_) return base::OkStatus();
  GODWIT_RETURN_IF_ERROR(ExpectStillPublished());
  if (captured_ == nullptr) GODWIT_RETURN_IF_ERROR(TellGone(batch));
  seen_published_ = std::move(published);
  return base::OkStatus();
}

base::Status SlotStream::TellGone(model::ChangeBatch& batch) {
  GODWIT_ASSIGN_OR_RETURN(const std::vector<Definition> gone, follower_.FindGone(tables_));
  for (const Definition& table : gone) {
    auto ddl = std::make_shared<const model::DdlChange>(DropTable(table));
    GODWIT_RETURN_IF_ERROR(tables_.Redefine(*ddl, told_));
    model::ChangeEvent& event = batch.events.emplace_back();
    event.kind = model::ChangeKind::kDdl;
    event.position = LogPosition{told_, std::nullopt}.ToPosition();
    event.ddl = std::move(ddl);
  }
  return base::OkStatus();
}

}  // namespace godwit::connectors::postgres
