#include <unistd.h>

#include <chrono>
#include <thread>

#include "cli/cluster/cluster_text.h"
#include "cli/cluster/command_group.h"
#include "cli/cluster/table_state_text.h"
#include "config/read_file.h"
#include "config/yaml_document.h"

namespace godwit::cli {
namespace {

using Words = std::shared_ptr<std::vector<std::string>>;
using Flag = std::shared_ptr<bool>;

Flag AddSwitch(CLI::App& app, const std::string& name, const std::string& about) {
  auto flag = std::make_shared<bool>(false);
  app.add_flag(name, *flag, about);
  return flag;
}

constexpr const char* kTaskWord = "The task, or its file";

CommandGroup::Act Add(CLI::App& app) {
  const Word path = AddWord(app, "file", "The task's file");
  const Flag stopped = AddSwitch(app, "--no-start", "Leave it stopped");
  return [=](Session& session) {
    const auto file = ReadConfig(Named::kTask, *path);
    if (!file.ok()) return Fail(file.status());
    const std::string query = *stopped ? "?start=false" : "";
    return session.Report(session.client().PostFile("/tasks" + query, file->text));
  };
}

CommandGroup::Act Update(CLI::App& app) {
  const Word path = AddWord(app, "file", "The task's file");
  return [=](Session& session) {
    const auto file = ReadConfig(Named::kTask, *path);
    if (!file.ok()) return Fail(file.status());
    return session.Report(session.client().PutFile(PathOf(Named::kTask, file->name), file->text),
                          Named::kTask, file->name);
  };
}

CommandGroup::Act Import(CLI::App& app) {
  const Word path = AddWord(app, "file", "A task file of `godwit run`");
  const Flag stopped = AddSwitch(app, "--no-start", "Leave it stopped");
  return [=](Session& session) {
    const auto text = config::ReadFile(*path, config::kMostFileBytes);
    if (!text.ok()) return Fail(text.status());
    const std::string query = *stopped ? "?start=false" : "";
    return session.Report(session.client().PostFile("/tasks/import" + query, *text));
  };
}

// start, stop, pause or resume.
CommandGroup::Act Change(CLI::App& app, const std::string& verb) {
  const Word word = AddWord(app, "name", kTaskWord);
  const Words sources = AddSources(app, "Only on this source; may be given several times");
  return [=](Session& session) {
    const auto name = NameIn(Named::kTask, *word);
    if (!name.ok()) return Fail(name.status());
    Json body = Json::object();
    if (!sources->empty()) body["sources"] = *sources;
    const auto answer = session.client().Post(PathOf(Named::kTask, *name) + "/" + verb, body);
    return session.Report(answer, Named::kTask, *name);
  };
}

// What would be lost by a removal: that the task can go on from where it is.
bool HasEnded(const Json& status) {
  for (const Json& subtask : ListOf(status, "subtasks")) {
    const Json& run = FieldOf(subtask, "status");
    const bool never_ran = FieldOf(subtask, "since_ms").is_null() && !run.is_object();
    if (!never_ran && TextOf(run, "phase") != "finished") return false;
  }
  return true;
}

CommandGroup::Act Remove(CLI::App& app) {
  const Word word = AddWord(app, "name", kTaskWord);
  const Flag keep = AddSwitch(app, "--keep",
                              "Leave what the servers keep of it, so that it can be added again "
                              "and goes on");
  const Flag yes = AddSwitch(app, "--yes", "Also if it has not ended; if it runs, it is stopped");
  return [=](Session& session) {
    const auto name = NameIn(Named::kTask, *word);
    if (!name.ok()) return Fail(name.status());
    const std::string path = PathOf(Named::kTask, *name);
    if (!*keep && !*yes) {
      const auto status = session.client().Get(path + "/status");
      if (!status.ok()) return Fail(session.Explain(status.status(), Named::kTask, *name));
      if (!HasEnded(status->json)) {
        return Fail(base::FailedPrecondition(
            "task {}: it has not ended, and cannot go on once it is removed: --yes removes it all "
            "the same, --keep leaves what its servers keep of it",
            *name));
      }
    }
    const std::string query = fmt::format("?keep={}&stop={}", *keep, *yes);
    return session.Show(session.client().Delete(path + query), Named::kTask, *name, RemovedLines);
  };
}

// A file is sent, and need not be the cluster's yet; a name is that of one that it has.
base::StatusOr<Answer> Ask(Session& session, const std::string& word, const std::string& verb) {
  if (!IsFile(word)) {
    auto answer = session.client().Post(PathOf(Named::kTask, word) + "/" + verb);
    if (!answer.ok()) return session.Explain(answer.status(), Named::kTask, word);
    return answer;
  }
  GODWIT_ASSIGN_OR_RETURN(const ConfigFile file, ReadConfig(Named::kTask, word));
  return session.client().PostFile("/tasks/" + verb, file.text);
}

CommandGroup::Act Check(CLI::App& app) {
  const Word word = AddWord(app, "task", "A task's file, or the name of one that the cluster has");
  return [=](Session& session) {
    const auto answer = Ask(session, *word, "check");
    const ExitCode shown = session.Show(answer, CheckedLines);
    if (!answer.ok()) return shown;
    for (const Json& one : ListOf(answer->json, "subtasks")) {
      if (CountOf(one, "failed") > 0) return kFound;
    }
    return kDone;
  };
}

CommandGroup::Act Plan(CLI::App& app) {
  const Word word = AddWord(app, "task", "A task's file, or the name of one that the cluster has");
  return [=](Session& session) {
    const auto answer = Ask(session, *word, "plan");
    const ExitCode shown = session.Show(answer, PlannedLines);
    if (!answer.ok()) return shown;
    for (const Json& one : ListOf(answer->json, "subtasks")) {
      for (const Json& table : ListOf(one, "tables")) {
        if (!TextOf(table, "conflict").empty()) return kFound;
      }
    }
    return kDone;
  };
}

CommandGroup::Act Restart(CLI::App& app) {
  const Word word = AddWord(app, "name", kTaskWord);
  const Words sources = AddSources(app, "Only on this source; may be given several times");
  const Flag yes = AddSwitch(app, "--yes", "Do so: what it has made on the target is dropped");
  return [=](Session& session) {
    const auto name = NameIn(Named::kTask, *word);
    if (!name.ok()) return Fail(name.status());
    if (!*yes) {
      return Fail(base::FailedPrecondition(
          "task {}: a restart drops the tables that it has made on its target, and copies them "
          "anew: say --yes if that is meant",
          *name));
    }
    Json body = {{"confirm", *name}};
    if (!sources->empty()) body["sources"] = *sources;
    return session.Report(session.client().Post(PathOf(Named::kTask, *name) + "/restart", body),
                          Named::kTask, *name);
  };
}

// All pages of the tables of a task as one answer.
base::StatusOr<Answer> ReadTables(MasterClient& client, const std::string& task,
                                  const std::string& source, const std::string& state) {
  const auto ask = [&](const std::string& of_source, const std::string& after) {
    std::string path = PathOf(Named::kTask, task) + "/tables?most=1000";
    if (!of_source.empty()) path += "&source=" + portal::EncodePercent(of_source);
    if (!state.empty()) path += "&state=" + portal::EncodePercent(state);
    if (!after.empty()) path += "&after=" + portal::EncodePercent(after);
    return client.Get(path);
  };
  GODWIT_ASSIGN_OR_RETURN(Answer all, ask(source, ""));
  for (Json& subtask : all.json["subtasks"]) {
    while (subtask["next"].is_string()) {
      GODWIT_ASSIGN_OR_RETURN(Answer page,
                              ask(TextOf(subtask, "source"), subtask["next"].get<std::string>()));
      const Json& more = page.json["subtasks"].at(0);
      for (const Json& table : ListOf(more, "tables")) subtask["tables"].push_back(table);
      subtask["next"] = FieldOf(more, "next");
    }
  }
  all.text = all.json.dump();
  return all;
}

CommandGroup::Act Status(CLI::App& app) {
  const Word word = AddWord(app, "name", "The task, or its file (default: all)", false);
  const Flag watch = AddSwitch(app, "--watch", "Again every 2 s, until Ctrl-C");
  const Flag tables = AddSwitch(app, "--tables", "Each of its tables");
  const Word source = AddWord(app, "--source", "With --tables: only those of this source", false);
  const Word state = AddWord(
      app, "--state",
      "With --tables: only those in this state (waiting, copying, copied, catching-up, streaming, "
      "finished, dropped, error), or all that are not well (not-well)",
      false);
  return [=](Session& session) {
    const auto name = NameIn(Named::kTask, *word);
    if (!name.ok()) return Fail(name.status());
    if (name->empty() && *tables) {
      return Fail(base::InvalidArgument("--tables: name the task whose tables are meant"));
    }
    if (!*tables && !(source->empty() && state->empty())) {
      return Fail(base::InvalidArgument("--source and --state go with --tables"));
    }
    const bool redraws = *watch && !session.json() && isatty(STDOUT_FILENO) != 0;
    for (bool is_first = true;; is_first = false) {
      const auto answer = *tables ? ReadTables(session.client(), *name, *source, *state)
                                  : ReadStatus(session.client(), Named::kTask, *name);
      if (redraws) fmt::print("\x1b[H\x1b[2J");
      const ExitCode shown =
          session.Show(answer, Named::kTask, *name, *tables ? TableStateLines : TaskStatusLines);
      // A master that is away for a while does not end what watches.
      if (!*watch || (is_first && shown != kDone)) return shown;
      std::fflush(stdout);
      std::this_thread::sleep_for(std::chrono::seconds(2));
    }
  };
}

CommandGroup::Act Export(CLI::App& app) {
  const Word word = AddWord(app, "name", kTaskWord);
  const Word source = AddWord(app, "--source", "Only that of this source", false);
  return [=](Session& session) {
    const auto name = NameIn(Named::kTask, *word);
    if (!name.ok()) return Fail(name.status());
    const auto answer = session.client().Get(PathOf(Named::kTask, *name) + "/export");
    if (answer.ok() && ExportedLines(answer->json, *source).empty()) {
      return Fail(base::NotFound("task {} has no source {}", *name, *source));
    }
    return session.Show(answer, Named::kTask, *name,
                        [&](const Json& files) { return ExportedLines(files, *source); });
  };
}

void AddRequests(CommandGroup& group) {
  group.Add("add", "Add a task, and start it",
            "Its sources have to be there.\n\nExamples:\n  godwit task add shop.yaml", Add);
  group.Add("update", "Give a task another configuration; what runs is started again with it",
            "Examples:\n  godwit task update shop.yaml", Update);
  const auto add_change = [&](const char* verb, const char* about) {
    group.Add(verb, about,
              fmt::format("Examples:\n  godwit task {0} shop\n  godwit task {0} shop --source "
                          "shop-db",
                          verb),
              [verb](CLI::App& app) { return Change(app, verb); });
  };
  add_change("start", "Start a task that is stopped, from wherever it stands");
  add_change("stop", "Stop a task; it stays in the cluster, and can be started again");
  add_change("pause", "Pause a task");
  add_change("resume", "Have a task go on that is paused, or has paused because of an error");
  group.Add(
      "restart", "Copy a task anew, in place of what it has made on the target",
      "For what messages say needs a new copy. It is done once, whatever happens meanwhile, and "
      "the task runs\nfrom there on.\n\n"
      "Examples:\n"
      "  godwit task restart shop --yes\n"
      "  godwit task restart shop --source shop-db --yes",
      Restart);
  group.Add("remove", "Remove a task, with all that is kept for it but for its tables",
            "It has to be stopped. One that has not ended cannot go on after that.\n\n"
            "Examples:\n"
            "  godwit task remove shop             of a task that has ended\n"
            "  godwit task remove shop --yes       of any task, as after the cut-over\n"
            "  godwit task remove shop --keep      from the cluster only\n\n"
            "Exit codes: 0 removed, 1 failed (also: it has not ended, it runs), 2 bad usage.",
            Remove);
  group.Add("import", "Carry on in the cluster what `godwit run` has begun",
            "The file is that of the run, which has to be stopped. It becomes a source and a task, "
            "both\nwith its name, that go on where the run was.\n\n"
            "Examples:\n  godwit task import shop.yaml",
            Import);
}

void AddLooks(CommandGroup& group) {
  group.Add("list", "List the tasks", "Examples:\n  godwit task list", [](CLI::App&) {
    return [](Session& session) { return session.Show(session.client().Get("/tasks"), TaskLines); };
  });
  group.Add("show", "Print a task's file as the cluster keeps it",
            "Examples:\n  godwit task show shop > shop.yaml", [](CLI::App& app) {
              const Word word = AddWord(app, "name", "The task");
              return [=](Session& session) {
                const auto answer = session.client().Get(PathOf(Named::kTask, *word));
                return session.Show(answer, Named::kTask, *word, FileLines);
              };
            });
  group.Add("status", "Print how a task stands on each of its sources, and what to do",
            "Examples:\n"
            "  godwit task status\n"
            "  godwit task status shop --watch\n"
            "  godwit task status shop --tables --state not-well\n"
            "  godwit task status shop --json | jq '.subtasks[].stage'",
            Status);
  group.Add("check", "Look at all servers of a task for what stands in its way",
            "Examples:\n  godwit task check shop.yaml\n\n"
            "Exit codes: 0 nothing failed, 1 could not be done, 2 bad usage or file, 3 an item "
            "failed.",
            Check);
  group.Add("plan", "Print what a task would do; changes nothing",
            "Examples:\n  godwit task plan shop.yaml\n\n"
            "Exit codes: 0 done, 1 failed, 2 bad usage or file, 3 a table of the target is in the "
            "way.",
            Plan);
  group.Add("export", "Print a task as a file for `godwit run`, which carries it on",
            "Stop the task first.\n\n"
            "Examples:\n  godwit task export shop > shop.yaml",
            Export);
}

}  // namespace

Command AddTaskCommand(CLI::App& parent) {
  CommandGroup group(parent, "task", "The migrations of a cluster",
                     "  godwit task check shop.yaml\n"
                     "  godwit task add shop.yaml\n"
                     "  godwit task status shop --watch\n"
                     "  godwit task pause shop");
  AddRequests(group);
  AddLooks(group);
  return group.Finish();
}

}  // namespace godwit::cli
