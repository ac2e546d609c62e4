#include "connectors/postgres/schema/partition_trees.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "connectors/postgres/capture/capture_function.h"

namespace godwit::connectors::postgres {
namespace {

using testing::HasSubstr;
using testing::Not;

// Of a range that is divided by a list; "line" refers to it.
connector::CatalogObject Sales() {
  Definition root;
  root.name = {"shop", "sale"};
  root.partition_key = "RANGE (day)";
  root.columns = {{.name = "day", .type = "integer", .not_null = true}};
  root.partitions = {
      {.name = {"shop", "s1"}, .parent = root.name, .bound = "FOR VALUES FROM (0) TO (1)"},
      {.name = {"shop", "s2"}, .parent = root.name, .bound = "DEFAULT", .key = "LIST (day)"},
      {.name = {"shop", "s2a"}, .parent = {"shop", "s2"}, .bound = "FOR VALUES IN (7)"}};
  root.constraints = {
      {.name = "sale_pkey", .kind = 'p', .definition = "PRIMARY KEY (day)", .columns = {"day"}},
      {.name = "of_line",
       .table = {"shop", "line"},
       .kind = 'f',
       .definition = "FOREIGN KEY (day) REFERENCES shop.sale(day)",
       .parent = root.name}};
  connector::CatalogObject object{.kind = connector::ObjectKind::kPartitioned};
  object.schema = "shop";
  object.name = "sale";
  object.statement = ToJson(root);
  return object;
}

TEST(TreeStatements, MakeWhatIsAboveTheLeavesAndThenAttachThem) {
  const auto statements = TreeStatements(Sales());
  ASSERT_TRUE(statements.ok()) << statements.status();
  const auto at = [&](const std::string& text) {
    return std::ranges::find_if(*statements,
                                [&](const auto& s) { return s.find(text) != std::string::npos; }) -
           statements->begin();
  };
  const auto count = static_cast<std::ptrdiff_t>(statements->size());
  const std::ptrdiff_t order[] = {
      at("CREATE TABLE \"shop\".\"sale\" ("),
      at("CREATE TABLE \"shop\".\"s2\" PARTITION OF \"shop\".\"sale\" DEFAULT PARTITION BY LIST"),
      at("ALTER TABLE \"shop\".\"sale\" ATTACH PARTITION \"shop\".\"s1\" FOR VALUES FROM (0)"),
      at("ALTER TABLE \"shop\".\"s2\" ATTACH PARTITION \"shop\".\"s2a\" FOR VALUES IN (7)"),
      at("ALTER TABLE \"shop\".\"sale\" ADD CONSTRAINT \"sale_pkey\" PRIMARY KEY"),
      at("ALTER TABLE \"shop\".\"line\" ADD CONSTRAINT \"of_line\"")};
  EXPECT_TRUE(std::ranges::is_sorted(order));
  EXPECT_LT(order[5], count);
  EXPECT_EQ(at("CREATE TABLE \"shop\".\"s1\""), count) << "it is a table of the task";
}

TEST(CaptureFunctionBody, TellsByLeafOfLeavesAlone) {
  CaptureScope scope;
  scope.include = {"shop.*"};
  EXPECT_THAT(CaptureFunctionBody("p", "x", scope, 150000),
              HasSubstr("pg_partition_root(c.oid) E"));
  scope.by_leaf = true;
  const std::string body = CaptureFunctionBody("p", "x", scope, 150000);
  EXPECT_THAT(body, Not(HasSubstr("pg_partition_root(c.oid) E")));
  EXPECT_THAT(body, Not(HasSubstr("@")));
}

}  // namespace
}  // namespace godwit::connectors::postgres
