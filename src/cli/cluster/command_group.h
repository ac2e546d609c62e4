#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/cluster/session.h"
#include "cli/command.h"

namespace godwit::cli {

// Commands under one word that each ask a master: `godwit source list`, `godwit source add`.
class CommandGroup {
 public:
  CommandGroup(CLI::App& parent, const std::string& name, const std::string& about,
               const std::string& examples);

  using Act = std::function<ExitCode(Session&)>;
  // `define` adds the command's own arguments, and gives what it does.
  void Add(const std::string& name, const std::string& about, const std::string& more,
           const std::function<Act(CLI::App&)>& define);

  Command Finish() const;

 private:
  CLI::App* app_;
  std::vector<Command> commands_;
};

inline constexpr const char* kClusterGroup = "A cluster";  // of commands, in the help

// A word of the command line that outlives the reading of it.
using Word = std::shared_ptr<std::string>;
Word AddWord(CLI::App& app, const std::string& name, const std::string& about,
             bool required = true);

// --source, any number of times.
std::shared_ptr<std::vector<std::string>> AddSources(CLI::App& app, const std::string& about);

// The file of a source or task, read and found to be right.
struct ConfigFile {
  std::string name, text;
};
base::StatusOr<ConfigFile> ReadConfig(Named what, const std::string& path);

// Whether the word is that of a file: names have neither dot nor slash.
bool IsFile(const std::string& word);
// What the word names: itself, or, if it is a file's, the source or task in that file.
base::StatusOr<std::string> NameIn(Named what, const std::string& word);

// A command that changes the one that its only argument names, by `request`.
using Request = std::function<base::StatusOr<Answer>(MasterClient&, const std::string& path)>;
Request PostTo(const std::string& below);  // the path of what is named
CommandGroup::Act OnNamed(CLI::App& app, Named what, Request request);

}  // namespace godwit::cli
