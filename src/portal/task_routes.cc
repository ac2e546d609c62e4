#include "portal/task_routes.h"

#include "config/source_file.h"
#include "config/split_task.h"
#include "portal/source_verification.h"
#include "portal/subtask_status.h"
#include "portal/task_configs.h"
#include "portal/worker_api.h"

namespace godwit::portal {
namespace {

using cluster::TaskRequest;

// One as it was seen, to be shown on another thread.
struct SeenTask {
  std::string name;
  cluster::TaskRecord record;
  std::map<std::string, cluster::Stage> stages;  // by source
};

SeenTask See(const cluster::View& view, const std::string& name,
             const cluster::TaskRecord& record) {
  SeenTask seen{.name = name, .record = record};
  for (const std::string& source_name : record.sources) {
    const cluster::View::Source* source = view.FindSource(source_name);
    const auto subtask = source ? source->subtasks.find(name) : decltype(source->subtasks.end()){};
    const bool is_expected = source && subtask != source->subtasks.end() && subtask->second.stage;
    seen.stages[source_name] =
        is_expected ? subtask->second.stage->record.stage : cluster::Stage::kStopped;
  }
  return seen;
}

Json TaskJson(const SeenTask& task) {
  Json stages = Json::object();
  for (const auto& [source, stage] : task.stages) stages[source] = cluster::ToText(stage);
  // One that does not parse may hold a password in its words, which one that does cannot.
  const bool is_shown = config::ParseClusterTask(task.record.config, task.name).ok();
  return {{"name", task.name},
          {"sources", task.record.sources},
          {"stages", std::move(stages)},
          {"config", is_shown ? task.record.config : ""}};
}

class Tasks {
 public:
  Tasks(Control& control, SubtaskStatuses& statuses) : control_(control), statuses_(statuses) {}

  base::StatusOr<Json> Add(const ApiRequest& request) {
    GODWIT_ASSIGN_OR_RETURN(const std::string text, request.File());
    return AddText(request, text);
  }

  base::StatusOr<Json> Import(const ApiRequest& request) {
    GODWIT_ASSIGN_OR_RETURN(const std::string text, request.File());
    GODWIT_ASSIGN_OR_RETURN(const config::SplitTask files,
                            config::SplitLocalTask(text, "task file"));
    GODWIT_ASSIGN_OR_RETURN(const config::SourceFile source,
                            config::ParseSourceFile(files.source_text, "source of the task file"));
    // Both or none: what fails now is found before the source is added.
    GODWIT_RETURN_IF_ERROR(config::ParseSubtask(files.task_text, "task file", files.source_text,
                                                "source of the task file")
                               .status());
    // One that is there was added by an import that has not come to its end.
    const auto look = [&](const cluster::View& view) -> base::StatusOr<bool> {
      if (view.FindTask(source.name)) {
        return base::FailedPrecondition("there is a task {} already: update it, or remove it first",
                                        source.name);
      }
      const cluster::View::Source* known = view.FindSource(source.name);
      return known && known->config && known->config->record.config == files.source_text;
    };
    GODWIT_ASSIGN_OR_RETURN(const bool has_source, control_.Find(look));
    if (!has_source) {
      GODWIT_RETURN_IF_ERROR(VerifySource(request, files.source_text).status());
      GODWIT_RETURN_IF_ERROR(control_.Ask([&](const auto& view, auto leadership) {
        return cluster::AddSource(view, leadership, source.name, files.source_text);
      }));
    }
    return AddText(request, files.task_text);
  }

  base::StatusOr<Json> Update(const ApiRequest& request) {
    const std::string& name = request.At("task");
    GODWIT_ASSIGN_OR_RETURN(const std::string text, request.File());
    GODWIT_ASSIGN_OR_RETURN(const TaskConfigs configs, ReadTaskConfigs(control_, text));
    if (configs.file.name != name) {
      return base::InvalidArgument("the file is that of the task {}, not of {}", configs.file.name,
                                   name);
    }
    GODWIT_RETURN_IF_ERROR(control_.Ask([&](const auto& view, auto leadership) {
      return cluster::UpdateTask(view, leadership, name, ForControl(configs));
    }));
    return Done(fmt::format("the task {} is updated", name), configs.file.warnings);
  }

  base::StatusOr<Json> List(const ApiRequest&) {
    GODWIT_ASSIGN_OR_RETURN(const auto all, control_.Look([](const cluster::View& view) {
      std::vector<SeenTask> seen;
      for (const auto& [name, task] : view.tasks()) seen.push_back(See(view, name, task.record));
      return seen;
    }));
    Json tasks = Json::array();
    for (const SeenTask& task : all) tasks.push_back(TaskJson(task));
    return Json{{"tasks", std::move(tasks)}};
  }

  base::StatusOr<Json> Show(const ApiRequest& request) {
    const std::string& name = request.At("task");
    GODWIT_ASSIGN_OR_RETURN(
        const SeenTask seen,
        control_.Find([&](const cluster::View& view) -> base::StatusOr<SeenTask> {
          if (const auto* task = view.FindTask(name)) return See(view, name, task->record);
          return base::NotFound("there is no task {}: add it, or look at those that there are",
                                name);
        }));
    return TaskJson(seen);
  }

  base::StatusOr<Json> Status(const ApiRequest& request) {
    Json json = {{"name", request.At("task")}};
    GODWIT_ASSIGN_OR_RETURN(json["subtasks"], statuses_.OfTask(request.At("task"), request.http));
    return json;
  }

  base::StatusOr<Json> Tables(const ApiRequest& request) {
    GODWIT_RETURN_IF_ERROR(TableQueryOf(request.http).status());
    Json json = {{"name", request.At("task")}};
    GODWIT_ASSIGN_OR_RETURN(
        json["subtasks"],
        statuses_.TablesOfTask(request.At("task"), request.Text("source"), request.http));
    return json;
  }

  base::StatusOr<Json> AllStatuses(const ApiRequest& request) {
    GODWIT_ASSIGN_OR_RETURN(Json tasks, statuses_.OfAllTasks(request.http));
    return Json{{"tasks", std::move(tasks)}};
  }

  base::StatusOr<Json> Export(const ApiRequest& request) {
    GODWIT_ASSIGN_OR_RETURN(const TaskConfigs configs, ReadKnownTask(control_, request.At("task")));
    Json files = Json::array();
    for (const SubtaskConfig& subtask : configs.subtasks) {
      GODWIT_ASSIGN_OR_RETURN(const std::string text,
                              config::JoinTask(subtask.source_text, configs.text));
      files.push_back({{"source", subtask.source}, {"config", text}});
    }
    return Json{{"files", std::move(files)}};
  }

  // What the task has made on the target goes, so that its name has to be said again.
  base::StatusOr<Json> Restart(const ApiRequest& request) {
    const std::string& name = request.At("task");
    GODWIT_ASSIGN_OR_RETURN(const Json object, request.Object());
    GODWIT_ASSIGN_OR_RETURN(const std::vector<std::string> sources, Texts(object, "sources"));
    const auto confirm = object.find("confirm");
    if (confirm == object.end() || *confirm != name) {
      return base::InvalidArgument(
          "a restart drops the tables that the task {0} has made on its target, and copies them "
          "anew: send {{\"confirm\": \"{0}\"}} (`godwit task restart {0} --yes`) if that is meant",
          name);
    }
    GODWIT_RETURN_IF_ERROR(control_.Ask([&](const auto& view, auto leadership) {
      return cluster::RestartTask(view, leadership, name, sources);
    }));
    const std::string on = sources.empty() ? "" : fmt::format(" on {}", fmt::join(sources, ", "));
    return Done(fmt::format("the task {} is copied anew{}", name, on));
  }

  base::StatusOr<Json> Change(const ApiRequest& request, TaskRequest change,
                              std::string_view what) {
    const std::string& name = request.At("task");
    GODWIT_ASSIGN_OR_RETURN(const Json object, request.Object());
    GODWIT_ASSIGN_OR_RETURN(const std::vector<std::string> sources, Texts(object, "sources"));
    GODWIT_RETURN_IF_ERROR(control_.Ask([&](const auto& view, auto leadership) {
      return cluster::ChangeTask(view, leadership, name, change, sources);
    }));
    const std::string on = sources.empty() ? "" : fmt::format(" on {}", fmt::join(sources, ", "));
    return Done(fmt::format("the task {} {}{}", name, what, on));
  }

 private:
  base::StatusOr<Json> AddText(const ApiRequest& request, const std::string& text) {
    GODWIT_ASSIGN_OR_RETURN(const bool starts, request.Flag("start", true));
    GODWIT_ASSIGN_OR_RETURN(const TaskConfigs configs, ReadTaskConfigs(control_, text));
    const std::string& name = configs.file.name;
    GODWIT_RETURN_IF_ERROR(control_.Ask([&](const auto& view, auto leadership) {
      return cluster::AddTask(view, leadership, name, ForControl(configs), !starts);
    }));
    return Done(fmt::format("the task {} is added{}", name, starts ? "" : ", and not started"),
                configs.file.warnings);
  }

  Control& control_;
  SubtaskStatuses& statuses_;
};

}  // namespace

std::vector<Route> TaskRoutes(Control& control, SubtaskStatuses& statuses) {
  const auto tasks = std::make_shared<Tasks>(control, statuses);
  using Method = base::StatusOr<Json> (Tasks::*)(const ApiRequest&);
  const auto call = [tasks](Method method) -> ApiHandler {
    return [=](const ApiRequest& request) { return ((*tasks).*method)(request); };
  };
  const auto change = [tasks](TaskRequest asked, std::string_view what) -> ApiHandler {
    return [=](const ApiRequest& request) { return tasks->Change(request, asked, what); };
  };
  const QueryFlag start = {"start", true, "Have it run at once"};
  constexpr auto kRead = Role::kRead, kOperate = Role::kOperate;
  const auto asks = [&](const char* verb, TaskRequest request, const char* summary,
                        std::string_view what) -> Route {
    return {"POST",
            fmt::format("/tasks/{{task}}/{}", verb),
            kOperate,
            summary,
            Body::kObject,
            "OnSources",
            "Done",
            {},
            change(request, what)};
  };
  return {
      {"POST",
       "/tasks",
       kOperate,
       "Adds a task",
       Body::kFile,
       "",
       "Done",
       {start},
       call(&Tasks::Add)},
      {"POST",
       "/tasks/import",
       kOperate,
       "Adds a task of `godwit run` and its source",
       Body::kFile,
       "",
       "Done",
       {start},
       call(&Tasks::Import)},
      {"GET", "/tasks", kRead, "All tasks", Body::kNone, "", "Tasks", {}, call(&Tasks::List)},
      {"GET", "/tasks/{task}", kRead, "A task", Body::kNone, "", "Task", {}, call(&Tasks::Show)},
      {"PUT",
       "/tasks/{task}",
       kOperate,
       "Gives a task another configuration",
       Body::kFile,
       "",
       "Done",
       {},
       call(&Tasks::Update)},
      asks("start", TaskRequest::kStart, "Has it run", "starts"),
      asks("stop", TaskRequest::kStop, "Has it stop, with everything saved", "stops"),
      asks("pause", TaskRequest::kPause, "Has it pause", "pauses"),
      asks("resume", TaskRequest::kResume, "Lets it go on, after an error too", "goes on"),
      {"GET",
       "/tasks/{task}/status",
       kRead,
       "How its subtasks stand",
       Body::kNone,
       "",
       "TaskStatus",
       {},
       call(&Tasks::Status)},
      {"POST",
       "/tasks/{task}/restart",
       kOperate,
       "Copies it anew, in place of what it has made on the target; `confirm` is its name again",
       Body::kObject,
       "Restart",
       "Done",
       {},
       call(&Tasks::Restart)},
      {"GET",
       "/tasks/{task}/tables",
       kRead,
       "How its tables stand, a page at a time",
       Body::kNone,
       "",
       "TaskTables",
       {{.name = "source", .summary = "On this source alone", .type = "string"},
        {.name = "state",
         .summary = "Those in this state alone, or not-well: all that have a problem",
         .type = "string"},
        {.name = "after",
         .summary = "Those after this name (`next` of the page before)",
         .type = "string"},
        {.name = "most", .summary = "So many of each subtask, 1 to 1000 (100)", .type = "integer"}},
       call(&Tasks::Tables)},
      {"GET",
       "/status",
       kRead,
       "How all tasks stand",
       Body::kNone,
       "",
       "Status",
       {},
       call(&Tasks::AllStatuses)},
      {"GET",
       "/tasks/{task}/export",
       kRead,
       "The task as files for `godwit run`",
       Body::kNone,
       "",
       "Export",
       {},
       call(&Tasks::Export)},
  };
}

}  // namespace godwit::portal
