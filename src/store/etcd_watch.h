#pragma once

#include <atomic>

#include "store/etcd_members.h"

namespace godwit::store {

// A watch on a stream of its own from one member.
class EtcdWatch : public Watch {
 public:
  // Of keys from `begin` on before `end`, whose root is taken away.
  EtcdWatch(size_t root_size, std::string begin, std::string end, Revision after);
  ~EtcdWatch() override;

  // Asks the member, once, and waits until it says that it watches. `token` is the members'.
  grpc::Status Start(EtcdMembers::Member& member, const std::string& token, gpr_timespec deadline);

  base::StatusOr<std::vector<Change>> Next(std::chrono::milliseconds timeout) override;
  Revision revision() const override { return revision_; }
  void Cancel() override;

 private:
  // What has been begun on the stream: done, failed, or not yet in time.
  enum class Outcome : uint8_t { kDone, kFailed, kLate };
  Outcome Await(gpr_timespec deadline);
  // Why the stream has ended.
  grpc::Status Finish();
  void Read() { stream_->Read(&response_, this); }
  // What the response tells of.
  base::StatusOr<std::vector<Change>> Take();

  const size_t root_size_;
  const std::string begin_, end_;
  Revision revision_;
  base::Status ended_;  // not OK: why it is of no use any more
  std::string address_;
  std::atomic<bool> is_cancelled_ = false;
  // In this order: what is below uses what is above.
  grpc::CompletionQueue queue_;
  grpc::ClientContext context_;
  api::WatchResponse response_;
  std::unique_ptr<grpc::ClientAsyncReaderWriter<api::WatchRequest, api::WatchResponse>> stream_;
};

}  // namespace godwit::store
