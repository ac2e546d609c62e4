// Tables of MySQL and MariaDB as PostgreSQL has them. The texts are what SHOW CREATE TABLE gives
// for them.

#include "connectors/postgres/from_mysql/from_mysql.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "connectors/postgres/from_mysql/from_mysql_keys.h"
#include "connectors/postgres/schema/schema_writer.h"
#include "sql/parser.h"

namespace godwit::connectors::postgres {
namespace {

using sql::Flavour;
using sql::NoteKind;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr Flavour kBoth[] = {Flavour::kMySql, Flavour::kMariaDb};

struct Options {
  Flavour from = Flavour::kMySql;
  std::string name = "t";
  config::Casts casts;
};

Translated Translate(const std::string& elements, const Options& options = {},
                     const std::string& end =
                         "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 "
                         "COLLATE=utf8mb4_bin") {
  sql::ParseOptions parse;
  parse.default_schema = "shop";
  parse.flavour = options.from;
  auto table = sql::ParseDefinition(
      fmt::format("CREATE TABLE `{}` ({}) {}", options.name, elements, end), parse, {});
  EXPECT_TRUE(table.ok()) << elements << ": " << table.status();
  if (!table.ok()) return {};
  table->name = {"shop", options.name};
  return TranslateFromMysql(*table, options.casts);
}

std::vector<std::string> Notes(const Translated& translated, NoteKind kind) {
  std::vector<std::string> notes;
  for (const sql::TranslationNote& note : translated.notes) {
    if (note.kind == kind) notes.push_back(sql::ToText(note));
  }
  return notes;
}
std::vector<std::string> Lossy(const Translated& t) { return Notes(t, NoteKind::kLossy); }
std::vector<std::string> Refused(const Translated& t) { return Notes(t, NoteKind::kRefused); }

// The last column as CREATE TABLE has it, without its name.
std::string Column(const std::string& column, const Options& options = {}) {
  const Translated translated = Translate(column, options);
  if (translated.refused()) return "refused: " + Refused(translated)[0];
  Definition alone = translated.definition;
  alone.constraints.clear();
  const std::string create = CreateStatements(alone)[0];
  const size_t begin = create.rfind("\n  \"") + 4;
  const size_t name_end = create.find("\" ", begin) + 2;
  return create.substr(name_end, create.size() - 1 - name_end);
}

config::Casts Cast(const std::string& type, const std::string& to) {
  config::Casts casts;
  casts.rules.push_back({.type = config::TypePattern::Parse(type).value(), .to = to});
  return casts;
}

std::vector<std::string> Keys(const Translated& translated) {
  std::vector<std::string> keys;
  for (const KeyStatement& key : KeyStatements(translated.definition)) {
    std::string sql = key.sql;
    std::erase(sql, '"');
    keys.push_back(sql);
  }
  return keys;
}

struct TypeCase {
  const char* mysql;
  const char* postgres;
};

TEST(FromMysql, GivesColumnsTypesThatHoldAllTheirValues) {
  const TypeCase cases[] = {
      {"`a` tinyint", "smallint"},
      {"`a` smallint", "smallint"},
      {"`a` mediumint", "integer"},
      {"`a` int", "integer"},
      {"`a` bigint", "bigint"},
      {"`a` tinyint unsigned", "smallint"},
      {"`a` smallint unsigned", "integer"},
      {"`a` mediumint unsigned", "integer"},
      {"`a` int(10) unsigned zerofill", "bigint"},
      {"`a` bigint unsigned", "numeric(20,0)"},
      {"`a` decimal(65,30)", "numeric(65,30)"},
      {"`a` float(7,4)", "real"},
      {"`a` double", "double precision"},
      {"`a` bit(12)", "bit(12)"},
      {"`a` year(4)", "smallint"},
      {"`a` date", "date"},
      {"`a` time(2)", "time(2) without time zone"},
      {"`a` datetime", "timestamp(0) without time zone"},
      {"`a` timestamp(6) NULL", "timestamp(6) with time zone"},
      {"`a` char(3)", "character varying(3)"},
      {"`a` char(0)", "text"},
      {"`a` varchar(300) CHARACTER SET latin1", "character varying(300)"},
      {"`a` longtext", "text"},
      {"`a` binary(8)", "bytea"},
      {"`a` mediumblob", "bytea"},
      {"`a` set('x','y')", "text"},
      {"`a` multipolygon NOT NULL", "bytea NOT NULL"},
  };
  for (const Flavour from : kBoth) {
    for (const TypeCase& one : cases)
      EXPECT_EQ(Column(one.mysql, {.from = from}), one.postgres) << one.mysql;
  }
  const Options maria = {.from = Flavour::kMariaDb};
  EXPECT_EQ(Column("`a` json"), "jsonb");
  EXPECT_EQ(Column("`a` vector(3)"), "bytea");
  EXPECT_EQ(Column("`a` uuid", maria), "uuid");
  EXPECT_EQ(Column("`a` inet4", maria), "inet");
  EXPECT_EQ(Column("`a` inet6", maria), "inet");
  EXPECT_EQ(Column("`a` text /*M!100301 COMPRESSED*/", maria), "text");
}

TEST(FromMysql, ReadsDefaultsByTheTypeOfTheirColumn) {
  const TypeCase cases[] = {
      {"`a` int DEFAULT '-05'", "integer DEFAULT '-5'"},
      {"`a` int NOT NULL DEFAULT 0", "integer DEFAULT 0 NOT NULL"},
      {"`a` decimal(10,2) DEFAULT '1.50'", "numeric(10,2) DEFAULT 1.50"},
      {"`a` double DEFAULT '-15000000000'", "double precision DEFAULT '-15000000000'"},
      {"`a` bit(8) DEFAULT b'101'", "bit(8) DEFAULT B'00000101'"},
      {"`a` year DEFAULT '0000'", "smallint DEFAULT 0"},
      {"`a` date DEFAULT '2024-02-29'", "date DEFAULT '2024-02-29'"},
      {"`a` timestamp NULL DEFAULT '2020-01-01 10:00:00'",
       "timestamp(0) with time zone DEFAULT '2020-01-01 10:00:00+00'"},
      {"`a` timestamp(3) NULL DEFAULT CURRENT_TIMESTAMP(3)",
       "timestamp(3) with time zone DEFAULT CURRENT_TIMESTAMP(3)"},
      {"`a` datetime DEFAULT CURRENT_TIMESTAMP",
       "timestamp(0) without time zone DEFAULT LOCALTIMESTAMP(0)"},
      {"`a` varchar(9) DEFAULT ''", "character varying(9) DEFAULT ''"},
      {"`a` varchar(9) DEFAULT 'it''s \\\\ \\n'", "character varying(9) DEFAULT E'it''s \\\\ \n'"},
      {"`a` varchar(9) DEFAULT NULL", "character varying(9)"},
      {"`a` binary(3) DEFAULT 'ab'", "bytea DEFAULT '\\x616200'::bytea"},
      {"`a` enum('a','B') DEFAULT 'b'", "text DEFAULT 'B'"},
      {"`a` set('x','y','z') DEFAULT 'z,x'", "text DEFAULT 'x,z'"},
  };
  for (const Flavour from : kBoth) {
    for (const TypeCase& one : cases)
      EXPECT_EQ(Column(one.mysql, {.from = from}), one.postgres) << one.mysql;
  }
  EXPECT_EQ(Column("`a` char(36) DEFAULT (uuid())"),
            "character varying(36) DEFAULT (gen_random_uuid())::text");
  EXPECT_EQ(Column("`a` uuid DEFAULT uuid()", {.from = Flavour::kMariaDb}),
            "uuid DEFAULT gen_random_uuid()");
  EXPECT_EQ(Column("`a` json DEFAULT (json_object())"), "jsonb DEFAULT '{}'");
  EXPECT_EQ(Column("`a` text DEFAULT (_utf8mb4'x')"), "text DEFAULT 'x'");
  EXPECT_EQ(Column("`a` int DEFAULT (1 + 2)"), "integer DEFAULT (((1)::bigint + (2)::bigint))");
}

TEST(FromMysql, LeavesOutDefaultsThatPostgresHasNotAndSaysSo) {
  for (const char* column :
       {"`a` date DEFAULT '0000-00-00'", "`a` datetime DEFAULT '2020-00-10 00:00:00'",
        "`a` timestamp NOT NULL DEFAULT '0000-00-00 00:00:00'", "`a` time DEFAULT '-01:00:00'",
        "`a` varchar(9) DEFAULT 'a\\0b'", "`a` int DEFAULT (floor(rand() * 5))",
        "`a` date DEFAULT (curdate() + interval 1 day)", "`a` int DEFAULT (`b` + 1)"}) {
    const Translated translated = Translate(column);
    EXPECT_EQ(translated.definition.columns[0].default_value, "") << column;
    EXPECT_THAT(Lossy(translated), Contains(HasSubstr("column `a`: its default "))) << column;
  }
  EXPECT_THAT(Lossy(Translate("`a` timestamp NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE "
                              "CURRENT_TIMESTAMP")),
              ElementsAre(HasSubstr("ON UPDATE CURRENT_TIMESTAMP is left out")));
}

TEST(FromMysql, CountsByIdentityColumns) {
  const Translated users =
      Translate("`id` int NOT NULL AUTO_INCREMENT, PRIMARY KEY (`id`)", {.name = "users"});
  EXPECT_THAT(
      CreateStatements(users.definition),
      ElementsAre(HasSubstr("\"id\" integer GENERATED BY DEFAULT AS IDENTITY (SEQUENCE NAME "
                            "\"shop\".\"users__id_seq\" START WITH 1 INCREMENT BY 1 "
                            "MINVALUE 1 MAXVALUE 2147483647 CACHE 1 NO CYCLE) NOT NULL")));
  // Nothing numeric counts; and what refers to it has to be of its type.
  const Translated big = Translate("`id` bigint unsigned NOT NULL AUTO_INCREMENT, KEY (`id`)");
  EXPECT_EQ(big.definition.columns[0].type, "bigint");
  EXPECT_EQ(big.definition.columns[0].identity, 'd');
  EXPECT_THAT(Lossy(big), ElementsAre(HasSubstr("above 9223372036854775807 are errors")));
  EXPECT_EQ(Translate("`p` bigint unsigned, KEY `p` (`p`), CONSTRAINT `f` FOREIGN KEY (`p`) "
                      "REFERENCES `u` (`id`)")
                .definition.columns[0]
                .type,
            "bigint");
  const Translated real =
      Translate("`id` float NOT NULL AUTO_INCREMENT, KEY (`id`)", {.from = Flavour::kMariaDb});
  EXPECT_EQ(real.definition.columns[0].identity, 0);
  EXPECT_THAT(Lossy(real), ElementsAre(HasSubstr("AUTO_INCREMENT is left out")));
}

TEST(FromMysql, ChecksTheLabelsOfEnums) {
  const Translated translated = Translate("`e` enum('a','it''s','c\\\\d') NOT NULL");
  ASSERT_EQ(translated.definition.constraints.size(), 1u);
  EXPECT_EQ(translated.definition.constraints[0].definition,
            "CHECK ((\"e\" IN ('a', 'it''s', E'c\\\\d')))");
  EXPECT_THAT(CreateStatements(translated.definition)[0],
              HasSubstr("CONSTRAINT \"e_check\" CHECK"));
}

TEST(FromMysql, TakesJsonOfMariaDbForJsonUnlessAKeyIsOverIt) {
  const std::string json =
      "`j` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT '{}' CHECK "
      "(json_valid(`j`))";
  const Options maria = {.from = Flavour::kMariaDb};
  const Translated alone = Translate(json, maria);
  EXPECT_EQ(alone.definition.columns[0].type, "json");
  EXPECT_EQ(alone.definition.columns[0].default_value, "'{}'");
  EXPECT_THAT(alone.definition.constraints, IsEmpty());
  const Translated with_key = Translate(json + ", KEY `j` (`j`(10))", maria);
  EXPECT_EQ(with_key.definition.columns[0].type, "text");
  EXPECT_THAT(Lossy(with_key), Contains(HasSubstr("that values are documents is not checked")));
  // Another check is no type.
  EXPECT_EQ(Translate("`j` longtext DEFAULT NULL CHECK (json_valid(`j`) or `j` is null)", maria)
                .definition.columns[0]
                .type,
            "text");
}

// A generated column of this type and expression over columns of all types; "refused" with what was
// not understood.
std::string Generated(const std::string& type, const std::string& expression,
                      Flavour from = Flavour::kMySql) {
  const Translated translated = Translate(
      "`a` int, `b` int, `u` bigint unsigned, `n` decimal(10,2), `f` double, `r` float, `t` "
      "varchar(20), `ci` varchar(20) COLLATE utf8mb4_general_ci, `l` varchar(20) CHARACTER SET "
      "latin1 COLLATE latin1_bin, `d` date, `dt` datetime(2), `ts` timestamp NULL, `e` "
      "enum('x'), `j` json, `g` " +
          type + " GENERATED ALWAYS AS (" + expression + ") VIRTUAL",
      {.from = from});
  if (translated.refused()) return "refused: " + Refused(translated).back();
  std::string text = translated.definition.columns.back().default_value;
  std::erase(text, '"');
  return text;
}

TEST(FromMysql, TranslatesExpressionsThatMeanTheSame) {
  struct Case {
    const char *type, *mysql, *postgres;
  };
  const Case cases[] = {
      {"int", "(`a` + `b`)", "((a)::bigint + (b)::bigint)"},
      {"int", "(`a` DIV `b`)", "((a)::bigint / NULLIF((b)::bigint, 0))"},
      {"int", "(`a` % 3)", "((a)::bigint % NULLIF((3)::bigint, 0))"},
      {"double", "(`f` / `r`)", "(f / NULLIF((r)::double precision, 0))"},
      {"decimal(12,2)", "(`n` * 2)", "(n * (2)::bigint)"},
      {"int", "(`a` > `b`)", "((a > b))::integer"},
      {"int", "((`a` > 1) and (`b` is not null))", "(((a > 1) AND (b IS NOT NULL)))::integer"},
      {"int", "((`a` > 1) xor `b`)", "(((a > 1) <> (b <> 0)))::integer"},
      {"int", "(`a` not in (1,2))", "((NOT ((a = 1) OR (a = 2))))::integer"},
      {"int", "(`a` between 1 and 5)", "(((a >= 1) AND (a <= 5)))::integer"},
      {"int", "(`a` <=> `b`)", "((a IS NOT DISTINCT FROM b))::integer"},
      {"int", "if((`a` > 3),`b`,7)", "(CASE WHEN (a > 3) THEN b ELSE 7 END)"},
      {"int", "(case `a` when 1 then 2 end)", "(CASE WHEN (a = 1) THEN 2 END)"},
      {"int", "ifnull(`a`,-(1))", "COALESCE(a, (-1))"},
      {"int", "greatest(`a`,`b`,5)",
       "(CASE WHEN a IS NULL OR b IS NULL THEN NULL ELSE greatest(a, b, 5) END)"},
      {"varchar(50)", "concat(`t`,_utf8mb4'-',`a`)", "(t || '-' || (a)::text)"},
      {"char(5)", "left(`t`,4)", "rtrim(left(t, 4), ' ')"},
      {"int", "(`t` = _utf8mb4'x ')", "((rtrim(t, ' ') = 'x'))::integer"},
      {"int", "(`t` like _utf8mb4'x%')", "((t LIKE 'x%'))::integer"},
      {"int", "length(`ci`)", "octet_length(ci)"},
      {"int", "((year(`d`) * 100) + month(`dt`))",
       "((((extract(year FROM d))::integer)::bigint * (100)::bigint))::bigint + ((extract(month "
       "FROM dt))::integer)::bigint)"},
      {"date", "cast(`dt` as date)", "(dt)::date"},
      {"int", "(`d` > _utf8mb4'2020-01-01')", "((d > '2020-01-01'::date))::integer"},
      {"int", "floor(`n`)", "floor(n)"},
      {"int", "ceil(`n`)", "ceiling(n)"},
      {"int", "floor(`a`)", "a"},
      {"int", "(`ts` is null)", "((ts IS NULL))::integer"},
      {"varchar(9)", "json_unquote(json_extract(`j`,_utf8mb4'$.a.b'))",
       "(CASE WHEN jsonb_typeof((j #> '{a,b}')) = 'null' THEN 'null' ELSE (j #> '{a,b}') #>> "
       "'{}' END)"},
  };
  for (const Case& one : cases) {
    std::string expected = one.postgres;
    if (std::string_view(one.mysql).starts_with("((year")) expected = "(" + expected;
    EXPECT_EQ(Generated(one.type, one.mysql), expected) << one.mysql;
  }
  EXPECT_EQ(Generated("int", "`a` = `b` is null", Flavour::kMariaDb),
            "(((a = b) IS NULL))::integer");
}

TEST(FromMysql, RefusesGeneratedColumnsThatMayDiffer) {
  for (const char* expression :
       {"(`n` / 3)", "(`u` DIV 2)", "(`ci` = _utf8mb4'x')", "(`t` > _utf8mb4'x')",
        "(`a` = _utf8mb4'1')", "(`t` + 1)", "soundex(`t`)", "(`t` regexp _utf8mb4'x')",
        "year(`ts`)", "(`e` = _utf8mb4'x')", "length(`l`)", "round(`f`,1)", "(`a` | 1)",
        "json_extract(`j`,_utf8mb4'$[0]')", "(`a` = (`b` > 1))", "cast(`t` as signed)",
        "(`d` > _utf8mb4'2020-13-01')", "substr(`t`,-(1))"}) {
    EXPECT_THAT(Generated("int", expression), HasSubstr("refused: column `g`: is generated as "))
        << expression;
  }
  EXPECT_THAT(Generated("int", "soundex(`t`)"), HasSubstr("the function soundex()"));
  // Of another type than the column, which MySQL would make the value's.
  EXPECT_THAT(Generated("varchar(9)", "(`n` * 2)"), HasSubstr("refused"));
  EXPECT_THAT(Generated("date", "`dt`"), HasSubstr("refused"));
}

TEST(FromMysql, PutsGeneratedColumnsIntoThoseThatAreMadeOfThem) {
  const Translated translated = Translate(
      "`a` int, `g` tinyint GENERATED ALWAYS AS (`a` + 1) VIRTUAL, `h` int GENERATED ALWAYS AS "
      "(`g` * "
      "2) STORED, KEY `g` (`g`), CONSTRAINT `c` CHECK ((`g` > 0))");
  ASSERT_FALSE(translated.refused());
  EXPECT_EQ(translated.definition.columns[2].default_value,
            "(((((\"a\")::bigint + (1)::bigint))::smallint)::bigint * (2)::bigint)");
  EXPECT_EQ(translated.definition.columns[1].generated, 's');
  EXPECT_THAT(Notes(translated, NoteKind::kSame),
              Contains(HasSubstr("column `g`: VIRTUAL becomes STORED")));
  EXPECT_THAT(Keys(translated), ElementsAre("CREATE INDEX t__g_idx ON shop.t USING btree (g)"));
}

TEST(FromMysql, TranslatesChecksOrSaysThatTheyAreLeftOut) {
  const Translated mysql = Translate(
      "`a` int, `b` varchar(9) COLLATE utf8mb4_0900_ai_ci, CONSTRAINT `c1` CHECK ((`a` > 0)), "
      "CONSTRAINT `c2` CHECK ((`b` in (_utf8mb4'x',_utf8mb4'y'))), CONSTRAINT `c3` CHECK ((`a` < "
      "9)) "
      "/*!80016 NOT ENFORCED */, CONSTRAINT `c4` CHECK (`a`)");
  ASSERT_EQ(mysql.definition.constraints.size(), 2u);
  EXPECT_EQ(mysql.definition.constraints[0].name, "c1");
  EXPECT_EQ(mysql.definition.constraints[0].definition, "CHECK ((\"a\" > 0))");
  EXPECT_EQ(mysql.definition.constraints[1].definition, "CHECK ((\"a\" <> 0))");
  EXPECT_THAT(Lossy(mysql), Contains(HasSubstr("check `c2`: its check")));
  EXPECT_THAT(Lossy(mysql), Contains(HasSubstr("check `c3`: is left out: it is NOT ENFORCED")));

  const Translated maria =
      Translate("`a` int(11) DEFAULT NULL CHECK (`a` > 0), CONSTRAINT `a_check` CHECK (`a` < 9)",
                {.from = Flavour::kMariaDb});
  ASSERT_EQ(maria.definition.constraints.size(), 2u);
  EXPECT_EQ(maria.definition.constraints[0].name, "a_check");
  EXPECT_EQ(maria.definition.constraints[1].name, "a_check_2");
}

TEST(FromMysql, MakesKeysConstraintsAndIndexes) {
  const Translated translated = Translate(
      "`id` int NOT NULL, `a` varchar(50) COLLATE utf8mb4_0900_bin, `b` blob, `c` int, PRIMARY KEY "
      "(`id`), UNIQUE KEY `u` (`A`), UNIQUE KEY `v` (`a`(10)), KEY `k` (`c` DESC,`b`(5)) COMMENT "
      "'it''s', UNIQUE KEY `w` (`c` DESC), KEY `f` ((`c` + 1)), FULLTEXT KEY `ft` (`a`), KEY `mv` "
      "((cast(`c` as unsigned array)))");
  EXPECT_THAT(
      Keys(translated),
      ElementsAre("ALTER TABLE shop.t ADD CONSTRAINT t__u_key UNIQUE (a)",
                  "ALTER TABLE shop.t ADD CONSTRAINT t_pkey PRIMARY KEY (id)",
                  "CREATE INDEX t__f_idx ON shop.t USING btree ((((c)::bigint + (1)::bigint)))",
                  "CREATE INDEX t__k_idx ON shop.t USING btree (c DESC, substr(b, 1, 5));\n"
                  "COMMENT ON INDEX shop.t__k_idx IS 'it''s'",
                  "CREATE UNIQUE INDEX t__v_key ON shop.t USING btree (left(a, 10))",
                  "CREATE UNIQUE INDEX t__w_key ON shop.t USING btree (c DESC)"));
  EXPECT_THAT(Lossy(translated),
              ElementsAre(HasSubstr("key `ft`: is left out"), HasSubstr("key `mv`: is left out")));
  // The rows' identity is the target's too.
  const model::Table table = ToTable(translated.definition);
  EXPECT_THAT(table.primary_key, ElementsAre(0));
  for (const KeyStatement& key : KeyStatements(translated.definition))
    EXPECT_EQ(key.is_identity, key.name == "t_pkey") << key.name;
}

TEST(FromMysql, SaysWhereKeysKeepApartWhatTheSourceDoesNot) {
  const Translated ci = Translate(
      "`a` varchar(9) COLLATE utf8mb4_0900_ai_ci NOT NULL, PRIMARY KEY "
      "(`a`)");
  EXPECT_THAT(Lossy(ci), Contains(AllOf(HasSubstr("primary key: keeps apart"),
                                        HasSubstr("case, accents or blanks at the end"))));
  const Translated bin = Translate("`a` varchar(9), UNIQUE KEY `a` (`a`)");
  EXPECT_THAT(Lossy(bin),
              ElementsAre(AllOf(HasSubstr("key `a`: keeps apart"), Not(HasSubstr("accents")))));
  EXPECT_THAT(Lossy(Translate("`a` varchar(9) COLLATE utf8mb4_0900_bin, UNIQUE KEY `a` (`a`)")),
              IsEmpty());
  // A part of the text is no constraint's, but tells rows apart all the same.
  const Translated prefix = Translate(
      "`a` varchar(90) COLLATE utf8mb4_0900_bin NOT NULL, PRIMARY "
      "KEY (`a`(10))");
  EXPECT_THAT(
      Keys(prefix),
      ElementsAre("ALTER TABLE shop.t ADD CONSTRAINT t_pkey PRIMARY KEY (a)",
                  "CREATE UNIQUE INDEX t__PRIMARY_key ON shop.t USING btree (left(a, 10))"));
}

TEST(FromMysql, NamesKeysSoThatNoTwoTablesHaveOne) {
  EXPECT_EQ(NameInSchema("user", "role_id", "_idx"), "user__role_id_idx");
  EXPECT_NE(NameInSchema("user", "role_id", "_idx"), NameInSchema("user_role", "id", "_idx"));
  EXPECT_NE(NameInSchema("a", "_b", "_idx"), NameInSchema("a_", "b", "_idx"));
  EXPECT_NE(NameInSchema("a", "b__c", "_idx"), NameInSchema("a__b", "c", "_idx"));
  const std::string longest(64, 'x');
  EXPECT_EQ(ShortName(longest).size(), 63u);
  EXPECT_NE(ShortName(longest + "a"), ShortName(longest + "b"));
  // No character is cut in two.
  std::string accents;
  for (int i = 0; i < 40; ++i) accents += "é";
  EXPECT_EQ(ShortName("a" + accents).size(), 62u);
  EXPECT_EQ(ShortName(std::string(63, 'x')), std::string(63, 'x'));
}

TEST(FromMysql, TranslatesForeignKeysAndLeavesOutThoseThatDoNotFit) {
  const std::string columns = "`id` int NOT NULL, `p` int, KEY `p` (`p`), ";
  Translated child = Translate(
      "`p` int, `q` int, KEY `p` (`p`), KEY `q` (`q`), CONSTRAINT `f1` FOREIGN KEY (`p`) "
      "REFERENCES "
      "`parent` (`ID`) ON DELETE CASCADE ON UPDATE SET NULL, CONSTRAINT `f2` FOREIGN KEY (`q`) "
      "REFERENCES `other`.`parent` (`k`) ON DELETE NO ACTION");
  const std::map<std::string, Definition> parents = {
      {"shop.parent",
       Translate("`id` int NOT NULL, PRIMARY KEY (`id`)", {.name = "parent"}).definition},
      {"other.parent",
       Translate("`k` int NOT NULL, KEY `k` (`k`)", {.name = "parent"}).definition}};
  const auto find = [&](const model::TableName& name) -> const Definition* {
    const auto found = parents.find(name.ToString());
    return found == parents.end() ? nullptr : &found->second;
  };
  EXPECT_EQ(child.definition.constraints.size(), 2u);
  FitForeignKeys(child, find);
  EXPECT_THAT(ForeignKeyStatements(child.definition),
              ElementsAre("ALTER TABLE \"shop\".\"t\" ADD CONSTRAINT \"f1\" FOREIGN KEY (\"p\") "
                          "REFERENCES \"shop\".\"parent\"(\"id\") ON UPDATE SET NULL ON DELETE "
                          "CASCADE NOT VALID",
                          "ALTER TABLE \"shop\".\"t\" VALIDATE CONSTRAINT \"f1\""));
  EXPECT_THAT(Lossy(child), ElementsAre("foreign key `f2`: is left out: the columns of the parent "
                                        "have no unique key"));

  Translated cast = Translate(
      "`p` int, KEY `p` (`p`), CONSTRAINT `f1` FOREIGN KEY (`p`) REFERENCES `parent` (`id`)",
      {.casts = Cast("int", "text")});
  FitForeignKeys(cast, find);
  EXPECT_THAT(ForeignKeyStatements(cast.definition), IsEmpty());
  EXPECT_THAT(Lossy(cast), Contains(HasSubstr("PostgreSQL does not compare p, which is text")));

  // To the table itself, and to one that is not known.
  Translated tree = Translate(columns +
                              "PRIMARY KEY (`id`), CONSTRAINT `up` FOREIGN KEY (`p`) "
                              "REFERENCES `t` (`id`), CONSTRAINT `out` FOREIGN KEY (`p`) "
                              "REFERENCES `far` (`x`)");
  FitForeignKeys(tree, find);
  EXPECT_EQ(ForeignKeyStatements(tree.definition).size(), 4u);
}

TEST(FromMysql, RefusesWhatPostgresCannotHave) {
  const std::string longest = "ääääääääääääääääääääääääääääääää";  // 64 bytes
  EXPECT_THAT(Refused(Translate("`" + longest + "` int")),
              ElementsAre(HasSubstr("the name of the column has 64 bytes")));
  EXPECT_THAT(Refused(Translate("`a` int", {.name = longest})),
              ElementsAre(HasSubstr("the name of the table has 64 bytes")));
  EXPECT_THAT(Refused(Translate("`xmin` int")), ElementsAre(HasSubstr("column `xmin`")));
  EXPECT_THAT(Refused(Translate("`XMIN` int")), IsEmpty());
  std::string many = "`c0` int";
  for (int i = 1; i <= 1600; ++i) many += fmt::format(",`c{}` int", i);
  EXPECT_THAT(Refused(Translate(many)), ElementsAre(HasSubstr("it has 1601 columns")));
  const Options maria = {.from = Flavour::kMariaDb};
  const Translated history = Translate("`a` int", maria, "WITH SYSTEM VERSIONING");
  EXPECT_THAT(Refused(history), ElementsAre(HasSubstr("no history of rows")));
  ASSERT_TRUE(history.refused());
  for (const sql::TranslationNote& note : history.notes) {
    if (note.kind == NoteKind::kRefused) {
      EXPECT_THAT(note.remedy, HasSubstr("exclude the table"));
    }
  }
  EXPECT_THAT(Refused(Translate("`a` year(2)", maria)), ElementsAre(HasSubstr("YEAR(2)")));
}

TEST(FromMysql, SaysWhatOfATableIsLeftOut) {
  const Translated part = Translate("`a` int, `b` int /*!80023 INVISIBLE */ COMMENT 'x'", {},
                                    "ENGINE=InnoDB COMMENT='it''s' PARTITION BY HASH (`a`) "
                                    "PARTITIONS 4");
  EXPECT_THAT(Lossy(part), ElementsAre(HasSubstr("its partitions (BY HASH (`a`)) are left out"),
                                       HasSubstr("column `b`: is not INVISIBLE any more")));
  EXPECT_THAT(CreateStatements(part.definition),
              ElementsAre("CREATE TABLE \"shop\".\"t\" (\n  \"a\" integer,\n  \"b\" integer)",
                          "COMMENT ON COLUMN \"shop\".\"t\".\"b\" IS 'x'",
                          "COMMENT ON TABLE \"shop\".\"t\" IS 'it''s'"));
  EXPECT_THAT(Lossy(Translate("`a` varchar(9), `b` text COLLATE utf8mb4_general_ci, `c` char(1) "
                              "COLLATE utf8mb4_general_ci")),
              ElementsAre(HasSubstr("`b`, `c` is text that is compared by utf8mb4_general_ci")));
}

TEST(FromMysql, CastsColumnsAsTheTaskFileSays) {
  struct Case {
    const char *column, *type, *to, *result;
  };
  const Case cases[] = {
      {"`a` tinyint(1) DEFAULT '1'", "tinyint(1)", "boolean", "boolean DEFAULT true"},
      {"`a` bit(1) DEFAULT b'0'", "bit(1)", "bool", "boolean DEFAULT false"},
      {"`a` int unsigned DEFAULT '7'", "int unsigned", "int", "integer DEFAULT 7"},
      {"`a` bigint", "bigint", "numeric(30)", "numeric(30,0)"},
      {"`a` int", "int", "varchar(20)", "character varying(20)"},
      {"`a` time(3) DEFAULT '-100:00:00.500'", "time", "interval",
       "interval(3) DEFAULT '-100:00:00.500'"},
      {"`a` datetime(2) DEFAULT CURRENT_TIMESTAMP(2)", "datetime", "timestamptz",
       "timestamp(2) with time zone DEFAULT CURRENT_TIMESTAMP(2)"},
      {"`a` enum('x') DEFAULT 'x'", "enum", "varchar(5)", "character varying(5) DEFAULT 'x'"},
      {"`a` varchar(36)", "varchar(36)", "uuid", "uuid"},
      {"`a` text", "text", "citext", "citext"},
      {"`a` json", "json", "json", "json"},
      {"`a` decimal(10,0)", "decimal(10,0)", "bigint", "bigint"},
  };
  for (const Case& one : cases)
    EXPECT_EQ(Column(one.column, {.casts = Cast(one.type, one.to)}), one.result) << one.column;
  EXPECT_THAT(Translate("`a` enum('x')", {.casts = Cast("enum", "text")}).definition.constraints,
              IsEmpty());
  // Of another type or width the rule says nothing.
  EXPECT_EQ(Column("`a` tinyint", {.casts = Cast("tinyint(1)", "boolean")}), "smallint");
  EXPECT_EQ(Column("`a` int", {.casts = Cast("int unsigned", "bigint")}), "integer");
  const Translated identity = Translate("`id` int NOT NULL AUTO_INCREMENT, PRIMARY KEY (`id`)",
                                        {.casts = Cast("int", "text")});
  EXPECT_THAT(Refused(identity), ElementsAre(HasSubstr("cannot count by themselves")));
}

TEST(FromMysql, RefusesCastsThatWouldChangeValuesUnseen) {
  const TypeCase cases[] = {{"varchar(9)", "boolean"},
                            {"decimal(10,2)", "integer"},
                            {"decimal(10,2)", "numeric(10,1)"},
                            {"double", "real"},
                            {"double", "numeric(10,2)"},
                            {"datetime(3)", "timestamp(0)"},
                            {"bit(5)", "bit(6)"},
                            {"bit(5)", "boolean"},
                            {"blob", "text"},
                            {"geometry", "text"},
                            {"int", "nonsense"},
                            {"int", "varchar(0)"},
                            {"json", "character varying(9)"}};
  for (const TypeCase& one : cases) {
    const Translated translated =
        Translate(fmt::format("`a` {}", one.mysql), {.casts = Cast(one.mysql, one.postgres)});
    ASSERT_THAT(Refused(translated), ElementsAre(HasSubstr("`casts` in the task file says")))
        << one.mysql << " to " << one.postgres;
    EXPECT_THAT(translated.notes[0].remedy, HasSubstr("say one of "));
  }
}

TEST(FromMysql, ReadsTheStatementOfASource) {
  const std::string statement =
      "CREATE TABLE `t` (\n  `id` int(11) NOT NULL,\n  PRIMARY KEY (`id`)\n) ENGINE=InnoDB "
      "DEFAULT CHARSET=latin1";
  model::Table table;
  table.name = {"shop", "t"};
  connector::TableDefinition source = {std::make_shared<const model::Table>(table), statement,
                                       "mariadb"};
  const auto translated = TranslateFromMysql(source, {});
  ASSERT_TRUE(translated.ok()) << translated.status();
  EXPECT_EQ(translated->definition.name, table.name);
  EXPECT_EQ(translated->definition.columns[0].type, "integer");
  source.statement = "CREATE VIEW v AS SELECT 1";
  EXPECT_EQ(TranslateFromMysql(source, {}).status().code(), absl::StatusCode::kFailedPrecondition);
  source.dialect = "postgresql";
  EXPECT_EQ(TranslateFromMysql(source, {}).status().code(), absl::StatusCode::kInternal);
}

TEST(FromMysql, ComparesWithWhatTheServerMakesOfIt) {
  const Definition ours = Translate(
                              "`id` int NOT NULL AUTO_INCREMENT, `e` enum('a') DEFAULT 'a', "
                              "PRIMARY KEY (`id`)")
                              .definition;
  Definition theirs = ours;
  theirs.columns[1].default_value = "'a'::text";
  theirs.columns[1].type_oid = 25;
  theirs.constraints[0].definition = "CHECK ((e = 'a'::text))";
  theirs.constraints[1].definition = "PRIMARY KEY (id)";
  theirs.columns[0].sequence.table = "another";
  EXPECT_EQ(DescribeTranslatedDifference(ours, theirs), "");
  theirs.columns[1].type = "integer";
  EXPECT_THAT(DescribeTranslatedDifference(ours, theirs),
              AllOf(HasSubstr("source: \"e\" text"), HasSubstr("target: \"e\" integer")));
}

}  // namespace
}  // namespace godwit::connectors::postgres
