#include "store/etcd_members.h"

#include <grpc/support/log.h>

#include <algorithm>
#include <thread>

#include "base/log.h"
#include "store/etcd_status.h"

namespace godwit::store {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kPause(20);

milliseconds Until(steady_clock::time_point time) {
  return std::max(std::chrono::ceil<milliseconds>(time - steady_clock::now()), milliseconds(0));
}

grpc::ChannelArguments ChannelSettings(milliseconds ping) {
  grpc::ChannelArguments settings;
  settings.SetMaxReceiveMessageSize(-1);  // the changes of a transaction come in one
  // A member that has come back is found soon.
  settings.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  settings.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1000);
  settings.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 2000);  // how long an attempt may take
  // A watch sees by it that its member has frozen.
  settings.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, static_cast<int>(ping.count()));
  settings.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, static_cast<int>(ping.count() / 3));
  settings.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);  // no limit
  settings.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return settings;
}

// gRPC tells of each attempt to connect that fails; who needs it is told by the status.
void LogOfGrpc(gpr_log_func_args* line) {
  spdlog::debug("gRPC: {} ({}:{})", line->message, line->file, line->line);
}

}  // namespace

gpr_timespec Within(milliseconds time) {
  return gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                      gpr_time_from_millis(time.count(), GPR_TIMESPAN));
}

base::StatusOr<std::unique_ptr<EtcdMembers>> EtcdMembers::Make(const EtcdOptions& options) {
  if (options.endpoints.empty()) return base::InvalidArgument("no etcd endpoint is given");
  GODWIT_ASSIGN_OR_RETURN(const auto tls, MakeTlsCredentials(options.tls));
  const bool has_files = !options.tls.ca.empty() || !options.tls.cert.empty();
  gpr_set_log_function(LogOfGrpc);
  std::unique_ptr<EtcdMembers> members(new EtcdMembers(options));
  for (const std::string& url : options.endpoints) {
    auto member = std::make_unique<Member>();
    GODWIT_ASSIGN_OR_RETURN(member->endpoint, ParseEtcdEndpoint(url));
    const EtcdEndpoint& endpoint = member->endpoint;
    if (has_files && !endpoint.is_secure) {
      return base::InvalidArgument(
          "etcd endpoint {}: certificates are given, but only https://{} would be encrypted", url,
          endpoint.address);
    }
    member->channel = grpc::CreateCustomChannel(
        endpoint.address, endpoint.is_secure ? tls : grpc::InsecureChannelCredentials(),
        ChannelSettings(options.ping));
    member->kv = api::KV::NewStub(member->channel);
    member->watch = api::Watch::NewStub(member->channel);
    member->lease = api::Lease::NewStub(member->channel);
    member->auth = api::Auth::NewStub(member->channel);
    member->cluster = api::Cluster::NewStub(member->channel);
    member->maintenance = api::Maintenance::NewStub(member->channel);
    members->members_.push_back(std::move(member));
  }
  return members;
}

base::Status EtcdMembers::Ask(const Question& question) {
  const Time until = steady_clock::now() + timeout_;
  // Time is left for another where one is frozen.
  const milliseconds each = members_.size() > 1 ? timeout_ / 3 : timeout_;
  while (true) {
    base::Status status = AskOneUntil(question, std::min(until, steady_clock::now() + each));
    if (!absl::IsUnavailable(status) || steady_clock::now() + kPause >= until) return status;
    std::this_thread::sleep_for(kPause);
  }
}

base::Status EtcdMembers::AskOnce(const Question& question) {
  return AskOneUntil(question, steady_clock::now() + timeout_);
}

base::Status EtcdMembers::AskOneUntil(const Question& question, Time until) {
  GODWIT_ASSIGN_OR_RETURN(Member * member, Pick(until));
  grpc::Status answer;
  for (int tries = 0; tries < 2; ++tries) {
    std::string used;
    answer = LogIn(*member, until, used);
    if (!answer.ok()) break;
    grpc::ClientContext context;
    context.set_deadline(Within(Until(until)));
    if (!used.empty()) context.AddMetadata("token", used);
    answer = question(*member, context);
    // Tokens end, and are gone when a member has been started again. Nothing has been done.
    if (user_.empty() || !IsTokenRefused(answer)) break;
    ForgetToken(used);
  }
  const base::Status status = ToStatus(answer, member->endpoint.address);
  if (absl::IsUnavailable(status)) {
    std::lock_guard lock(mutex_);
    if (members_[asked_].get() == member) asked_ = (asked_ + 1) % members_.size();
  }
  return status;
}

std::string EtcdMembers::token() const {
  std::lock_guard lock(mutex_);
  return token_.value_or("");
}

void EtcdMembers::ForgetToken(const std::string& token) {
  std::lock_guard lock(mutex_);
  if (token_ == token) token_.reset();  // and not the one that another has got meanwhile
}

grpc::Status EtcdMembers::LogIn(Member& member, Time until, std::string& token) {
  if (user_.empty()) return grpc::Status::OK;
  {
    std::lock_guard lock(mutex_);
    if (token_) {
      token = *token_;
      return grpc::Status::OK;
    }
  }
  api::AuthenticateRequest request;
  request.set_name(user_);
  request.set_password(password_);
  api::AuthenticateResponse response;
  grpc::ClientContext context;
  context.set_deadline(Within(Until(until)));
  const grpc::Status answer = member.auth->Authenticate(&context, request, &response);
  if (!answer.ok() && !IsWithoutUsers(answer)) return answer;
  token = response.token();
  std::lock_guard lock(mutex_);
  token_ = token;
  return grpc::Status::OK;
}

base::StatusOr<EtcdMembers::Member*> EtcdMembers::Pick(Time until) {
  while (true) {
    Member* first = nullptr;
    {
      std::lock_guard lock(mutex_);
      for (size_t i = 0; i < members_.size(); ++i) {
        const size_t number = (asked_ + i) % members_.size();
        Member& member = *members_[number];
        if (member.channel->GetState(true) == GRPC_CHANNEL_READY) {
          asked_ = number;
          return &member;
        }
        if (i == 0) first = &member;
      }
    }
    if (steady_clock::now() >= until) break;
    // gRPC connects, to any, only while somebody waits.
    first->channel->WaitForStateChange(first->channel->GetState(false),
                                       Within(std::min(kPause, Until(until))));
  }
  return NoConnection();
}

base::Status EtcdMembers::NoConnection() {
  std::vector<std::string> reasons;
  bool is_fault = true;
  for (const auto& member : members_) {
    // A channel that has failed to connect says why to who asks.
    grpc::ClientContext context;
    context.set_deadline(Within(kPause));
    api::RangeResponse response;
    const base::Status why =
        WhyNotConnected(member->kv->Range(&context, {}, &response), member->endpoint, tls_);
    is_fault = is_fault && absl::IsFailedPrecondition(why);
    reasons.emplace_back(why.message());
  }
  return base::MakeStatus(
      is_fault ? base::StatusCode::kFailedPrecondition : base::StatusCode::kUnavailable,
      "etcd: no connection within {} ms: {}", timeout_.count(), fmt::join(reasons, "; "));
}

}  // namespace godwit::store
