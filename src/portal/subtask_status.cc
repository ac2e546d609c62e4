#include "portal/subtask_status.h"

#include <mutex>
#include <thread>

#include "portal/source_json.h"

namespace godwit::portal {
namespace {

using cluster::Stage;

constexpr std::chrono::seconds kPatience(2);
constexpr size_t kMostAtOnce = 32;  // workers that are asked

const char kWorkerPath[] = "/api/v1/worker/subtasks";

// Of who has the source now; empty: nobody.
std::string WorkerAddress(const cluster::View& view, const cluster::View::Source& source) {
  const auto* worker = source.held ? view.FindWorker(source.held->record.worker) : nullptr;
  return worker && worker->IsAlive() ? worker->record->record.address : "";
}

}  // namespace

// One, to be shown on another thread.
struct SubtaskStatuses::Seen {
  SeenSource source;
  std::string task, worker_address;
  const cluster::View::Subtask& subtask() const { return source.source.subtasks.at(task); }

  // What it is in by now, as far as is known.
  Stage stage() const {
    const auto& state = subtask().state;
    if (!state) return Stage::kNew;
    const bool is_over = state->record.stage == Stage::kFinished;
    const auto& held = source.source.held;
    const bool is_run = held && held->record.epoch == state->record.epoch;
    return is_over || is_run ? state->record.stage : Stage::kNew;
  }
  std::string error() const { return subtask().state ? subtask().state->record.error : ""; }

  std::string action() const {
    const std::string resume =
        fmt::format("`godwit task resume {} --source {}`", task, source.source.name);
    const auto& expected = subtask().stage;
    if (!expected) return "";
    if (const std::string action = ActionOn(source); !action.empty()) {
      return "its source: " + action;
    }
    if (stage() == Stage::kPaused && !error().empty()) {
      return fmt::format("do what the error says, then {}; `godwit ddl {}` shows a DDL that waits",
                         resume, task);
    }
    if (expected->record.stage == Stage::kPaused) return resume + " lets it go on";
    return "";
  }
};

SubtaskStatuses::SubtaskStatuses(Control& control, CallOptions call)
    : control_(control), call_(std::move(call)) {}

void SubtaskStatuses::SeeTask(const cluster::View& view, const std::string& task,
                              std::vector<Seen>& seen) {
  for (const std::string& name : view.FindTask(task)->record.sources) {
    const cluster::View::Source* source = view.FindSource(name);
    if (!source || !source->subtasks.contains(task)) continue;
    seen.push_back({See(view, *source), task, WorkerAddress(view, *source)});
  }
}

base::StatusOr<Json> SubtaskStatuses::OfTask(const std::string& task, const HttpRequest& asked) {
  GODWIT_ASSIGN_OR_RETURN(
      const auto seen,
      control_.Find([&](const cluster::View& view) -> base::StatusOr<std::vector<Seen>> {
        if (!view.FindTask(task)) {
          return base::NotFound("there is no task {}: add it, or look at those that there are",
                                task);
        }
        std::vector<Seen> all;
        SeeTask(view, task, all);
        return all;
      }));
  return ToJson(seen, asked);
}

base::StatusOr<Json> SubtaskStatuses::OfAllTasks(const HttpRequest& asked) {
  GODWIT_ASSIGN_OR_RETURN(const auto seen, control_.Look([](const cluster::View& view) {
    std::vector<Seen> all;
    for (const auto& [name, task] : view.tasks()) SeeTask(view, name, all);
    return all;
  }));
  std::map<std::string, Json> by_task;
  for (Json& subtask : ToJson(seen, asked)) {
    by_task[subtask["task"].get<std::string>()].push_back(std::move(subtask));
  }
  Json tasks = Json::array();
  for (auto& [name, subtasks] : by_task) {
    tasks.push_back({{"name", name}, {"subtasks", std::move(subtasks)}});
  }
  return tasks;
}

base::StatusOr<Json> SubtaskStatuses::OfSource(const std::string& name, const HttpRequest& asked) {
  GODWIT_ASSIGN_OR_RETURN(
      const auto seen,
      control_.Find([&](const cluster::View& view) -> base::StatusOr<std::vector<Seen>> {
        std::vector<Seen> all;
        GODWIT_ASSIGN_OR_RETURN(const SeenSource source, SeeSource(view, name));
        for (const auto& [task, subtask] : source.source.subtasks) {
          if (subtask.config) all.push_back({source, task, WorkerAddress(view, source.source)});
        }
        return all;
      }));
  return ToJson(seen, asked);
}

SubtaskStatuses::Live SubtaskStatuses::AskWorker(const std::string& address,
                                                 const HttpRequest& asked) const {
  HttpRequest request{.method = "GET", .path = kWorkerPath};
  if (const auto found = asked.headers.find("authorization"); found != asked.headers.end()) {
    request.headers.insert(*found);
  }
  CallOptions options = call_;
  options.connect = options.answer = kPatience;
  GODWIT_ASSIGN_OR_RETURN(const HttpResponse response, Call(address, request, options));
  const Json answer = Json::parse(response.body, nullptr, /*allow_exceptions=*/false);
  std::map<std::pair<std::string, std::string>, Json> live;
  if (response.status == 200 && answer.is_object() && answer.contains("subtasks")) {
    for (const Json& one : answer["subtasks"]) {
      live[{one.value("source", ""), one.value("task", "")}] = one.value("status", Json());
    }
    return live;
  }
  return base::Unavailable("{} answers with the status {}", address, response.status);
}

std::map<std::string, SubtaskStatuses::Live> SubtaskStatuses::AskWorkers(
    const std::vector<Seen>& seen, const HttpRequest& asked) const {
  std::map<std::string, Live> answers;  // by address
  for (const Seen& one : seen) {
    if (!one.worker_address.empty())
      answers.emplace(one.worker_address, base::Unavailable("it was not asked"));
  }
  auto next = answers.begin();
  std::mutex mutex;
  const auto ask = [&] {
    while (true) {
      std::unique_lock lock(mutex);
      if (next == answers.end()) return;
      auto& [address, answer] = *next++;
      lock.unlock();
      answer = AskWorker(address, asked);
    }
  };
  std::vector<std::jthread> threads;
  for (size_t i = 0; i < std::min(answers.size(), kMostAtOnce); ++i) threads.emplace_back(ask);
  threads.clear();  // waits for them
  return answers;
}

Json SubtaskStatuses::ToJson(const std::vector<Seen>& seen, const HttpRequest& asked) const {
  const std::map<std::string, Live> answers = AskWorkers(seen, asked);
  Json subtasks = Json::array();
  for (const Seen& one : seen) {
    const cluster::View::Subtask& subtask = one.subtask();
    const auto& held = one.source.source.held;
    Json json = {{"task", one.task},
                 {"source", one.source.source.name},
                 {"expected_stage",
                  cluster::ToText(subtask.stage ? subtask.stage->record.stage : Stage::kStopped)},
                 {"stage", cluster::ToText(one.stage())},
                 {"worker", nullptr},
                 {"epoch", nullptr},
                 {"since_ms", nullptr},
                 {"live", false},
                 {"live_problem", ""},
                 {"error", one.error()},
                 {"action", one.action()},
                 {"status", nullptr}};
    if (held) {
      json["worker"] = held->record.worker;
      json["epoch"] = held->record.epoch;
    }
    if (subtask.state) {
      if (subtask.state->record.since_ms > 0) json["since_ms"] = subtask.state->record.since_ms;
      const Json kept = Json::parse(subtask.state->record.status, nullptr, false);
      if (kept.is_object()) json["status"] = kept;
    }
    if (const auto answer = answers.find(one.worker_address); answer == answers.end()) {
      json["live_problem"] = "no worker runs it now";
    } else if (!answer->second.ok()) {
      json["live_problem"] = std::string(answer->second.status().message());
    } else if (const auto found = answer->second->find({one.source.source.name, one.task});
               found != answer->second->end() && found->second.is_object()) {
      json["live"] = true;
      json["status"] = found->second;
    } else {
      json["live_problem"] = "its worker does not run it at the moment";
    }
    subtasks.push_back(std::move(json));
  }
  return subtasks;
}

}  // namespace godwit::portal
