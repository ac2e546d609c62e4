// DM's files as ours. The files here are after DM's documentation of their format.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/cluster_task.h"
#include "config/dm/dm_keys.h"
#include "config/dm/dm_tables.h"
#include "config/dm/import.h"
#include "config/source_file.h"
#include "documented_keys.h"

namespace godwit::config {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* kSource = R"(source-id: "mysql-replica-01"
enable-gtid: true
enable-relay: true
from:
  host: "10.0.0.1"
  port: 3306
  user: "dm"
  password: "fCxfQ9XKCezSzuCD0Wf5dUD+LsKegSg="
  security:
    ssl-ca: "/etc/dm/ca.pem"
    ssl-cert: "/etc/dm/dm.pem"
    ssl-key: "/etc/dm/dm.key"
purge: {interval: 3600, expires: 24, remain-space: 15}
checker: {check-enable: true, backoff-max: 5m0s}
)";

constexpr const char* kTask = R"(---
name: test
task-mode: all
meta-schema: "dm_meta"
online-ddl: true
ignore-checking-items: []
clean-dump-file: true
target-database:
  host: "10.0.0.9"
  port: 3307
  user: "root"
  password: ""
block-allow-list:
  bw-1:
    do-dbs: ["shop"]
    ignore-tables:
    - {db-name: "shop", tbl-name: "log_*"}
filters:
  no-drop:
    schema-pattern: "shop"
    events: ["truncate table", "drop table"]
    action: Ignore
mydumpers:
  global: {threads: 8, chunk-filesize: "32", extra-args: "--consistency none"}
loaders:
  global: {pool-size: 16, dir: "./dumped_data"}
syncers:
  global: {worker-count: 16, batch: 100, safe-mode: false}
mysql-instances:
- source-id: "mysql-replica-01"
  block-allow-list: "bw-1"
  filter-rules: ["no-drop"]
  mydumper-config-name: "global"
  loader-config-name: "global"
  syncer-config-name: "global"
)";

absl::StatusOr<DmImport> Import(const std::string& task,
                                const std::vector<std::string>& sources = {kSource}) {
  std::vector<NamedText> files;
  for (size_t i = 0; i < sources.size(); ++i) {
    files.push_back({"s" + std::to_string(i + 1) + ".yaml", sources[i]});
  }
  return ImportDm({"t.yaml", task}, files);
}

// A task on the one source with `more` at its end, and `of_instance` in the instance.
std::string Small(const std::string& more, const std::string& of_instance = "",
                  const std::string& mode = "all") {
  return "name: t\ntask-mode: " + mode +
         "\ntarget-database: {host: b, port: 3306, user: u}\nmysql-instances:\n"
         "- source-id: mysql-replica-01\n" +
         of_instance + more;
}

// The task that comes of it, on the one source.
absl::StatusOr<Task> TaskOf(const absl::StatusOr<DmImport>& import) {
  if (!import.ok()) return import.status();
  return ParseSubtask(import->files.back().text, import->files.back().name,
                      import->files.front().text, import->files.front().name);
}

TEST(DmImport, CarriesATaskOver) {
  const auto import = Import(kTask);
  ASSERT_TRUE(import.ok()) << import.status();
  ASSERT_EQ(import->files.size(), 2u);
  EXPECT_EQ(import->files[0].name, "mysql-replica-01.source.yaml");
  EXPECT_EQ(import->files[1].name, "test.yaml");

  const auto source = ParseSourceFile(import->files[0].text, "s.yaml");
  ASSERT_TRUE(source.ok()) << source.status();
  EXPECT_EQ(source->name, "mysql-replica-01");
  EXPECT_EQ(source->endpoint.ToString(), "mysql://dm@10.0.0.1:3306");
  EXPECT_EQ(source->endpoint.password, Secret::FromEnv("GODWIT_MYSQL_REPLICA_01_PASSWORD"));
  EXPECT_EQ(source->endpoint.tls, (TlsOptions{.mode = TlsMode::kVerifyCa,
                                              .ca = "/etc/dm/ca.pem",
                                              .cert = "/etc/dm/dm.pem",
                                              .key = "/etc/dm/dm.key"}));
  EXPECT_TRUE(source->relay);

  const auto task = TaskOf(import);
  ASSERT_TRUE(task.ok()) << task.status();
  EXPECT_EQ(task->name, "test");
  EXPECT_EQ(task->mode, Mode::kMigrate);
  EXPECT_EQ(task->target.ToString(), "mysql://root@10.0.0.9:3307");
  EXPECT_EQ(task->target.password, Secret());
  EXPECT_TRUE(task->tables.Matches("shop", "orders"));
  EXPECT_FALSE(task->tables.Matches("shop", "log_1"));
  EXPECT_FALSE(task->tables.Matches("crm", "orders"));
  EXPECT_EQ(task->copy, (CopyOptions{.threads = 8, .chunk_bytes = 32u << 20}));
  EXPECT_EQ(task->stream.lanes, 16);
  EXPECT_EQ(task->ddl.events, (std::map<model::DdlKind, DdlPolicy>{
                                  {model::DdlKind::kDropTable, DdlPolicy::kIgnore},
                                  {model::DdlKind::kTruncateTable, DdlPolicy::kIgnore}}));

  EXPECT_THAT(import->left_out, ElementsAre(AllOf(HasSubstr("s1.yaml:13:25: purge.expires: "))));
  EXPECT_THAT(import->notes, Contains(HasSubstr("s1.yaml:8:13: from.password: passwords are not")));
  for (const std::string& line : import->notes) EXPECT_THAT(line, Not(HasSubstr("fCxfQ9")));
  for (const NamedText& file : import->files) EXPECT_THAT(file.text, Not(HasSubstr("fCxfQ9")));
}

TEST(DmImport, SaysAllThatHasAnEffectWithDmAndNoneHere) {
  const auto import = Import(
      Small("is-sharding: true\nshard-mode: pessimistic\ntimezone: Asia/Shanghai\nno-such-key: 1\n"
            "routes:\n  r1: {schema-pattern: s_*, table-pattern: t_*, target-schema: s, "
            "target-table: t}\n"
            "expression-filter:\n  e1: {schema: s, table: t, insert-value-expr: \"c % 2 = 0\"}\n"
            "syncers:\n  g: {safe-mode: true, compact: true}\n"
            "validators:\n  v: {mode: full}\n"
            "mydumpers:\n  m: {where: \"id > 5\", extra-args: \"-T a,b\"}\n",
            "  route-rules: [r1]\n  expression-filters: [e1]\n  syncer-config-name: g\n"
            "  validator-config-name: v\n  mydumper-config-name: m\n"));
  ASSERT_TRUE(import.ok()) << import.status();
  for (const char* what :
       {"t.yaml:11:1: is-sharding: sharded tables are not merged; give each source",
        "t.yaml:12:1: shard-mode: ", "t.yaml:14:1: 'no-such-key': no key of DM's that is known",
        "t.yaml:16:49: routes.target-schema: tables keep their names", "routes.target-table: ",
        "t.yaml:18:29: expression-filter.insert-value-expr: rows are not filtered",
        "t.yaml:20:7: syncers.safe-mode: ", "t.yaml:22:7: validators.mode: ",
        "t.yaml:24:7: mydumpers.where: ", "mydumpers.extra-args: "}) {
    EXPECT_THAT(import->left_out, Contains(HasSubstr(what)));
  }
  EXPECT_THAT(import->notes, Contains(HasSubstr("t.yaml:13:1: timezone: ")));
  EXPECT_TRUE(TaskOf(import).ok());
}

TEST(DmImport, TakesTheSameTables) {
  const auto tables = [](const std::string& rule, const std::string& more = "") {
    const auto task = TaskOf(
        Import(Small("block-allow-list:\n  b: " + rule + "\n" + more, "  block-allow-list: b\n")));
    EXPECT_TRUE(task.ok()) << task.status();
    return task.ok() ? task->tables : TableFilter();
  };
  TableFilter all = tables("{}");
  EXPECT_TRUE(all.Matches("a", "b"));

  TableFilter regular = tables(
      "{do-tables: [{db-name: logs, tbl-name: '~_2018$'}, {db-name: '~^forum.*', tbl-name: "
      "messages}, {db-name: 'test[123]', tbl-name: 't[!1-5]'}], "
      "ignore-tables: [{db-name: '~.*', tbl-name: messages}]}");
  EXPECT_TRUE(regular.Matches("logs", "messages_2018"));
  EXPECT_TRUE(regular.Matches("LOGS", "messages_2018"));  // case-sensitive: false
  EXPECT_FALSE(regular.Matches("logs", "messages_2018_old"));
  EXPECT_TRUE(regular.Matches("forum_backup", "messages"));
  EXPECT_FALSE(regular.Matches("my_forum", "messages"));
  EXPECT_FALSE(regular.Matches("forum", "users"));
  EXPECT_TRUE(regular.Matches("test2", "t7"));
  EXPECT_FALSE(regular.Matches("test2", "t3"));
  EXPECT_FALSE(regular.Matches("test4", "t7"));

  TableFilter ignored = tables(
      "{ignore-dbs: [crm, '~^(tmp|old)_'], ignore-tables: [{db-name: 'shop', tbl-name: 'l?g'}]}");
  EXPECT_TRUE(ignored.Matches("shop", "orders"));
  EXPECT_FALSE(ignored.Matches("shop", "log"));
  EXPECT_FALSE(ignored.Matches("crm", "a"));
  EXPECT_FALSE(ignored.Matches("old_1", "a"));
  EXPECT_TRUE(ignored.Matches("my_old_1", "a"));

  TableFilter both = tables(
      "{do-dbs: [forum, forum_2018], do-tables: [{db-name: '~^forum', tbl-name: messages}, "
      "{db-name: logs, tbl-name: a}]}",
      "case-sensitive: true\n");
  EXPECT_TRUE(both.Matches("forum", "messages"));
  EXPECT_TRUE(both.Matches("forum_2018", "messages"));
  EXPECT_FALSE(both.Matches("forum_2017", "messages"));
  EXPECT_FALSE(both.Matches("logs", "a"));
}

TEST(DmImport, SaysWhichPatternsItCannotCarryOver) {
  const auto import =
      Import(Small("block-allow-list:\n"
                   "  b:\n"
                   "    do-dbs: ['~^a', '~b$']\n"
                   "    do-tables:\n"
                   "    - {db-name: a, tbl-name: t}\n"
                   "    - {db-name: '~^ab', tbl-name: t}\n"
                   "    - {db-name: ax, tbl-name: '~x(^y|z$)'}\n"
                   "    - {db-name: other, tbl-name: t}\n",
                   "  block-allow-list: b\n"));
  ASSERT_TRUE(import.ok()) << import.status();
  EXPECT_EQ(import->left_out.size(), 3u);
  EXPECT_THAT(import->left_out, Contains(AllOf(HasSubstr("t.yaml:12:7: do-tables: which schemas"),
                                               HasSubstr("write them out into `tables.include`"))));
  EXPECT_THAT(import->left_out, Contains(HasSubstr("t.yaml:13:7: '~x(^y|z$)': has ^, $")));
  EXPECT_EQ(DmNameExpression("~a|^b$|c$"), "(?:.*a.*|b|.*c)");
  EXPECT_EQ(DmNameExpression("~^a\\$"), "a\\$.*");
  EXPECT_EQ(DmNameExpression("~^[^a|$]+$"), "[^a|$]+");
  EXPECT_EQ(DmNameExpression("~^a\\.*"), "a\\.*.*");
  EXPECT_EQ(DmNameExpression("~\\bword"), std::nullopt);

  const auto nothing =
      Import(Small("block-allow-list:\n  b: {do-dbs: ['~a^']}\n", "  block-allow-list: b\n"));
  EXPECT_EQ(nothing.status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(DmImport, CarriesFiltersOverThatAreAboutAllTables) {
  const auto with = [](const std::string& rules, const std::string& names) {
    return Import(Small("filters:\n" + rules, "  filter-rules: [" + names + "]\n"));
  };
  auto import = with(
      "  a: {schema-pattern: '*', events: [all ddl], action: Error}\n"
      "  b: {schema-pattern: '*', table-pattern: '*', events: [drop index], action: Ignore}\n",
      "a, b");
  EXPECT_THAT(import->left_out, Contains(HasSubstr("purge")).Times(1));
  EXPECT_EQ(import->left_out.size(), 1u);
  auto task = TaskOf(import);
  ASSERT_TRUE(task.ok()) << task.status();
  EXPECT_EQ(task->ddl.policy, DdlPolicy::kStop);
  EXPECT_EQ(
      task->ddl.events,
      (std::map<model::DdlKind, DdlPolicy>{{model::DdlKind::kDropIndex, DdlPolicy::kIgnore}}));

  task = TaskOf(
      with("  a: {schema-pattern: '*', events: [all dml, create table], action: Do}\n", "a"));
  ASSERT_TRUE(task.ok()) << task.status();
  EXPECT_EQ(task->ddl.policy, DdlPolicy::kIgnore);
  EXPECT_EQ(
      task->ddl.events,
      (std::map<model::DdlKind, DdlPolicy>{{model::DdlKind::kCreateTable, DdlPolicy::kReplicate}}));

  import = with(
      "  a: {schema-pattern: s_*, events: [drop table], action: Ignore}\n"
      "  b: {schema-pattern: '*', events: [delete], action: Ignore}\n"
      "  c: {schema-pattern: '*', sql-pattern: ['^DROP\\s+PROCEDURE'], action: Ignore}\n"
      "  d: {schema-pattern: '*', events: [rename table], action: Ignore}\n",
      "a, b, c, d");
  ASSERT_TRUE(import.ok()) << import.status();
  for (const char* what :
       {"filters.a: it is about some of the task's tables", "filters.b: changes of rows",
        "filters.c: statements are not told by their text",
        "filters.d: a RENAME cannot be ignored"}) {
    EXPECT_THAT(import->left_out, Contains(HasSubstr(what)));
  }
  EXPECT_EQ(
      TaskOf(import)->ddl.events,
      (std::map<model::DdlKind, DdlPolicy>{{model::DdlKind::kRenameTable, DdlPolicy::kStop}}));
}

TEST(DmImport, BeginsAnIncrementalTaskWhereDmWould) {
  const std::string meta =
      "  meta: {binlog-name: bin.000007, binlog-pos: 154, binlog-gtid: 'a9ce:1-70'}\n";
  auto task = TaskOf(Import(Small("", meta, "incremental")));
  ASSERT_TRUE(task.ok()) << task.status();
  EXPECT_EQ(task->mode, Mode::kStream);
  EXPECT_EQ(task->stream.start, StreamStart(StartGtid{"a9ce:1-70"}));

  std::string by_file = kSource;
  by_file.replace(by_file.find("enable-gtid: true"), 17, "enable-gtid: false");
  task = TaskOf(Import(Small("", meta, "incremental"), {by_file}));
  ASSERT_TRUE(task.ok()) << task.status();
  EXPECT_EQ(task->stream.start, StreamStart(StartFile{"bin.000007", 154}));

  const auto relay = Import(Small("", "  meta: {binlog-name: bin|000001.000007}\n", "incremental"));
  EXPECT_THAT(relay->left_out, Contains(HasSubstr("is a file of DM's relay")));
  const auto full = Import(Small("", meta, "full"));
  EXPECT_THAT(full->notes, Contains(HasSubstr("mysql-instances.meta: of no effect")));
  EXPECT_EQ(TaskOf(full)->mode, Mode::kCopy);
}

TEST(DmImport, MakesATaskForEachSourceWhereTheyAreNotTreatedAlike) {
  std::string second = kSource;
  second.replace(second.find("mysql-replica-01"), 16, "MySQL 2");
  const std::string head =
      "name: Shop\ntask-mode: all\ntarget-database: {host: b, port: 3306, user: u}\n"
      "block-allow-list:\n  b: {do-dbs: [x]}\nmysql-instances:\n"
      "- {source-id: mysql-replica-01, block-allow-list: b}\n";
  const auto alike =
      Import(head + "- {source-id: MySQL 2, block-allow-list: b}\n", {kSource, second});
  ASSERT_TRUE(alike.ok()) << alike.status();
  ASSERT_EQ(alike->files.size(), 3u);
  EXPECT_THAT(ParseClusterTask(alike->files[2].text, "t")->sources,
              ElementsAre("mysql-replica-01", "mysql-2"));
  EXPECT_EQ(ParseSourceFile(alike->files[1].text, "s")->name, "mysql-2");
  EXPECT_THAT(alike->notes, Contains(HasSubstr("t.yaml:1:7: name: 'Shop' is called shop")));

  const auto other =
      Import(head + "- {source-id: MySQL 2, mydumper-thread: 2}\n", {kSource, second});
  ASSERT_TRUE(other.ok()) << other.status();
  ASSERT_EQ(other->files.size(), 4u);
  EXPECT_EQ(other->files[2].name, "shop-mysql-replica-01.yaml");
  const auto task = ParseSubtask(other->files[3].text, "t", other->files[1].text, "s");
  ASSERT_TRUE(task.ok()) << task.status();
  EXPECT_EQ(task->name, "shop-mysql-2");
  EXPECT_EQ(task->copy.threads, 2);

  const auto without = Import(head);  // its source, but with one more that is not given
  ASSERT_TRUE(without.ok());
  EXPECT_THAT(Import(head, {})->left_out, Contains(HasSubstr("no file of the source")));
}

TEST(DmImport, RefusesWhatDmWouldRefuse) {
  const auto error = [](const std::string& task, const std::vector<std::string>& sources) {
    const auto import = Import(task, sources);
    EXPECT_EQ(import.status().code(), absl::StatusCode::kInvalidArgument);
    return std::string(import.status().message());
  };
  EXPECT_EQ(error("task-mode: some\n", {"from: {}\n"}),
            "s1.yaml:1:1: source-id: is missing; is this a source of DM's?\n"
            "t.yaml:1:1: name: is missing\n"
            "t.yaml:1:1: target-database: needs host, port and user\n"
            "t.yaml:1:1: mysql-instances: names no source\n"
            "t.yaml:1:12: task-mode: has to be all, full, incremental, dump or load, not 'some'");
  EXPECT_THAT(error("a: [", {}), HasSubstr("t.yaml:1:1: not valid YAML"));
  EXPECT_THAT(error(Small("", "  filter-rules: [x]\n"), {kSource}),
              HasSubstr("mysql-instances.filter-rules: there is no rule 'x'"));
  EXPECT_THAT(error(Small(""), {kSource, kSource}), HasSubstr("was given twice"));
  for (const char* odd : {"[]", "name: [a]\nmysql-instances: {a: b}\n", "just text",
                          "name: a\ntask-mode: all\nmysql-instances: [1, [2], null]\n"}) {
    EXPECT_FALSE(Import(odd).ok()) << odd;
  }
}

TEST(DmImport, IsDescribedKeyByKey) {
  const std::string page = Page("from-dm.md");
  for (const auto keys : {DmTaskKeys(), DmSourceKeys()}) {
    for (const DmKey& key : keys) {
      EXPECT_THAT(page, HasSubstr("\n| `" + std::string(key.path) + "` |"));
      if (key.fate == DmFate::kLost) {
        EXPECT_THAT(page, HasSubstr("| `" + std::string(key.path) + "` | **Left out**: "));
      }
      if (key.fate == DmFate::kLost || key.fate == DmFate::kNoted) {
        EXPECT_FALSE(key.say.empty()) << key.path;
      }
    }
  }
}

}  // namespace
}  // namespace godwit::config
