#include "cli/cluster/command_group.h"

#include "config/cluster_task.h"
#include "config/read_file.h"
#include "config/source_file.h"
#include "config/yaml_document.h"

namespace godwit::cli {
namespace {

const char* WordFor(Named what) {
  switch (what) {
    case Named::kSource:
      return "source";
    case Named::kTask:
      return "task";
    case Named::kWorker:
      return "worker";
  }
  return "?";
}

}  // namespace

CommandGroup::CommandGroup(CLI::App& parent, const std::string& name, const std::string& about,
                           const std::string& examples)
    : app_(parent.add_subcommand(name, about)) {
  app_->group(kClusterGroup);
  app_->require_subcommand(1);
  app_->footer("Examples:\n" + examples +
               "\n\nA master is named by --master or GODWIT_MASTER; each command has a --help of "
               "its own.");
}

void CommandGroup::Add(const std::string& name, const std::string& about, const std::string& more,
                       const std::function<Act(CLI::App&)>& define) {
  struct Arguments {
    ClientArguments master;
    bool json = false;
  };
  CLI::App* app = app_->add_subcommand(name, about);
  app->group("Subcommands");  // not the group of the word above
  app->footer(more);
  const Act act = define(*app);
  auto arguments = std::make_shared<Arguments>();
  app->add_flag("--json", arguments->json, "Print the master's answer as it is, a JSON object");
  arguments->master.AddTo(*app);
  commands_.push_back({app, [act, arguments] {
                         auto client = arguments->master.Connect();
                         if (!client.ok()) return Fail(client.status());
                         Session session(*std::move(client), arguments->json);
                         return act(session);
                       }});
}

Command CommandGroup::Finish() const {
  return {app_, [commands = commands_] {
            for (const Command& command : commands) {
              if (command.app->parsed()) return command.run();
            }
            return kBadUsage;
          }};
}

Word AddWord(CLI::App& app, const std::string& name, const std::string& about, bool required) {
  auto word = std::make_shared<std::string>();
  std::string type = name.substr(name.find_first_not_of('-'));
  for (char& c : type) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  app.add_option(name, *word, about)->required(required)->type_name(type);
  return word;
}

std::shared_ptr<std::vector<std::string>> AddSources(CLI::App& app, const std::string& about) {
  auto sources = std::make_shared<std::vector<std::string>>();
  app.add_option("-s,--source", *sources, about)
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->type_name("SOURCE");
  return sources;
}

bool IsFile(const std::string& word) { return word.find_first_of("./") != std::string::npos; }

base::StatusOr<ConfigFile> ReadConfig(Named what, const std::string& path) {
  ConfigFile file;
  GODWIT_ASSIGN_OR_RETURN(file.text, config::ReadFile(path, config::kMostFileBytes));
  if (what == Named::kSource) {
    GODWIT_ASSIGN_OR_RETURN(config::SourceFile source, config::ParseSourceFile(file.text, path));
    file.name = source.name;
  } else {
    GODWIT_ASSIGN_OR_RETURN(config::ClusterTask task, config::ParseClusterTask(file.text, path));
    file.name = task.name;
  }
  return file;
}

base::StatusOr<std::string> NameIn(Named what, const std::string& word) {
  if (what == Named::kWorker || !IsFile(word)) return word;
  GODWIT_ASSIGN_OR_RETURN(const ConfigFile file, ReadConfig(what, word));
  return file.name;
}

Request PostTo(const std::string& below) {
  return
      [below](MasterClient& client, const std::string& path) { return client.Post(path + below); };
}

CommandGroup::Act OnNamed(CLI::App& app, Named what, Request request) {
  const Word word = AddWord(app, "name", fmt::format("The {}, or its file", WordFor(what)));
  return [=, request = std::move(request)](Session& session) {
    const auto name = NameIn(what, *word);
    if (!name.ok()) return Fail(name.status());
    return session.Report(request(session.client(), PathOf(what, *name)), what, *name);
  };
}

}  // namespace godwit::cli
