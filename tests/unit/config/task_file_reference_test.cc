// docs/task-file.md against the parser: every key, default, limit and example.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <map>
#include <regex>
#include <string>
#include <vector>

#include "base/text.h"
#include "config/cluster_task.h"
#include "config/quantity.h"
#include "config/task.h"
#include "config/task_keys.h"
#include "documented_keys.h"

namespace godwit::config {
namespace {

constexpr const char* kPage = "task-file.md";

// Without what only a cluster's task file has.
std::map<std::string, DocumentedKey> RowsOfRuns() {
  std::map<std::string, DocumentedKey> keys = DocumentedKeys(kPage);
  keys.erase("sources");
  return keys;
}

void Set(YAML::Node mapping, const std::string& path, const std::string& value) {
  size_t dot = path.find('.');
  if (dot == std::string::npos) {
    mapping[path] = YAML::Load(value);
  } else {
    Set(mapping[path.substr(0, dot)], path.substr(dot + 1), value);
  }
}

// A valid file to try `path` in: what is required, and what `path` needs beside it.
YAML::Node FileFor(const std::string& path) {
  YAML::Node file(YAML::NodeType::Map);
  Set(file, "name", "shop");
  const bool of_postgres = path.ends_with("max_slot_wal") || path == "large_objects" ||
                           path == "source.streaming" || path == "source.spill_dir" ||
                           path == "ddl.capture" || path == "tables.partitions" ||
                           path == "tables.without_identity";
  Set(file, "source.url", of_postgres ? "postgres://u@source/d" : "mysql://u@source");
  const bool to_postgres = path == "casts" || path == "large_objects";
  Set(file, "target.url", to_postgres ? "postgres://u@target/d" : "mysql://u@target");
  Set(file, "tables.include", "[shop.*]");
  if (path.starts_with("stream.start.")) Set(file, "mode", "stream");
  if (path == "stream.start.offset") Set(file, "stream.start.file", "log");
  if (path == "source.relay.keep" || path == "source.relay.max_size")
    Set(file, "source.relay.dir", "/relay");
  if (path == "source.on_max_slot_wal") Set(file, "source.max_slot_wal", "1GiB");
  for (const std::string section : {"source.ssl.", "target.ssl."}) {
    if (path == section + "ca") Set(file, section + "mode", "verify-full");
    if (path == section + "cert") Set(file, section + "key", "k.pem");
    if (path == section + "key") Set(file, section + "cert", "c.pem");
  }
  return file;
}

absl::StatusOr<Task> Parse(const YAML::Node& file) { return ParseTask(YAML::Dump(file), "t.yaml"); }

absl::StatusOr<Task> ParseWith(const std::string& path, const std::string& value) {
  YAML::Node file = FileFor(path);
  Set(file, path, value);
  return Parse(file);
}

// Everything of a task that a default can change.
auto Values(const Task& task) {
  std::vector<std::string> exclude;
  for (const TablePattern& pattern : task.tables.exclude()) exclude.push_back(pattern.text());
  return std::tuple(task.name, task.mode, task.source, task.target, task.slot_wal, task.streaming,
                    task.relay, task.if_exists, exclude, task.partitions, task.without_identity,
                    task.copy, task.stream, task.ddl, task.online_ddl, task.objects, task.casts,
                    task.large_objects, task.memory_limit, task.meta_schema, task.retry_for);
}

TEST(TaskFileReference, HasARowForEveryKeyAndNoOther) {
  std::vector<std::string> known, documented;
  for (const TaskKey& key : TaskKeys()) known.emplace_back(key.path);
  for (const auto& [path, row] : RowsOfRuns()) documented.push_back(path);
  EXPECT_THAT(documented, testing::UnorderedElementsAreArray(known));
}

TEST(TaskFileReference, GivesTheDefaultThatTheParserUses) {
  std::map<std::string, DocumentedKey> documented = RowsOfRuns();
  for (const TaskKey& key : TaskKeys()) {
    SCOPED_TRACE(key.path);
    std::string path(key.path);
    std::string_view no_default = key.required ? "required" : "none";
    EXPECT_EQ(documented[path].fallback, key.fallback.empty() ? no_default : key.fallback);
    if (key.fallback.empty()) continue;
    absl::StatusOr<Task> without = Parse(FileFor(path));
    absl::StatusOr<Task> with = ParseWith(path, std::string(key.fallback));
    ASSERT_TRUE(without.ok()) << without.status();
    ASSERT_TRUE(with.ok()) << with.status();
    EXPECT_TRUE(Values(*without) == Values(*with));
  }
}

TEST(TaskFileReference, SaysWhichKeysAreRequired) {
  for (const TaskKey& key : TaskKeys()) {
    SCOPED_TRACE(key.path);
    std::string path(key.path);
    YAML::Node file = FileFor("");
    size_t dot = path.find('.');
    if (dot == std::string::npos) {
      file.remove(path);
    } else {
      file[path.substr(0, dot)].remove(path.substr(dot + 1));
    }
    EXPECT_EQ(Parse(file).ok(), !key.required);
  }
}

TEST(TaskFileReference, GivesExamplesThatParse) {
  for (const auto& [path, row] : RowsOfRuns()) {
    absl::StatusOr<Task> task = ParseWith(path, row.example);
    EXPECT_TRUE(task.ok()) << path << ": " << task.status();
  }
  const std::vector<std::string> blocks = YamlBlocks(kPage);
  ASSERT_EQ(blocks.size(), 3u);
  for (const std::string& block : {blocks[0], blocks[1]}) {
    absl::StatusOr<Task> task = ParseTask(block, "t.yaml");
    EXPECT_TRUE(task.ok()) << task.status();
  }
}

TEST(TaskFileReference, SaysHowATaskNamesItsSources) {
  const std::string block = YamlBlocks(kPage).at(2),
                    name = DocumentedKeys(kPage)["sources"].example;
  absl::StatusOr<ClusterTask> task = ParseClusterTask(block, "t.yaml");
  ASSERT_TRUE(task.ok()) << task.status();
  EXPECT_GT(task->sources.size(), 1u);
  YAML::Node file = YAML::Load(block);
  Set(file, "sources", name);
  EXPECT_TRUE(ParseClusterTask(YAML::Dump(file), "t.yaml").ok()) << name;
}

TEST(TaskFileReference, GivesTheChoicesThatTheParserTakes) {
  const std::regex choice("`([a-z]+)`");
  for (const std::string path :
       {"mode", "source.on_max_slot_wal", "target.if_exists", "tables.partitions",
        "tables.without_identity", "large_objects", "ddl.capture"}) {
    const std::string type = RowsOfRuns()[path].type;
    int choices = 0;
    for (std::sregex_iterator it(type.begin(), type.end(), choice), end; it != end; ++it) {
      EXPECT_TRUE(ParseWith(path, (*it)[1]).ok()) << path << ": " << (*it)[1];
      ++choices;
    }
    EXPECT_GE(choices, 2) << path;
  }
}

TEST(TaskFileReference, GivesTheLimitsThatTheParserHolds) {
  const std::regex range(
      "(number|size|duration).*, `?([0-9]+[A-Za-z]*)`? to `?([0-9]+[A-Za-z]*)`?");
  int ranges = 0;
  for (const auto& [path, row] : RowsOfRuns()) {
    std::smatch match;
    if (!std::regex_match(row.type, match, range)) continue;
    SCOPED_TRACE(path);
    ++ranges;
    std::string below, above;  // just outside the range
    if (match[1] == "duration") {
      above = std::to_string(ParseDuration(match[3].str())->count() + 1) + "ms";
    } else {
      below = std::to_string(*ParseBytes(match[2].str()) - 1);
      above = std::to_string(*ParseBytes(match[3].str()) + 1);
    }
    EXPECT_TRUE(ParseWith(path, match[2]).ok());
    EXPECT_TRUE(ParseWith(path, match[3]).ok());
    EXPECT_FALSE(ParseWith(path, above).ok());
    if (!below.empty()) {
      EXPECT_FALSE(ParseWith(path, below).ok());
    }
  }
  EXPECT_EQ(ranges, 10);
}

}  // namespace
}  // namespace godwit::config
