#include "cli/cluster/cluster_text.h"
#include "cli/cluster/command_group.h"

namespace godwit::cli {
namespace {

CommandGroup::Act Send(CLI::App& app, bool is_new) {
  const Word path = AddWord(app, "file", "The source's file");
  auto unchecked = std::make_shared<bool>(false);
  app.add_flag("--no-check", *unchecked, "Without connecting to the source first");
  return [=](Session& session) {
    const auto file = ReadConfig(Named::kSource, *path);
    if (!file.ok()) return Fail(file.status());
    const std::string query = *unchecked ? "?check=false" : "";
    MasterClient& client = session.client();
    if (is_new) return session.Report(client.PostFile("/sources" + query, file->text));
    const std::string at = PathOf(Named::kSource, file->name) + query;
    return session.Report(client.PutFile(at, file->text), Named::kSource, file->name);
  };
}

CommandGroup::Act Transfer(CLI::App& app) {
  const Word source = AddWord(app, "name", "The source, or its file");
  const Word worker = AddWord(app, "--to", "The worker that gets it");
  app.get_option("--to")->type_name("WORKER");
  return [=](Session& session) {
    const auto name = NameIn(Named::kSource, *source);
    if (!name.ok()) return Fail(name.status());
    const auto answer =
        session.client().Post(PathOf(Named::kSource, *name) + "/transfer", {{"worker", *worker}});
    if (answer.ok()) return session.Report(answer);
    // Either of the two may be misspelt.
    const base::Status error = session.Explain(answer.status(), Named::kSource, *name);
    return Fail(error == answer.status() ? session.Explain(error, Named::kWorker, *worker) : error);
  };
}

CommandGroup::Act Schemas(CLI::App& app) {
  const Word source = AddWord(app, "name", "The source, or its file");
  const Word schema = AddWord(app, "schema", "Its schema whose tables are listed", false);
  return [=](Session& session) {
    const auto name = NameIn(Named::kSource, *source);
    if (!name.ok()) return Fail(name.status());
    std::string path = PathOf(Named::kSource, *name) + "/schemas";
    if (schema->empty()) {
      return session.Show(session.client().Get(path), Named::kSource, *name, SchemaLines);
    }
    path += fmt::format("/{}/tables", portal::EncodePercent(*schema));
    return session.Show(session.client().Get(path), Named::kSource, *name, TableListLines);
  };
}

void AddRequests(CommandGroup& group) {
  group.Add("add", "Add a source; it gets a worker as soon as one is free",
            "The master connects to it and checks it first.\n\n"
            "Examples:\n  godwit source add shop-db.yaml",
            [](CLI::App& app) { return Send(app, true); });
  group.Add("update", "Give a source another configuration, while its tasks go on",
            "Examples:\n  godwit source update shop-db.yaml",
            [](CLI::App& app) { return Send(app, false); });
  group.Add("remove", "Remove a source that no task uses",
            "Examples:\n  godwit source remove shop-db", [](CLI::App& app) {
              return OnNamed(app, Named::kSource,
                             [](MasterClient& client, const std::string& path) {
                               return client.Delete(path);
                             });
            });
  group.Add("enable", "Have a source run again", "Examples:\n  godwit source enable shop-db",
            [](CLI::App& app) { return OnNamed(app, Named::kSource, PostTo("/enable")); });
  group.Add("disable", "Have no worker run a source, with its tasks, until it is enabled",
            "Examples:\n  godwit source disable shop-db",
            [](CLI::App& app) { return OnNamed(app, Named::kSource, PostTo("/disable")); });
  group.Add("transfer", "Have another worker run a source",
            "The worker has to have a free slot.\n\n"
            "Examples:\n  godwit source transfer shop-db --to w2",
            Transfer);
}

void AddLooks(CommandGroup& group) {
  group.Add("list", "List the sources", "Examples:\n  godwit source list", [](CLI::App&) {
    return [](Session& session) {
      return session.Show(session.client().Get("/sources"), SourceLines);
    };
  });
  group.Add("show", "Print a source's file as the cluster keeps it",
            "Examples:\n  godwit source show shop-db > shop-db.yaml", [](CLI::App& app) {
              const Word word = AddWord(app, "name", "The source");
              return [=](Session& session) {
                const auto answer = session.client().Get(PathOf(Named::kSource, *word));
                return session.Show(answer, Named::kSource, *word, FileLines);
              };
            });
  group.Add("status", "Print who runs a source, and how its tasks stand",
            "Examples:\n  godwit source status\n  godwit source status shop-db --json",
            [](CLI::App& app) {
              const Word word = AddWord(app, "name", "The source (default: all)", false);
              return [=](Session& session) {
                const auto name = NameIn(Named::kSource, *word);
                if (!name.ok()) return Fail(name.status());
                return session.Show(ReadStatus(session.client(), Named::kSource, *name),
                                    Named::kSource, *name, SourceStatusLines);
              };
            });
  group.Add("schemas", "List what is in a source: its schemas, or the tables of one",
            "Examples:\n  godwit source schemas shop-db\n  godwit source schemas shop-db shop",
            Schemas);
}

}  // namespace

Command AddSourceCommand(CLI::App& parent) {
  CommandGroup group(parent, "source", "The databases that a cluster reads",
                     "  godwit source add shop-db.yaml\n"
                     "  godwit source list\n"
                     "  godwit source transfer shop-db --to w2");
  AddRequests(group);
  AddLooks(group);
  return group.Finish();
}

}  // namespace godwit::cli
