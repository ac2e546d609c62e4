// Documents with \u0000 on their way to jsonb.
#include "connectors/postgres/from_mysql/json_zero.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godwit::connectors::postgres {
namespace {

using connector::RowBlock;
using connector::UnfitAction;
using connector::ValueRules;
using model::TypeKind;
using ::testing::HasSubstr;

TEST(JsonZeroTest, IsFoundWhereNoBackslashEscapesIt) {
  EXPECT_EQ(FindJsonZero(R"("a\u0000")"), 2u);
  EXPECT_EQ(FindJsonZero(R"("\\u0000")"), std::string::npos);
  EXPECT_EQ(FindJsonZero(R"("\\u0000\\\u0000")"), 10u);
  EXPECT_EQ(FindJsonZero(R"("\u0001")"), std::string::npos);
  EXPECT_EQ(WithoutJsonZeros(R"(["\u0000\\u0000","\u0000"])"), R"(["\ufffd\\u0000","\ufffd"])");
}

// A table of a key, a jsonb, a json and a text, of rows on their way.
class CopiedDocumentsTest : public ::testing::Test {
 protected:
  CopiedDocumentsTest() {
    for (const auto& [name, kind, type] :
         {std::tuple("id", TypeKind::kInt, "integer"), std::tuple("b", TypeKind::kJson, "jsonb"),
          std::tuple("j", TypeKind::kJson, "json"), std::tuple("t", TypeKind::kText, "text")}) {
      model::Column& column = table_.columns.emplace_back();
      column.name = name;
      column.kind = kind;
      here_.columns.push_back(column);
      here_.columns.back().type_text = type;
    }
    table_.name = {"shop", "t"};
    table_.primary_key = {0};
  }
  base::StatusOr<std::string> Fitted(UnfitAction action, std::string rows) {
    rules_ = std::make_shared<ValueRules>(ValueRules::Actions{action});
    CopiedDocuments documents(std::make_shared<const model::Table>(table_), here_, rules_);
    RowBlock block;
    block.bytes = std::move(rows);
    GODWIT_RETURN_IF_ERROR(documents.Fit(block));
    return block.bytes;
  }
  model::Table table_, here_;
  std::shared_ptr<ValueRules> rules_;
};

// As COPY has them: of a backslash there are two.
constexpr std::string_view kRows =
    "1\t{}\t{}\tx\n"
    "2\t[\"\\\\u0000\", 1]\t[\"\\\\u0000\"]\t\\N\n"
    "3\t[\"\\\\\\\\u0000\"]\t\\N\ta\\tb\\\\u0000\n";

TEST_F(CopiedDocumentsTest, AnErrorNamesTheRow) {
  const auto fitted = Fitted(UnfitAction::kError, std::string(kRows));
  EXPECT_TRUE(absl::IsFailedPrecondition(fitted.status()));
  EXPECT_THAT(std::string(fitted.status().message()),
              HasSubstr("table shop.t, column b, row id='2': it holds"));
}

TEST_F(CopiedDocumentsTest, TheRulesSayWhatIsWritten) {
  EXPECT_EQ(*Fitted(UnfitAction::kReplace, std::string(kRows)),
            "1\t{}\t{}\tx\n"
            "2\t[\"\\\\ufffd\", 1]\t[\"\\\\u0000\"]\t\\N\n"
            "3\t[\"\\\\\\\\u0000\"]\t\\N\ta\\tb\\\\u0000\n");
  EXPECT_EQ(*Fitted(UnfitAction::kNull, std::string(kRows)),
            "1\t{}\t{}\tx\n"
            "2\t\\N\t[\"\\\\u0000\"]\t\\N\n"
            "3\t[\"\\\\\\\\u0000\"]\t\\N\ta\\tb\\\\u0000\n");
  ASSERT_EQ(rules_->Counts().size(), 1u);
  EXPECT_EQ(rules_->Counts()[0].values, 1u);
}

TEST_F(CopiedDocumentsTest, WithoutJsonbNothingIsLookedAt) {
  here_.columns[1].type_text = "json";
  EXPECT_EQ(*Fitted(UnfitAction::kError, std::string(kRows)), kRows);
}

}  // namespace
}  // namespace godwit::connectors::postgres
