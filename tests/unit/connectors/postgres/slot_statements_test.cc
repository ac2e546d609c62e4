#include "connectors/postgres/log/slot_statements.h"

#include <gtest/gtest.h>

namespace godwit::connectors::postgres {
namespace {

TEST(SlotStatements, AStandbyTakesOverASlotWhereTheServerKnowsSuch) {
  for (const int version : {120000, 150018, 160004}) {
    EXPECT_EQ(CreateSlot("godwit_shop", version),
              "CREATE_REPLICATION_SLOT \"godwit_shop\" LOGICAL pgoutput EXPORT_SNAPSHOT");
  }
  for (const int version : {170000, 180001}) {
    EXPECT_EQ(CreateSlot("godwit_shop", version),
              "CREATE_REPLICATION_SLOT \"godwit_shop\" LOGICAL pgoutput (SNAPSHOT 'export', "
              "FAILOVER true)");
  }
}

TEST(SlotStatements, LargeTransactionsAreSentInProgressWhereTheServerCan) {
  for (const int version : {140000, 150018, 160004, 180001}) {
    EXPECT_TRUE(StreamsInProgress(version));
    EXPECT_EQ(StartReplication("godwit_shop", 0x16B374D848, version, true),
              "START_REPLICATION SLOT \"godwit_shop\" LOGICAL 16/B374D848 (proto_version '2', "
              "publication_names '\"godwit_shop\"', streaming 'on')");
  }
}

TEST(SlotStatements, MessagesAreSentWhereTheyAreAskedFor) {
  EXPECT_EQ(StartReplication("s", 0x28, 150018, true, true),
            "START_REPLICATION SLOT \"s\" LOGICAL 0/28 (proto_version '2', publication_names "
            "'\"s\"', streaming 'on', messages 'true')");
}

TEST(SlotStatements, OrOnceTheyAreCommitted) {
  const std::string whole =
      "START_REPLICATION SLOT \"godwit_shop\" LOGICAL 0/28 (proto_version '1', publication_names "
      "'\"godwit_shop\"')";
  EXPECT_FALSE(StreamsInProgress(130014));
  EXPECT_EQ(StartReplication("godwit_shop", 0x28, 130014, true), whole);
  EXPECT_EQ(StartReplication("godwit_shop", 0x28, 180001, false), whole);
}

}  // namespace
}  // namespace godwit::connectors::postgres
