#pragma once

#include <etcd.grpc.pb.h>
#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <mutex>

#include "store/etcd_store.h"

namespace godwit::store {

namespace api = etcdserverpb;

// A deadline of gRPC's that is no time of day, which may be set.
gpr_timespec Within(std::chrono::milliseconds time);

// The members of an etcd cluster, one of which is asked until it fails. Thread-safe.
class EtcdMembers {
 public:
  struct Member {
    std::string address;
    std::shared_ptr<grpc::Channel> channel;
    std::unique_ptr<api::KV::Stub> kv;
    std::unique_ptr<api::Watch::Stub> watch;
    std::unique_ptr<api::Lease::Stub> lease;
  };
  // Asks a member something; the context has the deadline.
  using Question = std::function<grpc::Status(Member&, grpc::ClientContext&)>;

  static base::StatusOr<std::unique_ptr<EtcdMembers>> Make(const EtcdOptions& options);

  // Asks members, one after the other, until one answers.
  base::Status Ask(const Question& question);
  // Asks once, of a member that there is a connection to: for what must not be done twice.
  base::Status AskOnce(const Question& question);

  // By what etcd's codes say, those of gRPC itself included.
  static base::Status ToStatus(const grpc::Status& status, const std::string& address);

 private:
  using Time = std::chrono::steady_clock::time_point;

  explicit EtcdMembers(std::chrono::milliseconds timeout) : timeout_(timeout) {}
  // The one that is asked, or the next that there is a connection to.
  base::StatusOr<Member*> Pick(Time until);
  base::Status AskOneUntil(const Question& question, Time until);

  const std::chrono::milliseconds timeout_;
  std::vector<std::unique_ptr<Member>> members_;
  std::mutex mutex_;
  size_t asked_ = 0;
};

}  // namespace godwit::store
