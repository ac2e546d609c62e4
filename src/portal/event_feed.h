#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>

#include "cluster/view.h"
#include "portal/http.h"

namespace godwit::portal {

// What changes in the store, as server-sent events for whoever listens: `id` is the store's
// revision, `event` the kind of key, `data` a JSON object. A bounded number is kept, so that a
// listener that was away goes on after the last one that it has (Last-Event-ID); if that is too
// long ago, it is told `missed` first, and reads anew what it goes by. Thread-safe.
class EventFeed {
 public:
  // Of a master (Master::OnChange).
  void OnChanges(const cluster::View& view, const std::vector<store::Watch::Change>& changes);
  // Endless.
  HttpResponse Listen(const HttpRequest& request);

 private:
  struct Event {
    store::Revision revision = 0;
    std::string text;
  };
  // Appends those that come after the revision, waiting for one at most a second, and moves it on.
  void Take(store::Revision& after, std::string& piece);

  std::mutex mutex_;
  std::condition_variable came_;
  std::deque<Event> events_;
  store::Revision forgotten_ = 0;  // up to here none is kept
  store::Revision seen_ = 0;
  int listeners_ = 0;
};

}  // namespace godwit::portal
