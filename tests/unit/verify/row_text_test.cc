#include "verify/row_text.h"

#include <gtest/gtest.h>

namespace godwit::verify {
namespace {

using model::Column;
using model::TypeKind;

std::string TextOf(TypeKind kind, std::optional<std::string_view> value,
                   std::vector<std::string> labels = {}) {
  model::Table table;
  table.columns.push_back(Column{.name = "c", .kind = kind, .labels = std::move(labels)});
  return RowText(table, std::span(&value, 1));
}

TEST(RowTextTest, ShowsValuesByTheirKind) {
  EXPECT_EQ(TextOf(TypeKind::kInt, "-5"), "c=-5");
  EXPECT_EQ(TextOf(TypeKind::kInt, std::nullopt), "c=NULL");
  EXPECT_EQ(TextOf(TypeKind::kText, "naïve 🐦"), "c='naïve 🐦'");
  EXPECT_EQ(TextOf(TypeKind::kText, "\xe9t\xe9"), "c=0xe974e9");
  EXPECT_EQ(TextOf(TypeKind::kText, "tab\t"), "c=0x74616209");
  EXPECT_EQ(TextOf(TypeKind::kText, "cut \xf0\x9f"), "c=0x63757420f09f");
  EXPECT_EQ(TextOf(TypeKind::kBinary, "abc"), "c=0x616263");
  EXPECT_EQ(TextOf(TypeKind::kEnum, "2", {"draft", "on sale"}), "c='on sale'");
  EXPECT_EQ(TextOf(TypeKind::kEnum, "0", {"draft"}), "c=0");
}

TEST(RowTextTest, ShowsDigitsAsTheyAre) {
  model::Table table;
  table.columns.push_back(Column{.name = "c", .kind = TypeKind::kBit, .length = 9});
  const auto text_of = [&](std::optional<std::string_view> value) {
    return RowText(table, std::span(&value, 1));
  };
  EXPECT_EQ(text_of("000000101"), "c=000000101");
  EXPECT_EQ(text_of(std::string_view("\0\x05", 2)), "c=0x0005");
  table.cells_are_text = true;
  table.columns[0].kind = TypeKind::kBinary;
  EXPECT_EQ(text_of("\\x00ff"), "c='\\x00ff'");
}

TEST(RowTextTest, SaysThatThereIsNothing) {
  EXPECT_EQ(RowText(model::Table(), {}), "a row without columns");
}

TEST(RowTextTest, CutsLongValuesBetweenCharacters) {
  std::string text;
  for (int i = 0; i < 99; ++i) text += 'x';
  EXPECT_EQ(TextOf(TypeKind::kText, text + "ïï"), "c='" + text + "ï'...");
}

TEST(RowTextTest, ShowsTheKeyAloneWhereThereIsOne) {
  model::Table table;
  table.columns = {Column{.name = "a", .kind = TypeKind::kInt},
                   Column{.name = "b", .kind = TypeKind::kInt},
                   Column{.name = "c", .kind = TypeKind::kInt}};
  const std::vector<std::optional<std::string_view>> values = {"1", "2", "3"};
  EXPECT_EQ(RowText(table, values), "a=1, b=2, c=3");
  table.primary_key = {2, 0};
  EXPECT_EQ(RowText(table, values), "c=3, a=1");
}

}  // namespace
}  // namespace godwit::verify
