#pragma once

#include <etcd.grpc.pb.h>
#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "store/etcd_credentials.h"

namespace godwit::store {

namespace api = etcdserverpb;

// A deadline of gRPC's that is no time of day, which may be set.
gpr_timespec Within(std::chrono::milliseconds time);

// The members of an etcd cluster, one of which is asked until it fails. Thread-safe.
class EtcdMembers {
 public:
  struct Member {
    EtcdEndpoint endpoint;
    std::shared_ptr<grpc::Channel> channel;
    std::unique_ptr<api::KV::Stub> kv;
    std::unique_ptr<api::Watch::Stub> watch;
    std::unique_ptr<api::Lease::Stub> lease;
    std::unique_ptr<api::Auth::Stub> auth;
    std::unique_ptr<api::Cluster::Stub> cluster;
    std::unique_ptr<api::Maintenance::Stub> maintenance;
  };
  // Asks a member something; the context has the deadline.
  using Question = std::function<grpc::Status(Member&, grpc::ClientContext&)>;

  static base::StatusOr<std::unique_ptr<EtcdMembers>> Make(const EtcdOptions& options);

  // Asks members, one after the other, until one answers.
  base::Status Ask(const Question& question);
  // Asks once, of a member that there is a connection to: for what must not be done twice.
  base::Status AskOnce(const Question& question);

  // What a question with a context of its own has to bring to be let in; empty: nothing.
  std::string token() const;

 private:
  using Time = std::chrono::steady_clock::time_point;

  explicit EtcdMembers(const EtcdOptions& options)
      : timeout_(options.timeout),
        tls_(options.tls),
        user_(options.user),
        password_(options.password) {}
  // The one that is asked, or the next that there is a connection to.
  base::StatusOr<Member*> Pick(Time until);
  // Why there is a connection to none.
  base::Status NoConnection();
  base::Status AskOneUntil(const Question& question, Time until);
  // The token that we have, or one that the member gives us.
  grpc::Status LogIn(Member& member, Time until, std::string& token);
  void ForgetToken(const std::string& token);

  const std::chrono::milliseconds timeout_;
  const EtcdTls tls_;
  const std::string user_, password_;
  std::vector<std::unique_ptr<Member>> members_;
  mutable std::mutex mutex_;
  size_t asked_ = 0;
  // That any member takes until it ends, or etcd is started again. Empty: etcd has no users yet.
  std::optional<std::string> token_;
};

}  // namespace godwit::store
