#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <vector>

#include "connectors/mysql/apply/history_statements.h"
#include "connectors/mysql/log/row_history.h"

namespace godwit::connectors::mysql {
namespace {

using model::Cell;
using model::ChangeEvent;
using model::ChangeKind;
using model::Row;
using testing::ElementsAre;
using Update = connector::TableChanges::Update;

constexpr std::string_view kOne = "2024-01-01 00:00:01.000000";
constexpr std::string_view kTwo = "2024-01-01 00:00:02.500000";

model::Table KeyedTable() {
  model::Table table;
  table.name = {"s", "t"};
  table.system_versioned = true;
  table.columns = {{.name = "id", .kind = model::TypeKind::kInt, .nullable = false},
                   {.name = "v", .kind = model::TypeKind::kInt},
                   {.name = "row_start",
                    .kind = model::TypeKind::kTimestamp,
                    .nullable = false,
                    .generated = true,
                    .row_period = model::RowPeriod::kStart},
                   {.name = "row_end",
                    .kind = model::TypeKind::kTimestamp,
                    .nullable = false,
                    .generated = true,
                    .row_period = model::RowPeriod::kEnd}};
  table.primary_key = {0, 3};
  return table;
}

class History : public testing::Test {
 protected:
  Row Version(int64_t id, int64_t v, std::string_view start, std::string_view end = kStillHolds) {
    rows_.push_back({Cell::Int(id), Cell::Int(v), Cell::Text(start), Cell::Text(end)});
    return rows_.back();
  }
  ChangeEvent Event(ChangeKind kind, Row before, Row after) {
    ChangeEvent event;
    event.kind = kind;
    event.table = &table_;
    event.before = before;
    event.after = after;
    return event;
  }
  bool Take(ChangeEvent event) {
    base::StatusOr<bool> taken = history_.Take(event);
    EXPECT_TRUE(taken.ok()) << taken.status();
    last_ = event;
    return taken.value_or(false);
  }
  std::vector<std::string> Statements(const std::vector<Update>& changes) {
    std::vector<std::string> statements;
    const base::Status status =
        WriteHistory(table_, changes, [&](const RowStatement& statement) -> base::Status {
          statements.push_back(
              fmt::format("{} [{}{}]", statement.sql, statement.expected_affected,
                          statement.count == RowStatement::Count::kByTransaction ? "!" : ""));
          return base::OkStatus();
        });
    EXPECT_TRUE(status.ok()) << status;
    return statements;
  }

  model::Table table_ = KeyedTable();
  RowHistory history_;
  ChangeEvent last_;
  std::deque<std::vector<Cell>> rows_;
};

TEST_F(History, LeavesOutTheVersionThatAnUpdateEnds) {
  EXPECT_TRUE(Take(Event(ChangeKind::kInsert, {}, Version(1, 1, kOne))));
  EXPECT_TRUE(Take(Event(ChangeKind::kUpdate, Version(1, 1, kOne), Version(1, 2, kTwo))));
  EXPECT_EQ(last_.kind, ChangeKind::kUpdate);
  EXPECT_FALSE(history_.Finish().ok()) << "the version before is missing";
  EXPECT_TRUE(Take(Event(ChangeKind::kUpdate, Version(1, 1, kOne), Version(1, 2, kTwo))));
  EXPECT_FALSE(Take(Event(ChangeKind::kInsert, {}, Version(1, 1, kOne, kTwo))));
  EXPECT_TRUE(history_.Finish().ok());
  EXPECT_TRUE(Take(Event(ChangeKind::kInsert, {}, Version(1, 1, kOne, kTwo))))
      << "one that a session brought";
}

TEST_F(History, ExpectsNoVersionThatHeldForNoTime) {
  EXPECT_TRUE(Take(Event(ChangeKind::kUpdate, Version(1, 1, kTwo), Version(1, 2, kTwo))));
  EXPECT_TRUE(history_.Finish().ok());
  EXPECT_TRUE(Take(Event(ChangeKind::kUpdate, Version(1, 1, kTwo), Version(1, 2, kOne))));
  EXPECT_TRUE(history_.Finish().ok());
}

TEST_F(History, RefusesAnUpdateThatIsFollowedByAnythingElse) {
  EXPECT_TRUE(Take(Event(ChangeKind::kUpdate, Version(1, 1, kOne), Version(1, 2, kTwo))));
  ChangeEvent other = Event(ChangeKind::kInsert, {}, Version(2, 2, kTwo));
  EXPECT_EQ(history_.Take(other).status().code(), base::StatusCode::kFailedPrecondition);
}

TEST_F(History, SeesADeleteInTheEndOfARow) {
  EXPECT_TRUE(Take(Event(ChangeKind::kUpdate, Version(1, 1, kOne), Version(1, 1, kOne, kTwo))));
  EXPECT_EQ(last_.kind, ChangeKind::kDelete);
  EXPECT_TRUE(last_.keys_act);
  EXPECT_EQ(last_.after.size(), 4u);
}

TEST_F(History, KnowsThatKeysDoNotActOnHistory) {
  EXPECT_TRUE(Take(Event(ChangeKind::kDelete, Version(1, 1, kOne, kTwo), {})));
  EXPECT_FALSE(last_.keys_act);
  EXPECT_TRUE(Take(Event(ChangeKind::kDelete, Version(1, 1, kOne), {})));
  EXPECT_TRUE(last_.keys_act);
}

TEST_F(History, InsertsVersionsWithTheirTimes) {
  EXPECT_THAT(Statements({{{}, Version(1, 2, kOne, kTwo)}, {{}, Version(1, 3, kTwo)}}),
              ElementsAre("INSERT INTO `s`.`t` (`id`,`v`,`row_start`,`row_end`) VALUES "
                          "(1,2,'2024-01-01 00:00:01.000000','2024-01-01 00:00:02.500000'),"
                          "(1,3,'2024-01-01 00:00:02.500000','2038-01-19 03:14:07.999999') [2]"));
}

TEST_F(History, ChangesRowsAtTheTimeOfTheSource) {
  EXPECT_THAT(
      Statements({{Version(1, 1, kOne), Version(4, 2, kTwo)},
                  {Version(4, 2, kTwo), Version(4, 2, kTwo, kTwo)},
                  {Version(5, 2, kOne), Version(5, 2, kOne, kTwo)},
                  {Version(6, 2, kOne), Version(6, 2, kOne, kOne)}}),
      ElementsAre("SET STATEMENT timestamp=UNIX_TIMESTAMP('2024-01-01 00:00:02.500000') FOR UPDATE "
                  "`s`.`t` SET `id`=4,`v`=2 WHERE `id`=1 LIMIT 1 [1]",
                  "SET STATEMENT timestamp=UNIX_TIMESTAMP('2024-01-01 00:00:02.500000') FOR DELETE "
                  "FROM `s`.`t` WHERE (`id`=4) OR (`id`=5) [2]",
                  "SET STATEMENT timestamp=UNIX_TIMESTAMP('2024-01-01 00:00:01.000000') FOR DELETE "
                  "FROM `s`.`t` WHERE (`id`=6) [1]"));
}

TEST_F(History, DeletesHistoryUpToTheLastThatTheSourceDeleted) {
  EXPECT_THAT(Statements({{Version(1, 1, kOne, kTwo), {}}, {Version(2, 1, kOne, kOne), {}}}),
              ElementsAre("DELETE HISTORY FROM `s`.`t` BEFORE SYSTEM_TIME (TIMESTAMP'2024-01-01 "
                          "00:00:02.500000' + INTERVAL 1 MICROSECOND) [2!]"));
}

TEST_F(History, LetsARowGoWithoutHistoryAtATimeBeforeIt) {
  EXPECT_THAT(Statements({{Version(1, 1, kOne), {}}}),
              ElementsAre("SET STATEMENT timestamp=1 FOR DELETE FROM `s`.`t` WHERE `id`=1 LIMIT 1 "
                          "[1]"));
}

TEST_F(History, FindsRowsWithoutAKeyByAllTheyHold) {
  table_.primary_key.clear();
  EXPECT_THAT(
      Statements({{Version(1, 1, kOne), Version(1, 1, kOne, kTwo)}}),
      ElementsAre("SET STATEMENT timestamp=UNIX_TIMESTAMP('2024-01-01 00:00:02.500000') FOR DELETE "
                  "FROM `s`.`t` WHERE (`id`<=>1 AND `v`<=>1 AND "
                  "`row_start`<=>'2024-01-01 00:00:01.000000') LIMIT 1 [1]"));
}

}  // namespace
}  // namespace godwit::connectors::mysql
