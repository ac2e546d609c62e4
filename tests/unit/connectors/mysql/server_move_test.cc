#include "connectors/mysql/log/server_move.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace godwit::connectors::mysql {
namespace {

using connector::LogNeed;
using connector::SettledServer;
using ::testing::HasSubstr;

const std::string kA = "aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa";
const std::string kB = "bbbbbbbb-bbbb-bbbb-bbbb-bbbbbbbbbbbb";

ServerFacts MysqlB(const std::string& executed, const std::string& purged = "") {
  return {.is_mysql = true,
          .identity = kB,
          .address = "b:3306",
          .executed = executed,
          .purged = purged};
}
ServerFacts MariadbB(const std::string& logged, const std::string& replicated = "") {
  return {
      .identity = "mariadb-0-2", .address = "b:3306", .logged = logged, .replicated = replicated};
}
LogNeed MysqlNeed(const std::string& gtids) { return {kA, {"binlog.000007:1234;" + gtids}}; }
LogNeed MariadbNeed(const std::string& gtids) {
  return {"mariadb-0-1", {"binlog.000007:1234;" + gtids}};
}

void ExpectMoved(const ServerFacts& server, const LogNeed& need, const std::string& from) {
  const base::StatusOr<SettledServer> settled = GoOnAt(server, need);
  ASSERT_TRUE(settled.ok()) << settled.status();
  EXPECT_TRUE(settled->moved);
  EXPECT_FALSE(settled->places_hold);
  EXPECT_EQ(settled->from.text, from);
  EXPECT_EQ(settled->identity, server.identity);
}
void ExpectRefused(const ServerFacts& server, const LogNeed& need, base::StatusCode code,
                   const std::string& why) {
  const base::Status refused = GoOnAt(server, need).status();
  EXPECT_EQ(refused.code(), code) << refused;
  EXPECT_THAT(std::string(refused.message()), HasSubstr(why));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("b:3306 is another server"));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("--restart")) << "a way out";
}

TEST(ServerMove, TheSameServerGoesOnWhereverThatIs) {
  ServerFacts server = MysqlB("");
  for (const LogNeed& need :
       {LogNeed{kB, {"binlog.000007:4"}}, LogNeed{"", {"binlog.000007:4"}}, LogNeed{kA, {}}}) {
    const base::StatusOr<SettledServer> settled = GoOnAt(server, need);
    ASSERT_TRUE(settled.ok()) << settled.status();
    EXPECT_FALSE(settled->moved);
    EXPECT_TRUE(settled->places_hold);
    EXPECT_EQ(settled->from, need.from);
    EXPECT_EQ(settled->address, "b:3306");
  }
}

TEST(ServerMove, FilesAndOffsetsAreOfOneServer) {
  const LogNeed by_offset{kA, {"binlog.000007:1234"}};
  ExpectRefused(MysqlB(kA + ":1-9"), by_offset, base::StatusCode::kFailedPrecondition,
                "binlog.000007:1234 is no place on another server");
  ExpectRefused(MariadbB("0-1-9"), {"mariadb-0-1", {"binlog.000007:1234"}},
                base::StatusCode::kFailedPrecondition, "has no GTIDs");
}

TEST(ServerMove, MysqlGoesOnWhereAllOfItWasExecutedAndNothingIsPurged) {
  ExpectMoved(MysqlB(kA + ":1-12," + kB + ":1-3", kA + ":1-4"), MysqlNeed(kA + ":1-9"),
              ":0;" + kA + ":1-9");
  LogNeed online_ddl = MysqlNeed(kA + ":1-9");
  online_ddl.from.text += ";;shop/_t_gho/rows";
  ExpectMoved(MysqlB(kA + ":1-9"), online_ddl, ":0;" + kA + ":1-9;;shop/_t_gho/rows");
}

TEST(ServerMove, MysqlIsWaitedForWhileItLacksSome) {
  ExpectRefused(MysqlB(kA + ":1-7"), MysqlNeed(kA + ":1-9"), base::StatusCode::kUnavailable,
                kA + ":8-9 is missing");
}

TEST(ServerMove, MysqlIsRefusedWhereItsLogDoesNotGoOnFromThere) {
  constexpr auto kRefused = base::StatusCode::kFailedPrecondition;
  ExpectRefused(MysqlB(kB + ":1-900"), MysqlNeed(kA + ":1-9"), kRefused,
                "no transaction in common");
  ExpectRefused(MysqlB(""), MysqlNeed(kA + ":1-9"), kRefused, "no transaction in common");
  ExpectRefused(MysqlB(kA + ":1-12", kA + ":1-10"), MysqlNeed(kA + ":1-9"), kRefused,
                "has purged from its log what the task lacks: " + kA + ":10");
  LogNeed with_xa = MysqlNeed(kA + ":1-9");
  with_xa.from.text += ";61..1@binlog.000006:700";
  ExpectRefused(MysqlB(kA + ":1-12"), with_xa, kRefused, "XA transactions are prepared");
  ServerFacts silent = MysqlB(kA + ":1-12");
  silent.logs_what_it_replicates = false;
  ExpectRefused(silent, MysqlNeed(kA + ":1-9"), kRefused, "log_replica_updates");
}

TEST(ServerMove, ATaskThatBeginsAnewNeedsNoLogOfTheRightServer) {
  LogNeed need = MysqlNeed(kA + ":1-9");
  need.needs_log = false;
  ExpectMoved(MysqlB(kA + ":1-12", kA + ":1-11"), need, ":0;" + kA + ":1-9");
  ExpectRefused(MysqlB(kB + ":1-9"), need, base::StatusCode::kFailedPrecondition, "in common");
}

TEST(ServerMove, MariadbGoesOnWhereItsLogHasTheLastOfEachDomain) {
  ExpectMoved(MariadbB("0-1-55"), MariadbNeed("0-1-55"), ":0;0-1-55");
  ExpectMoved(MariadbB("0-1-58,0-2-61,3-7-9"), MariadbNeed("0-1-55,3-7-9"), ":0;0-1-55,3-7-9");
  // It began as a copy of the earlier one, just there.
  ExpectMoved(MariadbB("", "0-1-55"), MariadbNeed("0-1-55"), ":0;0-1-55");
}

TEST(ServerMove, MariadbIsWaitedForWhileItIsBehind) {
  ExpectRefused(MariadbB("0-1-50"), MariadbNeed("0-1-55"), base::StatusCode::kUnavailable,
                "0-1-55 is missing");
}

TEST(ServerMove, MariadbIsRefusedWhereItWentAnotherWay) {
  constexpr auto kRefused = base::StatusCode::kFailedPrecondition;
  ExpectRefused(MariadbB("0-1-50,0-2-55"), MariadbNeed("0-1-55"), kRefused,
                "has gone on without 0-1-55");
  ExpectRefused(MariadbB("0-7-900"), MariadbNeed("0-1-55"), kRefused, "in common");
  ExpectRefused(MariadbB(""), MariadbNeed("0-1-55"), kRefused, "in common");
  ExpectRefused(MariadbB("0-1-60"), MariadbNeed("0-1-55,3-7-9"), kRefused, "in common");
  // It did not log what it applied after that.
  ExpectRefused(MariadbB("", "0-1-60"), MariadbNeed("0-1-55"), kRefused, "in common");
}

TEST(ServerMove, MariadbsLogIsLookedAtWhereThePlaceIsInIt) {
  const auto places = PlacesInLog(MariadbB("0-1-58,0-2-61,3-7-9", "5-1-4"), "0-1-55,3-7-9,5-1-4");
  ASSERT_TRUE(places.ok()) << places.status();
  EXPECT_EQ(*places, (std::vector<wire::mysql::MariadbGtid>{{0, 1, 55}, {3, 7, 9}}));
  const base::Status refused = OutOfOrder(MariadbB("0-1-55,0-2-51"), MariadbNeed("0-1-55"),
                                          {{0, 2, 51}, {0, 1, 51}, {0, 1, 55}});
  EXPECT_EQ(refused.code(), base::StatusCode::kFailedPrecondition);
  for (const char* part : {"b:3306 is another server", "its log has 0-2-51 before 0-1-51",
                           "after 0-1-55", "Nothing was applied from it", "--restart"})
    EXPECT_THAT(std::string(refused.message()), HasSubstr(part));
}

}  // namespace
}  // namespace godwit::connectors::mysql
