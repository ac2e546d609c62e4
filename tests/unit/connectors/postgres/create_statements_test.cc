#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "connectors/postgres/schema/schema_writer.h"

namespace godwit::connectors::postgres {
namespace {

using testing::HasSubstr;
using testing::Not;

Definition Orders() {
  Definition definition;
  definition.name = {"shop", "orders"};
  definition.columns = {{.name = "id", .type = "bigint", .not_null = true},
                        {.name = "Code", .type = "text", .not_null = true}};
  definition.constraints = {{.name = "orders_pkey",
                             .kind = 'p',
                             .definition = "PRIMARY KEY (id)",
                             .columns = {"id"},
                             .comment = "it's"}};
  return definition;
}

ConstraintDefinition Unique(std::string definition) {
  return {.name = "code", .kind = 'u', .definition = std::move(definition), .columns = {"Code"}};
}

KeyStatement KeyOf(ConstraintDefinition constraint) {
  Definition definition = Orders();
  definition.constraints = {std::move(constraint)};
  return KeyStatements(definition).at(0);
}

TEST(CreateStatementsTest, KeysAreBuiltAfterTheCopy) {
  for (const std::string& statement : CreateStatements(Orders()))
    EXPECT_THAT(statement, Not(HasSubstr("PRIMARY KEY")));
  const std::vector<KeyStatement> keys = KeyStatements(Orders());
  ASSERT_EQ(keys.size(), 1U);
  EXPECT_TRUE(keys[0].is_identity);
  EXPECT_TRUE(keys[0].unique);
  EXPECT_THAT(keys[0].sql, HasSubstr("ADD CONSTRAINT \"orders_pkey\" PRIMARY KEY (id)"));
}

TEST(CreateStatementsTest, AKeyIsAnIndexAndThenAConstraintOfIt) {
  const KeyStatement key = KeyStatements(Orders()).at(0);
  EXPECT_EQ(key.index, R"(CREATE UNIQUE INDEX "orders_pkey" ON "shop"."orders" (id))");
  EXPECT_EQ(
      key.constraint,
      "ALTER TABLE \"shop\".\"orders\" ADD CONSTRAINT \"orders_pkey\" PRIMARY KEY USING INDEX "
      "\"orders_pkey\";\nCOMMENT ON CONSTRAINT \"orders_pkey\" ON \"shop\".\"orders\" IS "
      "'it''s'");
  const KeyStatement unique = KeyOf(Unique("UNIQUE NULLS NOT DISTINCT (\"Code\") INCLUDE (id)"));
  EXPECT_EQ(unique.index,
            "CREATE UNIQUE INDEX \"code\" ON \"shop\".\"orders\" (\"Code\") INCLUDE (id) NULLS NOT "
            "DISTINCT");
  EXPECT_THAT(unique.constraint, HasSubstr("ADD CONSTRAINT \"code\" UNIQUE USING INDEX \"code\""));
}

TEST(CreateStatementsTest, WhatTheServerMakesAtOnceAloneIsNotCutInTwo) {
  ConstraintDefinition deferrable = Unique("UNIQUE (\"Code\") DEFERRABLE INITIALLY DEFERRED");
  deferrable.deferrable = true;
  EXPECT_EQ(KeyOf(deferrable).index, "");
  EXPECT_EQ(KeyOf(Unique("UNIQUE (\"Code\", at WITHOUT OVERLAPS)")).index, "");
  Definition partitioned = Orders();
  partitioned.partition_key = "HASH (id)";
  EXPECT_EQ(KeyStatements(partitioned).at(0).index, "");
  EXPECT_EQ(KeyStatements(partitioned).at(0).constraint, "");
}

TEST(CreateStatementsTest, AnIndexThatTheTableIsClusteredOnIsNotBuiltBesideOthers) {
  Definition definition = Orders();
  definition.indexes = {{.name = "by_code", .definition = "CREATE INDEX by_code ON shop.orders"}};
  EXPECT_EQ(KeyStatements(definition).at(1).index, "CREATE INDEX by_code ON shop.orders");
  EXPECT_EQ(KeyStatements(definition).at(1).constraint, "");
  definition.indexes[0].clustered = true;
  EXPECT_EQ(KeyStatements(definition).at(1).index, "");
}

TEST(CreateStatementsTest, TheReplicaIdentitysIndexIsTheRowIdentity) {
  Definition definition = Orders();
  definition.constraints.push_back(Unique("UNIQUE (\"Code\")"));
  definition.replica_identity = 'i';
  definition.replica_index = "code";
  for (const KeyStatement& key : KeyStatements(definition))
    EXPECT_EQ(key.is_identity, key.name == "code");
  EXPECT_THAT(LateReplicaIdentity(definition), HasSubstr("USING INDEX \"code\""));
}

}  // namespace
}  // namespace godwit::connectors::postgres
