#include "cluster/scheduler.h"

#include <algorithm>

#include "cluster/batch.h"
#include "cluster/spread.h"

namespace godwit::cluster {
namespace {

class Scheduler {
 public:
  Scheduler(const View& view, store::Revision leadership)
      : view_(view), spread_(view), batch_(leadership) {}

  std::vector<store::Transaction> Run() {
    for (const std::string& name : view_.unsettled()) Settle(*view_.FindSource(name));
    for (const std::string& name : view_.overbooked()) Unload(*view_.FindWorker(name));
    for (const auto& [since, name] : view_.waiting()) {
      const View::Worker* worker = spread_.TakeLeastLoaded();
      if (!worker) break;
      Bind(*view_.FindSource(name), *worker);
    }
    return batch_.Take();
  }

 private:
  // Nobody holds it, and its binding is no more what it should be.
  void Settle(const View::Source& source) {
    if (!source.IsWanted()) return Write(source, std::nullopt, {});
    const Binding& binding = source.binding->record;
    const View::Worker* next = view_.FindWorker(binding.next);
    if (next && spread_.HasRoom(*next)) return Bind(source, *next);
    const View::Worker* own = view_.FindWorker(binding.worker);
    if (own && spread_.HasRoom(*own)) return Bind(source, *own);
    Move(source, own);
  }

  void Unload(const View::Worker& worker) {
    for (const std::string& name : worker.bound) {
      if (spread_.HasRoom(worker)) return;
      const View::Source& source = *view_.FindSource(name);
      if (!source.held && !view_.unsettled().contains(name)) Move(source, &worker);
    }
  }

  void Move(const View::Source& source, const View::Worker* from) {
    if (from) spread_.Leave(*from);
    if (const View::Worker* worker = spread_.TakeLeastLoaded()) return Bind(source, *worker);
    Write(source, Binding{.epoch = source.binding->record.epoch}, {});
  }

  void Bind(const View::Source& source, const View::Worker& worker) {
    Write(source, BindingTo(view_, worker, source.binding),
          {{AliveKey(worker.name), worker.alive->changed}});
  }

  void Write(const View::Source& source, const std::optional<Binding>& binding,
             std::vector<store::Condition> conditions) {
    const std::string key = BoundKey(source.name);
    conditions.push_back({key, Changed(source.binding)});
    conditions.push_back({HeldKey(source.name), 0});
    conditions.push_back({SourceKey(source.name), Changed(source.config)});
    batch_.Add(std::move(conditions),
               {{key, binding ? std::optional(ToJson(*binding)) : std::nullopt}});
  }

  const View& view_;
  Spread spread_;
  Batch batch_;
};

}  // namespace

std::vector<store::Transaction> Schedule(const View& view, store::Revision leadership) {
  return Scheduler(view, leadership).Run();
}

Binding BindingTo(const View& view, const View::Worker& worker, const Maybe<Binding>& before) {
  const int64_t last = before ? before->record.epoch : 0;
  const int64_t era = view.era() ? view.era()->record.unix_us : 0;
  return {.worker = worker.name,
          .lease = worker.alive->lease,
          .epoch = std::max<int64_t>(era + view.revision(), last + 1)};
}

}  // namespace godwit::cluster
