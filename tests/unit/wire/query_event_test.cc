#include "wire/mysql/query_event.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "log_reading.h"

namespace godwit::wire::mysql {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class QueryEvents : public ::testing::Test {
 protected:
  // The first query of a log whose statement begins so.
  QueryEvent Find(const std::string& log, std::string_view begins) {
    bytes_ = ReadTestFile(log);
    for (const Event& event : ReadEvents(bytes_)) {
      if (event.header.type != EventType::kQuery &&
          event.header.type != EventType::kMariadbQueryCompressed)
        continue;
      auto query = DecodeQuery(event, inflated_);
      EXPECT_TRUE(query.ok()) << query.status();
      if (query.ok() && query->sql.starts_with(begins)) {
        event_ = event;
        return *query;
      }
    }
    ADD_FAILURE() << begins << " is not in " << log;
    return {};
  }

  // A body with these status variables.
  base::StatusOr<QueryEvent> DecodeStatus(std::string_view variables) {
    body_.assign("\1\0\0\0\2\0\0\0\1\3\4", 11);
    body_ += static_cast<char>(variables.size());
    body_ += '\0';
    body_ += variables;
    body_.append("s\0select 1", 10);
    Event event;
    event.header.type = EventType::kQuery;
    event.body = body_;
    return DecodeQuery(event, inflated_);
  }

  std::string bytes_, inflated_, body_;
  Event event_;
};

TEST_F(QueryEvents, DdlOfARealLog) {
  QueryEvent query = Find("control.binlog", "CREATE TABLE c(");
  EXPECT_EQ(query.schema, "t");
  EXPECT_EQ(query.error_code, 0);
  EXPECT_GT(query.thread_id, 0u);
  EXPECT_EQ(*query.status.flags2, QueryStatus::kExplicitDefaultsForTimestamp);
  EXPECT_EQ(*query.status.sql_mode, 1411383296u);
  EXPECT_EQ(query.status.charset->client, 45);
  EXPECT_EQ(query.status.charset->server, 8);
  EXPECT_TRUE(query.status.xid.has_value());
  EXPECT_FALSE(query.status.time_zone.has_value());
  EXPECT_FALSE(query.status.unknown_variable.has_value());
}

TEST_F(QueryEvents, SessionSettingsOfAStatement) {
  QueryEvent query = Find("control.binlog", "INSERT INTO c(a)");
  EXPECT_EQ(*query.status.flags2,
            QueryStatus::kExplicitDefaultsForTimestamp | QueryStatus::kNoForeignKeyChecks |
                QueryStatus::kRelaxedUniqueChecks | QueryStatus::kNoCheckConstraintChecks);
  EXPECT_EQ(*query.status.auto_increment_increment, 3);
  EXPECT_EQ(*query.status.auto_increment_offset, 2);
  EXPECT_EQ(*query.status.time_zone, "Europe/Berlin");
  EXPECT_EQ(*query.status.lc_time_names, 4);
  EXPECT_EQ(*query.status.microseconds, 250000u);
  EXPECT_EQ(event_.header.timestamp, 1700000000u);
}

TEST_F(QueryEvents, CompressedStatement) {
  QueryEvent query = Find("compressed.binlog", "CREATE TABLE ints(");
  EXPECT_EQ(event_.header.type, EventType::kMariadbQueryCompressed);
  EXPECT_EQ(query.schema, "t");
  EXPECT_THAT(std::string(query.sql), HasSubstr("BIGINT UNSIGNED)"));
  for (size_t size = 0; size < event_.body.size(); ++size) {
    Event cut = event_;
    cut.body = cut.body.substr(0, size);
    EXPECT_EQ(DecodeQuery(cut, inflated_).status().code(), base::StatusCode::kDataLoss) << size;
  }
}

TEST_F(QueryEvents, VariablesThatFewLogsHave) {
  std::string_view variables(
      "\2\3std\0\x08\x2d\0\x09\1\0\0\0\0\0\0\0\x0a\1\0\0\0\x0b\1u\1h\x0c\2a\0bc\0\x0d\1\0\0\x10\1"
      "\x12\x2e\0\x13\1"
      "\x82\4\1\0\0\0\0\0\0\0\x83\1\1\0\2\0\x0c\xfe",
      64);
  auto query = DecodeStatus(variables);
  ASSERT_TRUE(query.ok()) << query.status();
  EXPECT_EQ(query->thread_id, 1u);
  EXPECT_EQ(query->execution_seconds, 2u);
  EXPECT_EQ(query->error_code, 0x403);
  EXPECT_EQ(query->schema, "s");
  EXPECT_EQ(query->sql, "select 1");
  const QueryStatus& status = query->status;
  EXPECT_EQ(*status.collation_database, 45);
  EXPECT_EQ(*status.table_map_for_update, 1u);
  EXPECT_EQ(*status.invoker_user, "u");
  EXPECT_EQ(*status.invoker_host, "h");
  EXPECT_THAT(status.updated_schemas, ElementsAre("a", "bc"));
  EXPECT_EQ(*status.microseconds, 1u);
  EXPECT_TRUE(*status.explicit_defaults_for_timestamp);
  EXPECT_EQ(*status.default_collation_for_utf8mb4, 46);
  EXPECT_FALSE(status.unknown_variable.has_value());
}

TEST_F(QueryEvents, AnUnknownVariableEndsTheReading) {
  auto query = DecodeStatus(std::string_view("\x07\4\0\xc8\1\2\3", 7));
  ASSERT_TRUE(query.ok());
  EXPECT_EQ(*query->status.lc_time_names, 4);
  EXPECT_EQ(*query->status.unknown_variable, 200);
  EXPECT_EQ(query->sql, "select 1");
}

TEST_F(QueryEvents, ACutOffVariableIsDataLoss) {
  for (std::string_view variables : {std::string_view("\1\0", 2), std::string_view("\5\7UTC", 5),
                                     std::string_view("\x0c\1abc", 5)}) {
    EXPECT_EQ(DecodeStatus(variables).status().code(), base::StatusCode::kDataLoss);
  }
}

}  // namespace
}  // namespace godwit::wire::mysql
