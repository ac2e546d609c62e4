#include "connectors/postgres/definition/definition_change.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godwit::connectors::postgres {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using wire::postgres::Relation;
using wire::postgres::RelationColumn;

constexpr uint32_t kInteger = 23, kText = 25;

ColumnDefinition Column(const std::string& name, uint32_t type) {
  ColumnDefinition column;
  column.name = name;
  column.type = type == kInteger ? "integer" : "text";
  column.type_oid = type;
  return column;
}

// Without the quotes around names.
std::string Plain(std::string sql) {
  std::erase(sql, '"');
  return sql;
}

Definition Table(const std::vector<ColumnDefinition>& columns) {
  Definition table;
  table.name = {"shop", "t"};
  table.columns = columns;
  return table;
}

Relation Logged(const std::vector<std::pair<std::string_view, uint32_t>>& columns) {
  Relation relation;
  relation.schema = "shop";
  relation.name = "t";
  for (const auto& [name, type] : columns) {
    RelationColumn& column = relation.columns.emplace_back();
    column.name = name;
    column.type_oid = type;
  }
  return relation;
}

TEST(DefinitionChange, SeesWhatHasBecomeOfColumns) {
  const Definition known = Table({Column("id", kInteger), Column("v", kText), Column("w", kText)});
  EXPECT_TRUE(Compare(known, Logged({{"w", kText}, {"id", kInteger}, {"v", kText}})).none());

  const RelationDifference difference =
      Compare(known, Logged({{"id", kInteger}, {"v", kInteger}, {"x", kText}}));
  EXPECT_THAT(difference.gone, ElementsAre("w"));
  EXPECT_THAT(difference.other, ElementsAre("v"));
  ASSERT_EQ(difference.added.size(), 1u);
  EXPECT_EQ(difference.added[0].name, "x");
}

TEST(DefinitionChange, ExpectsNoGeneratedColumnsInTheLog) {
  ColumnDefinition twice = Column("twice", kInteger);
  twice.generated = 's';
  const Definition known = Table({Column("id", kInteger), twice});
  EXPECT_TRUE(Compare(known, Logged({{"id", kInteger}})).none());
  EXPECT_THAT(Compare(known, Logged({{"id", kInteger}, {"twice", kInteger}})).other,
              ElementsAre("twice"));
}

TEST(DefinitionChange, AddsColumnsWithWhatRowsHadToBeginWith) {
  const Definition known = Table({Column("id", kInteger)});
  ColumnDefinition a = Column("a", kInteger), b = Column("b", kText), c = Column("c", kText);
  a.default_value = "6";
  a.not_null = true;
  b.not_null = true;
  const Definition now = Table({known.columns[0], a, b, c});
  const Relation relation = Logged({{"id", kInteger}, {"a", kInteger}, {"b", kText}, {"c", kText}});
  const model::DdlChange ddl = AddColumns(known, Compare(known, relation), now,
                                          {{"a", {"5", ""}}, {"b", {}}, {"c", {"it's", ""}}});
  EXPECT_EQ(Plain(ddl.statement),
            "ALTER TABLE shop.t ADD COLUMN a integer DEFAULT CAST('5' AS integer), "
            "ADD COLUMN b text, ADD COLUMN c text DEFAULT CAST('it''s' AS text);\n"
            "ALTER TABLE shop.t ALTER COLUMN a SET DEFAULT 6, ALTER COLUMN c DROP DEFAULT");
  EXPECT_EQ(ddl.obstacle, "");
  ASSERT_EQ(ddl.notes.size(), 2u);
  EXPECT_THAT(ddl.notes[1], HasSubstr("column b of shop.t is NOT NULL on the source by now"));

  ASSERT_EQ(ddl.effects.size(), 1u);
  const absl::StatusOr<Definition> after = FromJson(ddl.effects[0].definition);
  ASSERT_TRUE(after.ok()) << after.status();
  EXPECT_TRUE(Compare(*after, relation).none());
  EXPECT_FALSE(after->columns[1].not_null);
  EXPECT_FALSE(after->columns[2].not_null);
}

TEST(DefinitionChange, AddsNoColumnOfWhichEarlierRowsAreNotKnown) {
  const Definition known = Table({Column("id", kInteger)});
  const Definition now = Table({known.columns[0], Column("a", kInteger)});
  const Relation relation = Logged({{"id", kInteger}, {"a", kInteger}});
  const model::DdlChange ddl =
      AddColumns(known, Compare(known, relation), now, {{"a", {std::nullopt, "nobody knows"}}});
  EXPECT_THAT(ddl.obstacle, HasSubstr("column a has come"));
  EXPECT_THAT(ddl.obstacle, HasSubstr("nobody knows"));
}

TEST(DefinitionChange, TakesAwayWhatGoesWithAColumn) {
  Definition known = Table({Column("id", kInteger), Column("v", kText)});
  IndexDefinition index;
  index.name = "i";
  index.columns = {"v"};
  known.indexes = {index};
  const Relation relation = Logged({{"id", kInteger}});
  const model::DdlChange ddl = UnknownChange(known, Compare(known, relation), {});
  EXPECT_THAT(ddl.obstacle, HasSubstr("the definition of shop.t has changed: column v has gone"));
  const absl::StatusOr<Definition> after = FromJson(ddl.effects.at(0).definition);
  ASSERT_TRUE(after.ok()) << after.status();
  EXPECT_EQ(after->columns.size(), 1u);
  EXPECT_THAT(after->indexes, IsEmpty());
}

TEST(DefinitionChange, AddsAPartitionWithWhatItIsPartOf) {
  Definition known = Table({Column("id", kInteger)});
  known.partition_key = "RANGE (id)";
  const auto partition = [](uint32_t oid, const std::string& name, const std::string& parent,
                            const std::string& bound, const std::string& key) {
    PartitionDefinition one;
    one.oid = oid;
    one.name = {"shop", name};
    one.parent = {"shop", parent};
    one.bound = bound;
    one.key = key;
    return one;
  };
  known.partitions = {partition(1, "t_1", "t", "FOR VALUES FROM (0) TO (1)", "")};
  Definition now = known;
  now.partitions.push_back(partition(2, "t_2", "t", "FOR VALUES FROM (1) TO (2)", "LIST (id)"));
  now.partitions.push_back(partition(3, "t_2_1", "t_2", "FOR VALUES IN (1)", ""));
  now.partitions.push_back(partition(4, "t_2_2", "t_2", "FOR VALUES IN (2)", ""));
  const model::DdlChange ddl = AddPartition(known, now, 3, {1, 4});
  EXPECT_EQ(
      Plain(ddl.statement),
      "CREATE TABLE shop.t_2 PARTITION OF shop.t FOR VALUES FROM (1) TO (2) PARTITION BY LIST "
      "(id);\nCREATE TABLE shop.t_2_1 PARTITION OF shop.t_2 FOR VALUES IN (1)");
  EXPECT_EQ(ddl.obstacle, "");
  EXPECT_THAT(AddPartition(known, now, 3, {3}).obstacle,
              HasSubstr("partition shop.t_2_1 was a table of its own"));
}

}  // namespace
}  // namespace godwit::connectors::postgres
