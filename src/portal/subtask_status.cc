#include "portal/subtask_status.h"

#include <mutex>
#include <thread>

#include "portal/source_json.h"

namespace godwit::portal {
namespace {

using cluster::Stage;

constexpr std::chrono::seconds kPatience(2);
constexpr size_t kMostAtOnce = 32;  // workers that are asked

const char kSubtasksPath[] = "/api/v1/worker/subtasks";
const char kTablesPath[] = "/api/v1/worker/tables";
const char kRelaysPath[] = "/api/v1/worker/relays";

// Of who has the source now; empty: nobody.
std::string WorkerAddress(const cluster::View& view, const cluster::View::Source& source) {
  const auto* worker = source.held ? view.FindWorker(source.held->record.worker) : nullptr;
  return worker && worker->IsAlive() ? worker->record->record.address : "";
}

// Of an error that another process has answered with; empty: it has none.
std::string MessageIn(const Json& answer) {
  if (!answer.is_object() || !answer.contains("error")) return "";
  const Json& error = answer["error"];
  return error.is_object() ? error.value("message", "") : "";
}

}  // namespace

// One, to be shown on another thread.
struct SubtaskStatuses::Seen {
  SeenSource source;
  std::string task, worker_address;
  const cluster::View::Subtask& subtask() const { return source.source.subtasks.at(task); }

  Stage stage() const { return StageOf(source.source, subtask()); }
  std::string error() const { return subtask().state ? subtask().state->record.error : ""; }
  std::string Command(std::string_view verb) const {
    return fmt::format("`godwit task {} {} --source {}`", verb, task, source.source.name);
  }

  // What the operator can do, or what is waited for; empty: it runs as it should.
  std::string action() const {
    const auto& expected = subtask().stage;
    if (!expected) return IsToStop();
    if (const std::string action = ActionOn(source); !action.empty()) {
      return "its source: " + action;
    }
    switch (stage()) {
      case Stage::kPaused:
        if (!error().empty()) {
          return fmt::format(
              "it has paused by the error. Do what that says, then {}; `godwit ddl {}` shows a DDL "
              "that waits, and {} copies it anew where it cannot go on",
              Command("resume"), task, Command("restart"));
        }
        if (expected->record.stage == Stage::kPaused) return Command("resume") + " lets it go on";
        return "nothing: it is about to go on";
      case Stage::kFinished:
        return fmt::format("nothing is left to be done: `godwit task remove {}` takes it away",
                           task);
      case Stage::kRunning:
        if (expected->record.stage == Stage::kPaused) {
          return "nothing: it is about to pause, once what is on its way is saved";
        }
        return "";
      case Stage::kNew:
      case Stage::kStopped:
        break;
    }
    if (expected->record.stage == Stage::kPaused) {
      return fmt::format("it is paused before it was started: {} starts it", Command("resume"));
    }
    return "nothing: its worker is about to start it";
  }

 private:
  std::string IsToStop() const {
    const Stage now = stage();
    if (now == Stage::kRunning || now == Stage::kPaused) {
      return "nothing: it stops, with everything saved; where that takes more than a minute, its "
             "worker's log says what it waits for";
    }
    if (now == Stage::kFinished) return "";
    return Command("start") + " lets it run, from wherever it stands";
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

base::StatusOr<std::vector<SubtaskStatuses::Seen>> SubtaskStatuses::SeeOne(
    const std::string& task) {
  return control_.Find([&](const cluster::View& view) -> base::StatusOr<std::vector<Seen>> {
    if (!view.FindTask(task)) {
      return base::NotFound("there is no task {}: add it, or look at those that there are", task);
    }
    std::vector<Seen> all;
    SeeTask(view, task, all);
    return all;
  });
}

base::StatusOr<Json> SubtaskStatuses::OfTask(const std::string& task, const HttpRequest& asked) {
  GODWIT_ASSIGN_OR_RETURN(const std::vector<Seen> seen, SeeOne(task));
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

base::StatusOr<Json> SubtaskStatuses::TablesOfTask(const std::string& task,
                                                   const std::string& source,
                                                   const HttpRequest& asked) {
  GODWIT_ASSIGN_OR_RETURN(std::vector<Seen> seen, SeeOne(task));
  if (!source.empty()) {
    std::erase_if(seen, [&](const Seen& one) { return one.source.source.name != source; });
    if (seen.empty()) {
      return base::NotFound("the task {} has no source {}: look at those that it has", task,
                            source);
    }
  }
  Json subtasks = Json::array();
  for (const Seen& one : seen) {
    std::map<std::string, std::string> query = asked.query;  // which tables is passed on
    query["source"] = one.source.source.name;
    query["task"] = task;
    const auto answer = Ask(one.worker_address, kTablesPath, std::move(query), asked);
    Json json = {{"task", task},
                 {"source", one.source.source.name},
                 {"live", answer.ok()},
                 {"live_problem", std::string(answer.status().message())},
                 {"tables", Json::array()},
                 {"next", nullptr}};
    if (answer.ok()) {
      json["tables"] = answer->value("tables", Json::array());
      json["next"] = answer->value("next", Json());
    }
    subtasks.push_back(std::move(json));
  }
  return subtasks;
}

base::StatusOr<Json> SubtaskStatuses::RelayOfSource(const std::string& name,
                                                    const HttpRequest& asked) {
  struct SeenRelay {
    SeenSource source;
    std::string worker_address;
  };
  GODWIT_ASSIGN_OR_RETURN(
      const SeenRelay seen,
      control_.Find([&](const cluster::View& view) -> base::StatusOr<SeenRelay> {
        GODWIT_ASSIGN_OR_RETURN(SeenSource source, SeeSource(view, name));
        return SeenRelay{source, WorkerAddress(view, source.source)};
      }));
  const Json summary = SourceSummary(seen.source);
  Json json = {{"source", name},
               {"expected_stage", summary["relay"]},
               {"worker", summary["worker"]},
               {"live", false},
               {"live_problem", ""},
               {"relay", nullptr}};
  const auto answer = Ask(seen.worker_address, kRelaysPath, {}, asked);
  if (!answer.ok()) {
    json["live_problem"] = std::string(answer.status().message());
    return json;
  }
  for (const Json& relay : answer->value("relays", Json::array())) {
    if (relay.value("source", "") != name) continue;
    json["live"] = true;
    json["relay"] = relay;
    json["relay"].erase("source");
    return json;
  }
  json["live_problem"] = "its worker has not begun with it";
  return json;
}

base::StatusOr<Json> SubtaskStatuses::Ask(const std::string& address, const std::string& path,
                                          std::map<std::string, std::string> query,
                                          const HttpRequest& asked) const {
  if (address.empty()) return base::Unavailable("no worker runs it now");
  HttpRequest request{.method = "GET", .path = path, .query = std::move(query)};
  if (const auto found = asked.headers.find("authorization"); found != asked.headers.end()) {
    request.headers.insert(*found);
  }
  CallOptions options = call_;
  options.connect = options.answer = kPatience;
  GODWIT_ASSIGN_OR_RETURN(const HttpResponse response, Call(address, request, options));
  Json answer = Json::parse(response.body, nullptr, /*allow_exceptions=*/false);
  if (response.status == 200 && answer.is_object()) return answer;
  // What it says itself, in its own words.
  if (const std::string why = MessageIn(answer); response.status >= 404 && !why.empty()) {
    return base::Unavailable("{}", why);
  }
  return base::Unavailable("{} answers with the status {}", address, response.status);
}

SubtaskStatuses::Live SubtaskStatuses::AskWorker(const std::string& address,
                                                 const HttpRequest& asked) const {
  GODWIT_ASSIGN_OR_RETURN(const Json answer, Ask(address, kSubtasksPath, {}, asked));
  std::map<std::pair<std::string, std::string>, Json> live;
  for (const Json& one : answer.value("subtasks", Json::array())) {
    live[{one.value("source", ""), one.value("task", "")}] = one.value("status", Json());
  }
  return live;
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
    const bool is_away = json["worker"].is_string() && !json["live"].get<bool>();
    if (is_away && one.stage() == Stage::kRunning && one.action().empty()) {
      json["action"] = fmt::format(
          "see whether the worker {} is well (`godwit member list`, its log) and can be reached "
          "from "
          "the masters at {}: as long as it keeps its lease the task goes on by itself",
          held->record.worker, one.worker_address);
    }
    subtasks.push_back(std::move(json));
  }
  return subtasks;
}

}  // namespace godwit::portal
