// Tables of PostgreSQL as MySQL and MariaDB have them.

#include "connectors/mysql/from_postgres/from_postgres.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sql/writer.h"

namespace godwit::connectors::mysql {
namespace {

using sql::Flavour;
using sql::NoteKind;
using sql::Translation;
using sql::postgres::ColumnDefinition;
using sql::postgres::ConstraintDefinition;
using sql::postgres::Definition;
using sql::postgres::IndexDefinition;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr Flavour kBoth[] = {Flavour::kMySql, Flavour::kMariaDb};

Definition Table(std::vector<ColumnDefinition> columns) {
  Definition table;
  table.name = {"shop", "t"};
  table.columns = std::move(columns);
  return table;
}

ConstraintDefinition Key(char kind, const std::string& name, std::vector<std::string> columns) {
  ConstraintDefinition key;
  key.kind = kind;
  key.name = name;
  key.definition = kind == 'p' ? "PRIMARY KEY (...)" : "UNIQUE (...)";
  key.columns = std::move(columns);
  return key;
}

ConstraintDefinition Check(const std::string& name, const std::string& condition) {
  ConstraintDefinition check;
  check.name = name;
  check.definition = "CHECK (" + condition + ")";
  return check;
}

// "btree (a, b DESC)"
IndexDefinition Index(const std::string& name, const std::string& what, bool unique = false) {
  IndexDefinition index;
  index.name = name;
  index.unique = unique;
  index.partial = what.find(" WHERE ") != std::string::npos;
  index.definition =
      fmt::format("CREATE {}INDEX {} ON shop.t USING {}", unique ? "UNIQUE " : "", name, what);
  return index;
}

ConstraintDefinition Reference(const std::string& name, std::vector<std::string> columns,
                               const model::TableName& parent,
                               std::vector<std::string> parent_columns) {
  ConstraintDefinition key;
  key.kind = 'f';
  key.name = name;
  key.columns = std::move(columns);
  key.parent = parent;
  key.parent_columns = std::move(parent_columns);
  return key;
}

Translation Translate(const Definition& table, Flavour to, const config::Casts& casts = {}) {
  return TranslateFromPostgres(table, casts, to);
}

std::vector<std::string> Notes(const Translation& translation, NoteKind kind) {
  std::vector<std::string> notes;
  for (const sql::TranslationNote& note : translation.notes) {
    if (note.kind == kind) notes.push_back(sql::ToText(note));
  }
  return notes;
}
std::vector<std::string> Lossy(const Translation& t) { return Notes(t, NoteKind::kLossy); }
std::vector<std::string> Refused(const Translation& t) { return Notes(t, NoteKind::kRefused); }

std::string Create(const Translation& translation) {
  if (translation.refused()) return "refused: " + Refused(translation)[0];
  return sql::WriteCreateTable(translation.definition);
}

config::Casts Cast(const std::string& type, const std::string& to) {
  config::Casts casts;
  casts.rules.push_back({.type = config::TypePattern::Parse(type).value(), .to = to});
  return casts;
}

// A column alone, without its name.
std::string Column(const ColumnDefinition& column, Flavour to, const config::Casts& casts = {}) {
  const Translation translation = Translate(Table({column}), to, casts);
  const std::string text = Create(translation);
  if (translation.refused()) return text;
  const size_t begin = text.find("` ", text.find("(\n")) + 2;
  return text.substr(begin, text.find("\n)") - begin);
}

struct TypeCase {
  const char *postgres, *mysql, *mariadb;
};

TEST(FromPostgres, TypesBecomeWhatHoldsTheirValues) {
  const TypeCase kCases[] = {
      {"smallint", "smallint", "smallint(6)"},
      {"integer", "int", "int(11)"},
      {"bigint", "bigint", "bigint(20)"},
      {"oid", "int unsigned", "int(10) unsigned"},
      {"boolean", "tinyint(1)", "tinyint(1)"},
      {"real", "double", "double"},
      {"double precision", "double", "double"},
      {"numeric(10,2)", "decimal(10,2)", "decimal(10,2)"},
      {"numeric(7,0)", "decimal(7,0)", "decimal(7,0)"},
      {"numeric(3,-2)", "decimal(5,0)", "decimal(5,0)"},
      {"numeric(3,5)", "decimal(5,5)", "decimal(5,5)"},
      {"numeric(80,40)", "decimal(65,30)", "decimal(65,38)"},
      {"numeric", "decimal(65,30)", "decimal(65,30)"},
      {"money", "varchar(64)", "varchar(64)"},
      {"text", "longtext", "longtext"},
      {"character varying", "longtext", "longtext"},
      {"character varying(30)", "varchar(30)", "varchar(30)"},
      {"character varying(16384)", "mediumtext", "mediumtext"},
      {"character varying(16383)", "varchar(16383)", "varchar(16383)"},
      {"character varying(5000000)", "longtext", "longtext"},
      {"character(3)", "char(3)", "char(3)"},
      {"character(300)", "varchar(300)", "varchar(300)"},
      {"bpchar", "longtext", "longtext"},
      {"name", "varchar(63)", "varchar(63)"},
      {"public.citext", "longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_as_ci",
       "longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_uca1400_nopad_as_ci"},
      {"bytea", "longblob", "longblob"},
      {"date", "date", "date"},
      {"time without time zone", "time(6)", "time(6)"},
      {"time(0) without time zone", "time", "time"},
      {"time(3) with time zone", "varchar(32)", "varchar(32)"},
      {"interval day to second(3)", "varchar(128)", "varchar(128)"},
      {"timestamp without time zone", "datetime(6)", "datetime(6)"},
      {"timestamp(0) without time zone", "datetime", "datetime"},
      {"timestamp(3) with time zone", "datetime(3)", "datetime(3)"},
      {"json", "json",
       "longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin CHECK (json_valid(`c`))"},
      {"jsonb", "json",
       "longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin CHECK (json_valid(`c`))"},
      {"integer[]", "json",
       "longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin CHECK (json_valid(`c`))"},
      {"uuid", "char(36) CHARACTER SET ascii COLLATE ascii_general_ci", "uuid"},
      {"inet", "varchar(50)", "varchar(50)"},
      {"bit(3)", "bit(3)", "bit(3)"},
      {"bit(65)", "varchar(65)", "varchar(65)"},
      {"bit varying(9)", "varchar(9)", "varchar(9)"},
      {"bit varying", "longtext", "longtext"},
      {"int4range", "longtext", "longtext"},
      {"public.geometry(Point,4326)", "longtext", "longtext"},
  };
  for (const TypeCase& one : kCases) {
    EXPECT_EQ(Column({.name = "c", .type = one.postgres}, Flavour::kMySql), one.mysql)
        << one.postgres;
    EXPECT_EQ(Column({.name = "c", .type = one.postgres}, Flavour::kMariaDb), one.mariadb)
        << one.postgres;
  }
}

TEST(FromPostgres, DomainsAreWhatIsBelowThemAndEnumerationsEnums) {
  ColumnDefinition column{.name = "c", .type = "shop.price"};
  column.base_type = "numeric(10,2)";
  Translation translation = Translate(Table({column}), Flavour::kMySql);
  EXPECT_THAT(Lossy(translation),
              ElementsAre(HasSubstr("shop.price is a domain of numeric(10,2)")));
  EXPECT_EQ(Column(column, Flavour::kMySql), "decimal(10,2)");
  column = {.name = "c", .type = "shop.mood", .type_class = 'e'};
  column.labels = {"good", "it's"};
  EXPECT_EQ(Column(column, Flavour::kMariaDb), "enum('good','it''s')");
  column.labels = {"good", "good "};
  EXPECT_EQ(Column(column, Flavour::kMariaDb), "varchar(63)");
  column.labels = {};
  translation = Translate(Table({column}), Flavour::kMySql);
  EXPECT_THAT(Lossy(translation), ElementsAre(HasSubstr("its labels are not known")));
}

struct CastCase {
  const char *from, *to, *becomes;
};

TEST(FromPostgres, CastsGiveOtherTypes) {
  const CastCase kCases[] = {
      {"boolean", "int", "int"},
      {"integer", "bigint unsigned", "bigint unsigned"},
      {"numeric", "DECIMAL(20, 4)", "decimal(20,4)"},
      {"numeric(9,0)", "int", "int"},
      {"real", "float", "float"},
      {"text", "varchar(200)", "varchar(200)"},
      {"bytea", "varbinary(16)", "varbinary(16)"},
      {"jsonb", "longtext", "longtext"},
      {"timestamp with time zone", "timestamp", "timestamp(6) NULL"},
      {"timestamp(3) without time zone", "datetime(6)", "datetime(6)"},
      {"interval", "time", "time(6)"},
      {"date", "datetime", "datetime"},
      {"integer[]", "text", "text"},
      {"uuid", "varchar(36)", "varchar(36)"},
  };
  for (const CastCase& one : kCases) {
    EXPECT_EQ(Column({.name = "c", .type = one.from}, Flavour::kMySql, Cast(one.from, one.to)),
              one.becomes)
        << one.from << " " << one.to;
  }
  const CastCase kWrong[] = {
      {"numeric", "double", "its values do not become"},
      {"numeric", "decimal", "how many digits"},
      {"numeric", "decimal(70,2)", "no such numbers of digits"},
      {"text", "char(300)", "CHAR takes 255"},
      {"text", "varchar(20) character set latin1", "no type of the target"},
      {"text", "varchar(20), d int", "no type of the target"},
      {"text", "varchar(20) not null", "no type of the target"},
      {"timestamp without time zone", "datetime(3)", "6 digits of fractions"},
      {"uuid", "uuid", "MySQL has no UUID"},
      {"bit(3)", "bit(8)", "3 bits"},
      {"bytea", "longtext", "its values do not become"},
      {"integer", "no such type", "no type of the target"},
  };
  for (const CastCase& one : kWrong) {
    EXPECT_THAT(Column({.name = "c", .type = one.from}, Flavour::kMySql, Cast(one.from, one.to)),
                AllOf(HasSubstr("refused: "), HasSubstr(one.becomes)))
        << one.from << " " << one.to;
  }
  // Of a domain its own name counts, and else what is below it.
  ColumnDefinition column{.name = "c", .type = "shop.price"};
  column.base_type = "numeric(10,2)";
  EXPECT_EQ(Column(column, Flavour::kMySql, Cast("shop.price", "varchar(20)")), "varchar(20)");
  EXPECT_EQ(Column(column, Flavour::kMySql, Cast("numeric(10,2)", "varchar(20)")), "varchar(20)");
  EXPECT_EQ(Column({.name = "c", .type = "double precision"}, Flavour::kMySql,
                   Cast("real", "varchar(40)")),
            "double");
}

TEST(FromPostgres, CitextInAKeyComparesByItsBytes) {
  // By a collation that ignores case, 'a' and a full-width 'a' would be one key.
  Definition table = Table({{.name = "id", .type = "integer", .not_null = true},
                            {.name = "mail", .type = "public.citext"},
                            {.name = "of", .type = "public.citext"},
                            {.name = "free", .type = "public.citext"},
                            {.name = "many", .type = "public.citext[]"}});
  table.constraints = {Key('p', "t_pkey", {"id"}), Key('u', "t_mail", {"mail"}),
                       Reference("t_of", {"of"}, {"shop", "t"}, {"mail"})};
  for (const Flavour to : kBoth) {
    const Translation translation = Translate(table, to);
    const std::string create = Create(translation);
    EXPECT_THAT(create, HasSubstr("`mail` varchar(768),")) << create;
    EXPECT_THAT(create, HasSubstr("`of` varchar(768),")) << create;
    EXPECT_THAT(create,
                HasSubstr(to == Flavour::kMySql ? "`free` longtext CHARACTER SET utf8mb4 COLLATE "
                                                  "utf8mb4_0900_as_ci"
                                                : "`free` longtext CHARACTER SET utf8mb4 COLLATE "
                                                  "utf8mb4_uca1400_nopad_as_ci"));
    EXPECT_THAT(Lossy(translation), Contains(AllOf(HasSubstr("column `mail`"),
                                                   HasSubstr("tells capitals from small letters"),
                                                   HasSubstr("t_mail"))));
  }
}

struct DefaultCase {
  const char *type, *value, *mysql, *mariadb;
};

TEST(FromPostgres, ConstantDefaultsAreTheSame) {
  const DefaultCase kCases[] = {
      {"integer", "5", "'5'", "5"},
      {"integer", "'-5'::integer", "'-5'", "-5"},
      {"bigint", "('-5'::integer)::bigint", "'-5'", "-5"},
      {"smallint", "(-1)", "'-1'", "-1"},
      {"boolean", "true", "'1'", "1"},
      {"numeric(10,2)", "1.5", "'1.50'", "1.50"},
      {"numeric(10,2)", "'0'::numeric", "'0.00'", "0.00"},
      {"numeric(10,2)", "'1.5'::numeric(10,2)", "'1.50'", "1.50"},
      {"character varying(3)", "'abc'::character varying(3)", "'abc'", "'abc'"},
      {"double precision", "'1.5'::double precision", "'1.5'", "1.5"},
      {"double precision", "'1e+300'::double precision", "'1e300'", "1e300"},
      {"real", "'0.1'::real", "'0.10000000149011612'", "0.10000000149011612"},
      {"character varying(10)", "'it''s'::character varying", "'it''s'", "'it''s'"},
      {"text", "'a\\b'::text", "(_utf8mb4'a\\\\b')", "'a\\\\b'"},
      {"character(5)", "'ab'::bpchar", "'ab'", "'ab'"},
      {"date", "'2020-02-29'::date", "'2020-02-29'", "'2020-02-29'"},
      {"timestamp(3) without time zone", "'2020-02-29 12:00:00.5'::timestamp without time zone",
       "'2020-02-29 12:00:00.500'", "'2020-02-29 12:00:00.500'"},
      {"timestamp(0) without time zone", "'2020-02-29'::date", "'2020-02-29 00:00:00'",
       "'2020-02-29 00:00:00'"},
      {"timestamp(0) with time zone", "'2020-02-29 12:00:00+00'::timestamp with time zone",
       "'2020-02-29 12:00:00'", "'2020-02-29 12:00:00'"},
      {"bytea", "'\\x00ff'::bytea", "(unhex('00ff'))", "unhex('00ff')"},
      {"jsonb", "'{}'::jsonb", "(_utf8mb4'{}')", "'{}'"},
      {"text[]", "'{}'::text[]", "(_utf8mb4'[]')", "'[]'"},
      {"integer[]", "ARRAY[]::integer[]", "(_utf8mb4'[]')", "'[]'"},
      {"bit(3)", "B'101'::\"bit\"", "b'101'", "b'101'"},
      {"inet", "'10.0.0.1'::inet", "'10.0.0.1'", "'10.0.0.1'"},
  };
  for (const DefaultCase& one : kCases) {
    ColumnDefinition column{.name = "c", .type = one.type};
    column.default_value = one.value;
    EXPECT_THAT(Column(column, Flavour::kMySql), HasSubstr(fmt::format(" DEFAULT {}", one.mysql)))
        << one.value;
    EXPECT_THAT(Column(column, Flavour::kMariaDb),
                HasSubstr(fmt::format(" DEFAULT {}", one.mariadb)))
        << one.value;
  }
  ColumnDefinition mood{.name = "c", .type = "shop.mood", .type_class = 'e'};
  mood.labels = {"good", "bad"};
  mood.default_value = "'bad'::shop.mood";
  EXPECT_EQ(Column(mood, Flavour::kMySql), "enum('good','bad') DEFAULT 'bad'");
  // What the target has no such value of.
  for (const auto& [type, value] : std::map<std::string, std::string>{
           {"date", "'infinity'::date"},
           {"numeric(4,1)", "1.25"},
           {"character varying(2)", "'abc'::text"},
           {"timestamp without time zone", "'2020-01-01 00:00:00+00'::timestamp with time zone"},
           {"integer[]", "'{1,2}'::integer[]"}}) {
    ColumnDefinition column{.name = "c", .type = type};
    column.default_value = value;
    EXPECT_THAT(Lossy(Translate(Table({column}), Flavour::kMySql)),
                Contains(HasSubstr("its default " + value + " is left out")))
        << type;
  }
  ColumnDefinition none{.name = "c", .type = "text"};
  none.default_value = "NULL::text";
  EXPECT_EQ(Column(none, Flavour::kMySql), "longtext");
}

Definition Orders() {
  Definition table = Table({{.name = "id", .type = "bigint", .not_null = true},
                            {.name = "code", .type = "text", .not_null = true},
                            {.name = "customer", .type = "integer", .not_null = true},
                            {.name = "price", .type = "numeric(10,2)"},
                            {.name = "placed", .type = "timestamp with time zone"},
                            {.name = "note", .type = "text"},
                            {.name = "payload", .type = "jsonb"}});
  table.columns[0].identity = 'd';
  table.columns[0].sequence = {"shop", "t_id_seq"};
  table.columns[0].sequence_owned = true;
  table.columns[0].sequence_options =
      "START WITH 1 INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 CACHE 1 NO CYCLE";
  table.columns[3].default_value = "0";
  table.columns[3].comment = "what it's";
  table.comment = "all orders";
  table.constraints = {Check("price_check", "(price >= 0::numeric)"), Key('p', "t_pkey", {"id"}),
                       Key('u', "t_code_key", {"code"}),
                       Reference("fk_customer", {"customer"}, {"shop", "customer"}, {"id"})};
  table.constraints.back().on_delete = 'c';
  table.indexes = {Index("t_note_idx", "btree (note text_pattern_ops, placed DESC NULLS LAST)"),
                   Index("t_payload_idx", "gin (payload jsonb_path_ops)"),
                   Index("t_placed_idx", "brin (placed)")};
  return table;
}

TEST(FromPostgres, WholeTableOnMySql) {
  const Translation translation = Translate(Orders(), Flavour::kMySql);
  EXPECT_EQ(Create(translation), R"(CREATE TABLE `shop`.`t` (
  `id` bigint NOT NULL AUTO_INCREMENT,
  `code` varchar(768) NOT NULL,
  `customer` int NOT NULL,
  `price` decimal(10,2) DEFAULT '0.00' COMMENT 'what it''s',
  `placed` datetime(6),
  `note` longtext,
  `payload` json,
  PRIMARY KEY (`id`),
  UNIQUE KEY `t_code_key` (`code`),
  KEY `t_note_idx` (`note`(766),`placed` DESC),
  KEY `t_fk_customer` (`customer`),
  CONSTRAINT `t_fk_customer` FOREIGN KEY (`customer`) REFERENCES `customer` (`id`) ON DELETE CASCADE,
  CONSTRAINT `t_price_check` CHECK ((`price` >= 0))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin COMMENT='all orders')");
  EXPECT_THAT(Lossy(translation),
              AllOf(Contains(HasSubstr("column `code`: text becomes VARCHAR(768), as key "
                                       "`t_code_key` is over it: longer values are errors")),
                    Contains(HasSubstr("column `placed`: timestamp with time zone becomes "
                                       "DATETIME(6): the time in UTC")),
                    Contains(HasSubstr("key `t_payload_idx`: is left out")),
                    Contains(HasSubstr("key `t_placed_idx`: is left out"))));
}

TEST(FromPostgres, WholeTableOnMariaDb) {
  const Translation translation = Translate(Orders(), Flavour::kMariaDb);
  EXPECT_EQ(Create(translation), R"(CREATE TABLE `shop`.`t` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `code` varchar(768) NOT NULL,
  `customer` int(11) NOT NULL,
  `price` decimal(10,2) DEFAULT 0.00 COMMENT 'what it''s',
  `placed` datetime(6),
  `note` longtext,
  `payload` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin CHECK (json_valid(`payload`)),
  PRIMARY KEY (`id`),
  UNIQUE KEY `t_code_key` (`code`),
  KEY `t_note_idx` (`note`(766),`placed` DESC),
  KEY `t_fk_customer` (`customer`),
  CONSTRAINT `t_fk_customer` FOREIGN KEY (`customer`) REFERENCES `customer` (`id`) ON DELETE CASCADE,
  CONSTRAINT `price_check` CHECK ((`price` >= 0))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='all orders')");
}

TEST(FromPostgres, CountingNeedsAKeyAndAnInteger) {
  Definition table = Orders();
  table.constraints[1].columns = {"code", "id"};
  Translation translation = Translate(table, Flavour::kMySql);
  EXPECT_THAT(Create(translation), Not(HasSubstr("AUTO_INCREMENT")));
  EXPECT_THAT(Lossy(translation), Contains(HasSubstr("no key begins with the column")));
  table = Orders();
  table.columns[0].identity = 0;
  table.columns[0].default_value = "nextval('shop.others_seq'::regclass)";
  table.columns[0].sequence_owned = false;
  table.columns[0].sequence_options = "AS bigint START WITH 1 INCREMENT BY 10 MINVALUE 1";
  translation = Translate(table, Flavour::kMariaDb);
  EXPECT_THAT(Create(translation), HasSubstr("`id` bigint(20) NOT NULL AUTO_INCREMENT"));
  EXPECT_THAT(Lossy(translation), AllOf(Contains(HasSubstr("counts for this table alone")),
                                        Contains(HasSubstr("auto_increment_increment"))));
  table.columns[0].type = "numeric(20,0)";
  EXPECT_THAT(Lossy(Translate(table, Flavour::kMySql)),
              Contains(HasSubstr("columns of such a type do not count")));
  table = Orders();
  table.columns[0].not_null = false;
  EXPECT_THAT(Lossy(Translate(table, Flavour::kMySql)), Contains(HasSubstr("have no NULL")));
  table = Orders();
  table.columns[0].identity = 'a';
  EXPECT_THAT(Lossy(Translate(table, Flavour::kMySql)),
              Contains(HasSubstr("GENERATED ALWAYS no more")));
}

TEST(FromPostgres, KeysThatTheTargetHasNotAreLeftOut) {
  Definition table = Orders();
  table.constraints.clear();
  ConstraintDefinition nulls = Key('u', "nulls", {"price"}),
                       later = Key('u', "later", {"customer"}), exclusion = Key('x', "apart", {}),
                       part = Key('u', "part", {"id"});
  nulls.definition = "UNIQUE NULLS NOT DISTINCT (price)";
  later.deferrable = true;
  part.table = {"shop", "t_1"};
  table.constraints = {nulls, later, exclusion, part, Key('u', "document", {"payload"})};
  table.indexes = {Index("partial", "btree (id) WHERE (id > 5)", true),
                   Index("hashed", "hash (note)"), Index("of_expression", "btree (((id + 1)))"),
                   Index("PRIMARY", "btree (price)"), Index("Nulls", "btree (price) INCLUDE (id)")};
  const Translation mariadb = Translate(table, Flavour::kMariaDb);
  EXPECT_THAT(
      Lossy(mariadb),
      AllOf(
          Contains(
              "key `nulls`: takes any number of rows with NULL: NULLS NOT DISTINCT is left out"),
          Contains(HasSubstr("key `later`: becomes an ordinary index")),
          Contains(HasSubstr("key `apart`: is left out: the target has no exclusion")),
          Contains(HasSubstr("key `part`: is left out: partition shop.t_1 alone has it; the target "
                             "does not keep rows apart by it")),
          Contains(HasSubstr("key `document`: is left out: the target has no keys over documents")),
          Contains(HasSubstr("key `partial`: is left out: the target has no keys with WHERE; the "
                             "target does not keep rows apart by it")),
          Contains("key `of_expression`: is left out: MariaDB has no keys over expressions")));
  EXPECT_THAT(
      Create(mariadb),
      AllOf(HasSubstr("UNIQUE KEY `nulls` (`price`)"), HasSubstr("KEY `hashed` (`note`(768))"),
            HasSubstr("KEY `PRIMARY_2` (`price`)"), HasSubstr("KEY `Nulls_2` (`price`)")));
  table.indexes.push_back(Index("of_text", "btree (lower(note))"));
  table.indexes.push_back(Index("of_code", "btree (reverse(code))", true));
  const Translation mysql = Translate(table, Flavour::kMySql);
  EXPECT_THAT(Create(mysql), AllOf(HasSubstr("KEY `of_expression` (((`id` + 1)))"),
                                   HasSubstr("`code` varchar(512)"),
                                   HasSubstr("UNIQUE KEY `of_code` ((REVERSE(`code`)))")));
  EXPECT_THAT(Lossy(mysql), Contains(HasSubstr("key `of_text`: is left out: MySQL has no keys over "
                                               "expressions of long text")));
  // Where rows are told apart by another key, one that is DEFERRABLE stays.
  table.constraints = {Key('p', "t_pkey", {"id"}), later};
  EXPECT_THAT(Lossy(Translate(table, Flavour::kMySql)),
              Contains(HasSubstr("key `later`: is checked with each row")));
  table.constraints = {Key('p', "t_pkey", {"payload"})};
  EXPECT_THAT(Create(Translate(table, Flavour::kMySql)), HasSubstr("refused: primary key"));
}

// By the locale of the source 'É' may be another letter than 'é' in any case.
TEST(FromPostgres, WhatMayBeStricterThanOnTheSourceIsLeftOut) {
  Definition table = Table({{.name = "id", .type = "integer", .not_null = true},
                            {.name = "email", .type = "text"},
                            {.name = "small", .type = "text"},
                            {.name = "nick", .type = "character varying(20)"}});
  table.columns[2].generated = 's';
  table.columns[2].default_value = "lower(email)";
  table.constraints = {Key('p', "t_pkey", {"id"}),
                       Key('u', "t_small_key", {"small"}),
                       Check("is_small", "(email = lower(email))"),
                       Check("has_bytes", "(octet_length(email) <= 10)"),
                       Check("of_small", "(small <> 'x'::text)"),
                       Check("has_mail", "(email <> 'x'::text)")};
  table.indexes = {Index("of_email", "btree (lower(email))", true),
                   Index("of_nick", "btree (id, upper((nick)::text))", true),
                   Index("by_nick", "btree (lower((nick)::text))"),
                   Index("backwards", "btree (reverse((nick)::text))", true)};
  const Translation mysql = Translate(table, Flavour::kMySql);
  const std::string create = Create(mysql);
  EXPECT_THAT(create, AllOf(HasSubstr("`email` longtext,"),  // no key is over it any more
                            HasSubstr("KEY `by_nick` ((LOWER(`nick`)))"),
                            HasSubstr("UNIQUE KEY `backwards` ((REVERSE(`nick`)))"),
                            HasSubstr("CONSTRAINT `t_has_mail` CHECK")));
  EXPECT_THAT(create, AllOf(Not(HasSubstr("of_email")), Not(HasSubstr("of_nick")),
                            Not(HasSubstr("t_small_key")), Not(HasSubstr("is_small")),
                            Not(HasSubstr("has_bytes")), Not(HasSubstr("of_small"))));
  const std::string apart =
      "is left out, as rows that the source keeps apart may be the same to "
      "the target: ";
  EXPECT_THAT(
      Lossy(mysql),
      AllOf(
          Contains(AllOf(HasSubstr("key `of_email`: " + apart + "lower() of letters beyond ASCII"),
                         HasSubstr("; the target does not keep rows apart by it"))),
          Contains(HasSubstr("key `of_nick`: " + apart + "upper()")),
          Contains(HasSubstr("key `t_small_key`: " + apart + "`small` is computed there")),
          Contains(HasSubstr("key `by_nick`: lower() of letters")),
          Contains(HasSubstr("check `is_small`: is left out ((email = lower(email))), as it may "
                             "not hold on the target for rows of the source: lower()")),
          Contains(HasSubstr("check `has_bytes`: is left out")),
          Contains(HasSubstr("check `of_small`: is left out"))));
  const Translation mariadb = Translate(table, Flavour::kMariaDb);
  EXPECT_THAT(Create(mariadb), AllOf(HasSubstr("CONSTRAINT `has_mail`"), Not(HasSubstr("is_small")),
                                     Not(HasSubstr("t_small_key"))));
  // Where rows are told apart by such a column, the table cannot be kept.
  table.constraints[0].columns = {"small"};
  table.columns[2].not_null = true;
  EXPECT_THAT(Refused(Translate(table, Flavour::kMySql)),
              Contains(HasSubstr("told apart by the key over (`small`)")));
}

TEST(FromPostgres, KeysTakeSoManyBytes) {
  Definition table = Table({{.name = "a", .type = "integer", .not_null = true},
                            {.name = "b", .type = "text", .not_null = true},
                            {.name = "c", .type = "character varying(100)", .not_null = true},
                            {.name = "d", .type = "bytea", .not_null = true}});
  table.constraints = {Key('p', "t_pkey", {"a", "b", "c", "d"})};
  const Translation translation = Translate(table, Flavour::kMySql);
  // 3072 bytes without the 4 of `a` and the 400 of `c`, in halves.
  EXPECT_THAT(Create(translation),
              AllOf(HasSubstr("`b` varchar(333)"), HasSubstr("`c` varchar(100)"),
                    HasSubstr("`d` varbinary(1334)")));
  EXPECT_THAT(Create(Translate(table, Flavour::kMySql, Cast("text", "varchar(700)"))),
              AllOf(HasSubstr("refused: "), HasSubstr("no more than 333")));
  table.constraints.clear();
  table.indexes = {Index("i", "btree (b, d)")};
  EXPECT_THAT(Create(Translate(table, Flavour::kMariaDb)),
              HasSubstr("KEY `i` (`b`(384),`d`(1536))"));
}

TEST(FromPostgres, TablesHaveSoManyKeys) {
  Definition table = Table({{.name = "id", .type = "integer", .not_null = true}});
  table.constraints = {Key('p', "t_pkey", {"id"})};
  for (int i = 0; i < 64; ++i) table.indexes.push_back(Index(fmt::format("i{}", i), "btree (id)"));
  const Translation translation = Translate(table, Flavour::kMySql);
  EXPECT_EQ(translation.definition.keys.size(), 64u);
  EXPECT_THAT(Lossy(translation),
              ElementsAre("key `i63`: is left out: the target takes 64 keys of a table"));
  table.columns.resize(0);
  std::vector<std::string> names;
  for (int i = 0; i < 17; ++i) {
    names.push_back(fmt::format("c{}", i));
    table.columns.push_back({.name = names.back(), .type = "integer", .not_null = true});
  }
  table.indexes.clear();
  table.constraints = {Key('p', "t_pkey", names)};
  EXPECT_THAT(Create(Translate(table, Flavour::kMySql)), HasSubstr("has 17 columns"));
  EXPECT_FALSE(Translate(table, Flavour::kMariaDb).refused());
}

TEST(FromPostgres, RowsTakeSoManyBytes) {
  Definition table = Table({});
  for (int i = 0; i < 12; ++i) {
    table.columns.push_back({.name = fmt::format("c{}", i),
                             .type = fmt::format("character varying({})", i == 7 ? 3000 : 1500)});
  }
  const Translation translation = Translate(table, Flavour::kMySql);
  EXPECT_THAT(Lossy(translation),
              ElementsAre(HasSubstr("column `c7`: becomes TEXT in place of VARCHAR(3000)"),
                          HasSubstr("column `c0`: becomes TEXT in place of VARCHAR(1500)")));
  table.columns.resize(1);
  for (int i = 0; i < 250; ++i)
    table.columns.push_back({.name = fmt::format("t{}", i), .type = "text"});
  EXPECT_THAT(Create(Translate(table, Flavour::kMySql)), HasSubstr("in InnoDB's page"));
}

TEST(FromPostgres, WhatCannotBeIsRefused) {
  const auto refused = [](const Definition& table) {
    const Translation translation = Translate(table, Flavour::kMariaDb);
    for (const sql::TranslationNote& note : translation.notes) {
      if (note.kind == NoteKind::kRefused) {
        EXPECT_NE(note.remedy, "") << note.what;
      }
    }
    return Refused(translation);
  };
  EXPECT_THAT(refused(Table({})), ElementsAre(HasSubstr("it has no columns")));
  EXPECT_THAT(refused(Table({{.name = "a", .type = "integer"}, {.name = "A", .type = "integer"}})),
              ElementsAre(HasSubstr("same name in other case")));
  EXPECT_THAT(refused(Table({{.name = "a ", .type = "integer"}})),
              ElementsAre(HasSubstr("ends with a blank")));
  EXPECT_THAT(refused(Table({{.name = "\xF0\x9F\x98\x80", .type = "integer"}})),
              ElementsAre(HasSubstr("beyond U+FFFF")));
  EXPECT_THAT(refused(Table({{.name = "db_row_id", .type = "integer"}})),
              ElementsAre(HasSubstr("InnoDB has a column of this name")));
  Definition table = Table({{.name = "a", .type = "integer"}});
  table.name.schema = "mysql";
  EXPECT_THAT(refused(table), ElementsAre(HasSubstr("a database mysql of its own")));
  table.name.schema = "shop";
  table.columns[0].generated = 's';
  table.columns[0].default_value = "shop.magic()";
  EXPECT_THAT(refused(table), ElementsAre(HasSubstr("is generated as shop.magic()")));
}

TEST(FromPostgres, WhatTellsRowsApartHasToStay) {
  ColumnDefinition document{.name = "a", .type = "jsonb"};
  document.not_null = true;
  Definition table = Table({document, {.name = "v", .type = "integer"}});
  table.constraints = {Key('u', "t_a_key", {"a"})};
  for (const Flavour to : kBoth) {
    EXPECT_THAT(Refused(Translate(table, to)),
                Contains(HasSubstr("told apart by the key over (`a`)")));
    Definition other = table;
    other.columns[0].not_null = false;  // so that it tells none apart on the source
    EXPECT_THAT(Refused(Translate(other, to)), IsEmpty());
    other = table;
    other.columns[0].type = "integer";
    EXPECT_THAT(Refused(Translate(other, to)), IsEmpty());
  }
}

TEST(FromPostgres, PartitionsCollationsAndCommentsAreTold) {
  Definition table = Table({{.name = "a", .type = "text"}, {.name = "b", .type = "text"}});
  table.partition_key = "RANGE (a)";
  table.columns[0].collation = "pg_catalog.\"de-x-icu\"";
  table.columns[1].collation = "pg_catalog.\"C\"";
  table.columns[1].comment = std::string(2000, 'x');
  const Translation translation = Translate(table, Flavour::kMySql);
  EXPECT_THAT(Lossy(translation),
              ElementsAre(HasSubstr("its partitions (BY RANGE (a)) are left out"),
                          HasSubstr("`a` (pg_catalog.\"de-x-icu\"): collations are left out"),
                          HasSubstr("column `b`: its comment is cut off after 1024 characters")));
}

TEST(FromPostgres, GeneratedColumnsAreComputed) {
  Definition table = Table({{.name = "a", .type = "integer", .not_null = true},
                            {.name = "b", .type = "integer", .not_null = true},
                            {.name = "c", .type = "integer"}});
  table.columns[1].generated = 's';
  table.columns[1].default_value = "(a * 2)";
  table.columns[2].generated = 'v';
  table.columns[2].default_value = "(a + 1)";
  EXPECT_THAT(Create(Translate(table, Flavour::kMySql)),
              AllOf(HasSubstr("`b` int GENERATED ALWAYS AS ("), HasSubstr(") STORED NOT NULL"),
                    HasSubstr(") VIRTUAL")));
  const Translation translation = Translate(table, Flavour::kMariaDb);
  EXPECT_THAT(Create(translation), HasSubstr(") STORED,"));
  EXPECT_THAT(Lossy(translation), Contains(HasSubstr("NOT NULL of a generated column")));
}

class References : public testing::Test {
 protected:
  References() {
    parent_ = Table({{.name = "x", .type = "integer", .not_null = true},
                     {.name = "y", .type = "text", .not_null = true}});
    parent_.name = {"shop", "parent"};
    parent_.constraints = {Key('p', "parent_pkey", {"x", "y"})};
    child_ = Table({{.name = "px", .type = "integer"}, {.name = "py", .type = "text"}});
    child_.constraints = {Reference("t_fkey", {"py", "px"}, {"shop", "parent"}, {"y", "x"})};
  }

  Translation Fit() {
    const Translation parent = Translate(parent_, to_);
    Translation child = Translate(child_, to_);
    FitForeignKeys(
        child,
        [&](const model::TableName& name) {
          return name == parent_.name ? &parent.definition : nullptr;
        },
        [](const model::ForeignKey&) { return false; });
    return child;
  }

  Definition parent_, child_;
  Flavour to_ = Flavour::kMySql;
};

TEST_F(References, ComeInTheOrderOfTheParentsKey) {
  for (const Flavour to : kBoth) {
    to_ = to;
    EXPECT_THAT(Create(Fit()),
                AllOf(HasSubstr("KEY `t_fkey` (`px`,`py`)"),
                      HasSubstr("FOREIGN KEY (`px`, `py`) REFERENCES `parent` (`x`, `y`)"),
                      HasSubstr("`py` varchar(767)"), Not(HasSubstr("(`py`,`px`)"))));
  }
}

TEST_F(References, AreLeftOutWhereTheParentBearsThemNot) {
  child_.columns[0].type = "bigint";
  Translation child = Fit();
  EXPECT_THAT(Lossy(child), Contains(AllOf(HasSubstr("foreign key `t_fkey`: is left out"),
                                           HasSubstr("`px`, which is bigint"))));
  EXPECT_THAT(Create(child), Not(HasSubstr("KEY")));
  child_.columns[0].type = "integer";
  parent_.constraints.clear();
  EXPECT_THAT(Lossy(Fit()), Contains(HasSubstr("have no unique key there")));
  child_.constraints[0].parent = {"shop", "unknown"};
  child = Fit();
  EXPECT_THAT(Lossy(child), Contains(HasSubstr("its parent is no table of the task")));
  EXPECT_THAT(Create(child), Not(HasSubstr("KEY")));
}

TEST_F(References, DoWhatInnoDbCanDo) {
  ConstraintDefinition& key = child_.constraints[0];
  key.on_delete = 'd';
  key.on_update = 'n';
  key.deferrable = true;
  key.definition =
      "FOREIGN KEY (py, px) REFERENCES shop.parent(y, x) MATCH FULL ON UPDATE SET NULL";
  child_.columns[0].not_null = true;
  const Translation child = Fit();
  EXPECT_THAT(Lossy(child), AllOf(Contains(HasSubstr("ON DELETE SET DEFAULT is left out")),
                                  Contains(HasSubstr("ON UPDATE SET NULL is left out, as `px` is")),
                                  Contains(HasSubstr("MATCH FULL is left out")),
                                  Contains(HasSubstr("not DEFERRABLE any more"))));
  EXPECT_THAT(Create(child), AllOf(HasSubstr("FOREIGN KEY"), Not(HasSubstr(" ON "))));
  key.validated = false;
  EXPECT_THAT(Lossy(Fit()), Contains(HasSubstr("it is NOT VALID")));
}

TEST(FromPostgres, NamesOfADatabaseBeginWithTheTables) {
  Definition table = Table({{.name = "a", .type = "integer"}});
  table.constraints = {Check("positive", "(a > 0)"), Check("t_a_check", "(a < 9)"),
                       Check(std::string(63, 'x'), "(a <> 5)")};
  const Translation mysql = Translate(table, Flavour::kMySql);
  std::vector<std::string> names;
  for (const sql::CheckDefinition& check : mysql.definition.checks) names.push_back(check.name);
  ASSERT_EQ(names.size(), 3u);
  EXPECT_THAT(names, Contains("t_positive"));
  EXPECT_THAT(names, Contains("t_a_check"));
  for (const std::string& name : names) EXPECT_LE(name.size(), 64u);
  EXPECT_THAT(Create(Translate(table, Flavour::kMariaDb)),
              HasSubstr("CONSTRAINT `positive` CHECK"));
}

}  // namespace
}  // namespace godwit::connectors::mysql
