#include "config/task.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace godwit::config {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr std::string_view kServers =
    "name: shop\n"
    "source: {url: \"mysql://u@a\"}\n"
    "target: {url: \"mysql://u@b\"}\n"
    "tables: {include: [shop.*]}\n";  // and from here on line 5

// The error of a file that has the required keys and then `rest`.
std::string ErrorOf(std::string_view rest) {
  absl::StatusOr<Task> task = ParseTask(std::string(kServers) + std::string(rest), "t.yaml");
  if (task.ok()) return "no error";
  EXPECT_EQ(task.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(task.status().message());
}

std::string ErrorOfWhole(std::string_view text) {
  absl::StatusOr<Task> task = ParseTask(text, "t.yaml");
  return task.ok() ? "no error" : std::string(task.status().message());
}

TEST(Task, ReadsEveryKey) {
  absl::StatusOr<Task> task = ParseTask(R"(
name: shop_2-a
mode: stream
source:
  url: mariadb://me@[::1]:3310/
  password_env: SRC
  ssl: {mode: verify-ca, ca: ca.pem, cert: /etc/me.pem, key: me.key}
target:
  url: mysql://you@?socket=/run/my%20sql.sock
  password_file: secrets/dst
  if_exists: append
tables:
  include: ["shop.*", '~crm\.c[0-9]+']
  exclude:
    - shop.tmp_*
objects: [events, triggers]
copy: {threads: 7, chunk_bytes: 1MiB}
stream:
  consistency: prefix
  lanes: 9
  group_ms: 20
  start: {file: bin.000003, offset: 777}
memory_limit: 1GB
meta_schema: Meta_1
retry_for: 90s
)",
                                        "conf/t.yaml");
  ASSERT_TRUE(task.ok()) << task.status();
  EXPECT_EQ(task->name, "shop_2-a");
  EXPECT_EQ(task->mode, Mode::kStream);
  EXPECT_EQ(task->source.ToString(), "mariadb://me@[::1]:3310");
  EXPECT_EQ(task->source.password, Secret::FromEnv("SRC"));
  EXPECT_EQ(task->source.tls, (TlsOptions{.mode = TlsMode::kVerifyCa,
                                          .ca = "conf/ca.pem",
                                          .cert = "/etc/me.pem",
                                          .key = "conf/me.key"}));
  EXPECT_EQ(task->target.tls, TlsOptions{});
  EXPECT_EQ(task->target.user, "you");
  EXPECT_EQ(task->target.socket, "/run/my sql.sock");
  EXPECT_EQ(task->target.password, Secret::FromFile("conf/secrets/dst"));
  EXPECT_EQ(task->if_exists, IfExists::kAppend);
  EXPECT_TRUE(task->tables.Matches("shop", "orders"));
  EXPECT_TRUE(task->tables.Matches("crm", "c12"));
  EXPECT_FALSE(task->tables.Matches("shop", "tmp_1"));
  EXPECT_EQ(task->objects, (ObjectOptions{.triggers = true, .events = true}));
  EXPECT_EQ(task->copy, (CopyOptions{.threads = 7, .chunk_bytes = 1048576}));
  EXPECT_EQ(task->stream, (StreamOptions{.consistency = Consistency::kPrefix,
                                         .lanes = 9,
                                         .group_ms = milliseconds(20),
                                         .start = StartFile{"bin.000003", 777}}));
  EXPECT_EQ(task->memory_limit, 1'000'000'000u);
  EXPECT_EQ(task->meta_schema, "Meta_1");
  EXPECT_EQ(task->retry_for, milliseconds(90'000));
  EXPECT_THAT(task->warnings, ElementsAre());
}

TEST(Task, HasDefaultsForAllButFourKeys) {
  absl::StatusOr<Task> task = ParseTask(kServers, "t.yaml");
  ASSERT_TRUE(task.ok()) << task.status();
  EXPECT_EQ(task->mode, Mode::kMigrate);
  EXPECT_EQ(task->if_exists, IfExists::kError);
  EXPECT_EQ(task->copy.threads, 4);
  EXPECT_EQ(task->copy.chunk_bytes, 64u << 20);
  EXPECT_EQ(task->stream.consistency, Consistency::kPrefix);
  EXPECT_EQ(task->stream.lanes, 4);
  EXPECT_EQ(task->stream.group_ms, milliseconds(0));
  EXPECT_TRUE(std::holds_alternative<StartNow>(task->stream.start));
  EXPECT_EQ(task->objects, ObjectOptions{});
  EXPECT_EQ(task->memory_limit, 512u << 20);
  EXPECT_EQ(task->meta_schema, "godwit");
  EXPECT_EQ(task->retry_for, minutes(10));
  EXPECT_EQ(task->source.port, 3306);
}

TEST(Task, ListsAllErrorsInTheOrderOfTheFile) {
  EXPECT_EQ(ErrorOfWhole("name: Shop\n"
                         "mode: migrat\n"
                         "source:\n"
                         "  url: mysql://u@a:99999\n"
                         "  pasword_env: X\n"
                         "tables:\n"
                         "  include: [shop]\n"
                         "copy: {threads: many}\n"),
            "t.yaml:1:1: the key 'target.url' is missing\n"
            "t.yaml:1:7: name: has to be 1 to 64 of the characters a-z 0-9 _ -, not 'Shop'\n"
            "t.yaml:2:7: mode: has to be one of migrate, copy, stream, not 'migrat'; "
            "did you mean 'migrate'?\n"
            "t.yaml:4:8: source.url: the port has to be a whole number from 1 to 65535\n"
            "t.yaml:5:3: unknown key 'pasword_env' in source; did you mean 'password_env'?\n"
            "t.yaml:7:13: tables.include: 'shop' has no dot; "
            "write schema.table, such as \"shop.*\"\n"
            "t.yaml:8:17: copy.threads: has to be a whole number from 1 to 64, not 'many'");
}

TEST(Task, NamesAMissingKeyWhereItsSectionIs) {
  EXPECT_EQ(ErrorOfWhole("name: s\nsource: {url: \"mysql://u@a\"}\n"
                         "target:\n  if_exists: error\ntables: {include: [a.*]}\n"),
            "t.yaml:3:1: the key 'target.url' is missing");
}

TEST(Task, SuggestsWhatAnUnknownKeyMayMean) {
  EXPECT_EQ(ErrorOf("memory-limit: 1GiB\n"),
            "t.yaml:5:1: unknown key 'memory-limit'; did you mean 'memory_limit'?");
  EXPECT_EQ(ErrorOf("threads: 3\n"),
            "t.yaml:5:1: unknown key 'threads'; did you mean 'copy.threads'?");
  EXPECT_EQ(ErrorOf("copy: {retry_for: 3s}\n"),
            "t.yaml:5:8: unknown key 'retry_for' in copy; did you mean 'retry_for'?");
  EXPECT_EQ(ErrorOf("copy: {zzzzzz: 3}\n"),
            "t.yaml:5:8: unknown key 'zzzzzz' in copy; known here: threads, chunk_bytes");
  EXPECT_EQ(ErrorOf("stream: {start: {gitd: a}}\nmode: stream\n"),
            "t.yaml:5:18: unknown key 'gitd' in stream.start; did you mean 'gtid'?");
}

TEST(Task, RefusesDuplicateKeys) {
  EXPECT_EQ(ErrorOf("mode: copy\nmode: copy\n"),
            "t.yaml:6:1: duplicate key 'mode'; it stands on line 5 already");
  EXPECT_EQ(ErrorOf("copy: {threads: 1}\ncopy: {threads: 2}\n"),
            "t.yaml:6:1: duplicate key 'copy'; it stands on line 5 already");
  EXPECT_EQ(ErrorOf("copy: {threads: 1, threads: 1}\n"),
            "t.yaml:5:20: duplicate key 'copy.threads'; it stands on line 5 already");
  EXPECT_EQ(ErrorOf("objects: [events, events]\n"), "t.yaml:5:19: objects: events stands twice");
}

TEST(Task, RefusesWrongTypes) {
  EXPECT_EQ(ErrorOf("copy: 4\n"), "t.yaml:5:7: copy: has to be a mapping of threads, chunk_bytes");
  EXPECT_EQ(ErrorOf("copy: {threads: [4]}\n"),
            "t.yaml:5:17: copy.threads: has to be a whole number from 1 to 64, not a list");
  EXPECT_EQ(ErrorOf("copy: {threads: \"4\"}\n"),
            "t.yaml:5:17: copy.threads: has to be a whole number from 1 to 64 without quotes, "
            "not '4'");
  EXPECT_EQ(ErrorOf("copy: {threads: 4.0}\n"),
            "t.yaml:5:17: copy.threads: has to be a whole number from 1 to 64, not '4.0'");
  EXPECT_EQ(ErrorOf("mode:\n"),
            "t.yaml:5:1: mode: has to be one of migrate, copy, stream, not nothing");
  EXPECT_EQ(ErrorOf("objects: triggers\n"),
            "t.yaml:5:10: objects: has to be a list, such as [a, b], not a single value");
  EXPECT_EQ(ErrorOf("objects: [{a: b}]\n"),
            "t.yaml:5:11: objects: has to be one of triggers, routines, events, sequences, rights, "
            "not a mapping");
  EXPECT_EQ(ErrorOf("meta_schema: \"a\\0b\"\n"), "t.yaml:5:14: meta_schema: holds a zero byte");
  EXPECT_EQ(ErrorOf("? [a]\n: b\n"), "t.yaml:5:3: a key has to be a single word");
  EXPECT_EQ(ErrorOf("copy:\n"), "no error");
}

TEST(Task, RefusesImpossibleValues) {
  EXPECT_EQ(ErrorOf("copy: {threads: 0}\n"),
            "t.yaml:5:17: copy.threads: has to be a whole number from 1 to 64, not '0'");
  EXPECT_EQ(ErrorOf("copy: {chunk_bytes: 1KiB}\n"),
            "t.yaml:5:21: copy.chunk_bytes: has to be from 64KiB to 4GiB, not '1KiB'");
  EXPECT_EQ(ErrorOf("memory_limit: 64Mib\n"),
            "t.yaml:5:15: memory_limit: has to be a size such as 64MiB, not '64Mib': "
            "the unit has to be B, KiB, MiB, GiB, TiB, kB, MB, GB or TB");
  EXPECT_EQ(ErrorOf("retry_for: 10\n"),
            "t.yaml:5:12: retry_for: has to be a duration such as 10min, not '10': "
            "it needs a unit: ms, s, min, h or d");
  EXPECT_EQ(ErrorOf("retry_for: 8d\n"), "t.yaml:5:12: retry_for: has to be at most 7d, not '8d'");
  EXPECT_EQ(ErrorOf("meta_schema: mysql\n"),
            "t.yaml:5:14: meta_schema: mysql belongs to the server");
  EXPECT_EQ(ErrorOf("meta_schema: shop\n"),
            "t.yaml:4:20: tables.include: shop is the meta_schema, which is never migrated; "
            "choose another meta_schema");
}

TEST(Task, RefusesPatternsThatCannotMatch) {
  auto error_of = [](std::string_view tables) {
    return ErrorOfWhole(
        "name: s\nsource: {url: \"mysql://u@a\"}\ntarget: {url: \"mysql://u@b\"}\n"
        "tables: " +
        std::string(tables));
  };
  EXPECT_EQ(error_of("{include: []}"),
            "t.yaml:4:19: tables.include: is empty, so that no table would be migrated");
  EXPECT_THAT(
      error_of("{include: ['~a(b']}"),
      StartsWith(
          "t.yaml:4:20: tables.include: '~a(b' is not a regular expression: 'missing ): a(b'"));
  EXPECT_EQ(error_of("{include: ['*.*', sys.*]}"),
            "t.yaml:4:27: tables.include: sys belongs to the server and is never migrated");
  EXPECT_EQ(error_of("{include: ['*.*'], exclude: [a.b, .c]}"),
            "t.yaml:4:43: tables.exclude: '.c' needs a name on both sides of its dot, "
            "such as \"shop.*\"");
}

TEST(Task, TakesAStartInModeStreamOnly) {
  EXPECT_EQ(
      ErrorOf("mode: copy\nstream: {start: {gtid: 0-1-2}}\n"),
      "t.yaml:6:10: stream.start: only mode stream starts at a given place; the mode is copy");
  EXPECT_EQ(ErrorOf("mode: stream\nstream: {start: {gtid: 0-1-2, file: a}}\n"),
            "t.yaml:6:31: stream.start: either gtid, or file and offset, not both");
  EXPECT_EQ(ErrorOf("mode: stream\nstream: {start: {offset: 5}}\n"),
            "t.yaml:6:18: stream.start: offset needs the file that it is an offset into");
  EXPECT_EQ(ErrorOf("mode: stream\nstream: {start: {file: a, offset: 3}}\n"),
            "t.yaml:6:35: stream.start.offset: has to be a whole number from 4 to 4294967295, "
            "not '3'");
  absl::StatusOr<Task> task = ParseTask(
      std::string(kServers) + "mode: stream\nstream: {start: {offset: 5, file: a}}\n", "t.yaml");
  ASSERT_TRUE(task.ok()) << task.status();
  EXPECT_EQ(std::get<StartFile>(task->stream.start), (StartFile{"a", 5}));
}

TEST(Task, RefusesOneServerAsBothEnds) {
  EXPECT_EQ(ErrorOfWhole("name: s\nsource: {url: \"mysql://u@a\"}\n"
                         "target: {url: \"mariadb://v@a:3306\"}\ntables: {include: [a.*]}"),
            "t.yaml:3:10: target.url: source and target are the same server");
  EXPECT_EQ(ErrorOfWhole("name: s\nsource: {url: \"mysql://u@b,a\"}\n"
                         "target: {url: \"mariadb://v@a:3306\"}\ntables: {include: [a.*]}"),
            "t.yaml:3:10: target.url: source and target are the same server");
  EXPECT_EQ(ErrorOfWhole("name: s\nsource: {url: \"mysql://u@a\"}\n"
                         "target: {url: \"mysql://v@b,c\"}\ntables: {include: [a.*]}"),
            "t.yaml:3:10: target.url: only a source may have several hosts; name the one server "
            "that is written, or an address that always leads to it");
}

TEST(Task, WarnsOfAPasswordInTheFile) {
  absl::StatusOr<Task> task = ParseTask(
      "name: s\nsource: {url: \"mysql://u@a\", password: hush}\n"
      "target: {url: \"mysql://u@b\"}\ntables: {include: [a.*]}\n",
      "t.yaml");
  ASSERT_TRUE(task.ok()) << task.status();
  EXPECT_EQ(*task->source.password.Resolve(), "hush");
  ASSERT_EQ(task->warnings.size(), 1u);
  EXPECT_THAT(task->warnings[0], StartsWith("t.yaml:2:40: source.password: "));
  EXPECT_THAT(task->warnings[0], Not(HasSubstr("hush")));
}

TEST(Task, TakesOnePasswordPerServer) {
  EXPECT_EQ(ErrorOfWhole("name: s\nsource: {url: \"mysql://u@a\"}\n"
                         "target: {password_file: f, url: \"mysql://u@b\", password_env: E}\n"
                         "tables: {include: [a.*]}\n"),
            "t.yaml:3:48: target: only one of password_env, password_file, password_encrypted and "
            "password may stand");
}

TEST(Task, RefusesTlsFilesThatTheModeCannotUse) {
  auto error_of = [](const std::string& ssl) {
    return ErrorOfWhole(
        "name: s\nsource: {url: \"mysql://u@a\"}\n"
        "target: {url: \"mysql://u@b\", ssl: {" +
        ssl +
        "}}\n"
        "tables: {include: [a.*]}\n");
  };
  EXPECT_EQ(error_of("ca: a.pem"),
            "t.yaml:3:36: target.ssl.ca: the server is held against it only with mode verify-ca or "
            "verify-full; the mode is preferred");
  EXPECT_EQ(error_of("mode: verify-ca"), "t.yaml:3:36: target.ssl: mode verify-ca needs ca");
  EXPECT_EQ(error_of("mode: required, cert: a.pem"),
            "t.yaml:3:52: target.ssl: cert and key go together");
  EXPECT_EQ(error_of("mode: required, key: a.pem"),
            "t.yaml:3:52: target.ssl: cert and key go together");
  EXPECT_EQ(error_of("mode: disabled, cert: a.pem, key: b.pem"),
            "t.yaml:3:52: target.ssl.cert: is of no use with mode disabled");
  EXPECT_EQ(error_of("mode: verify-full"), "no error");
  EXPECT_THAT(error_of("mode: verify_full"), HasSubstr("verify-full"));
}

TEST(Task, LimitsTheLogThatAPostgresSourceKeeps) {
  auto parse = [](const std::string& url, const std::string& rest) {
    return ParseTask("name: s\nsource: {url: \"" + url + "\", " + rest +
                         "}\ntarget: {url: \"mysql://u@b\"}\ntables: {include: [a.*]}\n",
                     "t.yaml");
  };
  const std::string postgres = "postgres://u@a/d";
  auto task = parse(postgres, "max_slot_wal: 20GiB");
  ASSERT_TRUE(task.ok()) << task.status();
  EXPECT_EQ(task->slot_wal, (SlotWalOptions{20ull << 30, OnMaxSlotWal::kStop}));
  task = parse(postgres, "max_slot_wal: 1MiB, on_max_slot_wal: release");
  ASSERT_TRUE(task.ok()) << task.status();
  EXPECT_EQ(task->slot_wal, (SlotWalOptions{1ull << 20, OnMaxSlotWal::kRelease}));
  EXPECT_EQ(parse(postgres, "password_env: A")->slot_wal, SlotWalOptions{});

  auto error_of = [&](const std::string& url, const std::string& rest) {
    return std::string(parse(url, rest).status().message());
  };
  EXPECT_EQ(error_of(postgres, "on_max_slot_wal: warn"),
            "t.yaml:2:35: source.on_max_slot_wal: needs max_slot_wal, the limit it is about");
  EXPECT_EQ(error_of("mariadb://u@a", "max_slot_wal: 1GiB, on_max_slot_wal: warn"),
            "t.yaml:2:32: source.max_slot_wal: only a PostgreSQL source keeps its log for a task "
            "(in a replication slot); the source is mariadb\n"
            "t.yaml:2:52: source.on_max_slot_wal: only a PostgreSQL source keeps its log for a "
            "task (in a replication slot); the source is mariadb");
  EXPECT_THAT(error_of(postgres, "max_slot_wal: 1MiB, on_max_slot_wal: drop"),
              HasSubstr("has to be one of warn, stop, release, not 'drop'"));
  EXPECT_THAT(error_of(postgres, "max_slot_wal: 1000"), HasSubstr("source.max_slot_wal: "));
}

TEST(Task, ReadsCastsOfColumns) {
  auto parse = [](const std::string& casts, const std::string& target = "postgres://u@b/d") {
    return ParseTask("name: s\nsource: {url: \"mysql://u@a\"}\ntarget: {url: \"" + target +
                         "\"}\ntables: {include: [a.*]}\ncasts: " + casts + "\n",
                     "t.yaml");
  };
  auto task = parse(
      "[{column: shop.t.1.paid, to: boolean}, {type: TINYINT(1), to: boolean, table: shop.*}]");
  ASSERT_TRUE(task.ok()) << task.status();
  ASSERT_EQ(task->casts.rules.size(), 2u);
  EXPECT_EQ(task->casts.rules[0].column_table, (model::TableName{"shop", "t.1"}));
  EXPECT_EQ(task->casts.rules[0].column, "paid");
  EXPECT_EQ(task->casts.rules[0].to, "boolean");
  EXPECT_EQ(task->casts.rules[1].About(), "tinyint(1) in shop.*");

  struct Case {
    const char *casts, *error;
  };
  const Case cases[] = {
      {"[{column: shop.t, to: text}]", "casts.column: 'shop.t' is no column"},
      {"[{column: shop.t.c}]", "casts: a rule has `to`"},
      {"[{column: shop.t.c, type: int, to: text}]", "and either `column` or `type`"},
      {"[{column: shop.t.c, table: shop.*, to: text}]", "and either `column` or `type`"},
      {"[{type: \"enum('a')\", to: text}]", "casts.type: "},
      {"[{type: int, to: ''}]", "casts.to: is empty"},
      {"[{type: int, table: t, to: text}]", "casts.table: 't' has no dot"},
      {"[{typ: int, to: text}]", "did you mean 'type'?"},
      {"[int]", "casts: each rule is a mapping"},
      {"int", "casts: "},
  };
  for (const Case& one : cases)
    EXPECT_THAT(std::string(parse(one.casts).status().message()), testing::HasSubstr(one.error))
        << one.casts;
  EXPECT_THAT(std::string(parse("[{type: int, to: text}]", "mysql://u@b").status().message()),
              testing::HasSubstr("only between MySQL or MariaDB and PostgreSQL"));
}

TEST(Task, SaysWhereLargeTransactionsOfAPostgresSourceWait) {
  auto parse = [](const std::string& url, const std::string& rest) {
    return ParseTask("name: s\nsource: {url: \"" + url + "\", " + rest +
                         "}\ntarget: {url: \"mysql://u@b\"}\ntables: {include: [a.*]}\n",
                     "tasks/t.yaml");
  };
  const std::string postgres = "postgres://u@a/d";
  EXPECT_EQ(parse(postgres, "password_env: A")->streaming, (StreamingOptions{true, ""}));
  auto task = parse(postgres, "streaming: false, spill_dir: /data/spill");
  ASSERT_TRUE(task.ok()) << task.status();
  EXPECT_EQ(task->streaming, (StreamingOptions{false, "/data/spill"}));
  EXPECT_EQ(parse(postgres, "spill_dir: spill")->streaming.spill_dir, "tasks/spill");

  auto error_of = [&](const std::string& url, const std::string& rest) {
    return std::string(parse(url, rest).status().message());
  };
  EXPECT_EQ(error_of(postgres, "spill_dir: ''"),
            "tasks/t.yaml:2:46: source.spill_dir: has to be the path of a folder");
  EXPECT_THAT(error_of(postgres, "streaming: parallel"),
              HasSubstr("has to be one of false, true, not 'parallel'"));
  EXPECT_EQ(error_of("mysql://u@a", "streaming: true, spill_dir: x"),
            "tasks/t.yaml:2:30: source.streaming: only a PostgreSQL source sends transactions that "
            "are in progress; the source is mysql\n"
            "tasks/t.yaml:2:47: source.spill_dir: only a PostgreSQL source sends transactions that "
            "are in progress; the source is mysql");
}

TEST(Task, SaysWhereTheLogOfAMysqlSourceIsKept) {
  auto parse = [](const std::string& url, const std::string& relay) {
    return ParseTask("name: s\nsource: {url: \"" + url + "\", relay: " + relay +
                         "}\ntarget: {url: \"mysql://u@b\"}\ntables: {include: [a.*]}\n",
                     "tasks/t.yaml");
  };
  auto task = parse("mysql://u@a", "{dir: relay, keep: 12h, max_size: 50GiB}");
  ASSERT_TRUE(task.ok()) << task.status();
  EXPECT_EQ(task->relay, (RelayOptions{"tasks/relay", std::chrono::hours(12), 50ull << 30}));
  EXPECT_EQ(parse("mysql://u@a", "{dir: /r}")->relay,
            (RelayOptions{"/r", std::chrono::hours(24), std::nullopt}));
  auto error_of = [&](const std::string& url, const std::string& relay) {
    return std::string(parse(url, relay).status().message());
  };
  EXPECT_THAT(error_of("mysql://u@a", "{keep: 1h}"),
              HasSubstr("source.relay: needs dir, the folder that the log is kept in"));
  EXPECT_THAT(error_of("mysql://u@a", "on"), HasSubstr("source.relay: has to be a mapping of dir"));
  EXPECT_THAT(error_of("postgres://u@a/d", "{dir: /r}"),
              HasSubstr("source.relay: the log of PostgreSQL is kept by the server alone"));
}

TEST(Task, RefusesObjectsThatTheServersHaveNoneOf) {
  auto parse = [](const std::string& source, const std::string& target,
                  const std::string& objects) {
    return ParseTask("name: s\nsource: {url: \"" + source + "\"}\ntarget: {url: \"" + target +
                         "\"}\ntables: {include: [a.*]}\nobjects: [" + objects + "]\n",
                     "t.yaml");
  };
  const std::string postgres = "postgres://u@a/d", other = "postgres://u@b/d";
  auto task = parse(postgres, other, "routines, rights, triggers");
  ASSERT_TRUE(task.ok()) << task.status();
  EXPECT_EQ(task->objects, (ObjectOptions{.triggers = true, .routines = true, .rights = true}));
  EXPECT_EQ(parse(postgres, other, "routines, events").status().message(),
            "t.yaml:5:21: objects: PostgreSQL has no events; leave them out");
  for (const auto& [source, target] :
       {std::pair<std::string, std::string>("mysql://u@a", "mariadb://u@b"),
        {"mysql://u@a", other},
        {postgres, "mysql://u@b"}}) {
    EXPECT_EQ(parse(source, target, "rights").status().message(),
              "t.yaml:5:11: objects: rights are migrated from PostgreSQL to PostgreSQL alone; "
              "create accounts and grant rights on the target yourself");
  }
}

TEST(Task, ReadsWhatBecomesOfLargeObjects) {
  auto parse = [](const std::string& source, const std::string& key) {
    return ParseTask("name: s\nsource: {url: \"" + source +
                         "\"}\ntarget: {url: \"postgres://u@b/d\"}\ntables: {include: [a.*]}\n" +
                         key,
                     "t.yaml");
  };
  const std::string postgres = "postgres://u@a/d";
  EXPECT_EQ(parse(postgres, "")->large_objects, LargeObjects::kUndecided);
  EXPECT_EQ(parse(postgres, "large_objects: copy\n")->large_objects, LargeObjects::kCopy);
  EXPECT_EQ(parse(postgres, "large_objects: ignore\n")->large_objects, LargeObjects::kIgnore);
  EXPECT_EQ(parse(postgres, "large_objects: true\n").status().message(),
            "t.yaml:5:16: large_objects: has to be one of copy, ignore, not 'true'");
  EXPECT_EQ(parse("mysql://u@a", "large_objects: ignore\n").status().message(),
            "t.yaml:5:1: large_objects: only a PostgreSQL source has values apart from its tables; "
            "the source is mysql");
}

TEST(Task, CapturesDdlOfPostgresServersAlone) {
  const auto parse = [](const std::string& source, const std::string& target,
                        const std::string& rest) {
    return ParseTask("name: a\nsource: {url: \"" + source + "\"}\ntarget: {url: \"" + target +
                         "\"}\ntables: {include: [s.*]}\n" + rest,
                     "t.yaml");
  };
  const std::string postgres = "postgres://u@a/d", other = "postgres://u@b/d";
  EXPECT_EQ(parse(postgres, other, "")->ddl.capture, DdlCapture::kNone);
  EXPECT_EQ(parse(postgres, other, "ddl: {capture: trigger}\n")->ddl.capture, DdlCapture::kTrigger);
  EXPECT_TRUE(parse("mysql://u@a", "mysql://u@b", "ddl: {capture: none}\n").ok());
  EXPECT_EQ(parse("mysql://u@a", "mysql://u@b", "ddl: {capture: trigger}\n").status().message(),
            "t.yaml:5:7: ddl.capture: the log of mysql has its DDL, which is followed without "
            "triggers; leave this out");
  EXPECT_TRUE(parse(postgres, "mysql://u@b", "ddl: {capture: trigger}\n").ok());
  EXPECT_TRUE(parse(postgres, "mysql://u@b", "casts: [{type: uuid, to: binary(16)}]\n").ok());
  EXPECT_TRUE(parse(postgres, "mysql://u@b", "large_objects: ignore\n").ok());
  EXPECT_EQ(parse(postgres, "mysql://u@b", "large_objects: copy\n").status().message(),
            "t.yaml:5:1: large_objects: a target of mysql has none to hold them; move them into a "
            "column of bytea, or say ignore");
}

TEST(Task, TakesPartitionsOfPostgresServersAloneOneByOne) {
  const auto parse = [](const std::string& source, const std::string& word) {
    return ParseTask("name: a\nsource: {url: \"" + source +
                         "\"}\ntarget: {url: \"mysql://u@b\"}\ntables: {include: [s.*]" + word +
                         "}\n",
                     "t.yaml");
  };
  const std::string postgres = "postgres://u@a/d";
  EXPECT_EQ(parse(postgres, "")->partitions, Partitions::kRoot);
  EXPECT_EQ(parse(postgres, ", partitions: root")->partitions, Partitions::kRoot);
  EXPECT_EQ(parse(postgres, ", partitions: leaf")->partitions, Partitions::kLeaf);
  EXPECT_TRUE(parse("mysql://u@a", ", partitions: root").ok());
  EXPECT_EQ(parse("mysql://u@a", ", partitions: leaf").status().message(),
            "t.yaml:4:26: tables.partitions: only partitions of a PostgreSQL source are tables "
            "that can be migrated one by one; the source is mysql: leave this out");
  EXPECT_EQ(parse(postgres, ", partitions: leaves").status().message(),
            "t.yaml:4:38: tables.partitions: has to be one of root, leaf, not 'leaves'");
}

TEST(Task, NeverRepeatsAPassword) {
  const char* const kEnds[] = {
      "{url: \"mysql://u:hush@a\"}",
      "{url: \"mysql://u:hush@a:x/y?z\"}",
      "{url: \"mysq://u:hush@a\"}",
      "{url: \"u:hush@a\"}",
      "{url: \"mysql://u:p@hush@a\"}",
      "{url: [hush]}",
      "{url: \"mysql://u@a\", password: [hush]}",
      "{url: \"mysql://u@a\", password_env: hush!}",
      "{url: \"mysql://u@a\", password_encrypted: hush!}",
      "\"mysql://u:hush@a\"",
      "{password: *hush}",
      "{password: \"\\hush\"}",
      "{password: @hush}",
  };
  for (const char* end : kEnds) {
    std::string text = "name: s\nsource: " + std::string(end) +
                       "\ntarget: {url: \"mysql://u@b\"}\ntables: {include: [a.*]}\n";
    std::string error = ErrorOfWhole(text);
    EXPECT_THAT(error, Not(HasSubstr("hush"))) << end;
    EXPECT_THAT(error, StartsWith("t.yaml:2:")) << end;
  }
}

TEST(Task, ReportsBadYamlWithItsPlace) {
  EXPECT_EQ(ErrorOf("copy: {threads: 4\nmode: copy"),
            "t.yaml:6:5: not valid YAML: end of map flow not found");
  EXPECT_EQ(ErrorOf("objects: [*.*]"),
            "t.yaml:5:11: not valid YAML: the referenced anchor is not defined; "
            "put a value that begins with * or & in quotes");
  EXPECT_EQ(ErrorOf("objects: [\"~a\\.b\"]"),
            "t.yaml:5:16: not valid YAML: unknown escape character; "
            "put a value with backslashes in single quotes");
  EXPECT_EQ(ErrorOfWhole(""), "t.yaml:1:1: the file is empty");
  EXPECT_EQ(ErrorOfWhole("# nothing\n"), "t.yaml:1:1: the file is empty");
  EXPECT_THAT(ErrorOfWhole("- a\n"),
              StartsWith("t.yaml:1:1: the file has to be a mapping of name"));
  EXPECT_EQ(ErrorOfWhole(std::string(kServers) + "---\na: b\n"),
            "t.yaml:5:1: a second document; a file holds one");
  // YAML::LoadAll would never come back from this one.
  EXPECT_THAT(ErrorOfWhole("\n-- t\n...\n,%TAG\xbd!x\n"),
              HasSubstr("t.yaml:4:1: a second document; a file holds one"));
  EXPECT_EQ(ErrorOfWhole(std::string(2 << 20, '#')),
            "t.yaml:1:1: a file holds at most 1048576 bytes");
}

TEST(Task, SurvivesAliasesThatContainThemselves) {
  EXPECT_EQ(ErrorOf("copy: &a {copy: *a}\n"),
            "t.yaml:5:11: unknown key 'copy' in copy; known here: threads, chunk_bytes");
  EXPECT_THAT(ErrorOf("objects: &a [*a]\n"), StartsWith("t.yaml:5:10: objects: has to be one of"));
}

TEST(Task, IsLoadedFromAFile) {
  std::filesystem::path folder = std::filesystem::path(testing::TempDir()) / "godwit_task_test";
  std::filesystem::create_directories(folder);
  std::string path = (folder / "t.yaml").string();
  std::ofstream(path) << kServers << "mode: copy\n";
  absl::StatusOr<Task> task = LoadTask(path);
  ASSERT_TRUE(task.ok()) << task.status();
  EXPECT_EQ(task->mode, Mode::kCopy);

  std::filesystem::remove_all(folder);
  task = LoadTask(path);
  EXPECT_EQ(task.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(task.status().message(), "cannot read " + path + ": No such file or directory");
}

}  // namespace
}  // namespace godwit::config
