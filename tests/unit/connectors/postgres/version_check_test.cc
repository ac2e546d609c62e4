#include "connectors/postgres/check/version_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godwit::connectors::postgres {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(VersionCheck, NamesWhatAnOlderServerCannotMake) {
  Definition table;
  table.name = {"shop", "t"};
  table.columns = {{.name = "a", .type = "integer"},
                   {.name = "b", .type = "integer", .default_value = "a", .generated = 'v'},
                   {.name = "c", .type = "text", .compression = "lz4"},
                   {.name = "d", .type = "int4multirange", .type_class = 'm'}};
  table.constraints = {
      {.name = "e", .kind = 'c', .definition = "CHECK ((a > 0)) NOT ENFORCED", .validated = false},
      {.name = "f",
       .kind = 'f',
       .definition = "FOREIGN KEY (a, PERIOD p) REFERENCES t(a, PERIOD p)"},
      {.name = "g", .kind = 'n', .definition = "NOT NULL a NOT VALID", .validated = false},
      {.name = "h", .kind = 'u', .definition = "UNIQUE NULLS NOT DISTINCT (a)"}};
  table.indexes = {{.name = "i", .unique = true, .nulls_not_distinct = true}};
  EXPECT_THAT(NewerThan(table, 180000), IsEmpty());
  EXPECT_THAT(NewerThan(table, 170010),
              ElementsAre("virtual generated column b of shop.t (PostgreSQL 18)",
                          "NOT ENFORCED constraint e of shop.t (PostgreSQL 18)",
                          "key of periods f of shop.t (PostgreSQL 18)",
                          "NOT NULL that is NOT VALID, constraint g of shop.t (PostgreSQL 18)"));
  EXPECT_EQ(NewerThan(table, 150018).size(), 4U);
  EXPECT_EQ(NewerThan(table, 140023).size(), 6U);
  EXPECT_EQ(NewerThan(table, 130023).size(), 8U);
}

TEST(VersionCheck, WhatAllVersionsHaveIsFine) {
  Definition table;
  table.name = {"shop", "t"};
  table.columns = {{.name = "a", .type = "integer", .default_value = "1", .generated = 's'}};
  table.constraints = {{.name = "c", .kind = 'c', .definition = "CHECK ((a > 0)) NOT VALID"},
                       {.name = "p", .kind = 'p', .definition = "PRIMARY KEY (a)"}};
  EXPECT_THAT(NewerThan(table, 120000), IsEmpty());
}

}  // namespace
}  // namespace godwit::connectors::postgres
