#include "connectors/postgres/log/replica_identity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godwit::connectors::postgres {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

Definition WithKey(std::string key, std::vector<std::string> columns) {
  Definition table;
  table.name = {"shop", "t"};
  table.columns = {
      {.name = "id", .type = "integer", .not_null = true},
      {.name = "sum", .type = "integer", .not_null = true, .default_value = "1", .generated = 's'}};
  table.constraints = {
      {.name = "t_pkey", .kind = 'p', .definition = std::move(key), .columns = std::move(columns)}};
  return table;
}

TEST(ReplicaIdentity, WhatIsInNoLogTellsNoRowsApart) {
  EXPECT_EQ(WhyUnlogged(WithKey("PRIMARY KEY (id)", {"id"})), "");
  EXPECT_THAT(WhyUnlogged(WithKey("PRIMARY KEY (sum)", {"sum"})), HasSubstr("with column sum"));
}

TEST(ReplicaIdentity, AKeyOfPeriodsTellsNoRowsApart) {
  EXPECT_THAT(UnidentifiedIn(WithKey("PRIMARY KEY (id)", {"id"})), SizeIs(0));
  EXPECT_THAT(UnidentifiedIn(WithKey("PRIMARY KEY (id WITHOUT OVERLAPS)", {"id"})), SizeIs(1));
}

TEST(ReplicaIdentity, From18OnWholeRowsHaveNoGeneratedColumns) {
  Definition table = WithKey("PRIMARY KEY (id)", {"id"});
  constexpr int k17 = 170010, k18 = 180004;
  EXPECT_EQ(WhyNotPublished(table, MissingIdentity::kSetFull, k18), "");
  table.replica_identity = 'f';
  EXPECT_EQ(WhyNotPublished(table, MissingIdentity::kRefuse, k17), "");
  EXPECT_THAT(WhyNotPublished(table, MissingIdentity::kRefuse, k18), HasSubstr("has REPLICA"));
  table.replica_identity = 'd';
  table.constraints.clear();
  EXPECT_EQ(WhyNotPublished(table, MissingIdentity::kRefuse, k18), "");
  EXPECT_THAT(WhyNotPublished(table, MissingIdentity::kSetFull, k18), HasSubstr("would get"));
  table.columns.pop_back();
  EXPECT_EQ(WhyNotPublished(table, MissingIdentity::kSetFull, k18), "");
}

TEST(ReplicaIdentity, TheLeavesOfAPartitionedTableCount) {
  Definition table = WithKey("PRIMARY KEY (id)", {"id"});
  table.partition_key = "RANGE (id)";
  table.partitions = {{.name = {"shop", "part"}, .parent = table.name, .bound = "DEFAULT"}};
  constexpr int k12 = 120022, k18 = 180004;
  EXPECT_THAT(WhyNotPublished(table, MissingIdentity::kRefuse, k12), HasSubstr("PostgreSQL 13"));
  EXPECT_EQ(WhyNotPublished(table, MissingIdentity::kRefuse, k18), "");
  table.partitions[0].replica_identity = 'f';
  EXPECT_THAT(WhyNotPublished(table, MissingIdentity::kRefuse, k18), HasSubstr("sum is generated"));
}

}  // namespace
}  // namespace godwit::connectors::postgres
