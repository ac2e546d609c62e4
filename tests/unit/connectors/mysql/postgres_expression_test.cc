// Expressions as pg_get_expr writes them, in MySQL's and MariaDB's SQL. What they give has been
// compared on servers, over rows of edge values.

#include "connectors/mysql/from_postgres/postgres_expression.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "connectors/mysql/from_postgres/expression_patterns.h"
#include "connectors/mysql/from_postgres/from_postgres.h"

namespace godwit::connectors::mysql {
namespace {

using sql::Flavour;
using testing::ElementsAre;
using testing::HasSubstr;

sql::postgres::ColumnDefinition Column(const std::string& name, const std::string& type) {
  sql::postgres::ColumnDefinition column;
  column.name = name;
  column.type = type;
  return column;
}

sql::postgres::Definition Table() {
  sql::postgres::Definition table;
  table.name = {"shop", "t"};
  for (const auto& [name, type] : std::initializer_list<std::pair<const char*, const char*>>{
           {"b", "boolean"},
           {"s", "smallint"},
           {"i", "integer"},
           {"j", "integer"},
           {"l", "bigint"},
           {"n", "numeric(12,3)"},
           {"m", "numeric(10,2)"},
           {"any", "numeric"},
           {"r", "real"},
           {"d", "double precision"},
           {"t", "text"},
           {"v", "character varying(20)"},
           {"c", "character(6)"},
           {"by", "bytea"},
           {"day", "date"},
           {"ts", "timestamp without time zone"},
           {"ts0", "timestamp(0) without time zone"},
           {"tz", "timestamp with time zone"},
           {"tm", "time without time zone"},
           {"u", "uuid"},
           {"js", "jsonb"},
           {"ip", "inet"},
           {"id", "integer"},
       })
    table.columns.push_back(Column(name, type));
  sql::postgres::ColumnDefinition mood = Column("mood", "shop.mood");
  mood.type_class = 'e';
  mood.type_category = 'E';
  mood.labels = {"sad", "happy"};
  table.columns.push_back(mood);
  sql::postgres::ColumnDefinition words = Column("w", "text");
  words.collation = "shop.loose";
  table.columns.push_back(words);
  sql::postgres::ColumnDefinition& id = table.columns[table.columns.size() - 3];
  id.identity = 'd';
  id.not_null = true;
  id.sequence = {"shop", "t_id_seq"};
  sql::postgres::ConstraintDefinition key;
  key.name = "t_pkey";
  key.kind = 'p';
  key.definition = "PRIMARY KEY (id)";
  key.columns = {"id"};
  table.constraints.push_back(key);
  return table;
}

struct Options {
  ExpressionUse use = ExpressionUse::kCheck;
  Flavour to = Flavour::kMySql;
  std::string column;  // that gets the value
  std::vector<std::string>* caveats = nullptr;
  config::Casts casts;
};

base::StatusOr<std::string> Translate(const std::string& text, const Options& options = {},
                                      const sql::postgres::Definition& table = Table()) {
  const sql::Translation here = TranslateFromPostgres(table, options.casts, options.to);
  EXPECT_FALSE(here.refused()) << sql::Refusals(here.notes);
  ExpressionContext context;
  context.here = &here.definition;
  context.caveats = options.caveats;
  for (const auto& column : table.columns) {
    if (column.name == options.column) context.column = &column;
  }
  return FromPostgresExpression(text, table, options.use, options.to, context);
}

std::string Sql(const std::string& text, const Options& options = {},
                const sql::postgres::Definition& table = Table()) {
  const auto translated = Translate(text, options, table);
  return translated.ok() ? *translated : "not: " + std::string(translated.status().message());
}

struct Case {
  const char* postgres;
  const char* mysql;
};

TEST(PostgresExpression, TranslatesConditions) {
  const Case cases[] = {
      {"((i > 0) AND (i <= 10))", "((`i` > 0) AND (`i` <= 10))"},
      {"(NOT (b OR (i IS NULL)))", "(NOT (`b` OR (`i` IS NULL)))"},
      {"((status IS NOT NULL))", "not: `status`"},
      {"(ip IS NOT NULL)", "(`ip` IS NOT NULL)"},
      {"((b IS NOT TRUE) = (i > j))", "((`b` IS NOT TRUE) = (`i` > `j`))"},
      {"(i = ANY (ARRAY[1, 2, 3]))", "(`i` IN (1, 2, 3))"},
      {"(i <> ALL ('{1,-2}'::integer[]))", "(`i` NOT IN (1, (-2)))"},
      {"((v)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[]))",
       "(`v` IN (_utf8mb4'a', _utf8mb4'b'))"},
      {"((v)::text = 'it''s \\'::text)", "(`v` = _utf8mb4'it''s \\\\')"},
      {"(c = 'ab'::bpchar)", "(RTRIM(`c`) = _utf8mb4'ab')"},
      {"(NOT (i IS DISTINCT FROM j))", "(NOT (NOT (`i` <=> `j`)))"},
      {"(mood = 'sad'::shop.mood)", "(`mood` = _utf8mb4'sad')"},
      {"(u = '12345678-1234-1234-1234-1234567890ab'::uuid)",
       "(`u` = _utf8mb4'12345678-1234-1234-1234-1234567890ab')"},
      {"(n >= (0)::numeric)", "(`n` >= 0)"},
      {"(any < 1.5)", "(`any` < 1.5)"},
      {"(r >= (0)::double precision)", "(`r` >= 0e0)"},
      {"(d > '-1.5'::numeric::double precision)", "(`d` > (-1.5e0))"},
      {"(day > '2000-01-01'::date)", "(`day` > DATE'2000-01-01')"},
      {"(tz > '2000-01-01 00:00:00+00'::timestamp with time zone)",
       "(`tz` > TIMESTAMP'2000-01-01 00:00:00')"},
      {"((t COLLATE \"C\") < 'b'::text)", "(`t` < _utf8mb4'b')"},
      {"((t COLLATE \"de_DE\") < 'b'::text)", "not: an order of text"},
      {"((CASE WHEN (i > 0) THEN 'A'::text ELSE 'b'::text END) = 'a'::text)",
       "(((CASE WHEN (`i` > 0) THEN _utf8mb4'A' ELSE _utf8mb4'b' END) COLLATE utf8mb4_0900_bin) = "
       "_utf8mb4'a')"},
      // MySQL takes only what is a condition to it.
      {"b", "(`b` <> 0)"},
      {"COALESCE(b, false)", "(COALESCE(`b`, FALSE) <> 0)"},
  };
  for (const Case& one : cases) EXPECT_EQ(Sql(one.postgres), one.mysql) << one.postgres;
  // Of a string with an introducer MariaDB loses the backslashes.
  const Options maria = {.to = Flavour::kMariaDb};
  EXPECT_EQ(Sql("b", maria), "`b`");
  EXPECT_EQ(Sql("(t = ANY (ARRAY['a\\b'::text, 'c'::text]))", maria), "(`t` IN ('a\\\\b', 'c'))");
}

TEST(PostgresExpression, TranslatesPatterns) {
  const Case cases[] = {
      {"(t ~~ '%a\\_b%'::text)", "(`t` LIKE _utf8mb4'%a\\\\_b%')"},
      {"((v)::text !~~ 'x%'::text)", "(`v` NOT LIKE _utf8mb4'x%')"},
      {"(t ~~ 'a\\b'::text)", "not: LIKE with such a pattern"},
      {"(t ~~* 'a%'::text)", "not: the operator ~~* of such values"},
      {"((v)::text ~ '^[A-Z]{2}-[0-9]+$'::text)",
       "REGEXP_LIKE(`v`, _utf8mb4'^[A-Z]{2}-[0-9]+\\\\z', 'c')"},
      {"(t !~ 'a.b'::text)", "(NOT REGEXP_LIKE(`t`, _utf8mb4'a[\\\\s\\\\S]b', 'c'))"},
      {"(t ~ '\\d+'::text)", "not: the regular expression \\d+"},
      // PostgreSQL has the blanks at the end of character(n) there, until it is cast.
      {"(c ~~ '______'::text)",
       "not: LIKE of character(n), of which it sees the blanks at the end,"},
      {"(c !~ ' $'::text)",
       "not: a regular expression of character(n), of which it sees the blanks at the end,"},
      {"(COALESCE(c, 'ab'::bpchar) ~~ 'a%'::text)",
       "not: LIKE of character(n), of which it sees the blanks at the end,"},
      {"(NULLIF(c, 'ab'::bpchar) ~~ 'a%'::text)",
       "not: LIKE of character(n), of which it sees the blanks at the end,"},
      {"((CASE WHEN b THEN c ELSE NULL::bpchar END) ~~ 'a%'::text)",
       "not: LIKE of character(n), of which it sees the blanks at the end,"},
      {"((c)::text ~~ '__'::text)", "(RTRIM(`c`) LIKE _utf8mb4'__')"},
      {"((COALESCE(c, 'ab '::bpchar))::text ~~ 'a%'::text)",
       "(COALESCE(RTRIM(`c`), _utf8mb4'ab') LIKE _utf8mb4'a%')"},
      {"((c)::character varying ~ '^a$'::text)", "REGEXP_LIKE(RTRIM(`c`), _utf8mb4'^a\\\\z', 'c')"},
  };
  for (const Case& one : cases) EXPECT_EQ(Sql(one.postgres), one.mysql) << one.postgres;
  EXPECT_EQ(Sql("(t ~ 'a$'::text)", {.to = Flavour::kMariaDb}), "(`t` REGEXP 'a\\\\z')");
  for (const char* other : {"\\d", "[[:alpha:]]", "(?=a)", "a++", "a{2}{3}", "é", "[a", "a)", "*a",
                            "***:a", "[z-a]", "[a-Z]", "[]a]"})
    EXPECT_FALSE(TranslateRegex(other).ok()) << other;
  EXPECT_EQ(*TranslateRegex("^(a|b)?[^x.-]$"), "^(?:a|b)?[^x\\.\\-]\\z");
}

struct ValueCase {
  const char* postgres;
  const char* column;
  const char* mysql;
};

TEST(PostgresExpression, TranslatesGeneratedColumns) {
  const ValueCase cases[] = {
      {"(i / j)", "l", "(`i` DIV `j`)"},
      {"((i & 255) | 1)", "l", "CAST((CAST((`i` & 255) AS SIGNED) | 1) AS SIGNED)"},
      {"(n * m)", "any", "(`n` * `m`)"},
      {"(m * (i)::numeric)", "any", "(`m` * CAST(`i` AS DECIMAL(10,0)))"},
      {"(n / m)", "any", "not: a division of numeric values, which gives other decimals,"},
      {"(any * m)", "any",
       "not: * of numbers that may need more digits than a DECIMAL has (declare them "
       "numeric(p,s))"},
      {"round(n, 2)", "m", "CAST(ROUND(`n`, 2) AS DECIMAL(12,2))"},
      {"(n)::integer", "i", "CAST(ROUND(`n`) AS SIGNED)"},
      {"(d * (2)::double precision)", "d", "(`d` * 2e0)"},
      {"(d)::integer", "i", "not: a cast to integer"},
      {"(r + r)", "r", "not: the operator + of such values"},
      {"(((v)::text || ' '::text) || t)", "t", "CONCAT(CONCAT(`v`, _utf8mb4' '), `t`)"},
      {"lower((v)::text)", "t", "LOWER(`v`)"},
      {"length(c)", "i", "CHAR_LENGTH(RTRIM(`c`))"},
      {"octet_length(c)", "i",
       "not: octet_length() of character(n), of which it may see the blanks at the end,"},
      {"octet_length((c)::text)", "i", "LENGTH(RTRIM(`c`))"},
      {"lower((c)::text)", "t", "LOWER(RTRIM(`c`))"},
      {"((c)::text || 'x'::text)", "t", "CONCAT(RTRIM(`c`), _utf8mb4'x')"},
      {"(i || c)", "t", "not: || of character(n), which may keep its blanks,"},
      {"c", "t", "RTRIM(`c`)"},  // the assignment casts it
      {"length(by)", "i", "LENGTH(`by`)"},
      {"\"left\"(t, 3)", "t", "LEFT(`t`, 3)"},
      {"SUBSTRING(t FROM 2 FOR 3)", "t", "SUBSTRING(`t`, 2, 3)"},
      {"substr(t, '-1'::integer)", "t", "not: substr() with such arguments"},
      {"TRIM(BOTH FROM t)", "t", "TRIM(BOTH _utf8mb4' ' FROM `t`)"},
      {"btrim(t, 'ab'::text)", "t", "not: btrim() with such arguments"},
      {"lpad((s)::text, 6, '0'::text)", "v",
       "LPAD((CAST(`s` AS CHAR(36) CHARACTER SET utf8mb4) COLLATE utf8mb4_0900_bin), 6, "
       "_utf8mb4'0')"},
      {"split_part((v)::text, '@'::text, 1)", "t", "SUBSTRING_INDEX(`v`, _utf8mb4'@', 1)"},
      {"split_part((v)::text, '@'::text, 2)", "t", "not: split_part() with such arguments"},
      {"POSITION(('@'::text) IN (t))", "i", "LOCATE(_utf8mb4'@', `t`)"},
      {"GREATEST(i, j)", "i", "GREATEST(COALESCE(`i`, `j`), COALESCE(`j`, `i`))"},
      {"NULLIF(i, 0)", "i", "(CASE WHEN (`i` = 0) THEN NULL ELSE `i` END)"},
      {"(b)::integer", "i", "`b`"},
      {"(i > j)", "b", "(`i` > `j`)"},
      {"(i > j)", "i", "not: a value of another type than the column's"},
      {"(EXTRACT(year FROM day))::integer", "i",
       "CAST(ROUND(CAST(YEAR(`day`) AS DECIMAL(4,0))) AS SIGNED)"},
      {"EXTRACT(year FROM tz)", "any", "not: year of such a value"},
      {"(day - day)", "i", "DATEDIFF(`day`, `day`)"},
      {"(day + 1)", "day", "(`day` + INTERVAL 1 DAY)"},
      {"(ts - '1 mon 2 days 00:00:01.5'::interval)", "ts",
       "(((`ts` - INTERVAL 1 MONTH) - INTERVAL 2 DAY) - INTERVAL 1500000 MICROSECOND)"},
      {"(tz + '1 day'::interval)", "tz",
       "not: days of a time zone, which may be longer or shorter,"},
      {"(day <= (day + 1))", "b",
       "not: a date with days added to it, which the target has up to the year 9999,"},
      {"COALESCE((day + 1), day)", "day",
       "not: a date with days added to it, which the target has up to the year 9999,"},
      {"LEAST(i, NULL::integer)", "i", "`i`"},
      {"u", "t", "`u`"},
      {"(tz + '01:00:00'::interval)", "tz", "(`tz` + INTERVAL 3600 SECOND)"},
      {"(tz AT TIME ZONE 'UTC'::text)", "ts", "`tz`"},
      {"timezone('Europe/Berlin'::text, tz)", "ts",
       "not: a time zone other than UTC, which the target may not know,"},
      {"ts", "ts0", "not: a value of another type than the column's"},
      {"(js ->> 'a'::text)", "t",
       "((CASE WHEN JSON_TYPE(JSON_EXTRACT(`js`, _utf8mb4'$.\"a\"')) = 'NULL' THEN NULL ELSE "
       "JSON_UNQUOTE(JSON_EXTRACT(`js`, _utf8mb4'$.\"a\"')) END) COLLATE utf8mb4_0900_bin)"},
      {"soundex(t)", "t", "not: the function soundex()"},
      {"shop.f(t)", "t", "not: the function shop.f()"},
      {"now()", "tz", "not: now, which only a default may call,"},
      {"(id + 1)", "i", "not: `id`, which is AUTO_INCREMENT, so that no expression takes it,"},
  };
  for (const ValueCase& one : cases) {
    EXPECT_EQ(Sql(one.postgres, {.use = ExpressionUse::kGenerated, .column = one.column}),
              one.mysql)
        << one.postgres;
  }
}

TEST(PostgresExpression, TranslatesDefaults) {
  const ValueCase cases[] = {
      {"now()", "tz", "(UTC_TIMESTAMP(6))"},
      {"CURRENT_TIMESTAMP", "ts", "CURRENT_TIMESTAMP(6)"},
      {"(now())::timestamp without time zone", "ts", "CURRENT_TIMESTAMP(6)"},
      {"(now())::date", "day", "(CURDATE())"},
      {"(now())::date", "ts", "not: a cast of such a value to date"},
      {"LOCALTIMESTAMP", "ts0", "CURRENT_TIMESTAMP"},
      {"(now() AT TIME ZONE 'utc'::text)", "ts", "(UTC_TIMESTAMP(6))"},
      {"timezone('utc'::text, now())", "ts0", "(UTC_TIMESTAMP(0))"},
      {"CURRENT_DATE", "day", "(CURDATE())"},
      {"(now() + '7 days'::interval)", "tz", "((UTC_TIMESTAMP(6) + INTERVAL 7 DAY))"},
      {"gen_random_uuid()", "u", "(UUID())"},
      {"public.uuid_generate_v4()", "u", "(UUID())"},
      {"random()", "d", "(RAND())"},
      {"((1 + 2) * 3)", "i", "(((1 + 2) * 3))"},
      {"i", "j", "not: a column in a default"},
      {"nextval('shop.s'::regclass)", "i", "not: 'shop.s'::regclass"},
  };
  for (const ValueCase& one : cases) {
    EXPECT_EQ(Sql(one.postgres, {.use = ExpressionUse::kDefault, .column = one.column}), one.mysql)
        << one.postgres;
  }
  EXPECT_EQ(
      Sql("now()", {.use = ExpressionUse::kDefault, .to = Flavour::kMariaDb, .column = "ts0"}),
      "current_timestamp()");
  // By a cast the server keeps it in UTC itself.
  config::Casts casts;
  casts.rules.push_back(
      {.type = config::TypePattern::Parse("timestamptz").value(), .to = "timestamp(6)"});
  EXPECT_EQ(Sql("now()", {.use = ExpressionUse::kDefault, .column = "tz", .casts = casts}),
            "CURRENT_TIMESTAMP(6)");
  std::vector<std::string> caveats;
  Sql("gen_random_uuid()", {.use = ExpressionUse::kDefault, .column = "u", .caveats = &caveats});
  EXPECT_THAT(caveats, ElementsAre(HasSubstr("becomes UUID()")));
}

TEST(PostgresExpression, KeepsKeysToWhatMysqlHas) {
  const Options key = {.use = ExpressionUse::kKey};
  EXPECT_EQ(Sql("lower((v)::text)", key), "LOWER(`v`)");
  EXPECT_EQ(Sql("lower(t)", key), "not: a key over text that may be longer than a key");
  EXPECT_EQ(Sql("(js -> 'a'::text)", key), "not: a key over such a value");
  EXPECT_EQ(Sql("(tz AT TIME ZONE 'UTC'::text)", key), "not: a key over what is a column there");
  EXPECT_EQ(Sql("(day + 1)", key),
            "not: a date with days added to it, which the target has up to the year 9999,");
  EXPECT_EQ(Sql("lower((v)::text)", {.use = ExpressionUse::kKey, .to = Flavour::kMariaDb}),
            "not: a key over an expression, of which MariaDB has none,");
}

TEST(PostgresExpression, LeavesOutWhatComparesOrChangesOtherwise) {
  EXPECT_EQ(Sql("(t < 'a'::text)"), "not: an order of text");
  EXPECT_EQ(Sql("(w = 'a'::text)"), "not: a comparison of text by a collation");
  EXPECT_EQ(Sql("(mood < 'happy'::shop.mood)"), "not: an order of labels");
  EXPECT_EQ(Sql("((tz)::date > '2000-01-01'::date)"), "not: a cast of such a value to date");
  EXPECT_EQ(Sql("(i > ANY (ARRAY[1, 2]))"), "not: > ANY (...)");
  EXPECT_EQ(Sql("(i OPERATOR(shop.=) 1)"), "not: `OPERATOR`");
  EXPECT_EQ(Sql("(t = E'a')"), "not: a string that begins with E'");
  EXPECT_EQ(Sql("(i > 0"), "not: `its end`");
  const auto unknown = Translate("soundex(t) = 'a'::text");
  EXPECT_EQ(unknown.status().code(), base::StatusCode::kUnimplemented);
  // Neither has a check over a column that a foreign key changes by itself.
  sql::postgres::Definition table = Table();
  sql::postgres::ConstraintDefinition key;
  key.name = "f";
  key.kind = 'f';
  key.columns = {"i"};
  key.definition = "FOREIGN KEY (i) REFERENCES shop.p(id) ON DELETE SET NULL";
  key.parent = {"shop", "p"};
  key.parent_columns = {"id"};
  key.on_delete = 'n';
  table.constraints.push_back(key);
  EXPECT_THAT(Sql("(i > 0)", {}, table), HasSubstr("a foreign key changes by itself"));
  EXPECT_THAT(Sql("(i > 0)", {.to = Flavour::kMariaDb}, table),
              HasSubstr("a foreign key changes by itself"));
  EXPECT_EQ(Sql("(j > 0)", {}, table), "(`j` > 0)");
}

}  // namespace
}  // namespace godwit::connectors::mysql
