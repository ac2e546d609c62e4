#include "wire/mysql/xa.h"

#include <gtest/gtest.h>

namespace godwit::wire::mysql {
namespace {

using Verb = XaStatement::Verb;

TEST(Xa, NamesAreTheSameFromEventAndStatement) {
  const std::string name = XaName({.format = 7, .gtrid = std::string_view("a\0", 2), .bqual = "b"});
  EXPECT_EQ(name, "6100.62.7");
  for (const auto& [sql, verb] : {std::pair{"XA START X'6100',X'62',7", Verb::kStart},
                                  std::pair{"XA END X'6100',X'62',7", Verb::kEnd},
                                  std::pair{"XA COMMIT X'6100',X'62',7", Verb::kCommit},
                                  std::pair{"XA ROLLBACK X'6100',X'62',7", Verb::kRollback}}) {
    const auto statement = ParseXaStatement(sql);
    ASSERT_TRUE(statement) << sql;
    EXPECT_EQ(statement->verb, verb);
    EXPECT_EQ(statement->name, name);
  }
  EXPECT_EQ(ParseXaStatement("XA COMMIT X'AB',X'',4294967295")->name, "ab..4294967295");
}

TEST(Xa, OtherStatementsAreNone) {
  for (const char* sql : {"", "XA", "BEGIN", "XA RECOVER", "XA COMMIT 'a'", "XA COMMIT X'61'",
                          "XA COMMIT X'61,X'',1", "XA COMMIT X'6g',X'',1", "XA COMMIT X'61',X'',",
                          "XA COMMIT X'61',X'',1 ONE PHASE", "CREATE TABLE t (id INT)"})
    EXPECT_FALSE(ParseXaStatement(sql)) << sql;
}

}  // namespace
}  // namespace godwit::wire::mysql
