#include "connectors/mysql/check/grants.h"

#include <gtest/gtest.h>

namespace godwit::connectors::mysql {
namespace {

// As SHOW GRANTS of MariaDB 10.11 writes them.
const Grants& Example() {
  static const Grants grants({
      "GRANT `reader` TO `min`@`%`",
      ("GRANT REPLICATION SLAVE, BINLOG MONITOR ON *.* TO `min`@`%` IDENTIFIED BY PASSWORD '*E8BE "
       "ON `x`.*'"),
      "GRANT SELECT, SHOW VIEW ON `shop`.* TO `min`@`%`",
      "GRANT DELETE ON `o\\_t%`.* TO `min`@`%`",
      "GRANT SELECT ON `mysql`.`proc` TO `min`@`%`",
      "GRANT INSERT, UPDATE (`v`, `w`), DROP ON `shop`.`t` TO `min`@`%`",
      "GRANT EXECUTE ON PROCEDURE `shop`.`p` TO `min`@`%`",
      "GRANT PROXY ON ``@`%` TO `min`@`%` WITH GRANT OPTION",
      "GRANT ALL PRIVILEGES ON `back``quote`.* TO `reader`",
      "SET DEFAULT ROLE `reader` FOR `min`@`%`",
  });
  return grants;
}

TEST(GrantsTest, EachScopeCoversWhatLiesInIt) {
  const Grants& grants = Example();
  EXPECT_TRUE(grants.Has("BINLOG MONITOR"));
  EXPECT_FALSE(grants.Has("SELECT"));
  EXPECT_TRUE(grants.Has("SHOW VIEW", "shop"));
  EXPECT_FALSE(grants.Has("SHOW VIEW", "shop2"));
  EXPECT_TRUE(grants.Has("BINLOG MONITOR", "shop"));
  EXPECT_TRUE(grants.Has("SELECT", model::TableName{"mysql", "proc"}));
  EXPECT_FALSE(grants.Has("SELECT", "mysql"));
  EXPECT_TRUE(grants.Has("DROP", model::TableName{"shop", "t"}));
  EXPECT_FALSE(grants.Has("DROP", model::TableName{"shop", "u"}));
}

TEST(GrantsTest, ColumnsAndRoutinesAreNoTables) {
  EXPECT_FALSE(Example().Has("UPDATE", model::TableName{"shop", "t"}));
  EXPECT_FALSE(Example().Has("EXECUTE", "shop"));
  EXPECT_FALSE(Example().Has("PROXY"));
}

TEST(GrantsTest, SchemasArePatterns) {
  EXPECT_TRUE(Example().Has("DELETE", "o_ther"));
  EXPECT_TRUE(Example().Has("DELETE", "o_t"));
  EXPECT_FALSE(Example().Has("DELETE", "other"));
}

TEST(GrantsTest, DynamicPrivilegesOfMySql) {
  const Grants grants({"GRANT BACKUP_ADMIN,SHOW_ROUTINE,XA_RECOVER_ADMIN ON *.* TO `min`@`%`"});
  EXPECT_TRUE(grants.Has("BACKUP_ADMIN"));
  EXPECT_TRUE(grants.Has("SHOW_ROUTINE"));
  EXPECT_TRUE(grants.Has("XA_RECOVER_ADMIN"));
  EXPECT_FALSE(grants.Has("ADMIN"));
}

TEST(GrantsTest, AllPrivileges) {
  EXPECT_TRUE(Example().Has("CREATE", "back`quote"));
  EXPECT_FALSE(Example().Has("CREATE", "backquote"));
  EXPECT_TRUE(Grants({"GRANT ALL PRIVILEGES ON *.* TO `root`@`localhost`"}).Has("SET USER"));
}

TEST(MissingGrantsTest, SaysWhatGrantsIt) {
  MissingGrants missing(Example(), "'min'@'%'");
  missing.NeedGlobally({"BINLOG MONITOR"});
  missing.NeedIn("shop", {"SELECT"});
  EXPECT_TRUE(missing.empty());
  missing.NeedGlobally({"BINLOG MONITOR", "SET USER"});
  missing.NeedIn("shop", {"SELECT", "INSERT", "TRIGGER"});
  missing.NeedOn({"shop", "t"}, "UPDATE");
  EXPECT_EQ(missing.Finding(),
            "missing: SET USER ON *.*; INSERT, TRIGGER ON `shop`.*; UPDATE ON `shop`.`t`");
  EXPECT_EQ(missing.Remedy(),
            "GRANT SET USER ON *.* TO 'min'@'%'; GRANT INSERT, TRIGGER ON `shop`.* TO 'min'@'%'; "
            "GRANT UPDATE ON `shop`.`t` TO 'min'@'%';");
}

}  // namespace
}  // namespace godwit::connectors::mysql
