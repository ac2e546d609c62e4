#include "portal/task_ends_routes.h"

#include <chrono>
#include <thread>

#include "portal/subtask_status.h"
#include "portal/task_configs.h"
#include "server/checks.h"
#include "server/ddl_decision.h"
#include "server/plan.h"
#include "server/removal.h"
#include "server/report_json.h"

namespace godwit::portal {
namespace {

using cluster::TaskRequest;

constexpr std::chrono::seconds kStopPatience(60);
constexpr std::chrono::milliseconds kStopPause(100);

// Its fields after the source's.
Json OfSource(const std::string& source, const Json& fields) {
  Json json = {{"source", source}};
  json.update(fields);
  return json;
}

class TaskEnds {
 public:
  TaskEnds(Control& control, SubtaskStatuses& statuses, std::string state_dir)
      : control_(control), statuses_(statuses), state_dir_(std::move(state_dir)) {}

  base::StatusOr<Json> CheckFile(const ApiRequest& request) { return Check(FileOf(request)); }
  base::StatusOr<Json> CheckKnown(const ApiRequest& request) { return Check(KnownOf(request)); }
  base::StatusOr<Json> PlanFile(const ApiRequest& request) { return Plan(FileOf(request)); }
  base::StatusOr<Json> PlanKnown(const ApiRequest& request) { return Plan(KnownOf(request)); }

  base::StatusOr<Json> Errors(const ApiRequest& request) {
    GODWIT_ASSIGN_OR_RETURN(const TaskConfigs configs, KnownOf(request));
    GODWIT_ASSIGN_OR_RETURN(const Json statuses, statuses_.OfTask(configs.file.name, request.http));
    Json subtasks = Json::array();
    for (const Json& status : statuses) {
      Json json = {{"source", status["source"]},
                   {"stage", status["stage"]},
                   {"error", status["error"]},
                   {"action", status["action"]},
                   {"problem", ""},
                   {"ddl", nullptr}};
      for (const SubtaskConfig& subtask : configs.subtasks) {
        if (subtask.source != status["source"].get_ref<const std::string&>()) continue;
        const auto standing = server::ReadDdl(subtask.task);
        if (standing.ok()) {
          json["ddl"] = server::DdlJson(subtask.task.name, *standing);
        } else {
          json["problem"] = std::string(standing.status().message());
        }
      }
      subtasks.push_back(std::move(json));
    }
    return Json{{"subtasks", std::move(subtasks)}};
  }

  base::StatusOr<Json> Decide(const ApiRequest& request, connector::DdlVerb verb) {
    GODWIT_ASSIGN_OR_RETURN(const bool resumes, request.Flag("resume", true));
    GODWIT_ASSIGN_OR_RETURN(const Json object, request.Object());
    GODWIT_ASSIGN_OR_RETURN(const std::vector<std::string> sources, Texts(object, "sources"));
    GODWIT_ASSIGN_OR_RETURN(const std::vector<std::string> statements, Texts(object, "statements"));
    if (statements.empty() == (verb == connector::DdlVerb::kReplace)) {
      return base::InvalidArgument(
          "\"statements\" has to name what is executed instead, of replace and of nothing else");
    }
    GODWIT_ASSIGN_OR_RETURN(const TaskConfigs configs, KnownOf(request));
    GODWIT_ASSIGN_OR_RETURN(const auto chosen, Chosen(configs, sources));
    if (chosen.size() != 1) {
      return base::InvalidArgument(
          "the task {} has {} sources, of which each has DDL of its own: name one in \"sources\"",
          configs.file.name, configs.subtasks.size());
    }
    const SubtaskConfig& subtask = *chosen.front();
    GODWIT_RETURN_IF_ERROR(server::DecideDdl(subtask.task, state_dir_, verb, statements));
    if (resumes) {
      GODWIT_RETURN_IF_ERROR(base::Annotate(control_.Ask([&](const auto& view, auto leadership) {
        return cluster::ChangeTask(view, leadership, configs.file.name, TaskRequest::kResume,
                                   {subtask.source});
      }),
                                            "it is decided, and the task was not resumed"));
    }
    return Done(fmt::format("it is decided for the task {} on {}{}", configs.file.name,
                            subtask.source, resumes ? ", which goes on" : ""));
  }

  base::StatusOr<Json> Remove(const ApiRequest& request) {
    GODWIT_ASSIGN_OR_RETURN(const bool keeps, request.Flag("keep", false));
    GODWIT_ASSIGN_OR_RETURN(const bool stops, request.Flag("stop", false));
    const std::string& name = request.At("task");
    Json removed = Done(fmt::format("the task {} is removed", name));
    removed["subtasks"] = Json::array();
    GODWIT_RETURN_IF_ERROR(Stop(name, stops));
    if (!keeps) {
      GODWIT_ASSIGN_OR_RETURN(const TaskConfigs configs, KnownOf(request));
      GODWIT_RETURN_IF_ERROR(RemoveAtEnds(configs, removed["subtasks"]));
    }
    GODWIT_RETURN_IF_ERROR(control_.Ask([&](const auto& view, auto leadership) {
      return cluster::RemoveTask(view, leadership, name);
    }));
    return removed;
  }

 private:
  base::StatusOr<TaskConfigs> FileOf(const ApiRequest& request) {
    GODWIT_ASSIGN_OR_RETURN(const std::string text, request.File());
    return ReadTaskConfigs(control_, text);
  }
  base::StatusOr<TaskConfigs> KnownOf(const ApiRequest& request) {
    return ReadKnownTask(control_, request.At("task"));
  }

  static base::StatusOr<Json> Check(const base::StatusOr<TaskConfigs>& configs) {
    GODWIT_RETURN_IF_ERROR(configs.status());
    Json subtasks = Json::array();
    for (const SubtaskConfig& subtask : configs->subtasks) {
      GODWIT_ASSIGN_OR_RETURN(const connector::CheckReport report, server::CheckTask(subtask.task));
      subtasks.push_back(OfSource(subtask.source, server::CheckJson(report)));
    }
    return Json{{"subtasks", std::move(subtasks)}};
  }

  static base::StatusOr<Json> Plan(const base::StatusOr<TaskConfigs>& configs) {
    GODWIT_RETURN_IF_ERROR(configs.status());
    Json subtasks = Json::array();
    for (const SubtaskConfig& subtask : configs->subtasks) {
      GODWIT_ASSIGN_OR_RETURN(const server::TaskPlan plan, server::PlanTask(subtask.task));
      subtasks.push_back(OfSource(subtask.source, server::PlanJson(subtask.task, plan)));
    }
    return Json{{"subtasks", std::move(subtasks)}};
  }

  // Until nothing of it runs, if it is asked to or has been already.
  base::Status Stop(const std::string& name, bool stops) {
    const auto is_expected = [&](const cluster::View& view) { return Expected(view, name); };
    GODWIT_ASSIGN_OR_RETURN(const bool runs, control_.Find(is_expected));
    if (runs && !stops) {
      return base::FailedPrecondition(
          "the task {} is started: stop it first, or ask with stop=true", name);
    }
    if (runs) {
      GODWIT_RETURN_IF_ERROR(control_.Ask([&](const auto& view, auto leadership) {
        return cluster::ChangeTask(view, leadership, name, TaskRequest::kStop);
      }));
    }
    const auto end = std::chrono::steady_clock::now() + kStopPatience;
    while (true) {
      GODWIT_ASSIGN_OR_RETURN(const bool is_at_work, control_.Look([&](const cluster::View& view) {
        return IsAtWork(view, name);
      }));
      if (!is_at_work) return base::OkStatus();
      if (std::chrono::steady_clock::now() > end) {
        return base::FailedPrecondition(
            "the task {} is asked to stop, and has not stopped yet: ask again later", name);
      }
      std::this_thread::sleep_for(kStopPause);
    }
  }

  template <typename Act>
  static void ForEachSubtask(const cluster::View& view, const std::string& name, Act act) {
    const auto* task = view.FindTask(name);
    if (!task) return;
    for (const std::string& source_name : task->record.sources) {
      const cluster::View::Source* source = view.FindSource(source_name);
      if (!source) continue;
      const auto found = source->subtasks.find(name);
      if (found != source->subtasks.end()) act(*source, found->second);
    }
  }

  static base::StatusOr<bool> Expected(const cluster::View& view, const std::string& name) {
    if (!view.FindTask(name)) {
      return base::NotFound("there is no task {}: add it, or look at those that there are", name);
    }
    bool is_expected = false;
    ForEachSubtask(view, name, [&](const auto&, const cluster::View::Subtask& subtask) {
      is_expected = is_expected || subtask.stage.has_value();
    });
    return is_expected;
  }

  // As far as the books say: the target's locks say it for certain.
  static bool IsAtWork(const cluster::View& view, const std::string& name) {
    bool is_at_work = false;
    ForEachSubtask(view, name, [&](const auto& source, const cluster::View::Subtask& subtask) {
      const auto& state = subtask.state;
      const bool is_held = state && source.held && source.held->record.epoch == state->record.epoch;
      const bool has_ended = state && (state->record.stage == cluster::Stage::kStopped ||
                                       state->record.stage == cluster::Stage::kFinished);
      is_at_work = is_at_work || (is_held && !has_ended);
    });
    return is_at_work;
  }

  base::Status RemoveAtEnds(const TaskConfigs& configs, Json& subtasks) const {
    for (const SubtaskConfig& subtask : configs.subtasks) {
      const server::Removal removal =
          server::RemoveTask(subtask.task, {.state_dir = state_dir_, .yes = true});
      GODWIT_RETURN_IF_ERROR(base::Annotate(
          removal.status, fmt::format("the task {} on {} was not removed, and stays in the books",
                                      configs.file.name, subtask.source)));
      const Json json = server::RemovalJson(subtask.task.name, removal);
      subtasks.push_back({{"source", subtask.source},
                          {"removed", json["removed"]},
                          {"error", json["error"]},
                          {"steps", {{"source", json["source"]}, {"target", json["target"]}}}});
    }
    return base::OkStatus();
  }

  Control& control_;
  SubtaskStatuses& statuses_;
  const std::string state_dir_;
};

}  // namespace

std::vector<Route> TaskEndsRoutes(Control& control, SubtaskStatuses& statuses,
                                  std::string state_dir) {
  const auto ends = std::make_shared<TaskEnds>(control, statuses, std::move(state_dir));
  using Method = base::StatusOr<Json> (TaskEnds::*)(const ApiRequest&);
  const auto call = [ends](Method method) -> ApiHandler {
    return [=](const ApiRequest& request) { return ((*ends).*method)(request); };
  };
  constexpr auto kRead = Role::kRead, kOperate = Role::kOperate;
  const QueryFlag resume = {"resume", true, "Let the subtask go on with it"};
  const QueryFlag keep = {"keep", false, "Leave what its servers keep of it, to go on with later"};
  const QueryFlag stop = {"stop", false, "Stop it first"};
  const auto decides = [&](const char* word, connector::DdlVerb verb,
                           const char* summary) -> Route {
    return {"POST",
            fmt::format("/tasks/{{task}}/ddl/{}", word),
            kOperate,
            summary,
            Body::kObject,
            "Decision",
            "Done",
            {resume},
            [ends, verb](const ApiRequest& request) { return ends->Decide(request, verb); }};
  };
  return {
      {"POST",
       "/tasks/check",
       kOperate,
       "Checks a task that need not be added",
       Body::kFile,
       "",
       "Checks",
       {},
       call(&TaskEnds::CheckFile)},
      {"POST",
       "/tasks/plan",
       kOperate,
       "What a task that need not be added would do",
       Body::kFile,
       "",
       "Plans",
       {},
       call(&TaskEnds::PlanFile)},
      {"POST",
       "/tasks/{task}/check",
       kOperate,
       "Checks a task",
       Body::kNone,
       "",
       "Checks",
       {},
       call(&TaskEnds::CheckKnown)},
      {"POST",
       "/tasks/{task}/plan",
       kOperate,
       "What a task would do",
       Body::kNone,
       "",
       "Plans",
       {},
       call(&TaskEnds::PlanKnown)},
      {"GET",
       "/tasks/{task}/errors",
       kRead,
       "Why its subtasks have paused, and DDL that wait",
       Body::kNone,
       "",
       "TaskErrors",
       {},
       call(&TaskEnds::Errors)},
      decides("skip", connector::DdlVerb::kSkip, "Leaves out the DDL that waits"),
      decides("retry", connector::DdlVerb::kRetry, "Executes it as it stands"),
      decides("replace", connector::DdlVerb::kReplace, "Executes other statements instead"),
      {"DELETE",
       "/tasks/{task}",
       kOperate,
       "Removes a task that is stopped",
       Body::kNone,
       "",
       "Removed",
       {keep, stop},
       call(&TaskEnds::Remove)},
  };
}

}  // namespace godwit::portal
