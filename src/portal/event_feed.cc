#include "portal/event_feed.h"

#include <algorithm>
#include <chrono>
#include <memory>

#include "base/text.h"
#include "portal/api.h"
#include "portal/api_error.h"

namespace godwit::portal {
namespace {

constexpr size_t kMostEvents = 10000;
constexpr int kMostListeners = 16;  // each holds a thread of the server's
constexpr std::chrono::seconds kWait(1);

std::string_view NameOf(cluster::Key::Kind kind) {
  using Kind = cluster::Key::Kind;
  switch (kind) {
    case Kind::kLeader:
      return "leader";
    case Kind::kMaster:
      return "master";
    case Kind::kSource:
      return "source";
    case Kind::kTask:
      return "task";
    case Kind::kSubtask:
      return "subtask";
    case Kind::kRelayStage:
      return "relay-stage";
    case Kind::kSubtaskStage:
      return "stage";
    case Kind::kWorker:
      return "worker";
    case Kind::kAlive:
      return "alive";
    case Kind::kBound:
      return "bound";
    case Kind::kHeld:
      return "held";
    case Kind::kState:
      return "state";
    default:
      return "";
  }
}

// The value without what is too large, or not to be shown.
Json Shown(const std::string& value) {
  Json json = Json::parse(value, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return nullptr;
  json.erase("config");
  json.erase("status");
  return json;
}

std::string Text(std::string_view event, const Json& data) {
  return fmt::format("event: {}\ndata: {}\n\n", event, Dump(data));
}

std::string IdOf(store::Revision revision) { return fmt::format("id: {}\n", revision); }

}  // namespace

void EventFeed::OnChanges(const cluster::View& view,
                          const std::vector<store::Watch::Change>& changes) {
  std::lock_guard lock(mutex_);
  seen_ = view.revision();
  // Read anew: what has happened in between is not known.
  if (changes.empty()) {
    events_.clear();
    forgotten_ = seen_;
  }
  for (const store::Watch::Change& change : changes) {
    const cluster::Key key = cluster::ParseKey(change.entry.key);
    const std::string_view kind = NameOf(key.kind);
    if (kind.empty()) continue;
    const Json data = {{"kind", kind},
                       {"key", change.entry.key},
                       {"name", key.name},
                       {"task", key.task.empty() ? Json(nullptr) : Json(key.task)},
                       {"gone", change.is_gone},
                       {"value", change.is_gone ? Json(nullptr) : Shown(change.entry.value)}};
    events_.push_back({seen_, Text(kind, data)});
  }
  // With the last of them: who has not got that one gets all of them again.
  if (!events_.empty() && events_.back().revision == seen_) {
    events_.back().text.insert(0, IdOf(seen_));
  }
  while (events_.size() > kMostEvents) {
    forgotten_ = events_.front().revision;
    events_.pop_front();
  }
  came_.notify_all();
}

void EventFeed::Take(store::Revision& after, std::string& piece) {
  std::unique_lock lock(mutex_);
  came_.wait_for(lock, kWait, [&] {
    return after < forgotten_ || (!events_.empty() && events_.back().revision > after);
  });
  if (after < forgotten_) {
    after = forgotten_;
    piece += IdOf(after) + Text("missed", {{"kind", "missed"}});
  }
  auto event = std::ranges::partition_point(
      events_, [&](const Event& one) { return one.revision <= after; });
  for (; event != events_.end(); ++event) piece += event->text;
  if (!events_.empty()) after = std::max(after, events_.back().revision);
  if (piece.empty()) piece = ": nothing new\n\n";  // shows whether the listener is there
}

HttpResponse EventFeed::Listen(const HttpRequest& request) {
  auto after = std::make_shared<store::Revision>(0);
  {
    std::lock_guard lock(mutex_);
    if (listeners_ >= kMostListeners) {
      return ErrorResponse(base::Unavailable(
          "{} listen to this master's events already: ask another one", listeners_));
    }
    ++listeners_;
    *after = seen_;
  }
  const std::shared_ptr<void> listening(nullptr, [this](void*) {
    std::lock_guard lock(mutex_);
    --listeners_;
  });
  if (const std::string last = request.Header("last-event-id"); !last.empty()) {
    const auto revision = base::ParseInteger<store::Revision>(last);
    if (!revision) return ErrorResponse(base::InvalidArgument("Last-Event-ID is no revision"));
    *after = *revision;
  }
  HttpResponse response{.type = "text/event-stream", .headers = {{"Cache-Control", "no-store"}}};
  // The head goes out at once, with where the listener stands.
  response.stream = [this, after, listening, has_begun = false](std::string& piece) mutable {
    if (!std::exchange(has_begun, true)) {
      piece = IdOf(*after) + ": listening\n\n";
      return true;
    }
    Take(*after, piece);
    return true;
  };
  return response;
}

}  // namespace godwit::portal
