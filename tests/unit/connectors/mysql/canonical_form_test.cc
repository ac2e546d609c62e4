// Rows of MariaDB and MySQL as they are compared with those of PostgreSQL.
#include "connectors/mysql/compare/canonical_form.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godwit::connectors::mysql {
namespace {

using model::TypeKind;
using ::testing::ElementsAre;
using namespace std::string_view_literals;

TEST(CanonicalFormTest, ValuesAreThoseOfTheirKind) {
  model::Table table;
  const auto add = [&](TypeKind kind, std::string charset = "") -> model::Column& {
    model::Column& column = table.columns.emplace_back();
    column.name = "c" + std::to_string(table.columns.size());
    column.kind = kind;
    column.charset = std::move(charset);
    return column;
  };
  add(TypeKind::kUint).type_text = "int(5) unsigned zerofill";
  add(TypeKind::kText, "latin1");
  add(TypeKind::kBit).length = 9;
  add(TypeKind::kGeometry);
  add(TypeKind::kEnum, "latin1").labels = {"a", "b"};
  add(TypeKind::kDateTime);
  add(TypeKind::kFloat);
  add(TypeKind::kText, "gbk");
  table.primary_key = {0, 5};
  const SelectList list(table, SelectList::Columns::kCompared);
  CanonicalForm form(table, list);
  const connector::ComparedRow row =
      form.Row({{"17", "na\xefve", "\x01\x02"sv, "\0\0\0\0\x01"sv, "2", "2024-01-01 00:00:00.000",
                 "0.10000000149011612", std::nullopt}});
  EXPECT_THAT(row.values, ElementsAre("17", "naïve", "100000010", "\x01", "2",
                                      "2024-01-01 00:00:00", "0.1", std::nullopt));
  EXPECT_EQ(row.key, "17,'2024-01-01 00:00:00'");
}

}  // namespace
}  // namespace godwit::connectors::mysql
