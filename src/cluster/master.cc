#include "cluster/master.h"

namespace godwit::cluster {
namespace {

int64_t UnixMicros() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace

Master::Master(store::Store& store, LeaderRecord self, const std::string& version,
               std::chrono::seconds ttl, OnChange on_change)
    : duties_(Candidate(std::move(self), version, ttl, UnixMicros)),
      on_change_(std::move(on_change)),
      driver_(store, *this) {}

void Master::Leave() {
  driver_.Post([this](const View&) {
    if (is_leaving_) return;
    is_leaving_ = true;
    resignation_ = duties_.Resign();
    resigning_ = static_cast<int>(resignation_.size());
  });
}

base::Status Master::Ask(MasterDuties::Operation operation) {
  struct Answer {
    std::promise<base::Status> status;
    bool is_given = false;
    ~Answer() {
      if (!is_given) status.set_value(base::Unavailable("this master is about to end"));
    }
  };
  const auto answer = std::make_shared<Answer>();
  std::future<base::Status> status = answer->status.get_future();
  driver_.Post([this, answer, operation = std::move(operation)](const View&) {
    duties_.Ask(operation, [answer](base::Status given) {
      answer->is_given = true;
      answer->status.set_value(std::move(given));
    });
  });
  return status.get();
}

std::vector<Request> Master::Poll(Time now, const View& view) {
  std::vector<Request> requests = duties_.Poll(now, view);
  for (Request& request : std::exchange(resignation_, {})) requests.push_back(std::move(request));
  return requests;
}

void Master::OnAnswer(const Request& request, const Answer& answer, Time now) {
  if (is_leaving_ && request.kind == Request::Kind::kRevoke) --resigning_;
  duties_.OnAnswer(request, answer, now);
}

Time Master::NextWake(Time now) const { return is_leaving_ ? Time::max() : duties_.NextWake(now); }

bool Master::HasEnded() const { return is_leaving_ && resigning_ <= 0 && duties_.IsIdle(); }

void Master::OnChanges(const View& view, const std::vector<store::Watch::Change>& changes) {
  if (on_change_) on_change_(view, changes);
}

}  // namespace godwit::cluster
