#include "model/cell.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

namespace godwit::model {
namespace {

static_assert(std::is_trivially_copyable_v<Cell>);

TEST(Cell, HoldsWhatItWasMadeOf) {
  EXPECT_EQ(Cell::Int(-5).kind(), CellKind::kInt);
  EXPECT_EQ(Cell::Int(INT64_MIN).int_value(), INT64_MIN);
  EXPECT_EQ(Cell::Uint(UINT64_MAX).uint_value(), UINT64_MAX);
  EXPECT_EQ(Cell::Double(-0.1).double_value(), -0.1);
  EXPECT_EQ(Cell::Float(0.1f).double_value(), static_cast<double>(0.1f));
  EXPECT_EQ(Cell::Number("-1.50").view(), "-1.50");
  EXPECT_EQ(Cell::Text("2024-01-01").view(), "2024-01-01");
  std::string bytes("a\0b", 3);
  EXPECT_EQ(Cell::Bytes(bytes).view(), bytes);
  EXPECT_EQ(Cell::Bytes(bytes).view().data(), bytes.data());
}

TEST(Cell, TellsNullFromAbsentAndEmpty) {
  EXPECT_EQ(Cell(), Cell::Absent());
  EXPECT_TRUE(Cell::Null().is_null());
  EXPECT_FALSE(Cell::Absent().is_null());
  EXPECT_FALSE(Cell::Bytes("").is_null());
  EXPECT_NE(Cell::Null(), Cell::Absent());
  EXPECT_NE(Cell::Null(), Cell::Bytes(""));
  EXPECT_NE(Cell::Null(), Cell::Int(0));
}

TEST(Cell, HasAViewOnlyWhereItsKindHas) {
  for (Cell cell : {Cell::Absent(), Cell::Null(), Cell::Int(1), Cell::Uint(1), Cell::Float(1),
                    Cell::Double(1)}) {
    EXPECT_FALSE(cell.has_view());
  }
  for (Cell cell : {Cell::Number("1"), Cell::Text("1"), Cell::Bytes("1")}) {
    EXPECT_TRUE(cell.has_view());
  }
}

TEST(Cell, IsEqualByKindAndBytes) {
  std::string one = "abc", other = "abc";
  EXPECT_EQ(Cell::Bytes(one), Cell::Bytes(other));
  EXPECT_NE(Cell::Bytes("abc"), Cell::Bytes("abd"));
  EXPECT_NE(Cell::Bytes("abc"), Cell::Bytes("ab"));
  EXPECT_NE(Cell::Bytes("abc"), Cell::Text("abc"));
  EXPECT_EQ(Cell::Bytes({}), Cell::Bytes(""));
  EXPECT_NE(Cell::Int(1), Cell::Uint(1));
  EXPECT_NE(Cell::Int(1), Cell::Int(2));
  EXPECT_NE(Cell::Double(0.0), Cell::Double(-0.0));
  EXPECT_EQ(Cell::Double(std::nan("")), Cell::Double(std::nan("")));
}

}  // namespace
}  // namespace godwit::model
