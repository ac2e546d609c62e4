#include <filesystem>
#include <fstream>

#include "cli/command.h"
#include "config/dm/import.h"
#include "config/read_file.h"

namespace godwit::cli {
namespace {

struct DmArguments {
  std::string task_file;
  std::vector<std::string> source_files;
  std::string folder = ".";
};

base::StatusOr<config::NamedText> ReadNamed(const std::string& path) {
  constexpr size_t kMostBytes = 1024 * 1024;
  GODWIT_ASSIGN_OR_RETURN(std::string text, config::ReadFile(path, kMostBytes));
  return config::NamedText{path, std::move(text)};
}

base::Status WriteText(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  return file ? base::OkStatus() : base::FailedPrecondition("{}: cannot be written", path);
}

base::StatusOr<config::DmImport> Import(const DmArguments& options) {
  GODWIT_ASSIGN_OR_RETURN(const config::NamedText task, ReadNamed(options.task_file));
  std::vector<config::NamedText> sources;
  for (const std::string& path : options.source_files) {
    GODWIT_ASSIGN_OR_RETURN(config::NamedText source, ReadNamed(path));
    sources.push_back(std::move(source));
  }
  return config::ImportDm(task, sources);
}

base::Status WriteAll(const config::DmImport& import, const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return base::FailedPrecondition("{}: {}", folder, error.message());
  const auto path_of = [&](const config::NamedText& file) {
    return (std::filesystem::path(folder) / file.name).string();
  };
  // What is there already may have been edited.
  for (const config::NamedText& file : import.files) {
    if (!std::filesystem::exists(path_of(file), error)) continue;
    return base::FailedPrecondition("{}: is there already; name another folder by --output",
                                    path_of(file));
  }
  for (const config::NamedText& file : import.files) {
    const std::string path = path_of(file);
    GODWIT_RETURN_IF_ERROR(WriteText(path, file.text));
    fmt::print("{}\n", path);
  }
  return base::OkStatus();
}

ExitCode ImportFromDm(const DmArguments& options) {
  const auto import = Import(options);
  if (!import.ok()) return Fail(import.status());
  if (auto written = WriteAll(*import, options.folder); !written.ok()) return Fail(written);
  for (const std::string& note : import->notes) fmt::print(stderr, "godwit: note: {}\n", note);
  for (const std::string& left : import->left_out) {
    fmt::print(stderr, "godwit: left out: {}\n", left);
  }
  return import->left_out.empty() ? kDone : kFound;
}

}  // namespace

Command AddImportCommand(CLI::App& parent) {
  CLI::App* app = parent.add_subcommand("import", "Take over the files of another tool");
  app->require_subcommand(1);
  CLI::App* dm = app->add_subcommand("dm", "Write the files of DM (Data Migration) as Godwit's");
  dm->footer(
      "Writes one file for each source and one for the task, or one for each source of the task\n"
      "where these are not to be treated alike, and prints their paths. What has no counterpart "
      "is\n"
      "said on standard error, with its line and what to do instead. No file is written over.\n\n"
      "Examples:\n"
      "  godwit import dm task.yaml source1.yaml source2.yaml --output shop\n\n"
      "Exit codes: 0 all is carried over, 1 could not be done, 2 bad usage or wrong files, 3 "
      "something\n"
      "that has an effect with DM was left out.");
  auto options = std::make_shared<DmArguments>();
  dm->add_option("task", options->task_file, "DM's task file")->required()->type_name("TASK.yaml");
  dm->add_option("sources", options->source_files, "DM's files of the task's sources")
      ->type_name("SOURCE.yaml");
  dm->add_option("--output", options->folder, "The folder to write to; it is made if need be")
      ->type_name("DIR")
      ->capture_default_str();
  return {app, [options] { return ImportFromDm(*options); }};
}

}  // namespace godwit::cli
