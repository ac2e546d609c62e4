// The files of a cluster: sources, tasks that name them, and the way from `godwit run` and back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/cluster_task.h"
#include "config/source_file.h"
#include "config/split_task.h"

namespace godwit::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::string_view kSource =
    "name: shop-a\n"
    "url: mysql://u@a\n"
    "password_file: /run/secrets/a\n";  // and from here on line 4
constexpr std::string_view kTask =
    "name: shop\n"
    "sources: [shop-a]\n"
    "target: {url: \"mysql://u@b\"}\n"
    "tables: {include: [shop.*]}\n";  // and from here on line 5

std::string With(std::string_view text, std::string_view more) {
  return std::string(text) + std::string(more);
}

template <typename T>
std::string ErrorOf(const absl::StatusOr<T>& parsed) {
  if (parsed.ok()) return "no error";
  EXPECT_EQ(parsed.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(parsed.status().message());
}
std::string SourceError(std::string_view more) {
  return ErrorOf(ParseSourceFile(With(kSource, more), "s.yaml"));
}
std::string TaskError(std::string_view more) {
  return ErrorOf(ParseClusterTask(With(kTask, more), "t.yaml"));
}
std::string SubtaskError(std::string_view task, std::string_view source) {
  return ErrorOf(ParseSubtask(task, "t.yaml", source, "s.yaml"));
}

TEST(SourceFile, ReadsEveryKey) {
  absl::StatusOr<SourceFile> source = ParseSourceFile(
      "name: pg_1\nurl: postgres://me@h:5433/d\npassword_env: SRC\n"
      "ssl: {mode: verify-full, ca: /etc/ca.pem}\nmax_slot_wal: 2GiB\non_max_slot_wal: release\n"
      "streaming: true\nspill_dir: /data/spill\nrelay: off\n",
      "conf/s.yaml");
  ASSERT_TRUE(source.ok()) << source.status();
  EXPECT_EQ(source->name, "pg_1");
  EXPECT_EQ(source->endpoint.ToString(), "postgres://me@h:5433/d");
  EXPECT_EQ(source->endpoint.password, Secret::FromEnv("SRC"));
  EXPECT_EQ(source->endpoint.tls,
            (TlsOptions{.mode = TlsMode::kVerifyFull, .ca = "/etc/ca.pem", .cert = "", .key = ""}));
  EXPECT_EQ(source->slot_wal,
            (SlotWalOptions{.most = 2ull << 30, .on_most = OnMaxSlotWal::kRelease}));
  EXPECT_EQ(source->streaming, (StreamingOptions{.on = true, .spill_dir = "/data/spill"}));
  EXPECT_FALSE(source->relay);
  EXPECT_THAT(source->warnings, ElementsAre());

  source = ParseSourceFile(With(kSource, "relay: {keep: 12h, max_size: 50GiB}\n"), "s.yaml");
  ASSERT_TRUE(source.ok()) << source.status();
  EXPECT_TRUE(source->relay);
  EXPECT_EQ(source->relay_limits.keep, std::chrono::hours(12));
  EXPECT_EQ(source->relay_limits.max_size, uint64_t{50} << 30);
  EXPECT_THAT(ErrorOf(ParseSourceFile(With(kSource, "relay: {dir: /r}\n"), "s.yaml")),
              HasSubstr("relay.dir: a worker keeps the logs"));
  EXPECT_THAT(ErrorOf(ParseSourceFile(With(kSource, "relay: {kept: 1h}\n"), "s.yaml")),
              HasSubstr("relay: there is no key 'kept'; known are keep and max_size"));
  EXPECT_THAT(ErrorOf(ParseSourceFile(With(kSource, "relay: {keep: often}\n"), "s.yaml")),
              HasSubstr("relay.keep: "));
  source = ParseSourceFile(With(kSource, "relay: on\n"), "s.yaml");
  ASSERT_TRUE(source.ok()) << source.status();
  EXPECT_TRUE(source->relay);
}

TEST(SourceFile, ListsAllThatIsWrongByTheNamesThatItsKeysHaveThere) {
  EXPECT_EQ(ErrorOf(ParseSourceFile("name: A\nulr: mysql://u@a\nssl: {mode: verify-ca}\n"
                                    "password_env: X\npassword_file: /y\nrelay: maybe\n",
                                    "s.yaml")),
            "s.yaml:1:1: the key 'url' is missing\n"
            "s.yaml:1:7: name: has to be 1 to 64 of the characters a-z 0-9 _ -, not 'A'\n"
            "s.yaml:2:1: unknown key 'ulr'; did you mean 'url'?\n"
            "s.yaml:3:7: ssl: mode verify-ca needs ca\n"
            "s.yaml:5:1: only one of password_env, password_file, password_encrypted and password "
            "may stand\n"
            "s.yaml:6:8: relay: has to be one of off, on, not 'maybe'");
  EXPECT_THAT(SourceError("max_slot_wal: 1GiB\n"),
              HasSubstr("s.yaml:4:1: max_slot_wal: only a PostgreSQL source keeps its log"));
  EXPECT_THAT(SourceError("streaming: true\n"), HasSubstr("s.yaml:4:1: streaming: only a Postgre"));
  EXPECT_THAT(ErrorOf(ParseSourceFile("name: p\nurl: postgres://u@h/d\nrelay: on\n", "s.yaml")),
              HasSubstr("s.yaml:3:1: relay: the log of PostgreSQL"));
  EXPECT_THAT(ErrorOf(ParseSourceFile(kTask, "s.yaml")), HasSubstr("a task, not a source"));
}

TEST(ClusterFiles, TakeNoPathWithoutAFolderAndNoPassword) {
  EXPECT_EQ(ErrorOf(ParseSourceFile("name: a\nurl: mysql://u@a\npassword_file: secrets/a\n"
                                    "ssl: {ca: ca.pem, mode: verify-full}\n",
                                    "/etc/godwit/s.yaml")),
            "/etc/godwit/s.yaml:3:16: password_file: has to be an absolute path; it is looked for "
            "on the machine of the worker, where this file has no folder\n"
            "/etc/godwit/s.yaml:4:11: ssl.ca: has to be an absolute path; it is looked for on the "
            "machine of the worker, where this file has no folder");
  const std::string error =
      ErrorOf(ParseSourceFile("name: a\nurl: mysql://u@a\npassword: s3cret-value\n", "s.yaml"));
  EXPECT_THAT(error,
              HasSubstr("s.yaml:3:1: password: a cluster keeps no password that can be read; "
                        "encrypt it by `godwit encrypt`"));
  EXPECT_THAT(error, testing::Not(HasSubstr("s3cret")));
  EXPECT_THAT(ErrorOf(ParseClusterTask("name: shop\nsource: a\ntarget: {url: \"mysql://u@b\", "
                                       "password: s3cret}\ntables: {include: [a.*]}\n",
                                       "t.yaml")),
              HasSubstr("t.yaml:3:30: target.password: a cluster keeps no password"));
}

TEST(ClusterTask, NamesItsSources) {
  absl::StatusOr<ClusterTask> task = ParseClusterTask(kTask, "t.yaml");
  ASSERT_TRUE(task.ok()) << task.status();
  EXPECT_EQ(task->name, "shop");
  EXPECT_THAT(task->sources, ElementsAre("shop-a"));

  task = ParseClusterTask(
      "name: shop\nsource: a\ntarget: {url: \"postgres://u@b/d\"}\n"
      "tables: {include: [mysql.*]}\nobjects: [events]\nlarge_objects: copy\n"
      "ddl: {capture: trigger}\n",
      "t.yaml");
  ASSERT_TRUE(task.ok()) << task.status();  // what depends on the source waits for it
  EXPECT_THAT(task->sources, ElementsAre("a"));
}

TEST(ClusterTask, ListsAllThatIsWrong) {
  EXPECT_EQ(ErrorOf(ParseClusterTask("name: shop\nsources: [a, B, a]\ntarget: {ulr: x}\n"
                                     "tables: {include: [shop]}\ncopy: {threads: 0}\n",
                                     "t.yaml")),
            "t.yaml:2:14: sources: has to be 1 to 64 of the characters a-z 0-9 _ -, not 'B'\n"
            "t.yaml:2:17: sources: a stands twice\n"
            "t.yaml:3:1: the key 'target.url' is missing\n"
            "t.yaml:3:10: unknown key 'ulr' in target; did you mean 'url'?\n"
            "t.yaml:4:20: tables.include: 'shop' has no dot; write schema.table, such as "
            "\"shop.*\"\n"
            "t.yaml:5:17: copy.threads: has to be a whole number from 1 to 64, not '0'");
  EXPECT_EQ(TaskError("source: b\n"),
            "t.yaml:5:1: either `sources` or `source` may stand, not both");
  EXPECT_EQ(ErrorOf(ParseClusterTask("name: a\nsources: []\ntarget: {url: \"mysql://u@b\"}\n"
                                     "tables: {include: [a.*]}\n",
                                     "t.yaml")),
            "t.yaml:2:10: sources: names no source");
  EXPECT_EQ(ErrorOf(ParseClusterTask("name: a\ntarget: {url: \"mysql://u@b\"}\n"
                                     "tables: {include: [a.*]}\n",
                                     "t.yaml")),
            "t.yaml:1:1: the key 'sources' is missing");
  EXPECT_EQ(ErrorOf(ParseClusterTask("name: a\nsources: [x, y]\nmode: stream\n"
                                     "target: {url: \"mysql://u@b\"}\ntables: {include: [a.*]}\n"
                                     "stream: {start: {gtid: 0-1-1}}\n",
                                     "t.yaml")),
            "t.yaml:6:10: stream.start: a place is one of one source; make a task for each source");
}

TEST(ClusterTask, IsToldFromOneOfARunAndTheOtherWayRound) {
  const std::string_view local =
      "name: shop\nsource: {url: \"mysql://u@a\"}\ntarget: {url: \"mysql://u@b\"}\n"
      "tables: {include: [shop.*]}\n";
  ASSERT_TRUE(ParseTask(local, "t.yaml").ok());
  EXPECT_THAT(ErrorOf(ParseClusterTask(local, "t.yaml")),
              testing::AllOf(testing::StartsWith("t.yaml:2:1: "),
                             HasSubstr("`godwit task import` takes a task file of `godwit run`")));
  EXPECT_THAT(ErrorOf(ParseTask(kTask, "t.yaml")),
              testing::AllOf(testing::StartsWith("t.yaml:2:1: the task of a cluster"),
                             HasSubstr("write the section `source` in its place")));
  EXPECT_THAT(ErrorOf(ParseTask("name: shop\nsource: shop-a\n", "t.yaml")),
              testing::StartsWith("t.yaml:2:1: the task of a cluster"));
}

TEST(Subtask, IsTheTaskThatARunWouldHave) {
  absl::StatusOr<Task> task = ParseSubtask(
      "name: shop\nsources: [other, pg]\ntarget: {url: \"postgres://u@b/d\", password_env: T}\n"
      "tables: {include: [\"mysql.*\"]}\nobjects: [sequences]\n",
      "t.yaml",
      "name: pg\nurl: postgres://me@a/d\npassword_env: S\nmax_slot_wal: 1GiB\nspill_dir: /x\n",
      "s.yaml");
  ASSERT_TRUE(task.ok()) << task.status();
  EXPECT_EQ(task->name, "shop.pg");
  EXPECT_EQ(task->source.ToString(), "postgres://me@a:5432/d");
  EXPECT_EQ(task->source.password, Secret::FromEnv("S"));
  EXPECT_EQ(task->target.password, Secret::FromEnv("T"));
  EXPECT_EQ(task->slot_wal.most, 1ull << 30);
  EXPECT_EQ(task->streaming.spill_dir, "/x");
  EXPECT_TRUE(task->tables.Matches("mysql", "t"));  // no schema of a server's own there
  EXPECT_TRUE(task->objects.sequences);

  task = ParseSubtask(kTask, "t.yaml", kSource, "s.yaml");
  ASSERT_TRUE(task.ok()) << task.status();
  EXPECT_EQ(task->name, "shop");  // on one source
}

TEST(Subtask, ReportsEachProblemInTheFileWhereItStands) {
  EXPECT_EQ(SubtaskError("name: shop\nsources: [a]\ntarget: {url: \"mysql://u@a\"}\n"
                         "tables: {include: [mysql.user]}\nlarge_objects: copy\n"
                         "ddl: {capture: trigger}\n",
                         "name: b\nurl: mysql://u@a\nspill_dir: /x\nfoo: 1\n"),
            "t.yaml:2:11: sources: b is not among them\n"
            "t.yaml:3:10: target.url: source and target are the same server\n"
            "t.yaml:4:20: tables.include: mysql belongs to the server and is never migrated\n"
            "t.yaml:5:1: large_objects: only a PostgreSQL source has values apart from its tables; "
            "the source is mysql\n"
            "t.yaml:6:7: ddl.capture: the log of mysql has its DDL, which is followed without "
            "triggers; leave this out\n"
            "s.yaml:3:1: spill_dir: only a PostgreSQL source sends transactions that are in "
            "progress; the source is mysql\n"
            "s.yaml:4:1: unknown key 'foo'; known here: name, url, password_env, password_file, "
            "password_encrypted, password, ssl, max_slot_wal, on_max_slot_wal, streaming, "
            "spill_dir, relay");
  EXPECT_THAT(SubtaskError(kTask, "name: [\n"), HasSubstr("s.yaml:2:1: not valid YAML"));
  EXPECT_THAT(SubtaskError("a: b\n---\nc: d\n", ""), HasSubstr("s.yaml:1:1: the file is empty"));
}

TEST(Subtask, HasANameThatStateAndLocksBear) {
  EXPECT_EQ(SubtaskName("shop", "a", 1), "shop");
  EXPECT_EQ(SubtaskName("shop", "a", 2), "shop.a");
  const std::string task(40, 't'), shorter(23, 's'), longer(24, 's');
  const auto with = [&](const std::string& source) {
    return ErrorOf(
        ParseClusterTask("name: " + task + "\nsources: [a, " + source +
                             "]\ntarget: {url: \"mysql://u@b\"}\ntables: {include: [a.*]}\n",
                         "t.yaml"));
  };
  EXPECT_EQ(with(shorter), "no error");
  EXPECT_EQ(with(longer), "t.yaml:2:14: sources: on this source the task is called " + task + "." +
                              longer +
                              ", which is 65 bytes long and may be 64; choose a shorter name for "
                              "the task or the source");
}

constexpr std::string_view kLocal = R"(# A comment is lost.
name: shop
mode: stream
source:
  url: postgres://u@a/d
  password_file: /run/secrets/a
  ssl: {mode: verify-full, ca: "/etc/ca file.pem"}
  max_slot_wal: &size 1GiB
target: {url: "postgres://u@b/d", password_env: T}
tables:
  include: ["*.*", '~shop\.(a|b)+']
  exclude: ['shop.tmp_*', "shop.\"q\""]
on_unrepresentable: {zero_byte: null, invalid_text: "null"}
copy:
ddl: {events: {drop_table: ignore}}
memory_limit: *size
)";

TEST(SplitTask, CarriesAllOfATaskToAClusterAndBack) {
  absl::StatusOr<SplitTask> split = SplitLocalTask(kLocal, "t.yaml");
  ASSERT_TRUE(split.ok()) << split.status();
  absl::StatusOr<Task> there =
      ParseSubtask(split->task_text, "t.yaml", split->source_text, "s.yaml");
  ASSERT_TRUE(there.ok()) << there.status() << "\n" << split->task_text << split->source_text;
  absl::StatusOr<std::string> joined = JoinTask(split->source_text, split->task_text);
  ASSERT_TRUE(joined.ok()) << joined.status();
  absl::StatusOr<Task> back = ParseTask(*joined, "t.yaml");
  ASSERT_TRUE(back.ok()) << back.status() << "\n" << *joined;
  const auto values = [](const Task& task) {
    std::vector<std::string> patterns;
    for (const auto& p : task.tables.include()) patterns.push_back(p.text());
    for (const auto& p : task.tables.exclude()) patterns.push_back("-" + p.text());
    return std::tuple(task.name, task.mode, task.source, task.target, task.slot_wal, task.streaming,
                      patterns, task.on_unrepresentable, task.ddl, task.memory_limit);
  };
  absl::StatusOr<Task> before = ParseTask(kLocal, "t.yaml");
  ASSERT_TRUE(before.ok()) << before.status();
  EXPECT_EQ(before->memory_limit, 1ull << 30);
  EXPECT_TRUE(values(*there) == values(*before)) << split->task_text << split->source_text;
  EXPECT_TRUE(values(*back) == values(*before)) << *joined;
}

TEST(SplitTask, RefusesWhatAClusterDoesNotTakeWithThePlaceInTheFile) {
  EXPECT_EQ(ErrorOf(SplitLocalTask("name: shop\nsource:\n  url: mysql://u@a\n  password_file: a\n"
                                   "target: {url: \"mysql://u@b\", password: x}\n"
                                   "tables: {include: [a.*]}\n",
                                   "/etc/t.yaml")),
            "/etc/t.yaml:4:18: source.password_file: has to be an absolute path; it is looked for "
            "on the machine of the worker, where this file has no folder\n"
            "/etc/t.yaml:5:30: target.password: a cluster keeps no password that can be read; "
            "encrypt it by `godwit encrypt` and write password_encrypted, or use password_env or "
            "password_file of the workers' machines");
  EXPECT_THAT(ErrorOf(SplitLocalTask(kTask, "t.yaml")), HasSubstr("the task of a cluster already"));
}

TEST(SplitTask, WhereARelayIsKeptIsItsWorkersToSay) {
  const auto split = SplitLocalTask(
      "name: shop\nsource: {url: \"mysql://u@a\", relay: {dir: /r, keep: 1h}}\n"
      "target: {url: \"mysql://u@b\"}\ntables: {include: [a.*]}\n",
      "t.yaml");
  ASSERT_TRUE(split.ok()) << split.status();
  const auto source = ParseSourceFile(split->source_text, "s.yaml");
  ASSERT_TRUE(source.ok()) << source.status();
  EXPECT_TRUE(source->relay);
  EXPECT_EQ(source->relay_limits.keep, std::chrono::hours(1));
}

TEST(SplitTask, JoinsOnlyATaskOnOneSource) {
  const absl::StatusOr<std::string> joined =
      JoinTask(kSource,
               "name: shop\nsources: [shop-a, shop-b]\ntarget: {url: \"mysql://u@b\"}\n"
               "tables: {include: [a.*]}\n");
  EXPECT_EQ(joined.status().code(), absl::StatusCode::kFailedPrecondition);
  const auto relay = JoinTask(With(kSource, "relay: on\n"), kTask);
  ASSERT_TRUE(relay.ok()) << relay.status();
  EXPECT_THAT(*relay, testing::StartsWith("# The cluster kept the log"));
  EXPECT_TRUE(ParseTask(*relay, "t.yaml").ok());
}

}  // namespace
}  // namespace godwit::config
