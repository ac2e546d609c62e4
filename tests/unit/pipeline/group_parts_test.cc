#include "pipeline/group_parts.h"

#include <gtest/gtest.h>

#include <deque>

namespace godwit::pipeline {
namespace {

using connector::ChangeSegment;
using connector::TableChanges;
using model::Cell;
using model::Column;
using model::Row;
using model::TypeKind;

constexpr int kParts = 8;

Column Of(const char* name, TypeKind kind, const char* collation = "") {
  Column column;
  column.name = name;
  column.kind = kind;
  if (kind == TypeKind::kText) column.charset = "utf8mb4";
  column.collation = collation;
  return column;
}

std::shared_ptr<model::Table> MakeTable(const char* name, std::vector<Column> columns) {
  auto table = std::make_shared<model::Table>();
  table->name = {"shop", name};
  table->columns = std::move(columns);
  table->primary_key = {0};
  return table;
}

// Rows that live as long as the test.
class GroupParts : public testing::Test {
 protected:
  Row MakeRow(std::vector<Cell> cells) { return rows_.emplace_back(std::move(cells)); }

  // The part that holds the insert or delete of a row whose first cell is `cell`; -1: none.
  static int PartOf(const std::vector<std::vector<ChangeSegment>>& parts, const Cell& cell) {
    for (size_t part = 0; part < parts.size(); ++part) {
      for (const ChangeSegment& segment : parts[part]) {
        for (const TableChanges& changes : segment.tables) {
          for (const auto* list : {&changes.inserts, &changes.deletes}) {
            for (Row row : *list) {
              if (row[0] == cell) return static_cast<int>(part);
            }
          }
        }
      }
    }
    return -1;
  }
  static size_t Used(const std::vector<std::vector<ChangeSegment>>& parts) {
    size_t used = 0;
    for (const auto& part : parts) {
      for (const ChangeSegment& segment : part) {
        if (segment.tables.empty()) continue;
        ++used;
        break;
      }
    }
    return used;
  }

  std::deque<std::vector<Cell>> rows_;
};

TEST_F(GroupParts, RowsOfAPlainTableAreSpread) {
  auto table = MakeTable("t", {Of("id", TypeKind::kInt)});
  std::vector<ChangeSegment> segments(1);
  TableChanges& changes = segments[0].tables.emplace_back();
  changes.table = table;
  for (int i = 0; i < 1000; ++i) changes.inserts.push_back(MakeRow({Cell::Int(i)}));
  const auto parts = DivideByConflict(segments, kParts);
  size_t rows = 0;
  for (const auto& part : parts) {
    ASSERT_EQ(part[0].tables.size(), 1u);
    EXPECT_GT(part[0].tables[0].inserts.size(), 1000u / kParts / 2);
    rows += part[0].tables[0].inserts.size();
  }
  EXPECT_EQ(rows, 1000u);
}

TEST_F(GroupParts, ARowStaysInItsPartOverAllSegments) {
  auto table = MakeTable("t", {Of("id", TypeKind::kInt)});
  std::vector<ChangeSegment> segments(2);
  segments[0].tables.push_back({table, {}, {}, {}, {}});
  segments[1].tables.push_back({table, {}, {}, {}, {}});
  for (int i = 0; i < 100; ++i) {
    segments[0].tables[0].inserts.push_back(MakeRow({Cell::Int(i)}));
    segments[1].tables[0].deletes.push_back(MakeRow({Cell::Int(i)}));
  }
  for (const auto& part : DivideByConflict(segments, kParts)) {
    ASSERT_EQ(part[0].tables.size(), part[1].tables.size());
    if (part[0].tables.empty()) continue;
    EXPECT_EQ(part[0].tables[0].inserts.size(), part[1].tables[0].deletes.size());
  }
}

TEST_F(GroupParts, RowsThatPassAUniqueValueOnAreTogether) {
  auto table = MakeTable("t", {Of("id", TypeKind::kInt), Of("u", TypeKind::kInt)});
  table->unique_keys = {{"u", {1}, false}};
  std::vector<ChangeSegment> segments(1);
  TableChanges& changes = segments[0].tables.emplace_back();
  changes.table = table;
  // 0 frees 100 and 1 takes it, 1 frees 101 and 2 takes that, ...
  for (int i = 0; i < 50; ++i) {
    changes.deletes.push_back(MakeRow({Cell::Int(i), Cell::Int(100 + i)}));
    changes.inserts.push_back(MakeRow({Cell::Int(i), Cell::Int(99 + i)}));
  }
  EXPECT_EQ(Used(DivideByConflict(segments, kParts)), 1u);
}

TEST_F(GroupParts, NullsAreInNobodysWay) {
  auto table = MakeTable("t", {Of("id", TypeKind::kInt), Of("u", TypeKind::kInt)});
  table->unique_keys = {{"u", {1}, false}};
  std::vector<ChangeSegment> segments(1);
  TableChanges& changes = segments[0].tables.emplace_back();
  changes.table = table;
  for (int i = 0; i < 200; ++i) changes.inserts.push_back(MakeRow({Cell::Int(i), Cell::Null()}));
  EXPECT_EQ(Used(DivideByConflict(segments, kParts)), static_cast<size_t>(kParts));
}

TEST_F(GroupParts, TextThatACollationMayTakeForEqualIsTogether) {
  auto table = MakeTable("t", {Of("id", TypeKind::kText, "utf8mb4_general_ci")});
  std::vector<ChangeSegment> segments(1);
  TableChanges& changes = segments[0].tables.emplace_back();
  changes.table = table;
  changes.deletes = {MakeRow({Cell::Bytes("key")}), MakeRow({Cell::Bytes("é")})};
  changes.inserts = {MakeRow({Cell::Bytes("KEY ")}), MakeRow({Cell::Bytes("E")})};
  EXPECT_EQ(Used(DivideByConflict(segments, kParts)), 1u);
}

TEST_F(GroupParts, TextOfABinaryCollationIsToldApartButForBlanks) {
  auto table = MakeTable("t", {Of("id", TypeKind::kText, "utf8mb4_bin")});
  std::vector<std::string> texts;
  texts.reserve(200);
  for (int i = 0; i < 200; ++i) texts.push_back("k" + std::to_string(i));
  std::vector<ChangeSegment> segments(1);
  TableChanges& changes = segments[0].tables.emplace_back();
  changes.table = table;
  for (const std::string& text : texts) changes.inserts.push_back(MakeRow({Cell::Bytes(text)}));
  changes.deletes = {MakeRow({Cell::Bytes("k7  ")})};
  const auto parts = DivideByConflict(segments, kParts);
  EXPECT_EQ(Used(parts), static_cast<size_t>(kParts));
  EXPECT_EQ(PartOf(parts, Cell::Bytes("k7")), PartOf(parts, Cell::Bytes("k7  ")));
}

TEST_F(GroupParts, PrefixKeysAreToldApartByTheirOtherColumnsAlone) {
  auto table = MakeTable("t", {Of("id", TypeKind::kInt), Of("v", TypeKind::kBinary)});
  table->unique_keys = {{"v", {1}, true}};
  std::vector<ChangeSegment> segments(1);
  TableChanges& changes = segments[0].tables.emplace_back();
  changes.table = table;
  changes.deletes = {MakeRow({Cell::Int(1), Cell::Bytes("abc1")})};
  changes.inserts = {MakeRow({Cell::Int(2), Cell::Bytes("abc2")})};
  EXPECT_EQ(Used(DivideByConflict(segments, kParts)), 1u);
}

TEST_F(GroupParts, APrimaryKeyOverAPrefixIsOne) {
  auto table = MakeTable("t", {Of("id", TypeKind::kBinary), Of("v", TypeKind::kInt)});
  table->unique_keys = {{"PRIMARY", {0}, true}};
  std::vector<ChangeSegment> segments(1);
  TableChanges& changes = segments[0].tables.emplace_back();
  changes.table = table;
  changes.deletes = {MakeRow({Cell::Bytes("abcX"), Cell::Int(1)})};
  changes.inserts = {MakeRow({Cell::Bytes("abcY"), Cell::Int(1)})};
  EXPECT_EQ(Used(DivideByConflict(segments, kParts)), 1u);
}

TEST_F(GroupParts, WithoutAnIdentityATableIsInOnePart) {
  auto table = MakeTable("t", {Of("a", TypeKind::kInt)});
  table->primary_key.clear();
  std::vector<ChangeSegment> segments(1);
  TableChanges& changes = segments[0].tables.emplace_back();
  changes.table = table;
  for (int i = 0; i < 20; ++i) changes.ordered.push_back({{}, MakeRow({Cell::Int(i)})});
  const auto parts = DivideByConflict(segments, kParts);
  EXPECT_EQ(Used(parts), 1u);
  for (const auto& part : parts) {
    if (part[0].tables.empty()) continue;
    EXPECT_EQ(part[0].tables[0].ordered.size(), 20u);
  }
}

TEST_F(GroupParts, TablesThatKeysActOnAreTogetherWithWhatActs) {
  auto parent = MakeTable("parent", {Of("id", TypeKind::kInt)});
  auto child = MakeTable("child", {Of("id", TypeKind::kInt), Of("parent", TypeKind::kInt)});
  auto other = MakeTable("other", {Of("id", TypeKind::kInt)});
  auto graph = std::make_shared<connector::ForeignKeyGraph>();
  model::ForeignKey key;
  key.columns = {"parent"};
  key.parent = parent->name;
  key.parent_columns = {"id"};
  key.on_delete = model::ReferenceAction::kCascade;
  graph->children[parent->name].push_back({child, key});
  std::vector<ChangeSegment> segments(2);
  segments[0].tables.push_back({child, {}, {}, {}, {}});
  segments[0].tables.push_back({other, {}, {}, {}, {}});
  segments[1].tables.push_back({parent, {}, {}, {}, {}});
  for (int i = 0; i < 100; ++i) {
    segments[0].tables[0].inserts.push_back(MakeRow({Cell::Int(i), Cell::Int(i)}));
    segments[0].tables[1].inserts.push_back(MakeRow({Cell::Int(i)}));
    segments[1].tables[0].deletes.push_back(MakeRow({Cell::Int(i)}));
  }
  segments[1].graph = graph;
  segments[1].cascades.push_back({parent, {{segments[1].tables[0].deletes[0], {}}}});
  const auto parts = DivideByConflict(segments, kParts);
  EXPECT_EQ(Used(parts), static_cast<size_t>(kParts));
  ASSERT_EQ(parts[0][0].tables.size(), 2u);
  EXPECT_EQ(parts[0][0].tables[0].inserts.size(), 100u);
  EXPECT_EQ(parts[0][1].tables[0].deletes.size(), 100u);
  EXPECT_EQ(parts[0][1].cascades.size(), 1u);
  for (size_t part = 1; part < parts.size(); ++part) EXPECT_TRUE(parts[part][1].cascades.empty());
}

TEST_F(GroupParts, TheFingerprintTellsOfAllThatDecides) {
  auto table = MakeTable("t", {Of("id", TypeKind::kInt), Of("u", TypeKind::kText, "utf8mb4_bin")});
  const auto fingerprint = [](const model::TablePtr& of) {
    std::vector<ChangeSegment> segments(1);
    segments[0].tables.push_back({of, {}, {}, {}, {}});
    return FingerprintOfDivision(segments);
  };
  const uint64_t first = fingerprint(table);
  EXPECT_EQ(fingerprint(std::make_shared<model::Table>(*table)), first);
  const auto altered = [&](auto alter) {
    auto other = std::make_shared<model::Table>(*table);
    alter(*other);
    return fingerprint(other);
  };
  EXPECT_NE(altered([](auto& t) { t.primary_key = {1}; }), first);
  EXPECT_NE(altered([](auto& t) { t.primary_key = {}; }), first);
  EXPECT_NE(altered([](auto& t) { t.target_has_more = true; }), first);
  EXPECT_NE(altered([](auto& t) { t.columns[1].left_out = true; }), first);
  const uint64_t keyed = altered([](auto& t) { t.unique_keys = {{"u", {1}}}; });
  EXPECT_NE(keyed, first);
  EXPECT_NE(altered([](auto& t) {
              t.unique_keys = {{"u", {1}}};
              t.columns[1].collation = "utf8mb4_general_ci";
            }),
            keyed);
  // What the division does not look at.
  EXPECT_EQ(altered([](auto& t) { t.columns[1].default_value = "'x'"; }), first);
}

}  // namespace
}  // namespace godwit::pipeline
