#include "model/change.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace godwit::model {
namespace {

// A batch is built by one thread and handed on: moving it must leave its rows where they are.
TEST(ChangeBatch, KeepsItsRowsWhenMoved) {
  auto table = std::make_shared<Table>();
  table->name = {"shop", "orders"};
  ChangeBatch batch;
  batch.tables.push_back(table);
  for (int i = 0; i < 1000; ++i) {
    auto* cells = reinterpret_cast<Cell*>(batch.arena.Allocate(2 * sizeof(Cell)));
    cells[0] = Cell::Int(i);
    cells[1] = Cell::Bytes(batch.arena.Copy(std::to_string(i)));
    ChangeEvent event;
    event.kind = ChangeKind::kInsert;
    event.table = table.get();
    event.after = Row(cells, 2);
    batch.events.push_back(std::move(event));
  }
  table.reset();

  ChangeBatch moved = std::move(batch);
  ASSERT_EQ(moved.events.size(), 1000u);
  for (int i = 0; i < 1000; ++i) {
    const ChangeEvent& event = moved.events[static_cast<size_t>(i)];
    EXPECT_EQ(event.table->name.ToString(), "shop.orders");
    EXPECT_EQ(event.after[0].int_value(), i);
    EXPECT_EQ(event.after[1].view(), std::to_string(i));
    EXPECT_TRUE(event.before.empty());
  }
}

TEST(Position, IsEmptyUntilSet) {
  EXPECT_TRUE(Position().empty());
  EXPECT_FALSE(Position{"0-1-1"}.empty());
  EXPECT_EQ(Position{"0-1-1"}, Position{"0-1-1"});
  EXPECT_NE(Position{"0-1-1"}, Position{"0-1-2"});
}

}  // namespace
}  // namespace godwit::model
