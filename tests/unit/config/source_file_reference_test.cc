// docs/source-file.md against the parser: every key, default and example.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include "config/source_file.h"
#include "config/task_keys.h"
#include "documented_keys.h"

namespace godwit::config {
namespace {

constexpr const char* kPage = "source-file.md";

// A file with `path` in it, and with what that needs beside it.
absl::StatusOr<SourceFile> ParseWith(const std::string& path, const std::string& value) {
  const bool of_mysql = path == "relay" || path == "url";
  YAML::Node file;
  file["name"] = "a";
  file["url"] = of_mysql ? "mysql://u@a" : "postgres://u@a/d";
  if (path == "on_max_slot_wal") file["max_slot_wal"] = "1GiB";
  if (path == "ssl.ca") file["ssl"]["mode"] = "verify-full";
  if (path == "ssl.cert") file["ssl"]["key"] = "/k.pem";
  if (path == "ssl.key") file["ssl"]["cert"] = "/c.pem";
  const size_t dot = path.find('.');
  if (dot == std::string::npos)
    file[path] = YAML::Load(value);
  else
    file[path.substr(0, dot)][path.substr(dot + 1)] = YAML::Load(value);
  return ParseSourceFile(YAML::Dump(file), "s.yaml");
}

TEST(SourceFileReference, HasARowForEveryKeyAndNoOther) {
  std::vector<std::string> known, documented;
  for (const TaskKey& key : SourceFileKeys()) known.emplace_back(key.path);
  for (const auto& [path, row] : DocumentedKeys(kPage)) documented.push_back(path);
  EXPECT_THAT(documented, testing::UnorderedElementsAreArray(known));
}

TEST(SourceFileReference, GivesDefaultsAndExamplesThatParse) {
  std::map<std::string, DocumentedKey> documented = DocumentedKeys(kPage);
  for (const TaskKey& key : SourceFileKeys()) {
    const std::string path(key.path);
    SCOPED_TRACE(path);
    const DocumentedKey& row = documented[path];
    const std::string_view no_default = key.required ? "required" : "none";
    EXPECT_EQ(row.fallback, key.fallback.empty() ? no_default : key.fallback);
    absl::StatusOr<SourceFile> source = ParseWith(path, row.example);
    if (path == "password") {
      EXPECT_FALSE(source.ok());
      continue;
    }
    ASSERT_TRUE(source.ok()) << source.status();
    if (!key.fallback.empty()) {
      EXPECT_TRUE(ParseWith(path, row.fallback).ok());
    }
  }
  EXPECT_TRUE(ParseWith("relay", "on")->relay);
  for (const std::string& block : YamlBlocks(kPage)) {
    absl::StatusOr<SourceFile> source = ParseSourceFile(block, "s.yaml");
    EXPECT_TRUE(source.ok()) << source.status();
  }
}

}  // namespace
}  // namespace godwit::config
