#include "connectors/postgres/apply/row_statements.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

#include "connectors/postgres/apply/copy_rows.h"
#include "connectors/postgres/row_columns.h"

namespace godwit::connectors::postgres {
namespace {

using connector::TableChanges;
using model::Cell;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

class RowStatementsTest : public ::testing::Test {
 protected:
  RowStatementsTest() {
    table_.name = {"shop", "t"};
    AddColumn("id", "bigint");
    AddColumn("name", "character varying(20)");
    AddColumn("tags", "text[]");
    table_.primary_key = {0};
  }

  model::Column& AddColumn(const std::string& name, const std::string& type) {
    model::Column& column = table_.columns.emplace_back();
    column.name = name;
    column.type_text = type;
    return column;
  }

  model::Row Make(std::vector<Cell> cells) { return cells_.emplace_back(std::move(cells)); }

  StatementSink Collect() {
    return [this](const RowStatement& statement) {
      statements_.push_back(statement);
      return base::OkStatus();
    };
  }
  std::vector<std::string> Texts() const {
    std::vector<std::string> texts;
    for (const RowStatement& statement : statements_) texts.push_back(statement.sql);
    return texts;
  }

  model::Table table_;
  std::deque<std::vector<Cell>> cells_;
  std::vector<RowStatement> statements_;
};

TEST_F(RowStatementsTest, ValuesAreBoundAsOneArrayAColumn) {
  const std::vector rows = {
      Make({Cell::Text("1"), Cell::Text("o\"neill \\ NULL, {}"), Cell::Text("{a,\"b c\"}")}),
      Make({Cell::Text("2"), Cell::Text(""), Cell::Null()})};
  ASSERT_TRUE(WriteRows(WriteKind::kInsert, table_, rows, Collect()).ok());
  ASSERT_THAT(statements_, SizeIs(1));
  EXPECT_EQ(statements_[0].sql,
            "INSERT INTO \"shop\".\"t\" (\"id\", \"name\", \"tags\") OVERRIDING SYSTEM VALUE "
            "SELECT unnest($1::bigint[]), unnest($2::character varying[]), "
            "unnest($3::text[])::text[]");
  EXPECT_THAT(
      statements_[0].parameters,
      ElementsAre(R"({"1","2"})", R"({"o\"neill \\ NULL, {}",""})", R"({"{a,\"b c\"}",NULL})"));
  EXPECT_EQ(statements_[0].rows, 2u);
  EXPECT_EQ(statements_[0].expected_affected, 2u);
}

TEST_F(RowStatementsTest, ElementsStandApartAsTheirTypeHasIt) {
  AddColumn("area", "box");
  const std::vector rows = {
      Make({Cell::Text("1"), Cell::Null(), Cell::Null(), Cell::Text("(1,1),(0,0)")}),
      Make({Cell::Text("2"), Cell::Null(), Cell::Null(), Cell::Text("(2,2),(0,0)")})};
  ASSERT_TRUE(
      WriteRows(WriteKind::kInsert, table_, rows, Collect(), {{"box", {.delimiter = ';'}}}).ok());
  ASSERT_THAT(statements_, SizeIs(1));
  EXPECT_EQ(statements_[0].parameters[3], R"x({"(1,1),(0,0)";"(2,2),(0,0)"})x");
}

TEST_F(RowStatementsTest, UpsertsGoByTheRowIdentity) {
  const std::vector rows = {Make({Cell::Text("1"), Cell::Text("a"), Cell::Null()})};
  ASSERT_TRUE(WriteRows(WriteKind::kUpsert, table_, rows, Collect()).ok());
  table_.primary_key = {0, 1, 2};
  ASSERT_TRUE(WriteRows(WriteKind::kUpsert, table_, rows, Collect()).ok());
  EXPECT_THAT(Texts(),
              ElementsAre(HasSubstr(" ON CONFLICT (\"id\") DO UPDATE SET \"name\" = "
                                    "EXCLUDED.\"name\", \"tags\" = EXCLUDED.\"tags\""),
                          HasSubstr(" ON CONFLICT (\"id\", \"name\", \"tags\") DO NOTHING")));
}

TEST_F(RowStatementsTest, AbsentColumnsTakeTheirDefaults) {
  const std::vector rows = {Make({Cell::Text("1"), Cell::Text("a"), Cell::Null()}),
                            Make({Cell::Text("2"), Cell::Absent(), Cell::Null()})};
  ASSERT_TRUE(WriteRows(WriteKind::kUpsert, table_, rows, Collect()).ok());
  EXPECT_THAT(Texts(),
              ElementsAre(HasSubstr("(\"id\", \"name\", \"tags\")"),
                          HasSubstr("(\"id\", \"tags\") OVERRIDING SYSTEM VALUE SELECT "
                                    "unnest($1::bigint[]), unnest($2::text[])::text[] ON CONFLICT "
                                    "(\"id\") DO UPDATE SET \"name\" = DEFAULT, \"tags\" = "
                                    "EXCLUDED.\"tags\"")));
}

TEST_F(RowStatementsTest, ComputedColumnsAndThoseOfTheSourceAloneAreNotWritten) {
  AddColumn("total", "numeric").generated = true;
  AddColumn("extra", "text").left_out = true;
  EXPECT_THAT(WrittenColumns(table_), ElementsAre(0, 1, 2));
}

TEST_F(RowStatementsTest, ATableMayHaveNoColumnsToWrite) {
  table_.columns.clear();
  table_.primary_key.clear();
  ASSERT_TRUE(WriteRows(WriteKind::kInsert, table_, {Make({}), Make({})}, Collect()).ok());
  EXPECT_THAT(Texts(), ElementsAre("INSERT INTO \"shop\".\"t\" SELECT FROM generate_series(1, 2)"));
  EXPECT_EQ(statements_[0].expected_affected, 2u);
}

TEST_F(RowStatementsTest, RowsAreSpreadOverStatementsOfSomeSize) {
  const std::string large(10'000, 'x');
  std::vector<model::Row> rows;
  for (int i = 0; i < 250; ++i)
    rows.push_back(Make({Cell::Int(i), Cell::Text(large), Cell::Null()}));
  ASSERT_TRUE(WriteRows(WriteKind::kInsert, table_, rows, Collect()).ok());
  EXPECT_THAT(statements_, SizeIs(3));
  uint64_t sum = 0;
  for (const RowStatement& statement : statements_) {
    sum += statement.rows;
    EXPECT_THAT(statement.parameters, SizeIs(3));
    EXPECT_THAT(statement.parameters[0], StartsWith("{\""));
  }
  EXPECT_EQ(sum, 250u);
}

TEST_F(RowStatementsTest, RowsAreFoundByTheirIdentity) {
  const std::vector rows = {Make({Cell::Text("1"), Cell::Text("a"), Cell::Null()})};
  ASSERT_TRUE(DeleteRows(table_, rows, Collect()).ok());
  ASSERT_TRUE(UpdateRows(table_, rows, Collect()).ok());
  EXPECT_THAT(
      Texts(),
      ElementsAre("DELETE FROM \"shop\".\"t\" AS t USING (SELECT unnest($1::bigint[]) AS v0 ORDER "
                  "BY v0) AS v "
                  "WHERE t.\"id\" = v.v0",
                  "UPDATE \"shop\".\"t\" AS t SET \"name\" = v.v1, \"tags\" = v.v2 FROM (SELECT "
                  "unnest($1::bigint[]) AS v0, unnest($2::character varying[]) AS v1, "
                  "unnest($3::text[])::text[] AS v2 ORDER BY v0) AS v WHERE t.\"id\" = v.v0"));
}

TEST_F(RowStatementsTest, KeysOfAnExtensionsTypeAreComparedByItsOperator) {
  table_.columns[0].type_text = "public.citext";
  ASSERT_TRUE(DeleteRows(table_, {Make({Cell::Text("A"), Cell::Null(), Cell::Null()})}, Collect(),
                         {{"public.citext", {.equal_schema = "public"}}})
                  .ok());
  EXPECT_THAT(Texts(), ElementsAre(HasSubstr("WHERE t.\"id\" OPERATOR(\"public\".=) v.v0")));
}

TEST_F(RowStatementsTest, HoldersOfAKeyAreDeletedWhereARowHasValuesForIt) {
  const std::vector rows = {Make({Cell::Text("1"), Cell::Text("a"), Cell::Null()}),
                            Make({Cell::Text("2"), Cell::Null(), Cell::Null()})};
  ASSERT_TRUE(DeleteHolders(table_, {1}, rows, Collect()).ok());
  ASSERT_THAT(statements_, SizeIs(1));
  EXPECT_THAT(statements_[0].sql, HasSubstr("WHERE t.\"name\" = v.v0"));
  EXPECT_THAT(statements_[0].parameters, ElementsAre("{\"a\"}"));
}

// A column GENERATED ALWAYS AS IDENTITY cannot be set, but inserted.
TEST_F(RowStatementsTest, RowsWithANumberThatCannotBeSetAreDeletedAndInserted) {
  AddColumn("number", "integer").auto_increment = true;
  const std::vector rows = {
      Make({Cell::Text("1"), Cell::Text("a"), Cell::Null(), Cell::Text("7")})};
  ASSERT_TRUE(UpdateRows(table_, rows, Collect()).ok());
  ASSERT_TRUE(WriteRows(WriteKind::kUpsert, table_, rows, Collect()).ok());
  ASSERT_TRUE(
      UpdateParts(PartsKind::kRest, table_,
                  {{Make({Cell::Text("1"), Cell::Absent(), Cell::Absent(), Cell::Absent()}),
                    Make({Cell::Text("1"), Cell::Text("a"), Cell::Absent(), Cell::Text("7")})}},
                  Collect())
          .ok());
  EXPECT_THAT(Texts(),
              ElementsAre(AllOf(StartsWith("WITH o AS (DELETE FROM "), HasSubstr("OVERRIDING")),
                          StartsWith("DELETE FROM "),
                          AllOf(StartsWith("INSERT INTO "), Not(HasSubstr("ON CONFLICT"))),
                          HasSubstr("RETURNING t.\"id\" AS o0, v.v1 AS o1, t.\"tags\" AS o2, v.v2 "
                                    "AS o3) INSERT INTO \"shop\".\"t\" (\"id\", \"name\", "
                                    "\"tags\", \"number\") OVERRIDING SYSTEM VALUE SELECT o0, o1, "
                                    "o2, o3 FROM o")));
}

class ClaimsTest : public RowStatementsTest {
 protected:
  // Of a row's name; `to`: its new identity.
  TableChanges::Update Claim(const char* id, const char* name, const char* to = nullptr) {
    return {Make({Cell::Text(id), Cell::Absent(), Cell::Absent()}),
            Make({Cell::Text(to == nullptr ? id : to), Cell::Text(name), Cell::Absent()})};
  }
  std::vector<uint64_t> RowsOfStatements(PartsKind kind,
                                         const std::vector<TableChanges::Update>& claims) {
    EXPECT_TRUE(UpdateParts(kind, table_, claims, Collect()).ok());
    std::vector<uint64_t> rows;
    for (const RowStatement& statement : statements_) rows.push_back(statement.rows);
    return rows;
  }
};

TEST_F(ClaimsTest, OfDifferentRowsGoTogether) {
  EXPECT_THAT(RowsOfStatements(PartsKind::kClaims, {Claim("1", "a"), Claim("2", "b")}),
              ElementsAre(2));
}

TEST_F(ClaimsTest, OfTheSameRowKeepTheirOrder) {
  EXPECT_THAT(
      RowsOfStatements(PartsKind::kClaims, {Claim("1", "a"), Claim("2", "b"), Claim("1", "c")}),
      ElementsAre(2, 1));
}

TEST_F(ClaimsTest, ThatGiveAnotherIdentityStandAlone) {
  EXPECT_THAT(RowsOfStatements(PartsKind::kClaims,
                               {Claim("1", "a"), Claim("2", "b", "3"), Claim("3", "c")}),
              ElementsAre(1, 1, 1));
  EXPECT_THAT(statements_[1].sql, HasSubstr("SET \"id\" = v.v1, \"name\" = v.v2"));
}

TEST_F(ClaimsTest, GoOneByOneIfAsked) {
  EXPECT_THAT(RowsOfStatements(PartsKind::kOneByOne, {Claim("1", "a"), Claim("2", "b")}),
              ElementsAre(1, 1));
}

TEST_F(ClaimsTest, WithoutAValueToSetAreNone) {
  const model::Row row = Make({Cell::Text("1"), Cell::Absent(), Cell::Absent()});
  EXPECT_THAT(RowsOfStatements(PartsKind::kClaims, {{row, row}}), SizeIs(0));
}

class OrderedTest : public RowStatementsTest {
 protected:
  OrderedTest() { table_.primary_key.clear(); }
};

TEST_F(OrderedTest, ARowWithoutAnIdentityIsFoundByAllValues) {
  const model::Row row = Make({Cell::Text("1"), Cell::Text("a"), Cell::Null()});
  const model::Row other = Make({Cell::Text("1"), Cell::Null(), Cell::Text("{}")});
  ASSERT_TRUE(WriteOrdered(table_, {{row, {}}, {row, other}, {row, row}}, Collect()).ok());
  EXPECT_THAT(
      Texts(),
      ElementsAre(
          "DELETE FROM \"shop\".\"t\" AS t WHERE (t.tableoid, t.ctid) = (SELECT s.tableoid, s.ctid "
          "FROM \"shop\".\"t\" AS s WHERE s.\"id\" = $1::bigint AND s.\"name\" = $2::character "
          "varying AND format('%s', s.\"name\") COLLATE \"C\" = format('%s', $2::character "
          "varying) COLLATE \"C\" AND s.\"tags\" IS NULL LIMIT 1)",
          StartsWith("UPDATE \"shop\".\"t\" AS t SET \"name\" = NULL::character varying, \"tags\" "
                     "= $1::text[] WHERE (t.tableoid, t.ctid) = ")));
  EXPECT_THAT(statements_[0].parameters, ElementsAre("1", "a"));
  EXPECT_THAT(statements_[1].parameters, ElementsAre("{}", "1", "a"));
  EXPECT_EQ(statements_[1].expected_affected, 1u);
}

TEST_F(OrderedTest, InsertsBetweenOtherChangesGoTogether) {
  const model::Row row = Make({Cell::Text("1"), Cell::Text("a"), Cell::Null()});
  ASSERT_TRUE(WriteOrdered(table_, {{{}, row}, {{}, row}, {row, {}}, {{}, row}}, Collect()).ok());
  EXPECT_THAT(Texts(),
              ElementsAre(StartsWith("INSERT"), StartsWith("DELETE"), StartsWith("INSERT")));
  EXPECT_EQ(statements_[0].rows, 2u);
}

TEST_F(OrderedTest, ARowIsNotGuessed) {
  const model::Row row = Make({Cell::Text("1"), Cell::Absent(), Cell::Null()});
  const base::Status status = WriteOrdered(table_, {{row, {}}}, Collect());
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("lacks column name"));
}

TEST_F(OrderedTest, ARowWithAnIdentityIsFoundByIt) {
  table_.primary_key = {0};
  table_.target_has_more = true;
  const model::Row row = Make({Cell::Text("1"), Cell::Absent(), Cell::Absent()});
  const model::Row after = Make({Cell::Text("1"), Cell::Text("b"), Cell::Absent()});
  ASSERT_TRUE(WriteOrdered(table_, {{row, after}}, Collect()).ok());
  EXPECT_THAT(Texts(), ElementsAre(AllOf(HasSubstr("SET \"id\" = $1::bigint, \"name\" = "),
                                         HasSubstr("WHERE s.\"id\" = $3::bigint LIMIT 1"))));
}

TEST_F(RowStatementsTest, AZeroByteIsRefused) {
  using namespace std::string_view_literals;
  const model::Row row = Make({Cell::Text("1"), Cell::Bytes("a\0b"sv), Cell::Null()});
  const base::Status status = WriteRows(WriteKind::kInsert, table_, {row}, Collect());
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("shop.t, column name"));
}

TEST(AppendTextTest, NumbersAreReadBackAsTheyAre) {
  const auto text = [](const Cell& cell) {
    std::string out;
    AppendText(out, cell);
    return out;
  };
  EXPECT_EQ(text(Cell::Int(INT64_MIN)), "-9223372036854775808");
  EXPECT_EQ(text(Cell::Uint(UINT64_MAX)), "18446744073709551615");
  EXPECT_EQ(text(Cell::Float(0.1F)), "0.1");
  EXPECT_EQ(text(Cell::Double(0.1)), "0.1");
  EXPECT_EQ(text(Cell::Double(-0.0)), "-0");
  EXPECT_EQ(text(Cell::Number("1.50")), "1.50");
}

TEST(CopyFieldTest, SpecialCharactersAreEscaped) {
  std::string out;
  AppendCopyField(out, Cell::Text("a\tb\nc\r\\N\\."));
  EXPECT_EQ(out, "a\\tb\\nc\\r\\\\N\\\\.");
  out.clear();
  AppendCopyField(out, Cell::Null());
  EXPECT_EQ(out, "\\N");
  out.clear();
  AppendCopyField(out, Cell::Text(""));
  EXPECT_EQ(out, "");
  AppendCopyField(out, Cell::Int(-7));
  EXPECT_EQ(out, "-7");
}

}  // namespace
}  // namespace godwit::connectors::postgres
