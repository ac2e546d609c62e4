// Versions 2 to 4: transactions that are streamed while they are in progress, and prepared ones.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "decoding.h"

namespace godwit::wire::postgres {
namespace {

constexpr Context kInStream{.in_stream = true};
constexpr uint32_t kSubXid = 747;
const std::string kStreamStop = MessageBytes('E');

TEST(PgOutputStream, StartAndStop) {
  const auto start = DecodeWhole<StreamStart>(kStreamStart);
  EXPECT_EQ(start.xid, 745u);
  EXPECT_TRUE(start.first);
  EXPECT_FALSE(DecodeWhole<StreamStart>(MessageBytes('S').U32(745).U8(0)).first);
  DecodeWhole<StreamStop>(kStreamStop, kInStream);
}

TEST(PgOutputStream, ChangesNameTheirTransaction) {
  RowTuples rows;
  const auto relation = DecodeWhole<Relation>(MessageBytes('R')
                                                  .U32(kSubXid)
                                                  .U32(16385)
                                                  .String("public")
                                                  .String("item")
                                                  .Char('n')
                                                  .U16(1)
                                                  .U8(0)
                                                  .String("id")
                                                  .U32(23)
                                                  .U32(0xffffffff),
                                              kInStream);
  EXPECT_EQ(relation.xid, kSubXid);
  EXPECT_EQ(relation.id, 16385u);
  EXPECT_EQ(relation.columns.size(), 1u);
  const auto type = DecodeWhole<Type>(
      MessageBytes('Y').U32(kSubXid).U32(16390).String("shop").String("mood"), kInStream);
  EXPECT_EQ(type.xid, kSubXid);
  EXPECT_EQ(type.id, 16390u);

  const std::string insert_bytes =
      MessageBytes('I').U32(kSubXid).U32(16385).Char('N').U16(1).Value("17");
  const auto insert = DecodeWhole<Insert>(insert_bytes, kInStream, &rows);
  EXPECT_EQ(insert.xid, kSubXid);
  EXPECT_EQ(insert.relation, 16385u);
  EXPECT_EQ(Render(rows.after), "'17'");
  const std::string update_bytes =
      MessageBytes('U').U32(kSubXid).U32(16385).Char('K').U16(1).Value("17").Char('N').U16(1).Value(
          "18");
  const auto update = DecodeWhole<Update>(update_bytes, kInStream, &rows);
  EXPECT_EQ(update.xid, kSubXid);
  EXPECT_EQ(update.relation, 16385u);
  EXPECT_EQ(Render(rows.before) + Render(rows.after), "'17''18'");
  const std::string delete_bytes =
      MessageBytes('D').U32(kSubXid).U32(16385).Char('O').U16(1).Value("18");
  const auto deletion = DecodeWhole<Delete>(delete_bytes, kInStream, &rows);
  EXPECT_EQ(deletion.xid, kSubXid);
  EXPECT_EQ(deletion.relation, 16385u);
  EXPECT_EQ(Render(rows.before), "'18'");

  const auto truncate =
      DecodeWhole<Truncate>(MessageBytes('T').U32(kSubXid).U32(1).U8(0).U32(16385), kInStream);
  EXPECT_EQ(truncate.xid, kSubXid);
  EXPECT_FALSE(truncate.cascade);
  EXPECT_FALSE(truncate.restart_identity);
  EXPECT_EQ(truncate.relations, std::vector<uint32_t>{16385});
  const auto message = DecodeWhole<LogicalMessage>(
      MessageBytes('M').U32(kSubXid).U8(0).U64(7).String("p").U32(1).Bytes("c"), kInStream);
  EXPECT_EQ(message.xid, kSubXid);
  EXPECT_FALSE(message.transactional);
  EXPECT_EQ(message.content, "c");
}

TEST(PgOutputStream, AnOriginNamesNoTransaction) {
  const auto origin = DecodeWhole<Origin>(MessageBytes('O').U64(0).String("up"), kInStream);
  EXPECT_EQ(origin.commit, 0u);
  EXPECT_EQ(origin.name, "up");
}

TEST(PgOutputStream, Commit) {
  const auto commit = DecodeWhole<StreamCommit>(
      MessageBytes('c').U32(745).U8(0).U64(0x28).U64(0x58).U64(kPostgresTime));
  EXPECT_EQ(commit.xid, 745u);
  EXPECT_EQ(commit.commit, 0x28u);
  EXPECT_EQ(commit.end, 0x58u);
  EXPECT_EQ(commit.commit_time_us, kUnixTime);
}

TEST(PgOutputStream, Abort) {
  const auto abort = DecodeWhole<StreamAbort>(MessageBytes('A').U32(745).U32(kSubXid));
  EXPECT_EQ(abort.xid, 745u);
  EXPECT_EQ(abort.subxid, kSubXid);
  EXPECT_EQ(abort.abort, 0u);
  EXPECT_EQ(abort.abort_time_us, 0);
}

TEST(PgOutputStream, AbortWithParallelStreaming) {
  const std::string bytes = MessageBytes('A').U32(745).U32(kSubXid).U64(0x28).U64(kPostgresTime);
  const auto abort = DecodeWhole<StreamAbort>(bytes, {.parallel = true});
  EXPECT_EQ(abort.xid, 745u);
  EXPECT_EQ(abort.subxid, kSubXid);
  EXPECT_EQ(abort.abort, 0x28u);
  EXPECT_EQ(abort.abort_time_us, kUnixTime);
  EXPECT_EQ(ErrorOf(bytes), "pgoutput Stream Abort message: 16 bytes too many at byte 9");
  // After a crash of the server.
  DecodeWhole<StreamAbort>(MessageBytes('A').U32(745).U32(745).U64(0).U64(0), {.parallel = true});
}

TEST(PgOutputStream, OfBlocksAndWhatIsBetweenThem) {
  PgOutputDecoder decoder;
  RowTuples rows;
  const std::string streamed = MessageBytes('I').U32(745).U32(16385).Char('N').U16(1).Char('n');
  const std::string plain = MessageBytes('I').U32(16385).Char('N').U16(1).Char('n');
  for (int i = 0; i < 2; ++i) {
    const auto outside = decoder.Decode(plain, rows);
    ASSERT_TRUE(outside.ok()) << outside.status();
    EXPECT_EQ(std::get<Insert>(*outside).xid, 0u);
    ASSERT_TRUE(decoder.Decode(kStreamStart, rows).ok());
    const auto inside = decoder.Decode(streamed, rows);
    ASSERT_TRUE(inside.ok()) << inside.status();
    EXPECT_EQ(std::get<Insert>(*inside).xid, 745u);
    EXPECT_EQ(std::get<Insert>(*inside).relation, 16385u);
    ASSERT_TRUE(decoder.Decode(kStreamStop, rows).ok());
  }
  // What is refused opens and closes nothing.
  EXPECT_FALSE(decoder.Decode(kStreamStart + "x", rows).ok());
  EXPECT_TRUE(decoder.Decode(plain, rows).ok());
  ASSERT_TRUE(decoder.Decode(kStreamStart, rows).ok());
  EXPECT_FALSE(decoder.Decode(kStreamStop + "x", rows).ok());
  EXPECT_TRUE(decoder.Decode(streamed, rows).ok());
}

TEST(PgOutputStream, WhatCannotComeThereIsRefused) {
  EXPECT_EQ(ErrorOf(kStreamStop), "pgoutput Stream Stop message: without a streamed block");
  for (const char kind : {'B', 'C', 'S', 'c', 'A', 'b', 'P', 'K', 'r', 'p'}) {
    EXPECT_THAT(ErrorOf(MessageBytes(kind), kInStream),
                ::testing::EndsWith("message: within a streamed block"));
  }
  EXPECT_EQ(ErrorOf(MessageBytes('I').U32(0).U32(16385).Char('N').U16(0), kInStream),
            "pgoutput Insert message: no transaction id at byte 1 of 12");
  EXPECT_EQ(ErrorOf(MessageBytes('S').U32(745).U8(2)),
            "pgoutput Stream Start message: unknown flags at byte 5 of 6");
}

TEST(PgOutputStream, WhoseAChangeIsIsKnownWithoutDecodingIt) {
  for (const char kind : {'I', 'U', 'D', 'R', 'Y', 'T', 'M'}) {
    EXPECT_EQ(StreamedXid(std::string(MessageBytes(kind).U32(kSubXid)) + "whatever"), kSubXid);
    EXPECT_EQ(StreamedXid(std::string(MessageBytes(kind).U16(1).U8(2))), std::nullopt) << "cut off";
    EXPECT_EQ(StreamedXid(std::string(MessageBytes(kind).U32(0).U32(7))), std::nullopt);
  }
  EXPECT_EQ(StreamedXid(std::string(MessageBytes('O').U64(0).String("up"))), 0u);
  for (const char kind : {'E', 'B', 'C', 'S', 'c', 'A', 'b', 'P', 'K', 'r', 'p', 'x'})
    EXPECT_EQ(StreamedXid(std::string(MessageBytes(kind).U32(kSubXid))), std::nullopt) << kind;
  EXPECT_EQ(StreamedXid(""), std::nullopt);
}

TEST(PgOutputStream, MessagesOutOfABlockAreDecodedByThemselves) {
  PgOutputDecoder decoder = PgOutputDecoder::WithinBlock();
  EXPECT_TRUE(decoder.in_stream());
  RowTuples rows;
  const std::string insert = MessageBytes('I').U32(kSubXid).U32(16385).Char('N').U16(1).Value("x");
  for (int i = 0; i < 2; ++i) {
    const auto message = decoder.Decode(insert, rows);
    ASSERT_TRUE(message.ok()) << message.status();
    EXPECT_EQ(std::get<Insert>(*message).xid, kSubXid);
    EXPECT_EQ(Render(rows.after), "'x'");
  }
  EXPECT_FALSE(decoder.Decode(kStreamStart, rows).ok());
}

TEST(PgOutputStream, ABlockIsOpenUntilItsEnd) {
  PgOutputDecoder decoder;
  RowTuples rows;
  EXPECT_FALSE(decoder.in_stream());
  ASSERT_TRUE(decoder.Decode(kStreamStart, rows).ok());
  EXPECT_TRUE(decoder.in_stream());
  ASSERT_TRUE(decoder.Decode(kStreamStop, rows).ok());
  EXPECT_FALSE(decoder.in_stream());
}

TEST(PgOutputPrepared, Begin) {
  const auto begin = DecodeWhole<BeginPrepare>(
      MessageBytes('b').U64(0x28).U64(0x58).U64(kPostgresTime).U32(745).String("gid 1"));
  EXPECT_EQ(begin.prepare, 0x28u);
  EXPECT_EQ(begin.end, 0x58u);
  EXPECT_EQ(begin.prepare_time_us, kUnixTime);
  EXPECT_EQ(begin.xid, 745u);
  EXPECT_EQ(begin.gid, "gid 1");
}

TEST(PgOutputPrepared, Prepare) {
  for (const char kind : {'P', 'p'}) {
    const auto prepare = DecodeWhole<Prepare>(
        MessageBytes(kind).U8(0).U64(0x28).U64(0x58).U64(kPostgresTime).U32(745).String("gid 1"));
    EXPECT_EQ(prepare.prepare, 0x28u);
    EXPECT_EQ(prepare.end, 0x58u);
    EXPECT_EQ(prepare.prepare_time_us, kUnixTime);
    EXPECT_EQ(prepare.xid, 745u);
    EXPECT_EQ(prepare.gid, "gid 1");
    EXPECT_EQ(prepare.streamed, kind == 'p');
  }
}

TEST(PgOutputPrepared, Commit) {
  const auto commit = DecodeWhole<CommitPrepared>(
      MessageBytes('K').U8(0).U64(0x28).U64(0x58).U64(kPostgresTime).U32(745).String("gid 1"));
  EXPECT_EQ(commit.commit, 0x28u);
  EXPECT_EQ(commit.end, 0x58u);
  EXPECT_EQ(commit.commit_time_us, kUnixTime);
  EXPECT_EQ(commit.xid, 745u);
  EXPECT_EQ(commit.gid, "gid 1");
}

TEST(PgOutputPrepared, Rollback) {
  const auto rollback = DecodeWhole<RollbackPrepared>(MessageBytes('r')
                                                          .U8(0)
                                                          .U64(0x28)
                                                          .U64(0x58)
                                                          .U64(kPostgresTime)
                                                          .U64(kPostgresTime + 2)
                                                          .U32(745)
                                                          .String("gid 1"));
  EXPECT_EQ(rollback.prepare_end, 0x28u);
  EXPECT_EQ(rollback.end, 0x58u);
  EXPECT_EQ(rollback.prepare_time_us, kUnixTime);
  EXPECT_EQ(rollback.rollback_time_us, kUnixTime + 2);
  EXPECT_EQ(rollback.xid, 745u);
  EXPECT_EQ(rollback.gid, "gid 1");
}

TEST(PgOutputPrepared, WithoutAPlaceIsRefused) {
  EXPECT_EQ(ErrorOf(MessageBytes('b').U64(0).U64(0x58).U64(5).U32(745).String("g")),
            "pgoutput Begin Prepare message: no place in the log at byte 1 of 31");
  EXPECT_EQ(ErrorOf(MessageBytes('K').U8(0).U64(0x28).U64(0).U64(5).U32(745).String("g")),
            "pgoutput Commit Prepared message: no place in the log at byte 10 of 32");
}

}  // namespace
}  // namespace godwit::wire::postgres
