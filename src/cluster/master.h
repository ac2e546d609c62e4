#pragma once

#include <future>
#include <memory>
#include <optional>
#include <type_traits>
#include <vector>

#include "cluster/driver.h"
#include "cluster/master_duties.h"

namespace godwit::cluster {

// A master at work. Thread-safe, except for Run.
class Master : private Machine {
 public:
  // Told of all that happens in the store, on Run's thread; must not block.
  using OnChange =
      std::function<void(const View& view, const std::vector<store::Watch::Change>& changes)>;

  // `store` is borrowed; `self.address` is where other masters reach this one.
  Master(store::Store& store, LeaderRecord self, const std::string& version,
         std::chrono::seconds ttl, OnChange on_change = {});

  // Until Leave, and then until it does not lead any more. Once.
  void Run() { driver_.Run(); }
  void Leave();

  // An operator's request (operations.h), once it has taken effect. kFailedPrecondition also: this
  // master does not lead. kUnavailable: nothing is known of it, or Run has ended.
  base::Status Ask(MasterDuties::Operation operation);

  // What `look` makes of the view and of this master's leadership, on Run's thread; nothing when
  // Run has ended. A view of revision 0: the store has not been read yet.
  template <typename Looker>
  auto Look(Looker look) {
    using Seen = std::invoke_result_t<Looker, const View&, bool /*leads*/>;
    auto promise = std::make_shared<std::promise<std::optional<Seen>>>();
    std::future<std::optional<Seen>> future = promise->get_future();
    // Dropped, it fulfils its promise too.
    std::shared_ptr<void> otherwise(nullptr, [promise](void*) {
      try {
        promise->set_value(std::nullopt);
      } catch (const std::future_error&) {  // it was looked
      }
    });
    driver_.Post([=, this, otherwise = std::move(otherwise)](const View& view) {
      const bool leads = duties_.Leadership(view).has_value() && duties_.MayLead(Now());
      promise->set_value(look(view, leads));
    });
    return future.get();
  }

 private:
  std::vector<Request> Poll(Time now, const View& view) override;
  void OnAnswer(const Request& request, const Answer& answer, Time now) override;
  Time NextWake(Time now) const override;
  bool HasEnded() const override;
  void OnChanges(const View& view, const std::vector<store::Watch::Change>& changes) override;

  MasterDuties duties_;
  const OnChange on_change_;
  bool is_leaving_ = false;
  std::vector<Request> resignation_;
  int resigning_ = 0;  // requests of it that were not answered yet
  Driver driver_;
};

}  // namespace godwit::cluster
