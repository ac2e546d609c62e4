#include "store/etcd_members.h"

#include <algorithm>
#include <thread>

#include "base/text.h"

namespace godwit::store {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kPause(20);

milliseconds Until(steady_clock::time_point time) {
  return std::max(std::chrono::ceil<milliseconds>(time - steady_clock::now()), milliseconds(0));
}

base::StatusOr<std::string> AddressOf(std::string_view endpoint) {
  constexpr std::string_view kScheme = "http://";
  std::string_view address = endpoint;
  if (address.starts_with(kScheme)) address.remove_prefix(kScheme.size());
  if (address.ends_with('/')) address.remove_suffix(1);
  const size_t colon = address.rfind(':');
  if (colon == std::string_view::npos || colon == 0 ||
      address.find('/') != std::string_view::npos ||
      !base::ParseInteger<uint16_t>(address.substr(colon + 1))) {
    return base::InvalidArgument("etcd endpoint {}: has to be http://HOST:PORT", endpoint);
  }
  return std::string(address);
}

grpc::ChannelArguments ChannelSettings() {
  grpc::ChannelArguments settings;
  settings.SetMaxReceiveMessageSize(-1);  // the changes of a transaction come in one
  // A member that has come back is found soon.
  settings.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  settings.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1000);
  settings.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 2000);  // how long an attempt may take
  // A watch sees by it that its member has frozen. etcd ends connections that ask more often than
  // every five seconds.
  settings.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 6000);
  settings.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 2000);
  settings.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);  // no limit
  settings.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return settings;
}

}  // namespace

gpr_timespec Within(milliseconds time) {
  return gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                      gpr_time_from_millis(time.count(), GPR_TIMESPAN));
}

base::StatusOr<std::unique_ptr<EtcdMembers>> EtcdMembers::Make(const EtcdOptions& options) {
  if (options.endpoints.empty()) return base::InvalidArgument("no etcd endpoint is given");
  std::unique_ptr<EtcdMembers> members(new EtcdMembers(options.timeout));
  for (const std::string& endpoint : options.endpoints) {
    auto member = std::make_unique<Member>();
    GODWIT_ASSIGN_OR_RETURN(member->address, AddressOf(endpoint));
    member->channel = grpc::CreateCustomChannel(member->address, grpc::InsecureChannelCredentials(),
                                                ChannelSettings());
    member->kv = api::KV::NewStub(member->channel);
    member->watch = api::Watch::NewStub(member->channel);
    member->lease = api::Lease::NewStub(member->channel);
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
  grpc::ClientContext context;
  context.set_deadline(Within(Until(until)));
  base::Status status = ToStatus(question(*member, context), member->address);
  if (absl::IsUnavailable(status)) {
    std::lock_guard lock(mutex_);
    if (members_[asked_].get() == member) asked_ = (asked_ + 1) % members_.size();
  }
  return status;
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
  std::vector<std::string_view> addresses;
  for (const auto& member : members_) addresses.push_back(member->address);
  return base::Unavailable("etcd: no connection to {} within {} ms", fmt::join(addresses, ", "),
                           timeout_.count());
}

base::Status EtcdMembers::ToStatus(const grpc::Status& status, const std::string& address) {
  const std::string text = fmt::format("etcd at {}: {} (code {})", address, status.error_message(),
                                       static_cast<int>(status.error_code()));
  switch (status.error_code()) {
    case grpc::OK:
      return base::OkStatus();
    case grpc::NOT_FOUND:
      return base::NotFound("{}", text);
    case grpc::INVALID_ARGUMENT:
      return base::InvalidArgument("{}", text);
    case grpc::OUT_OF_RANGE:
      return base::MakeStatus(base::StatusCode::kOutOfRange, "{}", text);
    case grpc::DATA_LOSS:
      return base::DataLoss("{}", text);
    case grpc::FAILED_PRECONDITION:
    case grpc::PERMISSION_DENIED:
    case grpc::UNAUTHENTICATED:
    case grpc::UNIMPLEMENTED:
      return base::FailedPrecondition("{}", text);
    case grpc::RESOURCE_EXHAUSTED:
      if (status.error_message().find("space exceeded") != std::string::npos) {
        return base::FailedPrecondition(
            "{}; etcd takes no writes until its history is compacted, its database defragmented "
            "and its alarm disarmed (etcdctl), or it is given more room (--quota-backend-bytes)",
            text);
      }
      return base::Unavailable("{}", text);
    default:  // away, late, stopping: nothing is known of what was asked
      return base::Unavailable("{}", text);
  }
}

}  // namespace godwit::store
