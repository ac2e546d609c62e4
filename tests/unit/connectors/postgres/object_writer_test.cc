#include "connectors/postgres/schema/object_writer.h"

#include <gtest/gtest.h>

namespace godwit::connectors::postgres {
namespace {

using connector::CatalogObject;
using connector::ObjectKind;

TEST(ObjectWriterTest, NamesObjectsAsTheUserKnowsThem) {
  const auto named = [](ObjectKind kind, const std::string& name, const std::string& statement) {
    CatalogObject object{.kind = kind, .schema = "shop", .name = name, .statement = statement};
    object.table = kind == ObjectKind::kTrigger ? "orders" : "";
    return Named(object);
  };
  EXPECT_EQ(named(ObjectKind::kView, "v", "CREATE VIEW"), "VIEW shop.v");
  EXPECT_EQ(named(ObjectKind::kView, "m", "CREATE MATERIALIZED VIEW"), "MATERIALIZED VIEW shop.m");
  EXPECT_EQ(named(ObjectKind::kRoutine, "f(integer)", "CREATE FUNCTION"),
            "ROUTINE shop.f(integer)");
  EXPECT_EQ(named(ObjectKind::kTableRoutine, "f()", "CREATE FUNCTION"), "ROUTINE shop.f()");
  EXPECT_EQ(named(ObjectKind::kTrigger, "audit", "CREATE TRIGGER"), "TRIGGER audit ON shop.orders");
  EXPECT_EQ(named(ObjectKind::kType, "mood", "CREATE TYPE"), "TYPE shop.mood");
  EXPECT_EQ(named(ObjectKind::kType, "d", "CREATE DOMAIN "), "DOMAIN shop.d");
  EXPECT_EQ(named(ObjectKind::kExtension, "citext", "CREATE EXTENSION"), "EXTENSION citext");
  EXPECT_EQ(named(ObjectKind::kStatistics, "s", "CREATE STATISTICS"), "STATISTICS shop.s");
  EXPECT_EQ(named(ObjectKind::kRights, "app", ""), "the rights of role app");
}

TEST(ObjectWriterTest, NeverReplacesWhatTablesAreMadeOf) {
  EXPECT_FALSE(MayBeReplaced({.kind = ObjectKind::kType}));
  EXPECT_FALSE(MayBeReplaced({.kind = ObjectKind::kExtension}));
  for (const ObjectKind kind : {ObjectKind::kView, ObjectKind::kRoutine, ObjectKind::kTableRoutine,
                                ObjectKind::kTrigger, ObjectKind::kSequence})
    EXPECT_TRUE(MayBeReplaced({.kind = kind}));
}

}  // namespace
}  // namespace godwit::connectors::postgres
