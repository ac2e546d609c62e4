#include "store/etcd_watch.h"

#include "store/etcd_status.h"

namespace godwit::store {

EtcdWatch::EtcdWatch(size_t root_size, std::string begin, std::string end, Revision after)
    : root_size_(root_size), begin_(std::move(begin)), end_(std::move(end)), revision_(after) {
  // The member is to end the watch when it has lost the others, who may go on without it.
  context_.AddMetadata("hasleader", "true");
}

EtcdWatch::~EtcdWatch() {
  context_.TryCancel();
  queue_.Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (queue_.Next(&tag, &ok)) {
  }
}

grpc::Status EtcdWatch::Start(EtcdMembers::Member& member, const std::string& token,
                              gpr_timespec deadline) {
  address_ = member.endpoint.address;
  if (!token.empty()) context_.AddMetadata("token", token);
  api::WatchRequest request;
  request.mutable_create_request()->set_key(begin_);
  request.mutable_create_request()->set_range_end(end_);
  request.mutable_create_request()->set_start_revision(revision_ + 1);
  stream_ = member.watch->AsyncWatch(&context_, &queue_, this);
  Outcome outcome = Await(deadline);
  if (outcome == Outcome::kDone) {
    stream_->Write(request, this);
    outcome = Await(deadline);
  }
  if (outcome == Outcome::kDone) {
    Read();
    outcome = Await(deadline);
  }
  if (outcome == Outcome::kFailed) return Finish();
  if (outcome == Outcome::kLate) {
    return {grpc::DEADLINE_EXCEEDED, "it has not begun to watch in time"};
  }
  if (!response_.created() || response_.canceled()) {
    return WatchRefused(response_.cancel_reason());
  }
  Read();
  return grpc::Status::OK;
}

base::StatusOr<std::vector<Watch::Change>> EtcdWatch::Next(std::chrono::milliseconds timeout) {
  const gpr_timespec deadline = Within(timeout);
  while (true) {
    if (is_cancelled_) return base::Cancelled("the watch was cancelled");
    GODWIT_RETURN_IF_ERROR(ended_);
    const Outcome outcome = Await(deadline);
    if (outcome == Outcome::kLate) return std::vector<Change>();
    if (outcome == Outcome::kFailed) {
      const grpc::Status why = Finish();
      if (is_cancelled_) continue;
      ended_ = why.ok() ? base::Unavailable("etcd at {}: has ended the watch", address_)
                        : ToStatus(why, address_);
      continue;
    }
    auto changes = Take();
    ended_ = changes.status();
    if (!changes.ok()) continue;
    Read();
    if (!changes->empty()) return changes;
  }
}

void EtcdWatch::Cancel() {
  is_cancelled_ = true;
  context_.TryCancel();
}

EtcdWatch::Outcome EtcdWatch::Await(gpr_timespec deadline) {
  void* tag = nullptr;
  bool ok = false;
  if (queue_.AsyncNext(&tag, &ok, deadline) != grpc::CompletionQueue::GOT_EVENT) {
    return Outcome::kLate;
  }
  return ok ? Outcome::kDone : Outcome::kFailed;
}

grpc::Status EtcdWatch::Finish() {
  grpc::Status status;
  stream_->Finish(&status, this);
  Await(gpr_inf_future(GPR_CLOCK_MONOTONIC));
  return status;
}

base::StatusOr<std::vector<Watch::Change>> EtcdWatch::Take() {
  if (response_.compact_revision() != 0) {
    return base::MakeStatus(base::StatusCode::kOutOfRange,
                            "etcd at {}: changes after revision {} are kept only from {} on: read "
                            "all anew",
                            address_, revision_, response_.compact_revision());
  }
  if (response_.canceled()) {
    return base::Unavailable("etcd at {}: has ended the watch: {}", address_,
                             response_.cancel_reason());
  }
  std::vector<Change> changes;
  for (api::Event& event : *response_.mutable_events()) {
    api::KeyValue& of = *event.mutable_kv();
    changes.push_back({{of.key().substr(root_size_), std::move(*of.mutable_value()),
                        of.mod_revision(), of.lease()},
                       event.type() == api::Event::DELETE});
    revision_ = of.mod_revision();
  }
  return changes;
}

}  // namespace godwit::store
