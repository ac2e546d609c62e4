#include "config/dm/import.h"

#include <algorithm>
#include <set>

#include "base/status.h"
#include "config/cluster_task.h"
#include "config/dm/dm_keys.h"
#include "config/dm/dm_report.h"
#include "config/dm/dm_task.h"
#include "config/quoted.h"
#include "config/source_file.h"
#include "config/yaml_document.h"
#include "config/yaml_value.h"

namespace godwit::config {
namespace {

constexpr const char* kSourceEnding = ".source.yaml";  // names of tasks have no dot

class DmImporter {
 public:
  void AddSource(const NamedText& given) {
    DmReport report(given.name);
    if (const auto file = LoadDocument(given.text, report.fatal)) ReadSource(*file, report);
    Keep(report);
  }

  void AddTask(const NamedText& given) {
    DmReport report(given.name);
    if (const auto file = LoadDocument(given.text, report.fatal)) {
      for (NamedText& task : ImportDmTask(*file, sources_, report)) {
        import_.files.push_back(std::move(task));
      }
    }
    Keep(report);
  }

  absl::StatusOr<DmImport> Finish() {
    if (!fatal_.empty()) return base::InvalidArgument("{}", fmt::join(fatal_, "\n"));
    std::set<std::string> names;
    for (const NamedText& file : import_.files) {
      const absl::Status parsed = file.name.ends_with(kSourceEnding)
                                      ? ParseSourceFile(file.text, file.name).status()
                                      : ParseClusterTask(file.text, file.name).status();
      if (!parsed.ok()) return base::Annotate(parsed, "what would be written is not right");
      if (!names.insert(file.name).second) {
        return base::InvalidArgument(
            "two of the files would both be {}; rename one of what they "
            "are of",
            file.name);
      }
    }
    return std::move(import_);
  }

 private:
  void ReadSource(const YAML::Node& file, DmReport& report) {
    const std::string id = DmText(file, "source-id");
    if (id.empty())
      return report.fatal.Error({}, "source-id: is missing; is this a source of DM's?");
    ReportDmKeys(file, DmSourceKeys(), report.kept);
    const std::string name = DmName(id), flavor = DmText(file, "flavor");
    const std::string scheme = flavor == "mariadb" ? "mariadb" : "mysql";
    YAML::Node source(YAML::NodeType::Map);
    source["name"] = name;
    for (const auto& entry :
         DmEndpoint(DmChild(file, "from"), "from", scheme, DmVariable(id), report)) {
      source[entry.first] = entry.second;
    }
    if (IsTrue(file, "enable-relay", false)) source["relay"] = "on";
    if (name != id) {
      report.kept.Warn(DmPlace(DmChild(file, "source-id")),
                       "source-id: {} is called {}, of the characters that names may have",
                       Quoted(id), name);
    }
    if (!sources_.emplace(id, DmSource{name, IsTrue(file, "enable-gtid", false)}).second) {
      report.fatal.Error(DmPlace(DmChild(file, "source-id")), "source-id: {} was given twice",
                         Quoted(id));
    }
    import_.files.push_back({name + kSourceEnding, DmWritten(source)});
  }

  // Two instances that name one rule say the same of it.
  static void Add(std::vector<std::string> lines, std::vector<std::string>& to) {
    for (std::string& line : lines) {
      if (std::ranges::find(to, line) == to.end()) to.push_back(std::move(line));
    }
  }

  void Keep(const DmReport& report) {
    Add(report.fatal.Errors(), fatal_);
    Add(report.kept.Errors(), import_.left_out);
    Add(report.kept.Warnings(), import_.notes);
  }

  DmImport import_;
  std::map<std::string, DmSource> sources_;
  std::vector<std::string> fatal_;
};

}  // namespace

absl::StatusOr<DmImport> ImportDm(const NamedText& task, std::span<const NamedText> sources) {
  DmImporter importer;
  for (const NamedText& source : sources) importer.AddSource(source);
  importer.AddTask(task);
  return importer.Finish();
}

}  // namespace godwit::config
