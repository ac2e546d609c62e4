// Definitions and statements of one kind of server in the other's SQL. What the servers make of
// them is held against both in tests/e2e/pairs.

#include "sql/translate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sql/collation_twin.h"
#include "sql/parser.h"
#include "sql/statement_translation.h"
#include "sql/tracker.h"
#include "sql/translate_expression.h"
#include "sql/writer.h"

namespace godwit::sql {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

Flavour Other(Flavour flavour) {
  return flavour == Flavour::kMySql ? Flavour::kMariaDb : Flavour::kMySql;
}

// The definition that CREATE TABLE with these columns makes on a server of kind `from`.
TableDefinition Made(std::string_view elements, Flavour from, std::string_view options = "") {
  ParseOptions parse;
  parse.default_schema = "d";
  parse.flavour = from;
  auto made = ParseDefinition(fmt::format("CREATE TABLE t ({}) {}", elements, options), parse,
                              Resolve({"utf8mb4", ""}, {}, from));
  EXPECT_TRUE(made.ok()) << elements << ": " << made.status();
  made->name = {"d", "t"};
  return *made;
}

Translation Translated(std::string_view elements, Flavour from, std::string_view options = "") {
  return Translate(Made(elements, from, options), Other(from));
}
std::string ToMySql(std::string_view elements, std::string_view options = "") {
  const Translation translation = Translated(elements, Flavour::kMariaDb, options);
  for (const TranslationNote& note : translation.notes) {
    if (note.kind == NoteKind::kRefused) return "refused: " + ToText(note) + "; " + note.remedy;
  }
  return WriteCreateTable(translation.definition);
}
std::string ToMariaDb(std::string_view elements, std::string_view options = "") {
  const Translation translation = Translated(elements, Flavour::kMySql, options);
  for (const TranslationNote& note : translation.notes) {
    if (note.kind == NoteKind::kRefused) return "refused: " + ToText(note) + "; " + note.remedy;
  }
  return WriteCreateTable(translation.definition);
}
std::vector<std::string> LossyNotes(std::string_view elements, Flavour from) {
  std::vector<std::string> notes;
  for (const TranslationNote& note : Translated(elements, from).notes) {
    if (note.kind == NoteKind::kLossy) notes.push_back(ToText(note));
  }
  return notes;
}

TEST(TranslateTest, WhatBothHaveStaysAsItIs) {
  for (Flavour from : {Flavour::kMariaDb, Flavour::kMySql}) {
    const std::string_view columns =
        "id INT UNSIGNED NOT NULL AUTO_INCREMENT, a VARCHAR(20) NOT NULL DEFAULT 'x', "
        "d DECIMAL(10,2) DEFAULT 1.5, ts TIMESTAMP(3) NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE "
        "CURRENT_TIMESTAMP(3), e ENUM('a','b'), b BIT(3) DEFAULT b'101', g GEOMETRY, "
        "PRIMARY KEY (id), KEY k (a(5), d DESC), FULLTEXT KEY f (a)";
    const Translation translation =
        Translated(columns, from, "CHARSET utf8mb4 COLLATE utf8mb4_general_ci");
    EXPECT_THAT(translation.notes, IsEmpty());
    const TableDefinition back = Translate(translation.definition, from).definition;
    EXPECT_EQ(WriteCreateTable(back),
              WriteCreateTable(Made(columns, from, "CHARSET utf8mb4 COLLATE utf8mb4_general_ci")));
  }
}

TEST(TranslateTest, OneKindIsLeftAlone) {
  const TableDefinition made = Made("u UUID DEFAULT uuid()", Flavour::kMariaDb);
  EXPECT_EQ(Translate(made, Flavour::kMariaDb).definition, made);
}

TEST(TranslateTest, IntegersLoseTheirDisplayWidthsAndGetThem) {
  EXPECT_THAT(ToMySql("a INT, b TINYINT(1), c INT(5) ZEROFILL"),
              HasSubstr("`a` int,\n  `b` tinyint(1),\n  `c` int(5) unsigned zerofill"));
  EXPECT_THAT(ToMariaDb("a INT, b BIGINT UNSIGNED"),
              HasSubstr("`a` int(11),\n  `b` bigint(20) unsigned"));
}

TEST(TranslateTest, TypesThatMySqlHasNot) {
  EXPECT_THAT(ToMySql("u UUID NOT NULL, PRIMARY KEY (u)"),
              HasSubstr("`u` char(36) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL"));
  EXPECT_THAT(ToMySql("a INET4, b INET6"), HasSubstr("`a` varchar(15) CHARACTER SET ascii"));
  EXPECT_THAT(ToMySql("b INET6"), HasSubstr("`b` varchar(45)"));
  EXPECT_THAT(ToMySql("g GEOMETRYCOLLECTION NOT NULL"), HasSubstr("`g` geometry NOT NULL"));
  EXPECT_THAT(ToMySql("j JSON"),
              HasSubstr("`j` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"));
  EXPECT_THAT(ToMySql("j JSON"), HasSubstr("CONSTRAINT `t_chk_j` CHECK (json_valid(`j`))"));
  EXPECT_THAT(ToMySql("c VARCHAR(10) COMPRESSED"), HasSubstr("`c` varchar(10)\n"));
  EXPECT_THAT(ToMySql("d DECIMAL(40,31)"), HasSubstr("refused: column `d`: MySQL has at most 30"));
}

TEST(TranslateTest, TypesThatMariaDbHasNot) {
  EXPECT_THAT(ToMariaDb("j JSON NOT NULL"),
              HasSubstr("`j` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL CHECK "
                        "(json_valid(`j`))"));
  EXPECT_THAT(ToMariaDb("v VECTOR(3)"), HasSubstr("`v` blob"));
  EXPECT_THAT(ToMariaDb("g GEOMETRY NOT NULL SRID 4326"), HasSubstr("`g` geometry NOT NULL"));
  EXPECT_THAT(LossyNotes("j JSON, v VECTOR(3), g POINT SRID 4326", Flavour::kMySql),
              ElementsAre(HasSubstr("utf8mb4_0900_ai_ci becomes"), HasSubstr("column `j`: JSON"),
                          HasSubstr("column `v`: VECTOR"), HasSubstr("column `g`: SRID")));
}

TEST(TranslateTest, DefaultsThatMySqlTakesInParenthesesOnly) {
  EXPECT_THAT(ToMySql("a VARCHAR(36) DEFAULT uuid()"), HasSubstr("DEFAULT (uuid())"));
  EXPECT_THAT(ToMySql("a TEXT DEFAULT 'x'"), HasSubstr("DEFAULT ('x')"));
  EXPECT_THAT(ToMySql("a DATE DEFAULT curdate()"), HasSubstr("DEFAULT (curdate())"));
  EXPECT_THAT(ToMySql("a INT DEFAULT (1 + 2)"), HasSubstr("DEFAULT (1 + 2)"));
  EXPECT_THAT(ToMySql("a DATETIME DEFAULT current_timestamp()"),
              HasSubstr("DEFAULT current_timestamp()"));
  EXPECT_THAT(ToMySql("a INT DEFAULT -5, b VARCHAR(9) DEFAULT 'it''s'"),
              HasSubstr("`a` int DEFAULT -5"));
}

TEST(TranslateTest, ChecksAreNamedAsTheTargetNamesThem) {
  const std::string mysql = ToMySql(
      "a INT CHECK (a > 0), b INT, CHECK (b > 0), "
      "CONSTRAINT own CHECK (b < 9)");
  EXPECT_THAT(mysql, HasSubstr("CONSTRAINT `t_chk_a` CHECK (a > 0)"));
  EXPECT_THAT(mysql, HasSubstr("CONSTRAINT `t_chk_1` CHECK (b > 0)"));
  EXPECT_THAT(mysql, HasSubstr("CONSTRAINT `own` CHECK (b < 9)"));
  const std::string mariadb = ToMariaDb("a INT CHECK (a > 0), CONSTRAINT o CHECK (a < 9)");
  EXPECT_THAT(mariadb, HasSubstr("CONSTRAINT `CONSTRAINT_1` CHECK (a > 0)"));
  EXPECT_THAT(mariadb, HasSubstr("CONSTRAINT `o` CHECK (a < 9)"));
  EXPECT_THAT(ToMariaDb("a INT, CONSTRAINT o CHECK (a < 9) NOT ENFORCED"), Not(HasSubstr("CHECK")));
}

TEST(TranslateTest, KeysThatTheOtherHasNot) {
  const std::string left_out = ToMariaDb("a VARCHAR(9), KEY f ((lower(a))), KEY b (a) INVISIBLE");
  EXPECT_THAT(left_out, Not(HasSubstr("lower")));
  EXPECT_THAT(left_out, HasSubstr("KEY `b` (`a`) IGNORED"));
  EXPECT_THAT(ToMariaDb("a VARCHAR(9), UNIQUE KEY f ((lower(a)))"), HasSubstr("refused: key `f`"));
  EXPECT_THAT(ToMySql("a INT, KEY b (a) IGNORED"), HasSubstr("KEY `b` (`a`) INVISIBLE"));
  EXPECT_THAT(ToMySql("a TEXT, UNIQUE KEY u (a)"), HasSubstr("refused: key `u`"));
}

TEST(TranslateTest, WhatMySqlCannotHoldIsRefusedWithTheWayOut) {
  EXPECT_THAT(ToMySql("a INT", "WITH SYSTEM VERSIONING"), HasSubstr("DROP SYSTEM VERSIONING"));
  EXPECT_THAT(ToMySql("id INT, s DATE, e DATE, PERIOD FOR p (s, e), "
                      "UNIQUE KEY k (id, p WITHOUT OVERLAPS)"),
              HasSubstr("refused: period `p`"));
  EXPECT_THAT(ToMySql("id INT DEFAULT nextval(`d`.`s`)"), HasSubstr("no nextval()"));
  EXPECT_THAT(ToMySql("a VARCHAR(9), n VARCHAR(99) AS (natural_sort_key(a)) STORED"),
              HasSubstr("no natural_sort_key()"));
}

TEST(TranslateTest, WhatMariaDbCannotHoldIsRefusedWithTheWayOut) {
  EXPECT_THAT(ToMariaDb("a INT, b INT AS (a + 1) STORED, PRIMARY KEY (b)"),
              HasSubstr("refused: column `b`"));
  EXPECT_THAT(ToMariaDb("a INT NOT NULL INVISIBLE, b INT"), HasSubstr("refused: column `a`"));
  EXPECT_THAT(ToMariaDb("a VARCHAR(36), b BINARY(16) AS (uuid_to_bin(a)) STORED"),
              HasSubstr("no uuid_to_bin()"));
  EXPECT_THAT(ToMariaDb("a VARCHAR(9) COLLATE utf8mb4_ja_0900_as_cs"),
              HasSubstr("utf8mb4_unicode_520_ci"));
  EXPECT_THAT(ToMariaDb("id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT INVISIBLE, PRIMARY KEY (id), "
                        "a INT"),
              HasSubstr("`id` bigint(20) unsigned NOT NULL INVISIBLE AUTO_INCREMENT"));
}

TEST(TranslateTest, GeneratedColumnsOfMariaDbAreNeverNotNull) {
  EXPECT_THAT(ToMariaDb("a INT, b INT AS (a + 1) STORED NOT NULL"),
              HasSubstr("`b` int(11) GENERATED ALWAYS AS (a + 1) STORED\n"));
}

TEST(TranslateTest, OptionsOfOneKindAreLeftOut) {
  EXPECT_THAT(ToMySql("a INT", "ENGINE=Aria TRANSACTIONAL=1 PAGE_CHECKSUM=1 ROW_FORMAT=PAGE"),
              HasSubstr(") ENGINE=InnoDB DEFAULT CHARSET"));
  EXPECT_THAT(ToMySql("a INT", "ENGINE=InnoDB PAGE_COMPRESSED=1 ROW_FORMAT=DYNAMIC"),
              HasSubstr("ROW_FORMAT=DYNAMIC"));
  EXPECT_THAT(ToMariaDb("a INT", "ENGINE=InnoDB COMPRESSION='zlib' STATS_PERSISTENT=1"),
              Not(HasSubstr("COMPRESSION")));
}

TEST(TranslateTest, PartitionsStay) {
  EXPECT_THAT(ToMySql("a INT NOT NULL",
                      "ENGINE=InnoDB PARTITION BY RANGE (a) (PARTITION p VALUES "
                      "LESS THAN (5), PARTITION q VALUES LESS THAN MAXVALUE)"),
              HasSubstr("PARTITION `q` VALUES LESS THAN MAXVALUE"));
  EXPECT_THAT(ToMySql("a INT",
                      "ENGINE=InnoDB PARTITION BY LIST (a) (PARTITION p VALUES IN (1), "
                      "PARTITION q DEFAULT)"),
              HasSubstr("refused: partition `q`"));
}

TEST(CollationTwinTest, TwinsAndThoseThatHaveNone) {
  auto twin = [](std::string_view collation, Flavour to) {
    const auto found = TwinOf(collation, to);
    if (!found) return std::string("none");
    return found->collation + (found->difference.empty() ? "" : " (differs)");
  };
  const Flavour mariadb = Flavour::kMariaDb, mysql = Flavour::kMySql;
  EXPECT_EQ(twin("utf8mb4_0900_ai_ci", mariadb), "utf8mb4_uca1400_nopad_ai_ci (differs)");
  EXPECT_EQ(twin("utf8mb4_0900_as_ci", mariadb), "utf8mb4_uca1400_nopad_as_ci (differs)");
  EXPECT_EQ(twin("utf8mb4_sv_0900_as_cs", mariadb),
            "utf8mb4_uca1400_swedish_nopad_as_cs (differs)");
  EXPECT_EQ(twin("utf8mb4_0900_bin", mariadb), "utf8mb4_nopad_bin");
  EXPECT_EQ(twin("utf8mb4_croatian_ci", mariadb), "utf8mb4_croatian_mysql561_ci");
  EXPECT_EQ(twin("utf8mb4_zh_0900_as_cs", mariadb), "none");
  EXPECT_EQ(twin("gb18030_chinese_ci", mariadb), "none");
  EXPECT_EQ(twin("latin1_swedish_ci", mariadb), "latin1_swedish_ci");
  EXPECT_EQ(twin("utf8mb4_uca1400_ai_ci", mysql), "utf8mb4_0900_ai_ci (differs)");
  EXPECT_EQ(twin("utf8mb4_uca1400_nopad_as_cs", mysql), "utf8mb4_0900_as_cs (differs)");
  EXPECT_EQ(twin("utf8mb4_uca1400_ai_cs", mysql), "none");
  EXPECT_EQ(twin("utf8mb4_uca1400_swedish_as_ci", mysql), "none");
  EXPECT_EQ(twin("utf8mb4_uca1400_swedish_ai_ci", mysql), "utf8mb4_sv_0900_ai_ci (differs)");
  EXPECT_EQ(twin("utf8mb3_uca1400_ai_ci", mysql), "utf8mb3_unicode_520_ci (differs)");
  EXPECT_EQ(twin("utf8mb3_uca1400_nopad_ai_ci", mysql), "none");
  EXPECT_EQ(twin("latin1_nopad_bin", mysql), "none");
  EXPECT_EQ(twin("utf8mb4_nopad_bin", mysql), "utf8mb4_0900_bin");
  EXPECT_EQ(twin("utf8mb4_croatian_ci", mysql), "utf8mb4_hr_0900_ai_ci (differs)");
  EXPECT_EQ(twin("binary", mysql), "binary");
}

TEST(TranslateExpressionTest, ArrowsCollationsAndFunctions) {
  EXPECT_EQ(TranslateExpression("`j`->>'$.a' = 1", Flavour::kMariaDb).text,
            "json_unquote(json_extract(`j`,'$.a')) = 1");
  EXPECT_EQ(TranslateExpression("j->'$.a'", Flavour::kMariaDb).text, "json_extract(j,'$.a')");
  EXPECT_EQ(TranslateExpression("a - b > 'x'", Flavour::kMariaDb).text, "a - b > 'x'");
  EXPECT_EQ(TranslateExpression("a COLLATE utf8mb4_0900_as_cs = b", Flavour::kMariaDb).text,
            "a COLLATE utf8mb4_uca1400_nopad_as_cs = b");
  EXPECT_THAT(TranslateExpression("regexp_like(a, 'x')", Flavour::kMariaDb).unknown,
              ElementsAre("regexp_like()"));
  EXPECT_THAT(TranslateExpression("cast(a as json)", Flavour::kMariaDb).unknown,
              ElementsAre("CAST(... AS JSON)"));
  EXPECT_THAT(TranslateExpression("'regexp_like(' || `json_query`", Flavour::kMariaDb).unknown,
              IsEmpty());
  EXPECT_THAT(TranslateExpression("NEXT VALUE FOR s", Flavour::kMySql).unknown,
              ElementsAre("sequences"));
  EXPECT_THAT(TranslateExpression("a REGEXP regexp_replace(`regexp_substr`, 'x', a rlike b)",
                                  Flavour::kMySql)
                  .patterns,
              ElementsAre("REGEXP", "regexp_replace()"));
}

class StatementTest : public ::testing::Test {
 protected:
  // What the target does for a statement that the source has done.
  std::string Follow(std::string_view text, Flavour from) {
    SchemaTracker& tracker = from == Flavour::kMySql ? mysql_ : mariadb_;
    ParseOptions options;
    options.default_schema = "d";
    options.flavour = from;
    auto statement = ParseStatement(text, options);
    EXPECT_TRUE(statement.ok()) << text << ": " << statement.status();
    auto changes = tracker.Apply(*statement);
    EXPECT_TRUE(changes.ok()) << text << ": " << changes.status();
    if (!changes.ok()) return "";
    const TranslatedStatement translated =
        changes->empty() ? TranslateStatement(*statement, nullptr, nullptr, Other(from))
                         : TranslateStatement(*statement, changes->front().before.get(),
                                              changes->front().after.get(), Other(from));
    if (!translated.refused.empty()) return "refused: " + translated.refused;
    if (!translated.only_copied.empty()) return "copied: " + translated.only_copied;
    return (translated.drops_first ? "DROP; " : "") + translated.sql;
  }
  std::string FromMySql(std::string_view text) { return Follow(text, Flavour::kMySql); }
  std::string FromMariaDb(std::string_view text) { return Follow(text, Flavour::kMariaDb); }

  SchemaTracker mysql_{{"utf8mb4", "utf8mb4_general_ci"}, Flavour::kMySql};
  SchemaTracker mariadb_{{"utf8mb4", "utf8mb4_general_ci"}, Flavour::kMariaDb};
};

TEST_F(StatementTest, ColumnsComeAndGoByTheWordsThatBothHave) {
  FromMariaDb("CREATE TABLE t (a INT, b INT, c INT, KEY k (b))");
  EXPECT_EQ(FromMariaDb("ALTER TABLE t ADD COLUMN u UUID FIRST, DROP COLUMN a"),
            "ALTER TABLE `d`.`t` DROP COLUMN `a`, ADD COLUMN `u` char(36) CHARACTER SET ascii "
            "COLLATE ascii_general_ci FIRST");
  EXPECT_EQ(FromMariaDb("ALTER TABLE t RENAME COLUMN b TO bb"),
            "ALTER TABLE `d`.`t` CHANGE COLUMN `b` `bb` int");
  EXPECT_EQ(FromMariaDb("ALTER TABLE t MODIFY c BIGINT NOT NULL FIRST"),
            "ALTER TABLE `d`.`t` MODIFY COLUMN `c` bigint NOT NULL FIRST");
  EXPECT_EQ(FromMariaDb("ALTER TABLE t ADD COLUMN IF NOT EXISTS c INT"), "");
  EXPECT_EQ(FromMariaDb("ALTER TABLE t DROP COLUMN c, ADD COLUMN c BIGINT NOT NULL FIRST"),
            "ALTER TABLE `d`.`t` DROP COLUMN `c`, ADD COLUMN `c` bigint NOT NULL FIRST");
}

TEST_F(StatementTest, KeysChecksAndForeignKeys) {
  FromMySql("CREATE TABLE p (id INT PRIMARY KEY)");
  FromMySql("CREATE TABLE t (a INT, b INT, KEY k (b))");
  EXPECT_EQ(FromMySql("ALTER TABLE t ALTER INDEX k INVISIBLE"),
            "ALTER TABLE `d`.`t` ALTER INDEX `k` IGNORED");
  EXPECT_EQ(FromMySql("ALTER TABLE t RENAME KEY k TO l"),
            "ALTER TABLE `d`.`t` RENAME INDEX `k` TO `l`");
  EXPECT_EQ(FromMySql("CREATE UNIQUE INDEX u ON t (a DESC)"),
            "ALTER TABLE `d`.`t` ADD UNIQUE KEY `u` (`a` DESC)");
  EXPECT_EQ(FromMySql("DROP INDEX u ON t"), "ALTER TABLE `d`.`t` DROP KEY `u`");
  EXPECT_EQ(FromMySql("ALTER TABLE t ADD CHECK (a > 0)"),
            "ALTER TABLE `d`.`t` ADD CONSTRAINT `CONSTRAINT_1` CHECK (a > 0)");
  EXPECT_EQ(FromMySql("ALTER TABLE t ADD FOREIGN KEY (b) REFERENCES p (id) ON DELETE CASCADE"),
            "ALTER TABLE `d`.`t` ADD CONSTRAINT `t_ibfk_1` FOREIGN KEY (`b`) REFERENCES `p` (`id`) "
            "ON DELETE CASCADE");
  EXPECT_EQ(FromMySql("CREATE INDEX f ON t ((a + b))"), "");
  EXPECT_EQ(FromMySql("ALTER TABLE t ALTER COLUMN a SET INVISIBLE"),
            "ALTER TABLE `d`.`t` MODIFY COLUMN `a` int(11) INVISIBLE");
}

TEST_F(StatementTest, ACheckOfMySqlsGoesBeforeItsColumnIsRenamed) {
  FromMariaDb("CREATE TABLE t (a INT CHECK (a > 0))");
  EXPECT_EQ(FromMariaDb("ALTER TABLE t CHANGE a b INT CHECK (b > 0)"),
            "ALTER TABLE `d`.`t` DROP CONSTRAINT `t_chk_a`, CHANGE COLUMN `a` `b` int, ADD "
            "CONSTRAINT `t_chk_b` CHECK (b > 0)");
}

TEST_F(StatementTest, OptionsNamesAndPartitions) {
  FromMariaDb("CREATE TABLE t (a INT, s VARCHAR(9)) ENGINE=InnoDB COMMENT 'x'");
  EXPECT_EQ(FromMariaDb("ALTER TABLE t COMMENT 'it''s', ALGORITHM=INPLACE"),
            "ALTER TABLE `d`.`t` COMMENT='it''s'");
  EXPECT_EQ(FromMariaDb("ALTER TABLE t CONVERT TO CHARACTER SET latin1"),
            "ALTER TABLE `d`.`t` MODIFY COLUMN `s` varchar(9), DEFAULT CHARACTER SET latin1 "
            "COLLATE latin1_swedish_ci");
  EXPECT_EQ(FromMariaDb("ALTER TABLE t ENGINE=InnoDB"), "");
  EXPECT_EQ(FromMariaDb("ALTER TABLE t RENAME TO u"), "ALTER TABLE `d`.`t` RENAME TO `d`.`u`");
  FromMariaDb("ALTER TABLE u PARTITION BY RANGE (a) (PARTITION p VALUES LESS THAN (5))");
  EXPECT_EQ(FromMariaDb("ALTER TABLE u ADD PARTITION (PARTITION q VALUES LESS THAN (9))"),
            "ALTER TABLE `d`.`u` ADD PARTITION (PARTITION `q` VALUES LESS THAN (9))");
  EXPECT_EQ(FromMariaDb("ALTER TABLE u TRUNCATE PARTITION p"),
            "ALTER TABLE `d`.`u` TRUNCATE PARTITION `p`");
  EXPECT_EQ(FromMariaDb("ALTER TABLE u REMOVE PARTITIONING"),
            "ALTER TABLE `d`.`u`\n REMOVE PARTITIONING");
  EXPECT_EQ(FromMariaDb("TRUNCATE TABLE u"), "TRUNCATE TABLE `d`.`u`");
}

TEST_F(StatementTest, TablesAreMadeAsTheTargetHasThem) {
  EXPECT_THAT(FromMariaDb("CREATE OR REPLACE TABLE t (u UUID) ENGINE=InnoDB"),
              ::testing::StartsWith("DROP; CREATE TABLE `d`.`t` (\n  `u` char(36)"));
  EXPECT_THAT(FromMySql("CREATE TABLE IF NOT EXISTS t (j JSON)"),
              ::testing::StartsWith("CREATE TABLE IF NOT EXISTS `d`.`t` (\n  `j` longtext"));
}

TEST_F(StatementTest, WhatCannotBeSaidIsRefused) {
  FromMariaDb("CREATE TABLE t (a INT)");
  EXPECT_THAT(FromMariaDb("ALTER TABLE t ADD SYSTEM VERSIONING"), HasSubstr("refused: "));
}

TEST_F(StatementTest, TypesInAnotherFormAreCopied) {
  FromMySql("CREATE TABLE t (a VARCHAR(99))");
  EXPECT_THAT(FromMySql("ALTER TABLE t MODIFY a JSON"), HasSubstr("copied: column `a` changes"));
}

TEST_F(StatementTest, Databases) {
  const CreateDatabase create{"x", {}, false, true};
  EXPECT_EQ(
      TranslateCreateDatabase(create, {"utf8mb4", "utf8mb4_0900_ai_ci"}, Flavour::kMariaDb).sql,
      "CREATE DATABASE IF NOT EXISTS `x` CHARACTER SET utf8mb4 COLLATE "
      "utf8mb4_uca1400_nopad_ai_ci");
  EXPECT_THAT(
      TranslateCreateDatabase(create, {"gb18030", "gb18030_bin"}, Flavour::kMariaDb).refused,
      HasSubstr("gb18030_bin"));
  EXPECT_EQ(TranslateAlterDatabase({"x", {}}, {"latin1", "latin1_bin"}, Flavour::kMySql).sql, "");
}

}  // namespace
}  // namespace godwit::sql
