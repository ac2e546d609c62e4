#include "connectors/postgres/definition/definition_diff.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "connectors/postgres/capture/capture_function.h"
#include "connectors/postgres/capture/captured_message.h"

namespace godwit::connectors::postgres {
namespace {

using model::DdlKind;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

ColumnDefinition Column(const std::string& name, int number, const std::string& type = "text") {
  ColumnDefinition column;
  column.name = name;
  column.number = number;
  column.type = type;
  column.type_oid = type == "text" ? 25 : 23;
  return column;
}

Definition Table() {
  Definition table;
  table.name = {"shop", "t"};
  table.oid = 7;
  table.columns = {Column("id", 1, "integer"), Column("v", 2)};
  ConstraintDefinition key;
  key.name = "t_pkey";
  key.kind = 'p';
  key.definition = "PRIMARY KEY (id)";
  key.columns = {"id"};
  table.constraints = {key};
  IndexDefinition index;
  index.name = "v";
  index.definition = "CREATE INDEX v ON shop.t USING btree (lower(v)) WHERE (v <> 'v'::text)";
  table.indexes = {index};
  return table;
}

// Without the quotes around names.
std::string Plain(std::string sql) {
  std::erase(sql, '"');
  return sql;
}

std::string SqlOf(const Definition& known, const Definition& after, DefinitionDiff& diff,
                  const DiffContext& context = {}) {
  DdlSteps steps;
  diff = DiffDefinitions(known, after, context, steps);
  return Plain(steps.ToSql());
}

TEST(DefinitionText, TakesNewNamesForTheOld) {
  Renames renames;
  renames.columns["v"] = "W w";
  renames.tables[{"shop", "t"}] = {"other", "T"};
  EXPECT_EQ(Normalized("CREATE INDEX v ON shop.t USING btree (lower(v)) WHERE (v <> E'v\\'v')",
                       renames, "v"),
            Normalized("CREATE INDEX i ON other.\"T\" USING btree (lower(\"W w\")) WHERE (\"W w\" "
                       "<> E'v\\'v')",
                       {}, "i"));
  EXPECT_NE(Normalized("(v <> 'v')", renames), Normalized("(v <> 'v')", {}));
}

TEST(NewNames, AreGivenToParentsInForeignKeys) {
  const Renames renames{{{{"shop", "Old one"}, {"other", "p"}}}, {{"id", "REFERENCES"}}};
  EXPECT_EQ(WithNewParent("FOREIGN KEY (id, \"REFERENCES\") REFERENCES shop.\"Old one\"(id, v) ON "
                          "DELETE SET NULL (id)",
                          renames),
            "FOREIGN KEY (id, \"REFERENCES\") REFERENCES \"other\".\"p\"(\"REFERENCES\", v) ON "
            "DELETE SET NULL (id)");
}

TEST(NewNames, GoOverNamesThatNobodyHasWhereTheyAreTaken) {
  using Of = NewName::Of;
  const auto texts = [](const std::vector<NewName>& names) {
    std::vector<std::string> plain;
    for (const std::string& one : RenameStatements(names)) plain.push_back(Plain(one));
    return plain;
  };
  EXPECT_THAT(texts({{Of::kTable, {"s", "a"}, {"s", "b"}, {}}}),
              ElementsAre("ALTER TABLE s.a RENAME TO b"));
  EXPECT_THAT(texts({{Of::kTable, {"s", "a"}, {"s", "b"}, {}},
                     {Of::kIndex, {"s", "a_i"}, {"s", "b_i"}, {}, true},
                     {Of::kTable, {"s", "b"}, {"s", "c"}, {}},
                     {Of::kConstraint, {"s", "b_i"}, {"s", "c_i"}, {"s", "c"}}}),
              ElementsAre("ALTER TABLE s.a RENAME TO godwit_moved_0", "ALTER TABLE s.b RENAME TO c",
                          "ALTER TABLE s.godwit_moved_0 RENAME TO b",
                          "ALTER INDEX IF EXISTS s.a_i RENAME TO godwit_moved_1",
                          "ALTER TABLE s.c RENAME CONSTRAINT b_i TO c_i",
                          "ALTER INDEX IF EXISTS s.godwit_moved_1 RENAME TO b_i"));
  EXPECT_THAT(
      texts({{Of::kTable, {"s", "a"}, {"t", "b"}, {}}}),
      ElementsAre("ALTER TABLE s.a RENAME TO godwit_moved_0", "CREATE SCHEMA IF NOT EXISTS t",
                  "ALTER TABLE s.godwit_moved_0 SET SCHEMA t",
                  "ALTER TABLE t.godwit_moved_0 RENAME TO b"));
}

TEST(DefinitionDiff, KeepsForeignKeysWhoseParentsHaveOtherNames) {
  Definition parent = Table(), child = Table();
  child.name = {"shop", "child"};
  child.indexes.clear();
  child.constraints[0] = {.name = "k",
                          .kind = 'f',
                          .definition = "FOREIGN KEY (id) REFERENCES shop.t(id)",
                          .columns = {"id"},
                          .parent = {"shop", "t"},
                          .parent_columns = {"id"}};
  Definition parent_now = parent, child_now = child;
  parent_now.name = {"shop", "t2"};
  parent_now.columns[0].name = "number";
  DiffContext context;
  context.names = NamesSince(parent, parent_now);
  EXPECT_TRUE(TakeNewParents(context.names, child_now));
  EXPECT_EQ(child_now.constraints[0].parent, parent_now.name);
  EXPECT_THAT(child_now.constraints[0].parent_columns, ElementsAre("number"));
  // As the catalogue has it.
  child_now.constraints[0].definition = "FOREIGN KEY (id) REFERENCES shop.t2(number)";
  DefinitionDiff diff;
  EXPECT_EQ(SqlOf(child, child_now, diff, context), "");
  EXPECT_THAT(diff.kinds, IsEmpty());
  EXPECT_FALSE(TakeNewParents(context.names, child_now));
}

TEST(DefinitionDiff, KnowsColumnsByTheirNumbers) {
  DefinitionDiff diff;
  Definition after = Table();
  EXPECT_EQ(SqlOf(Table(), after, diff), "");
  EXPECT_THAT(diff.kinds, IsEmpty());
  after.columns[1].name = "w";
  after.indexes[0].definition =
      "CREATE INDEX v ON shop.t USING btree (lower(w)) WHERE (w <> 'v'::text)";
  EXPECT_EQ(SqlOf(Table(), after, diff), "ALTER TABLE shop.t RENAME COLUMN v TO w");
  EXPECT_THAT(diff.kinds, ElementsAre(DdlKind::kModifyColumn));
  after = Table();
  after.columns[1].number = 3;  // dropped and made anew, as is what was on it
  EXPECT_EQ(
      SqlOf(Table(), after, diff),
      "DROP INDEX IF EXISTS shop.v;\nALTER TABLE shop.t DROP COLUMN v;\nALTER TABLE shop.t ADD "
      "COLUMN v text;\nCREATE INDEX v ON shop.t USING btree (lower(v)) WHERE (v <> 'v'::text)");
  after = Table();
  after.columns[0].name = "v";
  after.columns[1].name = "id";
  EXPECT_THAT(SqlOf(Table(), after, diff), HasSubstr("RENAME COLUMN id TO godwit_renamed_1"));
}

TEST(DefinitionDiff, GivesEarlierRowsWhatTheSourceGaveThem) {
  DefinitionDiff diff;
  Definition after = Table();
  after.columns.push_back(Column("c", 3));
  after.columns[2].default_value = "'new'::text";
  after.columns[2].not_null = true;
  DiffContext context;
  context.missing["c"] = {"it's"};
  context.not_null_at_once = {3};
  EXPECT_EQ(SqlOf(Table(), after, diff, context),
            "ALTER TABLE shop.t ADD COLUMN c text DEFAULT CAST('it''s' AS text) NOT NULL;\n"
            "ALTER TABLE shop.t ALTER COLUMN c SET DEFAULT 'new'::text");
  EXPECT_TRUE(diff.after.columns[2].not_null);
  // In one transaction: the column, its values, and that there are no others.
  context.not_null_at_once.clear();
  context.has_rows = context.rows_before = true;
  EXPECT_THAT(SqlOf(Table(), after, diff, context), testing::Not(HasSubstr("NOT NULL")));
  EXPECT_FALSE(diff.after.columns[2].not_null);
  EXPECT_THAT(SqlOf(diff.after, after, diff), "ALTER TABLE shop.t ALTER COLUMN c SET NOT NULL");
}

TEST(DefinitionDiff, LeavesForLaterWhatMayOnlyHoldAfterRows) {
  const auto constraint = [](const std::string& name, char kind, const std::string& definition) {
    ConstraintDefinition one;
    one.name = name;
    one.kind = kind;
    one.definition = definition;
    one.validated = !definition.ends_with("NOT VALID");
    return one;
  };
  Definition known = Table(), after = Table();
  known.constraints.push_back(constraint("old", 'c', "CHECK (id > 0) NOT VALID"));
  known.constraints.push_back(constraint("gone", 'c', "CHECK (id < 5)"));
  after.constraints.push_back(constraint("old", 'c', "CHECK (id > 0)"));
  after.constraints.push_back(constraint("once", 'u', "UNIQUE (v)"));
  after.indexes[0].definition = "CREATE INDEX v ON shop.t USING hash (v)";
  DiffContext context;
  context.has_rows = true;
  DefinitionDiff diff, later;
  EXPECT_EQ(SqlOf(known, after, diff, context),
            "ALTER TABLE shop.t DROP CONSTRAINT IF EXISTS gone;\nDROP INDEX IF EXISTS shop.v");
  EXPECT_EQ(SqlOf(diff.after, after, later),
            "ALTER TABLE shop.t VALIDATE CONSTRAINT old;\n"
            "ALTER TABLE shop.t ADD CONSTRAINT once UNIQUE (v);\n"
            "CREATE INDEX v ON shop.t USING hash (v)");
  EXPECT_EQ(later.after, after);
}

TEST(DefinitionDiff, TellsRowsApartAsTheLogDoes) {
  Definition known = Table(), after = Table();
  known.indexes[0] = {.name = "v",
                      .definition = "CREATE UNIQUE INDEX v ON shop.t (v)",
                      .unique = true,
                      .columns = {"v"}};
  after.indexes[0] = known.indexes[0];
  known.indexes.clear();
  after.columns[1].not_null = true;
  after.replica_identity = 'i';
  after.replica_index = "v";
  DiffContext context;
  DefinitionDiff diff, later;
  const std::string all =
      "ALTER TABLE shop.t ALTER COLUMN v SET NOT NULL;\nCREATE UNIQUE INDEX v ON shop.t (v);\n"
      "ALTER TABLE shop.t REPLICA IDENTITY USING INDEX v";
  // Rows of the table have come after it, or none.
  context.has_rows = true;
  EXPECT_EQ(SqlOf(known, after, diff, context), all);
  context.rows_before = true;
  EXPECT_EQ(SqlOf(known, after, diff, context), "");
  EXPECT_EQ(diff.after, known);
  EXPECT_EQ(SqlOf(diff.after, after, later), all);
  // A primary key that is added likewise, to a table that is told apart by the index.
  Definition keyed = after;
  after.constraints.clear();
  keyed.replica_identity = 'd';
  keyed.replica_index = "";
  EXPECT_EQ(SqlOf(after, keyed, diff, context), "");
  EXPECT_EQ(diff.after, after);
  // What told them apart has gone.
  after = known;
  after.constraints.clear();
  SqlOf(known, after, diff, context);
  EXPECT_NE(diff.by_copy, "");
}

TEST(DefinitionDiff, LeavesToACopyWhatHasOtherValues) {
  DefinitionDiff diff;
  Definition after = Table();
  DiffContext context;
  context.rewritten = true;
  EXPECT_EQ(SqlOf(Table(), after, diff, context), "");
  EXPECT_NE(diff.by_copy, "");
  after.columns[1] = Column("v", 2, "integer");
  EXPECT_EQ(SqlOf(Table(), after, diff), "");
  EXPECT_EQ(diff.by_copy, "column v was text and is integer");
}

TEST(DefinitionDiff, MakesAnewWhatHasAnotherText) {
  DefinitionDiff diff;
  Definition after = Table();
  after.name.table = "t2";
  after.indexes[0].definition = "CREATE INDEX v ON shop.t2 USING hash (v)";
  EXPECT_EQ(SqlOf(Table(), after, diff),
            "DROP INDEX IF EXISTS shop.v;\nALTER TABLE shop.t RENAME TO t2;\n"
            "CREATE INDEX v ON shop.t2 USING hash (v)");
}

TEST(DefinitionDiff, GivesBackTheStorageOfTheTypeByItsName) {
  Definition known = Table(), after = Table();
  known.columns.push_back(Column("n", 3, "numeric(9,2)"));
  after.columns.push_back(known.columns.back());
  known.columns[1].storage = known.columns[2].storage = 'e';
  DefinitionDiff diff;
  EXPECT_EQ(SqlOf(known, after, diff),
            "ALTER TABLE shop.t ALTER COLUMN v SET STORAGE EXTENDED;\n"
            "ALTER TABLE shop.t ALTER COLUMN n SET STORAGE MAIN");
}

// Targets of another family make a column of them; here the type itself has them.
TEST(DefinitionDiff, HasNothingToDoForWhatTypesAreMadeOf) {
  Definition before = Table(), after;
  before.columns[1].type = "shop.mood";
  before.columns[1].type_class = 'e';
  before.columns[1].labels = {"good"};
  after = before;
  after.columns[1].labels = {"good", "it's"};
  DefinitionDiff diff;
  EXPECT_EQ(SqlOf(before, after, diff), "");
  EXPECT_THAT(diff.kinds, IsEmpty());
  EXPECT_EQ(diff.by_copy + diff.obstacle, "");
  EXPECT_EQ(diff.after, after);
  EXPECT_TRUE(IsStill(ToJson(before), after));
  EXPECT_EQ(FromJson(ToJson(after)).value(), after);
  // Those of a definition that was written before they were read.
  before.columns[1].labels = {};
  EXPECT_TRUE(IsStill(ToJson(before), after));
  before.columns[1].not_null = true;
  EXPECT_FALSE(IsStill(ToJson(before), after));
}

TEST(CaptureFunction, AsksForTablesAsTheTaskFileDoes) {
  CaptureScope scope;
  scope.include = {"shop.o?d_*", "~s\\.[ab]+"};
  EXPECT_EQ(MatchCondition(scope, "s", "t"),
            "((s ~ '^shop$' AND t ~ '^o.d_.*$') OR (s || '.' || t ~ E'^(?:s\\\\.[ab]+)$')) AND NOT "
            "(false)");
}

TEST(CapturedMessage, IsReadAsTheCatalogueIs) {
  const auto message = ParseCapturedMessage(
      R"({"event":"ddl_command_end","tag":"ALTER TABLE","query":"ALTER ...","made":null,"added":[7],
          "dropped":[{"type":"index","oid":9,"schema":"shop","name":"i"}],"published":[7],
          "missing":[[7,"v","x"]],
          "tables":[{"c0":"7","c1":"shop","c2":"t","c3":false,"c4":null,"c5":"d","c6":null,
                     "c7":["fillfactor=70"],"c8":null,"c9":0,"c10":0}],
          "partitions":null,
          "columns":[{"c0":"7","c1":"v","c2":"text","c3":"25","c4":-1,"c5":"b","c6":"S","c7":true,
                      "c8":null,"c9":"","c10":"","c11":null,"c12":null,"c13":null,"c14":null,
                      "c15":null,"c16":null,"c17":null,"c18":null,"c19":2}],
          "constraints":null,"indexes":null})");
  ASSERT_TRUE(message.ok()) << message.status();
  ASSERT_EQ(message->tables.size(), 1u);
  const Definition& table = message->tables[0];
  EXPECT_EQ(table.name, (model::TableName{"shop", "t"}));
  EXPECT_THAT(table.options, ElementsAre("fillfactor=70"));
  ASSERT_EQ(table.columns.size(), 1u);
  EXPECT_EQ(table.columns[0].number, 2);
  EXPECT_TRUE(table.columns[0].not_null);
  EXPECT_TRUE(message->dropped.at(0).is_index);
  EXPECT_THAT(message->missing.at(7).at("v"), ElementsAre("x"));
  EXPECT_FALSE(ParseCapturedMessage("{").ok());
}

}  // namespace
}  // namespace godwit::connectors::postgres
