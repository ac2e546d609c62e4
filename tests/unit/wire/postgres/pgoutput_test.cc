// Version 1: transactions that are sent when they have committed.
#include "wire/postgres/pgoutput.h"

#include <gtest/gtest.h>

#include "allocations.h"
#include "decoding.h"

namespace godwit::wire::postgres {
namespace {

TEST(PgOutput, Begin) {
  const auto begin =
      DecodeWhole<Begin>(MessageBytes('B').U64(0x1600000028).U64(kPostgresTime).U32(745));
  EXPECT_EQ(begin.commit, 0x1600000028u);
  EXPECT_EQ(begin.commit_time_us, kUnixTime);
  EXPECT_EQ(begin.xid, 745u);
}

TEST(PgOutput, Commit) {
  const auto commit = DecodeWhole<Commit>(
      MessageBytes('C').U8(0).U64(0x1600000028).U64(0x1600000058).U64(kPostgresTime));
  EXPECT_EQ(commit.commit, 0x1600000028u);
  EXPECT_EQ(commit.end, 0x1600000058u);
  EXPECT_EQ(commit.commit_time_us, kUnixTime);
}

TEST(PgOutput, Origin) {
  const auto origin = DecodeWhole<Origin>(MessageBytes('O').U64(7).String("upstream"));
  EXPECT_EQ(origin.commit, 7u);
  EXPECT_EQ(origin.name, "upstream");
}

TEST(PgOutput, Relation) {
  const auto relation = DecodeWhole<Relation>(MessageBytes('R')
                                                  .U32(16385)
                                                  .String("public")
                                                  .String("item")
                                                  .Char('d')
                                                  .U16(2)
                                                  .U8(1)
                                                  .String("id")
                                                  .U32(23)
                                                  .U32(0xffffffff)
                                                  .U8(0)
                                                  .String("name")
                                                  .U32(1043)
                                                  .U32(44));
  EXPECT_EQ(relation.xid, 0u);
  EXPECT_EQ(relation.id, 16385u);
  EXPECT_EQ(relation.schema, "public");
  EXPECT_EQ(relation.name, "item");
  EXPECT_EQ(relation.replica_identity, 'd');
  ASSERT_EQ(relation.columns.size(), 2u);
  EXPECT_TRUE(relation.columns[0].is_key);
  EXPECT_EQ(relation.columns[0].name, "id");
  EXPECT_EQ(relation.columns[0].type_oid, 23u);
  EXPECT_EQ(relation.columns[0].type_modifier, -1);
  EXPECT_FALSE(relation.columns[1].is_key);
  EXPECT_EQ(relation.columns[1].name, "name");
  EXPECT_EQ(relation.columns[1].type_oid, 1043u);
  EXPECT_EQ(relation.columns[1].type_modifier, 44);
}

TEST(PgOutput, RelationOfTheSystemWithoutColumns) {
  const auto relation =
      DecodeWhole<Relation>(MessageBytes('R').U32(1).String("").String("t").Char('f').U16(0));
  EXPECT_EQ(relation.schema, "");
  EXPECT_EQ(relation.replica_identity, 'f');
  EXPECT_TRUE(relation.columns.empty());
}

TEST(PgOutput, Type) {
  const auto type = DecodeWhole<Type>(MessageBytes('Y').U32(16390).String("shop").String("mood"));
  EXPECT_EQ(type.xid, 0u);
  EXPECT_EQ(type.id, 16390u);
  EXPECT_EQ(type.schema, "shop");
  EXPECT_EQ(type.name, "mood");
}

TEST(PgOutput, Insert) {
  RowTuples rows;
  const std::string bytes = MessageBytes('I')
                                .U32(16385)
                                .Char('N')
                                .U16(5)
                                .Value("17")
                                .Char('n')
                                .Value("")
                                .Value("raw", 'b')
                                .Char('u');
  const auto insert = DecodeWhole<Insert>(bytes, {}, &rows);
  EXPECT_EQ(insert.xid, 0u);
  EXPECT_EQ(insert.relation, 16385u);
  EXPECT_EQ(Render(rows.after), "'17',NULL,'',b'raw',(unchanged)");
  EXPECT_TRUE(rows.before.empty());
}

TEST(PgOutput, InsertOfNoColumns) {
  RowTuples rows;
  DecodeWhole<Insert>(MessageBytes('I').U32(16385).Char('N').U16(0), {}, &rows);
  EXPECT_TRUE(rows.after.empty());
}

TEST(PgOutput, UpdateWithoutOldRow) {
  RowTuples rows;
  const std::string bytes = MessageBytes('U').U32(16385).Char('N').U16(2).Value("1").Char('u');
  const auto update = DecodeWhole<Update>(bytes, {}, &rows);
  EXPECT_EQ(update.relation, 16385u);
  EXPECT_EQ(update.old, OldTuple::kNone);
  EXPECT_TRUE(rows.before.empty());
  EXPECT_EQ(Render(rows.after), "'1',(unchanged)");
}

TEST(PgOutput, UpdateWithOldKeyOrRow) {
  for (const bool whole : {false, true}) {
    RowTuples rows;
    MessageBytes message('U');
    message.U32(16385).Char(whole ? 'O' : 'K').U16(2).Value("1");
    if (whole) {
      message.Value("a");
    } else {
      message.Char('n');
    }
    const std::string bytes = message.Char('N').U16(2).Value("2").Value("b");
    const auto update = DecodeWhole<Update>(bytes, {}, &rows);
    EXPECT_EQ(update.old, whole ? OldTuple::kWhole : OldTuple::kKey);
    EXPECT_EQ(Render(rows.before), whole ? "'1','a'" : "'1',NULL");
    EXPECT_EQ(Render(rows.after), "'2','b'");
  }
}

TEST(PgOutput, Delete) {
  for (const bool whole : {false, true}) {
    RowTuples rows;
    const std::string bytes =
        MessageBytes('D').U32(16385).Char(whole ? 'O' : 'K').U16(2).Value("1").Char('n');
    const auto deletion = DecodeWhole<Delete>(bytes, {}, &rows);
    EXPECT_EQ(deletion.relation, 16385u);
    EXPECT_EQ(deletion.old, whole ? OldTuple::kWhole : OldTuple::kKey);
    EXPECT_EQ(Render(rows.before), "'1',NULL");
    EXPECT_TRUE(rows.after.empty());
  }
}

TEST(PgOutput, Truncate) {
  const auto truncate = DecodeWhole<Truncate>(MessageBytes('T').U32(2).U8(3).U32(16385).U32(16390));
  EXPECT_EQ(truncate.xid, 0u);
  EXPECT_TRUE(truncate.cascade);
  EXPECT_TRUE(truncate.restart_identity);
  EXPECT_EQ(truncate.relations, (std::vector<uint32_t>{16385, 16390}));
  EXPECT_TRUE(DecodeWhole<Truncate>(MessageBytes('T').U32(1).U8(1).U32(9)).cascade);
  EXPECT_FALSE(DecodeWhole<Truncate>(MessageBytes('T').U32(1).U8(2).U32(9)).cascade);
}

TEST(PgOutput, LogicalMessage) {
  const auto message = DecodeWhole<LogicalMessage>(MessageBytes('M')
                                                       .U8(1)
                                                       .U64(0x1600000028)
                                                       .String("godwit")
                                                       .U32(4)
                                                       .Bytes(std::string_view("a\0b\xff", 4)));
  EXPECT_EQ(message.xid, 0u);
  EXPECT_TRUE(message.transactional);
  EXPECT_EQ(message.lsn, 0x1600000028u);
  EXPECT_EQ(message.prefix, "godwit");
  EXPECT_EQ(message.content, std::string_view("a\0b\xff", 4));
}

TEST(PgOutput, RowsAreOfTheLastChangeAndLeftAloneByOthers) {
  PgOutputDecoder decoder;
  RowTuples rows;
  const std::string update =
      MessageBytes('U').U32(1).Char('K').U16(1).Value("1").Char('N').U16(1).Value("2");
  const std::string begin = MessageBytes('B').U64(1).U64(5).U32(745);
  const std::string insert = MessageBytes('I').U32(1).Char('N').U16(1).Value("3");
  const std::string deletion = MessageBytes('D').U32(1).Char('K').U16(1).Value("4");
  ASSERT_TRUE(decoder.Decode(update, rows).ok());
  ASSERT_TRUE(decoder.Decode(begin, rows).ok());
  EXPECT_EQ(Render(rows.before) + Render(rows.after), "'1''2'");
  ASSERT_TRUE(decoder.Decode(insert, rows).ok());
  EXPECT_EQ(Render(rows.before) + Render(rows.after), "'3'");
  ASSERT_TRUE(decoder.Decode(deletion, rows).ok());
  EXPECT_EQ(Render(rows.before), "'4'");
  EXPECT_TRUE(rows.after.empty());
}

TEST(PgOutput, NoAllocationByRow) {
  const std::string messages[] = {
      MessageBytes('I').U32(1).Char('N').U16(2).Value("17").Value(std::string(5000, 'x')),
      MessageBytes('U')
          .U32(1)
          .Char('O')
          .U16(1)
          .Value("1")
          .Char('N')
          .U16(3)
          .Value("2")
          .Char('u')
          .Char('n'),
      MessageBytes('D').U32(1).Char('K').U16(1).Value("4"),
  };
  PgOutputDecoder decoder;
  RowTuples rows;
  const auto decode_all = [&] {
    bool good = true;
    for (const std::string& message : messages) good &= decoder.Decode(message, rows).ok();
    return good;
  };
  ASSERT_TRUE(decode_all());
  const size_t before = testing_support::Allocations();
  bool good = true;
  for (int i = 0; i < 100; ++i) good &= decode_all();
  EXPECT_EQ(testing_support::Allocations(), before);
  EXPECT_TRUE(good);
}

TEST(PgOutput, WhatCannotBeIsRefusedWhereItIs) {
  EXPECT_EQ(ErrorOf(""), "pgoutput message: empty");
  EXPECT_EQ(ErrorOf("Z12"), "pgoutput message of unknown type 0x5a, 3 bytes");
  EXPECT_EQ(ErrorOf("B12"), "pgoutput Begin message: cut off at byte 3");
  EXPECT_EQ(ErrorOf(MessageBytes('B').U64(0).U64(5).U32(745)),
            "pgoutput Begin message: no place in the log at byte 1 of 21");
  EXPECT_EQ(ErrorOf(MessageBytes('B').U64(1).U64(5).U32(0)),
            "pgoutput Begin message: no transaction id at byte 17 of 21");
  EXPECT_EQ(ErrorOf(MessageBytes('B').U64(1).U64(5).U32(745).U16(0)),
            "pgoutput Begin message: 2 bytes too many at byte 21");
  EXPECT_EQ(ErrorOf(MessageBytes('C').U8(1).U64(1).U64(2).U64(5)),
            "pgoutput Commit message: unknown flags at byte 1 of 26");
  EXPECT_EQ(ErrorOf(MessageBytes('T').U32(1).U8(4).U32(9)),
            "pgoutput Truncate message: unknown flags at byte 5 of 10");
  EXPECT_EQ(ErrorOf(MessageBytes('T').U32(0x40000001).U8(0).U32(9)),
            "pgoutput Truncate message: more tables than bytes at byte 1 of 10");
  EXPECT_EQ(ErrorOf(MessageBytes('R').U32(1).String("").String("t").Char('x').U16(0)),
            "pgoutput Relation message: unknown replica identity at byte 8 of 11");
  EXPECT_EQ(ErrorOf(MessageBytes('R').U32(1).String("").String("t").Char('d').U16(0xffff)),
            "pgoutput Relation message: more columns than bytes at byte 9 of 11");
  EXPECT_EQ(ErrorOf(MessageBytes('I').U32(1).Char('K').U16(0)),
            "pgoutput Insert message: no new row at byte 5 of 8");
  EXPECT_EQ(ErrorOf(MessageBytes('U').U32(1).Char('K').U16(0).Char('K').U16(0)),
            "pgoutput Update message: no new row at byte 8 of 11");
  EXPECT_EQ(ErrorOf(MessageBytes('D').U32(1).Char('N').U16(0)),
            "pgoutput Delete message: no old row at byte 5 of 8");
  EXPECT_EQ(ErrorOf(MessageBytes('I').U32(1).Char('N').U16(2).Char('n').Char('x')),
            "pgoutput Insert message: unknown kind of value at byte 9 of 10");
  EXPECT_EQ(ErrorOf(MessageBytes('I').U32(1).Char('N').U16(0xffff).Char('n')),
            "pgoutput Insert message: more columns than bytes at byte 6 of 9");
  EXPECT_EQ(ErrorOf(MessageBytes('I').U32(1).Char('N').U16(1).Char('t').U32(0xffffffff).Char('x')),
            "pgoutput Insert message: cut off at byte 14");
  EXPECT_EQ(ErrorOf(MessageBytes('O').U64(1).Bytes("no end")),
            "pgoutput Origin message: cut off at byte 15");
}

}  // namespace
}  // namespace godwit::wire::postgres
