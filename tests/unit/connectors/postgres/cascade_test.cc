#include "connectors/postgres/apply/cascade.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godwit::connectors::postgres {
namespace {

using connector::CascadeStep;
using connector::KeyChange;
using connector::KeyValue;
using model::ReferenceAction;
using ::testing::ElementsAre;
using ::testing::Optional;

class CascadeTest : public ::testing::Test {
 protected:
  CascadeTest() {
    parent_.name = {"shop", "p"};
    auto child = std::make_shared<model::Table>();
    child->name = {"shop", "c"};
    for (const auto& [name, type] :
         {std::pair("id", "bigint"), {"a", "character varying(9)"}, {"b\"b", "public.citext"}}) {
      model::Column& column = child->columns.emplace_back();
      column.name = name;
      column.type_text = type;
    }
    here_ = *child;
    child->primary_key = {0};
    edge_.child = child;
    edge_.key.parent = parent_.name;
  }

  CascadeStep Step(ReferenceAction action, std::vector<KeyChange>& parents) const {
    return {.parent = parent_,
            .edge = edge_,
            .columns = {{0, 1, true}, {1, 2, !parents.front().after}},
            .action = action,
            .deleted = !parents.front().after,
            .parents = parents,
            .read = std::nullopt};
  }

  model::Table parent_, here_;
  connector::ForeignKeyGraph::Edge edge_;
  const TargetTypes types_ = {{"public.citext", {',', "public"}}};
};

KeyChange Deleted(const std::string& a, const std::string& b) {
  return {{KeyValue::Text(a), KeyValue::Text(b)}, std::nullopt};
}

TEST_F(CascadeTest, ManyParentsAreOneStatementOfBoundValues) {
  std::vector<KeyChange> parents = {Deleted("x'", "1"), Deleted("y", "2")};
  CascadeStep step = Step(ReferenceAction::kCascade, parents);
  CascadeStatement statement = StatementFor(step, here_, types_);
  const std::string using_match =
      R"((VALUES ($1::character varying, $2::public.citext), ($3::character varying, )"
      R"($4::public.citext)) AS v (v0, v1))";
  EXPECT_EQ(statement.sql, R"(DELETE FROM "shop"."c" AS t USING )" + using_match +
                               R"( WHERE t."a" = v.v0 AND t."b""b" OPERATOR("public".=) v.v1)");
  EXPECT_THAT(statement.parameters,
              ElementsAre(Optional<std::string>("x'"), Optional<std::string>("1"),
                          Optional<std::string>("y"), Optional<std::string>("2")));
  step.read = {0, 2};
  step.spared = {{KeyValue::Text("7"), {}, {}}};
  statement = StatementFor(step, here_, types_);
  EXPECT_TRUE(
      statement.sql.ends_with(R"( AND NOT (t."id" = $5::bigint) RETURNING 1, t."id", t."b""b")"));
  EXPECT_THAT(statement.parameters.back(), Optional<std::string>("7"));

  statement = StatementFor(Step(ReferenceAction::kSetNull, parents), here_, types_);
  EXPECT_TRUE(statement.sql.starts_with(
      R"(UPDATE "shop"."c" AS t SET "a" = $5::character varying, "b""b" = $6::public.citext FROM )" +
      using_match));
  EXPECT_EQ(statement.parameters.back(), std::nullopt);
}

TEST_F(CascadeTest, AChangedParentSetsTheColumnsThatChanged) {
  KeyChange change = Deleted("x", "1");
  change.after = {KeyValue::Text("z"), KeyValue::Text("1")};
  std::vector<KeyChange> parents = {change};
  CascadeStep step = Step(ReferenceAction::kCascade, parents);
  step.read = {0};
  CascadeStatement statement = StatementFor(step, here_, types_);
  EXPECT_EQ(statement.sql,
            R"(UPDATE "shop"."c" AS t SET "a" = $3::character varying FROM )"
            R"((VALUES ($1::character varying, $2::public.citext)) AS v (v0, v1) )"
            R"(JOIN "shop"."c" AS o ON o."a" = v.v0 AND o."b""b" OPERATOR("public".=) v.v1 )"
            R"(WHERE t.ctid = o.ctid AND t.tableoid = o.tableoid RETURNING 1, o."id", t."id")");
  EXPECT_THAT(statement.parameters.back(), Optional<std::string>("z"));

  statement = StatementFor(Step(ReferenceAction::kSetDefault, parents), here_, types_);
  EXPECT_TRUE(statement.sql.starts_with(
      R"(UPDATE "shop"."c" AS t SET "a" = DEFAULT, "b""b" = DEFAULT FROM )"));
}

TEST(LooseColumnsTest, TextIsLooseUnlessItsCollationTellsAllBytesApart) {
  const auto text = [](std::string charset, std::string collation) {
    model::Column column;
    column.charset = std::move(charset);
    column.collation = std::move(collation);
    return column;
  };
  EXPECT_TRUE(IsLoose(text("utf8mb4", "utf8mb4_general_ci")));
  EXPECT_TRUE(IsLoose(text("utf8mb4", "")));
  EXPECT_TRUE(IsLoose(text("utf8mb4", "utf8mb4_0900_as_cs")));
  EXPECT_TRUE(IsLoose(text("latin1", "latin1_bin")));  // blanks at the end
  EXPECT_FALSE(IsLoose(text("utf8mb4", "utf8mb4_nopad_bin")));
  EXPECT_FALSE(IsLoose(text("utf8mb4", "utf8mb4_0900_bin")));
  EXPECT_FALSE(IsLoose(text("binary", "binary")));
  model::Column number;
  number.kind = model::TypeKind::kInt;
  EXPECT_FALSE(IsLoose(number));
}

}  // namespace
}  // namespace godwit::connectors::postgres
