#include "config/dm/dm_task.h"

#include <algorithm>

#include "base/status.h"
#include "base/text.h"
#include "config/dm/dm_filters.h"
#include "config/dm/dm_keys.h"
#include "config/dm/dm_tables.h"
#include "config/quantity.h"
#include "config/quoted.h"
#include "config/shadow_names.h"
#include "config/yaml_value.h"

namespace godwit::config {
namespace {

constexpr int kMostThreads = 64;  // of copy.threads and stream.lanes

YAML::Node List(const std::vector<std::string>& items) {
  YAML::Node list(YAML::NodeType::Sequence);
  for (const std::string& item : items) list.push_back(item);
  list.SetStyle(YAML::EmitterStyle::Flow);
  return list;
}

// Adds all of a mapping, in the place of what has the same key.
void Append(const YAML::Node& from, YAML::Node to) {
  for (const auto& entry : from) to[entry.first.Scalar()] = entry.second;
}

class DmTaskImport {
 public:
  DmTaskImport(const YAML::Node& file, const std::map<std::string, DmSource>& sources,
               DmReport& report)
      : file_(file), sources_(sources), report_(report), kept_(report.kept) {}

  std::vector<NamedText> Convert() {
    ReportDmKeys(file_, DmTaskKeys(), kept_);
    const std::string name = DmText(file_, "name");
    if (name.empty()) report_.fatal.Error({}, "name: is missing");
    const std::string task = Named(name, DmChild(file_, "name"), "name");
    ReadMode();
    ReadSharedKeys();
    shared_["target"] = DmEndpoint(DmChild(file_, "target-database"), "target-database", "mysql",
                                   DmVariable(name + "_target"), report_);
    const std::vector<Instance> instances = ReadInstances();
    std::vector<NamedText> files;
    if (instances.empty()) return files;
    const bool alike = std::ranges::all_of(instances, [&](const Instance& instance) {
      return DmWritten(instance.body) == DmWritten(instances.front().body);
    });
    if (alike) {
      std::vector<std::string> names;
      for (const Instance& instance : instances) names.push_back(instance.source);
      files.push_back(File(task, names, instances.front().body));
      if (names.size() > 1) {
        kept_.Warn(DmPlace(DmChild(file_, "mysql-instances")),
                   "mysql-instances: the sources write to one target; where two have a table of "
                   "the same name, the second does not start");
      }
      return files;
    }
    kept_.Warn(DmPlace(DmChild(file_, "mysql-instances")),
               "mysql-instances: they are not to be treated alike, so that each source gets a task "
               "of its own");
    for (const Instance& instance : instances) {
      files.push_back(File(DmName(task + "-" + instance.source), {instance.source}, instance.body));
    }
    return files;
  }

 private:
  struct Instance {
    std::string source;
    YAML::Node body;  // what depends on the instance
  };

  NamedText File(const std::string& task, const std::vector<std::string>& sources,
                 const YAML::Node& body) const {
    YAML::Node file(YAML::NodeType::Map);
    file["name"] = task;
    file["mode"] = mode_;
    file["sources"] = List(sources);
    Append(shared_, file);
    Append(body, file);
    return {task + ".yaml", DmWritten(file)};
  }

  // A name as ours; what has changed of it is said.
  std::string Named(const std::string& theirs, const YAML::Node& node, std::string_view key) {
    const std::string ours = DmName(theirs);
    if (ours != theirs) {
      kept_.Warn(DmPlace(node), "{}: {} is called {}, of the characters that names may have", key,
                 Quoted(theirs), ours);
    }
    return ours;
  }

  void ReadMode() {
    const std::string mode = DmText(file_, "task-mode");
    const FilePlace place = DmPlace(DmChild(file_, "task-mode"));
    if (mode == "all") {
      mode_ = "migrate";
    } else if (mode == "incremental") {
      mode_ = "stream";
    } else if (mode == "full") {
      mode_ = "copy";
      kept_.Warn(place,
                 "task-mode: DM's dump is of one moment; mode `copy` may lack what is written to "
                 "the source meanwhile: stop the writers, or use mode `migrate`");
    } else if (mode == "dump" || mode == "load" || mode == "load&sync") {
      mode_ = mode == "load&sync" ? "migrate" : "copy";
      kept_.Error(
          place,
          "task-mode: there are no dump files, so that {} is not done by itself; written as "
          "mode `{}`, which reads the rows from the source",
          mode, mode_);
    } else {
      report_.fatal.Error(
          place, "task-mode: has to be all, full, incremental, dump or load, not {}", Quoted(mode));
    }
  }

  void ReadSharedKeys() {
    if (!IsTrue(file_, "online-ddl", true) && DmText(file_, "online-ddl-scheme").empty()) {
      shared_["online_ddl"] = false;
    }
    ReadPatterns("shadow-table-rules", "online_ddl_shadow");
    ReadPatterns("trash-table-rules", "online_ddl_trash");
    case_sensitive_ = IsTrue(file_, "case-sensitive", false);
  }

  void ReadPatterns(const char* theirs, const char* ours) {
    const YAML::Node list = DmChild(file_, theirs);
    std::vector<std::string> patterns;
    if (!list.IsSequence()) return;
    for (const YAML::Node& item : list) {
      const std::string text = item.Scalar();
      if (const absl::Status valid = ShadowNames::CheckPattern(text); !valid.ok())
        kept_.Error(DmPlace(item), "{}: {}", theirs, valid.message());
      else
        patterns.push_back(text);
    }
    if (!patterns.empty()) shared_[ours] = List(patterns);
  }

  std::vector<Instance> ReadInstances() {
    std::vector<Instance> instances;
    const YAML::Node list = DmChild(file_, "mysql-instances");
    if (!list.IsSequence() || list.size() == 0) {
      report_.fatal.Error({}, "mysql-instances: names no source");
      return instances;
    }
    for (const YAML::Node& item : list) {
      const std::string id = DmText(item, "source-id");
      if (id.empty()) {
        report_.fatal.Error(DmPlace(item), "mysql-instances: source-id is missing");
        continue;
      }
      const auto source = sources_.find(id);
      if (source == sources_.end()) {
        kept_.Error(DmPlace(DmChild(item, "source-id")),
                    "mysql-instances.source-id: no file of the source {} was given; import it too, "
                    "or write a source file (docs/source-file.md)",
                    Quoted(id));
      }
      const bool by_gtid = source != sources_.end() && source->second.by_gtid;
      instances.push_back({Named(id, DmChild(item, "source-id"), "mysql-instances.source-id"),
                           Body(item, source == sources_.end(), by_gtid)});
    }
    return instances;
  }

  YAML::Node Body(const YAML::Node& instance, bool unknown, bool by_gtid) {
    YAML::Node body(YAML::NodeType::Map);
    std::string list = DmText(instance, "block-allow-list");
    if (list.empty()) list = DmText(instance, "black-white-list");
    YAML::Node rule = DmChild(DmChild(file_, "block-allow-list"), list);
    if (rule.IsNull()) rule = DmChild(DmChild(file_, "black-white-list"), list);
    if (rule.IsNull() && !list.empty()) NoRule(instance, "block-allow-list", list);
    const DmTables tables = ReadDmTables(rule, case_sensitive_, kept_);
    if (tables.include.empty()) {
      report_.fatal.Error(DmPlace(rule.IsMap() ? rule : instance),
                          "block-allow-list: nothing of it can be carried over");
    }
    if (!case_sensitive_ && rule.IsMap()) {
      kept_.Warn(
          DmPlace(rule),
          "block-allow-list: DM takes names in upper and lower case alike, Godwit's patterns "
          "do not, save regular expressions with (?i); write them as the source has them");
    }
    body["tables"]["include"] = List(tables.include);
    if (!tables.exclude.empty()) body["tables"]["exclude"] = List(tables.exclude);
    ReadCopy(instance, body);
    ReadStream(instance, unknown, by_gtid, body);
    const YAML::Node ddl = ReadDmFilters(Filters(instance), tables, kept_);
    if (ddl.IsMap()) body["ddl"] = ddl;
    for (const auto& [key, rules] :
         {std::pair("route-rules", "routes"), std::pair("expression-filters", "expression-filter"),
          std::pair("validator-config-name", "validators")}) {
      for (const std::string& name : NamesIn(instance, key)) Rule(instance, key, rules, name);
    }
    return body;
  }

  // A text, or a list of them.
  static std::vector<std::string> NamesIn(const YAML::Node& instance, std::string_view key) {
    const YAML::Node value = DmChild(instance, key);
    std::vector<std::string> names;
    if (value.IsScalar() && !value.Scalar().empty()) names.push_back(value.Scalar());
    if (value.IsSequence()) {
      for (const YAML::Node& item : value) names.push_back(item.Scalar());
    }
    return names;
  }

  void NoRule(const YAML::Node& instance, const std::string& key, const std::string& name) {
    report_.fatal.Error(DmPlace(instance), "mysql-instances.{}: there is no rule {}", key,
                        Quoted(name));
  }

  YAML::Node Rule(const YAML::Node& instance, const std::string& key, const std::string& rules,
                  const std::string& name) {
    const YAML::Node all = DmChild(file_, rules);
    bool found = false;
    if (all.IsMap()) {
      for (const auto& entry : all) found = found || entry.first.Scalar() == name;
    }
    if (!found) NoRule(instance, key, name);
    return DmChild(all, name);
  }

  // The configuration of one of DM's units: of a rule, or in the instance itself.
  YAML::Node Unit(const YAML::Node& instance, const std::string& unit) {
    const YAML::Node own = DmChild(instance, unit);
    if (own.IsMap()) {
      ReportDmKeys(own, DmTaskKeys(), kept_, unit + "s");
      return own;
    }
    const std::string key = unit + "-config-name", name = DmText(instance, key);
    return name.empty() ? YAML::Node() : Rule(instance, key, unit + "s", name);
  }

  // A number of threads; nothing: DM's default.
  void Threads(const YAML::Node& node, const char* key, const char* ours, YAML::Node to) {
    const YAML::Node value = DmChild(node, key);
    const int number = base::ParseInteger<int>(DmText(node, key)).value_or(0);
    if (number <= 0) return;
    if (number > kMostThreads) {
      kept_.Warn(DmPlace(value), "{}: {} is the most", key, kMostThreads);
    }
    to[ours] = std::min(number, kMostThreads);
  }

  void ReadCopy(const YAML::Node& instance, YAML::Node body) {
    const YAML::Node unit = Unit(instance, "mydumper"), loader = Unit(instance, "loader");
    YAML::Node copy(YAML::NodeType::Map);
    Threads(unit, "threads", "threads", copy);
    Threads(instance, "mydumper-thread", "threads", copy);
    if (std::string size = DmText(unit, "chunk-filesize"); !size.empty()) {
      if (base::ParseInteger<uint32_t>(size)) size += "MiB";
      const auto bytes = ParseBytes(size);
      constexpr uint64_t kLeast = 64 << 10, kMost = 4ull << 30;
      if (!bytes.ok() || *bytes < kLeast || *bytes > kMost) {
        kept_.Warn(DmPlace(DmChild(unit, "chunk-filesize")),
                   "chunk-filesize: {} is no size from 64KiB to 4GiB; left to the default, 64MiB",
                   Quoted(size));
      } else {
        copy["chunk_bytes"] = FormatBytes(*bytes);
      }
    }
    copy.SetStyle(YAML::EmitterStyle::Flow);
    if (copy.size() > 0) body["copy"] = copy;
    ReadDuplicates(loader, body);
  }

  void ReadDuplicates(const YAML::Node& loader, YAML::Node body) {
    for (const char* key : {"on-duplicate-logical", "on-duplicate"}) {
      const std::string action = DmText(loader, key);
      if (action.empty()) continue;
      const FilePlace place = DmPlace(DmChild(loader, key));
      if (action == "error") {
        body["target"] = YAML::Clone(shared_["target"]);
        body["target"]["if_exists"] = "append";
      } else if (action == "ignore") {
        kept_.Error(place,
                    "loaders.{}: a row that the target has already is an error; remove such rows "
                    "first, or let the tables be made anew (target.if_exists: replace)",
                    key);
      } else {
        kept_.Warn(place,
                   "loaders.{}: rows that the target has already are not replaced; what becomes of "
                   "its tables is said by target.if_exists, by default an error",
                   key);
      }
      return;
    }
  }

  void ReadStream(const YAML::Node& instance, bool unknown, bool by_gtid, YAML::Node body) {
    YAML::Node stream(YAML::NodeType::Map);
    Threads(Unit(instance, "syncer"), "worker-count", "lanes", stream);
    Threads(instance, "syncer-thread", "lanes", stream);
    if (stream["lanes"].IsDefined()) {
      kept_.Warn(
          DmPlace(instance),
          "syncers.worker-count: as stream.lanes, which are used where stream.consistency is "
          "`row`; `prefix`, the default, writes over one connection, as most sources need");
    }
    const YAML::Node meta = DmChild(instance, "meta");
    if (meta.IsMap() && mode_ != "stream") {
      kept_.Warn(DmPlace(meta), "mysql-instances.meta: of no effect with this task-mode; left out");
    } else if (meta.IsMap()) {
      ReadStart(meta, unknown, by_gtid, stream);
    }
    if (stream.size() > 0) body["stream"] = stream;
  }

  void ReadStart(const YAML::Node& meta, bool unknown, bool by_gtid, YAML::Node stream) {
    const std::string gtid = DmText(meta, "binlog-gtid"), file = DmText(meta, "binlog-name");
    if (!gtid.empty() && (by_gtid || unknown || file.empty())) {
      stream["start"]["gtid"] = gtid;
    } else if (file.find('|') != std::string::npos) {
      kept_.Error(
          DmPlace(meta),
          "mysql-instances.meta: {} is a file of DM's relay; write the source's own file, or "
          "a gtid, into stream.start",
          Quoted(file));
    } else if (!file.empty()) {
      stream["start"]["file"] = file;
      constexpr uint32_t kFirst = 4;
      const auto offset = base::ParseInteger<uint32_t>(DmText(meta, "binlog-pos"));
      stream["start"]["offset"] = std::max(offset.value_or(kFirst), kFirst);
    }
  }

  std::vector<DmFilter> Filters(const YAML::Node& instance) {
    std::vector<DmFilter> filters;
    for (const std::string& name : NamesIn(instance, "filter-rules")) {
      const YAML::Node rule = Rule(instance, "filter-rules", "filters", name);
      if (rule.IsMap()) filters.push_back({name, rule, DmPlace(rule)});
    }
    return filters;
  }

  const YAML::Node& file_;
  const std::map<std::string, DmSource>& sources_;
  DmReport& report_;
  Problems& kept_;
  std::string mode_ = "migrate";
  bool case_sensitive_ = false;
  YAML::Node shared_{YAML::NodeType::Map};  // of all instances
};

}  // namespace

std::string DmWritten(const YAML::Node& node) {
  YAML::Emitter out;
  out << node;
  return std::string(out.c_str()) + "\n";
}

std::vector<NamedText> ImportDmTask(const YAML::Node& file,
                                    const std::map<std::string, DmSource>& sources,
                                    DmReport& report) {
  return DmTaskImport(file, sources, report).Convert();
}

}  // namespace godwit::config
