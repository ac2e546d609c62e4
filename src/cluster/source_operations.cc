#include <absl/strings/str_join.h>

#include "cluster/operations.h"
#include "cluster/scheduler.h"
#include "cluster/writing.h"

namespace godwit::cluster {
namespace {

// With a worker, if one is free; else it waits from now on.
void BindNow(const View& view, const std::string& source, const Maybe<Binding>& before,
             Writing& writing) {
  Binding binding{.epoch = before ? before->record.epoch : 0};
  if (!view.free_workers().empty()) {
    const View::Worker& worker = *view.FindWorker(view.free_workers().begin()->second);
    binding = BindingTo(view, worker, before);
    writing.Given(AliveKey(worker.name), worker.alive);
  }
  writing.Set(BoundKey(source), before, binding);
}

Wanted SetEnabled(const View& view, store::Revision leadership, const std::string& name,
                  bool is_enabled) {
  GODWIT_ASSIGN_OR_RETURN(const View::Source* source, KnownSource(view, name));
  if (source->config->record.is_enabled == is_enabled) {
    return base::FailedPrecondition("the source {} is {} already", name,
                                    is_enabled ? "enabled" : "disabled");
  }
  SourceRecord record = source->config->record;
  record.is_enabled = is_enabled;
  Writing writing(view, leadership);
  writing.Set(SourceKey(name), source->config, record);
  // A worker that has not let go of it yet simply keeps it.
  if (is_enabled && !source->IsBound()) BindNow(view, name, source->binding, writing);
  return writing.Take();
}

}  // namespace

base::Status CheckConfig(std::string_view of, const std::string& config) {
  const auto back = FromJson<SubtaskRecord>("", ToJson(SubtaskRecord{config}));
  if (back.ok() && back->config == config) return base::OkStatus();
  return base::InvalidArgument("the configuration of {} is no text in UTF-8: save it as such", of);
}

base::StatusOr<const View::Source*> KnownSource(const View& view, const std::string& name) {
  const View::Source* source = view.FindSource(name);
  if (source && !source->unreadable.empty()) {
    const auto why = view.unreadable().find(*source->unreadable.begin());
    return base::FailedPrecondition(
        "the source {} is left as it is: {}. Is a master of a later version in the cluster? Then "
        "ask "
        "that one; else repair the value or delete the key",
        name, why == view.unreadable().end() ? "" : why->second);
  }
  if (!source || !source->config) {
    return base::NotFound("there is no source {}: add it, or look at those that there are", name);
  }
  return source;
}

Wanted AddSource(const View& view, store::Revision leadership, const std::string& name,
                 const std::string& config) {
  GODWIT_RETURN_IF_ERROR(CheckName("a source", name));
  GODWIT_RETURN_IF_ERROR(CheckConfig("the source " + name, config));
  const View::Source* old = view.FindSource(name);
  if (old && (old->config || !old->unreadable.empty())) {
    return base::FailedPrecondition("there is a source {} already: update it, or remove it first",
                                    name);
  }
  static const View::Source kNone;
  const View::Source& source = old ? *old : kNone;
  Writing writing(view, leadership);
  writing.Set(SourceKey(name), source.config, SourceRecord{.config = config});
  writing.Set(RelayStageKey(name), source.relay, ExpectedStage{Stage::kRunning});
  // A worker that has not let go of one that was called so before takes this one.
  if (source.IsBound()) {
    writing.Given(BoundKey(name), source.binding);
  } else {
    BindNow(view, name, source.binding, writing);
  }
  return writing.Take();
}

Wanted UpdateSource(const View& view, store::Revision leadership, const std::string& name,
                    const std::string& config) {
  GODWIT_ASSIGN_OR_RETURN(const View::Source* source, KnownSource(view, name));
  GODWIT_RETURN_IF_ERROR(CheckConfig("the source " + name, config));
  SourceRecord record = source->config->record;
  record.config = config;
  return Writing(view, leadership).Set(SourceKey(name), source->config, record).Take();
}

Wanted RemoveSource(const View& view, store::Revision leadership, const std::string& name) {
  GODWIT_ASSIGN_OR_RETURN(const View::Source* source, KnownSource(view, name));
  if (!source->subtasks.empty()) {
    std::vector<std::string> tasks;
    for (const auto& [task, subtask] : source->subtasks) tasks.push_back(task);
    return base::FailedPrecondition("the source {} is used by {} {}: remove {} first", name,
                                    tasks.size() == 1 ? "the task" : "the tasks",
                                    absl::StrJoin(tasks, ", "), tasks.size() == 1 ? "it" : "them");
  }
  // Its binding goes when its worker has let go of it.
  return Writing(view, leadership)
      .Erase(SourceKey(name), source->config)
      .Erase(RelayStageKey(name), source->relay)
      .Take();
}

Wanted DisableSource(const View& view, store::Revision leadership, const std::string& source) {
  return SetEnabled(view, leadership, source, false);
}

Wanted EnableSource(const View& view, store::Revision leadership, const std::string& source) {
  return SetEnabled(view, leadership, source, true);
}

Wanted TransferSource(const View& view, store::Revision leadership, const std::string& name,
                      const std::string& to) {
  GODWIT_ASSIGN_OR_RETURN(const View::Source* source, KnownSource(view, name));
  if (!source->config->record.is_enabled) {
    return base::FailedPrecondition("the source {} is disabled: enable it first", name);
  }
  const View::Worker* worker = view.FindWorker(to);
  if (!worker || !worker->IsAlive()) {
    return base::FailedPrecondition("the worker {} is not online: start it, or name another one",
                                    to);
  }
  Binding binding = source->binding ? source->binding->record : Binding{};
  if (binding.worker == to && binding.next.empty()) {
    return base::FailedPrecondition("the worker {} has the source {} already", to, name);
  }
  if (binding.next == to) {
    return base::FailedPrecondition("the source {} is on its way to the worker {} already", name,
                                    to);
  }
  const bool is_recalled = binding.worker == to;  // on its way to another one
  const int slots = worker->record->record.slots;
  if (!is_recalled && worker->Load() >= slots) {
    return base::FailedPrecondition(
        "the worker {} has no free slot ({} of {} taken): transfer one of its sources first, or "
        "name "
        "another worker",
        to, worker->Load(), slots);
  }
  if (!source->IsBound()) {
    binding = BindingTo(view, *worker, source->binding);
  } else {
    binding.next = is_recalled ? "" : to;
  }
  return Writing(view, leadership)
      .Given(SourceKey(name), source->config)
      .Given(AliveKey(to), worker->alive)
      .Set(BoundKey(name), source->binding, binding)
      .Take();
}

Wanted SetRelayStage(const View& view, store::Revision leadership, const std::string& name,
                     Stage stage) {
  GODWIT_ASSIGN_OR_RETURN(const View::Source* source, KnownSource(view, name));
  return Writing(view, leadership)
      .Given(SourceKey(name), source->config)
      .Set(RelayStageKey(name), source->relay, ExpectedStage{stage})
      .Take();
}

}  // namespace godwit::cluster
