#include "portal/source_json.h"

#include "config/source_file.h"

namespace godwit::portal {

using Source = cluster::View::Source;

SeenSource See(const cluster::View& view, const Source& source) {
  SeenSource seen{.source = source};
  if (source.IsBound()) {
    const cluster::View::Worker* worker = view.FindWorker(source.binding->record.worker);
    seen.worker_lives = worker && worker->Lives(source.binding->record.lease);
  }
  for (const std::string& key : source.unreadable) {
    if (const auto why = view.unreadable().find(key); why != view.unreadable().end()) {
      seen.unreadable = why->second;
    }
  }
  return seen;
}

base::StatusOr<SeenSource> SeeSource(const cluster::View& view, const std::string& name) {
  const Source* source = view.FindSource(name);
  if (!source || (!source->config && source->unreadable.empty())) {
    return base::NotFound("there is no source {}: add it, or look at those that there are", name);
  }
  return See(view, *source);
}

cluster::Stage StageOf(const Source& source, const cluster::View::Subtask& subtask) {
  using cluster::Stage;
  if (!subtask.state) return Stage::kNew;
  const cluster::SubtaskState& state = subtask.state->record;
  const bool is_over = state.stage == Stage::kFinished || state.stage == Stage::kStopped;
  const bool is_run = source.held && source.held->record.epoch == state.epoch;
  return is_over || is_run ? state.stage : Stage::kNew;
}

std::string_view StateOf(const Source& source) {
  if (!source.unreadable.empty()) return "unreadable";
  if (!source.IsWanted()) return source.held ? "stopping" : "disabled";
  if (!source.IsBound()) return source.held ? "stopping" : "waiting";
  if (!source.held) return "starting";
  const bool is_its_own = source.held->record.epoch == source.binding->record.epoch &&
                          source.binding->record.next.empty();
  return is_its_own ? "bound" : "stopping";
}

std::string ActionOn(const SeenSource& seen) {
  const std::string_view state = StateOf(seen.source);
  if (state == "unreadable") {
    return fmt::format(
        "it is left as it is: {}. Is a master of a later version in the cluster? "
        "Then ask that one; else repair the value or delete the key",
        seen.unreadable);
  }
  if (state == "waiting") {
    return "no worker has a free slot: start another worker, or give one more slots";
  }
  if (state == "disabled") return "enable it, and a worker runs it again";
  const auto& binding = seen.source.binding;
  const std::string worker = binding ? binding->record.worker : "";
  if (state == "starting" && !seen.worker_lives) {
    return fmt::format(
        "its worker {} is offline, as its lease has ended: another one gets it as soon as one has "
        "a "
        "free slot; `godwit member list` shows them. Start one, or {} again",
        worker, worker);
  }
  if (state == "starting") {
    return fmt::format("nothing: its worker {} is about to take it", worker);
  }
  if (state == "stopping") {
    const auto& held = seen.source.held;
    const std::string who = held ? held->record.worker : worker;
    const bool moves = binding && !binding->record.next.empty();
    return fmt::format(
        "nothing: its worker {} stops what runs of it, with everything saved{}. Where that takes "
        "more than a minute, look into that worker's log: it may wait for a server that does not "
        "answer; if it hangs, end it, and the source is free once its lease has ended",
        who,
        moves ? fmt::format(", and the worker {} gets it then", binding->record.next)
              : std::string());
  }
  return "";
}

Json SourceSummary(const SeenSource& seen) {
  const Source& source = seen.source;
  Json json = {{"name", source.name},
               {"enabled", source.config && source.config->record.is_enabled},
               {"state", StateOf(source)},
               {"worker", nullptr},
               {"next_worker", nullptr},
               {"epoch", nullptr},
               {"url", ""},
               {"relay", nullptr},
               {"tasks", Json::array()}};
  if (source.IsBound()) {
    const cluster::Binding& binding = source.binding->record;
    json["worker"] = binding.worker;
    json["epoch"] = binding.epoch;
    if (!binding.next.empty()) json["next_worker"] = binding.next;
  }
  if (source.config) {
    const auto file = config::ParseSourceFile(source.config->record.config, source.name);
    if (file.ok()) json["url"] = file->endpoint.ToString();
  }
  if (source.relay) json["relay"] = cluster::ToText(source.relay->record.stage);
  for (const auto& [task, subtask] : source.subtasks) {
    if (subtask.config) json["tasks"].push_back(task);
  }
  return json;
}

Json SourceJson(const SeenSource& seen) {
  Json json = SourceSummary(seen);
  // One that does not parse may hold a password in its words, which one that does cannot.
  const bool is_shown = !json["url"].get_ref<const std::string&>().empty();
  json["config"] = is_shown ? seen.source.config->record.config : "";
  return json;
}

}  // namespace godwit::portal
