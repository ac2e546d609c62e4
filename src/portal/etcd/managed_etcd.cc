#include "portal/etcd/managed_etcd.h"

#include <unistd.h>

#include <set>

#include "base/backoff.h"
#include "cluster/keys.h"
#include "portal/etcd/pause.h"

namespace godwit::portal {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kBetweenLooks(100);  // at the process
constexpr milliseconds kAnswerTime(1000);
constexpr milliseconds kBetweenAsks(300);    // until it answers
constexpr milliseconds kBetweenCares(2000);  // from then on
constexpr milliseconds kMakingRoom(60000), kBetweenAlarms(30000);
constexpr milliseconds kFirstWait(500), kLongestWait(30000);
constexpr milliseconds kGrace(10000);
constexpr std::chrono::hours kNever(24 * 365);  // does it give up, once it has answered
constexpr int kMostFailures = 3;

// This master's own member alone.
store::EtcdOptions BesideUs(const ManagedEtcdOptions& options, milliseconds timeout) {
  store::EtcdOptions own = EndpointsOf(options);
  own.endpoints.resize(1);
  own.timeout = timeout;
  return own;
}

base::Status MakeRoom(const ManagedEtcdOptions& options) {
  GODWIT_ASSIGN_OR_RETURN(const auto patient,
                          store::EtcdOperator::Open(BesideUs(options, kMakingRoom)));
  return patient->MakeRoom();
}

}  // namespace

base::StatusOr<std::unique_ptr<ManagedEtcd>> ManagedEtcd::Start(ManagedEtcdOptions options,
                                                                std::function<void()> on_failure) {
  GODWIT_RETURN_IF_ERROR(CheckManagedEtcd(options));
  GODWIT_ASSIGN_OR_RETURN(std::string program, FindEtcd(options.binary));
  const store::EtcdOptions own = BesideUs(options, kAnswerTime);
  GODWIT_ASSIGN_OR_RETURN(auto asked, store::EtcdStore::Open(own));
  GODWIT_ASSIGN_OR_RETURN(auto operated, store::EtcdOperator::Open(own));
  GODWIT_ASSIGN_OR_RETURN(DataFolder folder, DataFolder::Take(options.data_dir, options.name));
  return std::unique_ptr<ManagedEtcd>(new ManagedEtcd(std::move(options), std::move(program),
                                                      std::move(folder), std::move(asked),
                                                      std::move(operated), std::move(on_failure)));
}

ManagedEtcd::ManagedEtcd(ManagedEtcdOptions options, std::string program, DataFolder folder,
                         std::unique_ptr<store::EtcdStore> own,
                         std::unique_ptr<store::EtcdOperator> operated,
                         std::function<void()> on_failure)
    : options_(std::move(options)),
      program_(std::move(program)),
      folder_(std::move(folder)),
      own_(std::move(own)),
      operator_(std::move(operated)),
      on_failure_(std::move(on_failure)),
      thread_([this](const std::stop_token& stop) { Run(stop); }) {}

base::Status ManagedEtcd::Failure() const {
  std::lock_guard lock(mutex_);
  return failure_;
}

void ManagedEtcd::Run(const std::stop_token& stop) {
  base::Backoff waits(kNever, kFirstWait, kLongestWait);
  for (int failures = 1;; ++failures) {
    const base::Status ended = Live(stop);
    if (stop.stop_requested()) return;
    if (answers_) waits.Succeeded();
    if (!has_answered_ && failures == kMostFailures) {
      {
        std::lock_guard lock(mutex_);
        failure_ = ended;
      }
      return on_failure_();
    }
    const milliseconds wait = *waits.Next();
    spdlog::error("{} (it is started again in {:.1f} s; all that it has said is in {})",
                  ended.message(), std::chrono::duration<double>(wait).count(), folder_.log_path());
    Pause(stop, wait);
  }
}

base::Status ManagedEtcd::Live(const std::stop_token& stop) {
  answers_ = false;
  EtcdBeginning beginning = NewCluster(options_);  // which etcd passes over where there are data
  GODWIT_ASSIGN_OR_RETURN(const bool has_data, folder_.HasData());
  if (!has_data) {
    GODWIT_ASSIGN_OR_RETURN(beginning, Joining(options_).Wait(stop));
  }
  GODWIT_ASSIGN_OR_RETURN(ChildProcess process, StartProcess(beginning));
  next_look_ = steady_clock::now();
  while (!stop.stop_requested()) {
    if (const std::optional<std::string> end = process.TakeEnd()) {
      return base::FailedPrecondition("etcd has ended {}: {}", *end, folder_.LastWords());
    }
    if (steady_clock::now() >= next_look_) Watch();
    Pause(stop, kBetweenLooks);
  }
  if (!process.End(kGrace)) {
    spdlog::warn("etcd did not end within {} s and was killed, which does its data no harm",
                 kGrace.count() / 1000);
  }
  return base::OkStatus();
}

base::StatusOr<ChildProcess> ManagedEtcd::StartProcess(const EtcdBeginning& beginning) {
  std::vector<std::string> words = EtcdFlags(options_, folder_.etcd_path(), beginning);
  std::vector<std::string> environment = EtcdEnvironment(environ, words);
  // It was meant once: later it would have the member forget those that have joined it since.
  if (has_answered_) {
    std::erase_if(environment, [](const std::string& variable) {
      return variable.starts_with("ETCD_FORCE_NEW_CLUSTER=");
    });
  }
  words.insert(words.begin(), program_);
  folder_.MarkLog();
  GODWIT_ASSIGN_OR_RETURN(ChildProcess process,
                          ChildProcess::Start({.words = std::move(words),
                                               .environment = std::move(environment),
                                               .output = folder_.log(),
                                               .kept = folder_.lock()}));
  spdlog::info("etcd is started as process {}, with its data in {}", process.pid(), folder_.path());
  return process;
}

void ManagedEtcd::Watch() {
  folder_.KeepLogSmall();
  if (answers_) {
    LookAtAlarms();
  } else if (Answers()) {
    answers_ = has_answered_ = true;
    spdlog::info("etcd answers at {}", ClientUrl(options_.Self(), options_.IsSecure()));
    CompareMembers();
    LookAtAlarms();
  } else {
    TellWhatIsMissing();
  }
  next_look_ = steady_clock::now() + (answers_ ? kBetweenCares : kBetweenAsks);
}

bool ManagedEtcd::Answers() {
  const base::Status status = own_->Get(cluster::kLeaderKey).status();
  if (status.ok()) return true;
  if (!absl::IsUnavailable(status)) progress_.Tell(std::string(status.message()));
  return false;
}

void ManagedEtcd::TellWhatIsMissing() {
  std::vector<std::string> missing;
  const std::vector<EtcdPeer> others = options_.Others();
  for (const EtcdPeer& peer : others) {
    const Sight sight = LookAt(peer, options_);
    if (sight.kind == Sight::Kind::kRuns) continue;
    const bool waits = sight.kind == Sight::Kind::kWaits;
    missing.push_back(fmt::format("{} ({})", peer.name, waits ? "it waits, too" : sight.problem));
  }
  if (missing.empty()) return;
  progress_.Tell(fmt::format("etcd waits for {} of {} other members: {}", missing.size(),
                             others.size(), fmt::join(missing, "; ")));
}

void ManagedEtcd::CompareMembers() {
  const auto members = operator_->Members();
  if (!members.ok()) return;
  std::set<std::string> urls, expected;
  for (const store::EtcdMember& member : *members) {
    urls.insert(member.peer_urls.begin(), member.peer_urls.end());
  }
  for (const EtcdPeer& peer : options_.peers) {
    expected.insert(PeerUrl(peer, options_.IsSecure()));
  }
  if (urls == expected) return;
  spdlog::warn(
      "etcd's members are {}, and --peers says {}. What etcd has goes: correct --peers, or change "
      "the members by etcdctl member add, remove or update",
      fmt::join(urls, ", "), fmt::join(expected, ", "));
}

void ManagedEtcd::LookAtAlarms() {
  const auto alarms = operator_->GetAlarms();
  if (!alarms.ok()) return;
  const auto now = steady_clock::now();
  if ((!alarms->is_full && !alarms->is_corrupt) || now < next_alarm_) return;
  next_alarm_ = now + kBetweenAlarms;
  if (alarms->is_corrupt) {
    spdlog::error(
        "etcd says that its members have different data (alarm CORRUPT), and takes no writes: end "
        "the master whose etcd has the wrong ones, move the folder etcd in its --data-dir away, "
        "start it again, and disarm the alarm (etcdctl alarm disarm)");
  }
  if (!alarms->is_full) return;
  spdlog::error(
      "etcd has no room left (alarm NOSPACE) and takes no writes: its history is dropped");
  const base::Status made = MakeRoom(options_);
  if (made.ok()) {
    spdlog::info("etcd has made room and takes writes again");
  } else {
    spdlog::error("etcd cannot make room: {}; give it more by ETCD_QUOTA_BACKEND_BYTES",
                  made.message());
  }
}

}  // namespace godwit::portal
