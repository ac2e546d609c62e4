#include "config/dm/dm_filters.h"

#include <absl/strings/ascii.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "base/status.h"
#include "config/dm/dm_keys.h"
#include "config/quoted.h"

namespace godwit::config {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 16> kEvents = {{
    {"create database", "create_database"},
    {"drop database", "drop_database"},
    {"create table", "create_table"},
    {"alter table", "alter_table"},
    {"drop table", "drop_table"},
    {"rename table", "rename_table"},
    {"truncate table", "truncate_table"},
    {"create index", "create_index"},
    {"drop index", "drop_index"},
    {"create view", "create_view"},
    {"drop view", "drop_view"},
    {"add table partition", "add_partition"},
    {"drop table partition", "drop_partition"},
    {"truncate table partition", "truncate_partition"},
    {"drop column", "drop_column"},
    {"modify column", "modify_column"},
}};

std::optional<std::string_view> KindOfEvent(const std::string& event) {
  for (const auto& [theirs, ours] : kEvents) {
    if (theirs == event) return ours;
  }
  return std::nullopt;
}

class DmFilterReader {
 public:
  DmFilterReader(const DmTables& tables, Problems& problems)
      : tables_(tables), problems_(problems) {}

  void Read(const DmFilter& filter, bool is_alone) {
    const std::string action = absl::AsciiStrToLower(DmText(filter.rule, "action"));
    const YAML::Node statements = DmChild(filter.rule, "sql-pattern");
    if (statements.IsSequence() && statements.size() > 0) {
      Lost(filter,
           "statements are not told by their text (sql-pattern); name their kinds in "
           "ddl.events, or let the run stop before them (stop) and decide each");
      if (action == "do") return;
    }
    std::vector<std::string> events;
    for (const YAML::Node& event : DmChild(filter.rule, "events")) {
      if (event.IsScalar()) events.push_back(absl::AsciiStrToLower(event.Scalar()));
    }
    std::erase_if(events, [](const std::string& event) { return event.starts_with("none"); });
    if (events.empty()) return;
    if (!IsAboutAll(filter.rule)) {
      return Lost(filter,
                  "it is about some of the task's tables, and rules for DDL are about all of them; "
                  "make a task of its own of those tables, with ddl.events there");
    }
    if (action == "do") return is_alone ? Allow(filter, events) : Lost(filter, kOneList);
    for (const std::string& event : events) {
      Refuse(filter, event, action == "error" ? "stop" : "ignore");
    }
  }

  YAML::Node Section() const {
    YAML::Node ddl;
    if (!policy_.empty()) ddl["policy"] = policy_;
    for (const auto& [kind, policy] : events_) ddl["events"][kind] = policy;
    if (ddl.IsMap()) ddl.SetStyle(YAML::EmitterStyle::Flow);
    return ddl;
  }

 private:
  static constexpr const char* kOneList =
      "a list of what is carried over (action Do) beside other rules; name what is to be ignored "
      "or "
      "stopped at in ddl.events";

  void Lost(const DmFilter& filter, std::string_view why) {
    problems_.Error(filter.place, "filters.{}: {}", filter.name, why);
  }

  bool IsAboutAll(const YAML::Node& rule) const {
    const std::string schema = DmText(rule, "schema-pattern"),
                      table = DmText(rule, "table-pattern");
    if (!table.empty() && table != "*") return false;
    return schema == "*" || std::ranges::all_of(tables_.include, [&](const std::string& pattern) {
             return pattern == schema + ".*";
           });
  }

  // What is not named is ignored.
  void Allow(const DmFilter& filter, const std::vector<std::string>& events) {
    const auto has = [&](const char* event) {
      return std::ranges::find(events, event) != events.end();
    };
    if (has("all")) return;
    if (!has("all dml") && !(has("insert") && has("update") && has("delete"))) {
      return Lost(filter, kNoRows);
    }
    if (has("all ddl")) return;
    policy_ = "ignore";
    for (const std::string& event : events) {
      if (const auto kind = KindOfEvent(event)) events_[std::string(*kind)] = "replicate";
    }
  }

  void Refuse(const DmFilter& filter, const std::string& event, const std::string& policy) {
    const auto kind = KindOfEvent(event);
    if (event == "all ddl") {
      policy_ = policy;
    } else if (event.starts_with("all") || event == "insert" || event == "update" ||
               event == "delete") {
      Lost(filter, kNoRows);
    } else if (!kind) {
      Lost(filter, fmt::format("there is no such kind of DDL as {} in ddl.events; the nearest one "
                               "may be alter_table",
                               Quoted(event)));
    } else if (*kind == "rename_table" && policy == "ignore") {
      events_["rename_table"] = "stop";
      Lost(filter,
           "a RENAME cannot be ignored, as the table's rows would have no table; the run "
           "stops before it (rename_table: stop)");
    } else if (std::string& one = events_[std::string(*kind)]; one != "ignore") {
      one = policy;  // of two rules DM takes the one that ignores
    }
  }

  static constexpr const char* kNoRows =
      "changes of rows are not filtered by what they do (insert, update, delete)";

  const DmTables& tables_;
  Problems& problems_;
  std::string policy_;
  std::map<std::string, std::string> events_;
};

}  // namespace

YAML::Node ReadDmFilters(std::span<const DmFilter> filters, const DmTables& tables,
                         Problems& problems) {
  DmFilterReader reader(tables, problems);
  for (const DmFilter& filter : filters) reader.Read(filter, filters.size() == 1);
  return reader.Section();
}

}  // namespace godwit::config
