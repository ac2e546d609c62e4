#include "connectors/postgres/copy/binary_types.h"

#include <gtest/gtest.h>

namespace godwit::connectors::postgres {
namespace {

constexpr int k15 = 150018, k17 = 170002;

ColumnDefinition Column(uint32_t oid, char type_class = 'b') {
  return {.name = "c", .type_oid = oid, .type_class = type_class};
}

bool IsBinary(const ColumnDefinition& column, int version = k15) {
  Definition definition;
  definition.columns = {Column(23), column};
  return HasBinaryRows(definition, version);
}

TEST(BinaryTypesTest, TypesThatAreBuiltInTravelInBinary) {
  for (const uint32_t oid : {16u, 17u, 20u, 25u, 701u, 1043u, 1184u, 1700u, 2950u, 3802u, 3910u})
    EXPECT_TRUE(IsBinary(Column(oid))) << oid;
  EXPECT_TRUE(IsBinary(Column(1009))) << "text[]";
  EXPECT_TRUE(HasBinaryRows(Definition(), k15)) << "a table of no columns";
}

TEST(BinaryTypesTest, WhatDependsOnTheServerTravelsAsText) {
  EXPECT_FALSE(IsBinary(Column(790))) << "money";
  EXPECT_FALSE(IsBinary(Column(2205))) << "regclass";
  EXPECT_FALSE(IsBinary(Column(18))) << "\"char\"";
  EXPECT_FALSE(IsBinary(Column(142))) << "xml";
  EXPECT_FALSE(IsBinary(Column(16400))) << "a domain, or a type of an extension";
  EXPECT_FALSE(IsBinary(Column(16401, 'c'))) << "a composite type, which tells numbers of types";
  EXPECT_FALSE(IsBinary(Column(13456))) << "one of information_schema";
}

TEST(BinaryTypesTest, AnEnumerationIsItsLabelAndAnArrayOfItIsNot) {
  EXPECT_TRUE(IsBinary(Column(16402, 'e')));
  EXPECT_FALSE(IsBinary(Column(16403)));
}

TEST(BinaryTypesTest, IntervalsMayBeInfiniteFromVersion17On) {
  for (const uint32_t oid : {1186u, 1187u}) {
    EXPECT_TRUE(IsBinary(Column(oid), k15));
    EXPECT_FALSE(IsBinary(Column(oid), k17));
  }
  EXPECT_TRUE(IsBinary(Column(1184), k17));
}

TEST(BinaryTypesTest, ColumnsThatTheServerComputesDoNotTravel) {
  ColumnDefinition column = Column(790);
  column.generated = 's';
  EXPECT_TRUE(IsBinary(column));
}

}  // namespace
}  // namespace godwit::connectors::postgres
