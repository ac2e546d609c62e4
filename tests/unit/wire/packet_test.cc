#include "wire/mysql/packet.h"

#include <gtest/gtest.h>

namespace godwit::wire::mysql {
namespace {

std::string_view View(const char* bytes, size_t size) { return {bytes, size}; }

TEST(Packet, Header) {
  PacketHeader header = DecodePacketHeader("\x03\x02\x01\xff");
  EXPECT_EQ(header.length, 0x010203u);
  EXPECT_EQ(header.sequence, 0xff);
}

TEST(Packet, LengthEncodedIntegers) {
  struct Case {
    std::string_view bytes;
    uint64_t value;
  };
  for (const Case& c : {Case{View("\0", 1), 0}, Case{View("\xfa", 1), 250},
                        Case{View("\xfc\xfb\0", 3), 251}, Case{View("\xfd\0\0\1", 4), 0x10000},
                        Case{View("\xfe\xff\xff\xff\xff\xff\xff\xff\xff", 9), UINT64_MAX}}) {
    base::ByteReader reader(c.bytes);
    EXPECT_EQ(ReadLengthEncoded(reader), c.value);
    EXPECT_FALSE(reader.failed());
    EXPECT_EQ(reader.remaining(), 0u);
    base::ByteReader cut(c.bytes.substr(0, c.bytes.size() - 1));
    ReadLengthEncoded(cut);
    EXPECT_TRUE(cut.failed());
  }
  base::ByteReader null(View("\xfb", 1));
  EXPECT_EQ(ReadLengthEncoded(null), std::nullopt);
  EXPECT_FALSE(null.failed());
  base::ByteReader bad(View("\xff\0\0\0\0\0\0\0\0", 9));
  ReadLengthEncoded(bad);
  EXPECT_TRUE(bad.failed());
}

TEST(Packet, LengthEncodedStrings) {
  base::ByteReader reader(View("\2ab\0\xfb\xfc\1\0c", 9));
  EXPECT_EQ(ReadLengthEncodedString(reader), "ab");
  EXPECT_EQ(ReadLengthEncodedString(reader), "");
  EXPECT_EQ(ReadLengthEncodedString(reader), std::nullopt);
  EXPECT_EQ(ReadLengthEncodedString(reader), "c");
  EXPECT_FALSE(reader.failed());
  base::ByteReader huge(View("\xfe\xff\xff\xff\xff\xff\xff\xff\xff", 9));
  EXPECT_EQ(ReadLengthEncodedString(huge), "");
  EXPECT_TRUE(huge.failed());
}

TEST(Packet, Kinds) {
  EXPECT_EQ(KindOf(""), PacketKind::kOther);
  EXPECT_EQ(KindOf(View("\0\0\0\2\0\0\0", 7)), PacketKind::kOk);
  EXPECT_EQ(KindOf("\xff\1\2x"), PacketKind::kError);
  EXPECT_EQ(KindOf(View("\xfe\0\0\2\0", 5)), PacketKind::kEof);
  EXPECT_EQ(KindOf(View("\xfe\1\0\0\0\0\0\0\0z", 10)),
            PacketKind::kOther);  // a row that begins with a long string
  EXPECT_EQ(KindOf("\x03row"), PacketKind::kOther);
}

TEST(Packet, Ok) {
  auto ok = DecodeOk(View("\0\xfc\0\1\5\2\0\3\0hi", 11));
  ASSERT_TRUE(ok.ok());
  EXPECT_EQ(ok->affected_rows, 256u);
  EXPECT_EQ(ok->last_insert_id, 5u);
  EXPECT_EQ(ok->status, 2);
  EXPECT_EQ(ok->warnings, 3);
  EXPECT_EQ(ok->info, "hi");
  EXPECT_FALSE(DecodeOk(View("\0\0\0\2\0\0", 6)).ok());
  EXPECT_FALSE(DecodeOk(View("\1\0\0\2\0\0\0", 7)).ok());
}

TEST(Packet, Error) {
  auto error = DecodeError("\xff\x16\x04#28000Access denied");
  ASSERT_TRUE(error.ok());
  EXPECT_EQ(error->code, 1046);
  EXPECT_EQ(error->sql_state, "28000");
  EXPECT_EQ(error->message, "Access denied");
  EXPECT_EQ(DecodeError("\xff\x10\x04Too many")->message, "Too many");
  EXPECT_FALSE(DecodeError("\xff\x16").ok());
  EXPECT_FALSE(DecodeError("\xff\x16\x04#280").ok());
}

TEST(Packet, Eof) {
  auto eof = DecodeEof(View("\xfe\1\0\2\0", 5));
  ASSERT_TRUE(eof.ok());
  EXPECT_EQ(eof->warnings, 1);
  EXPECT_EQ(eof->status, 2);
  EXPECT_FALSE(DecodeEof(View("\xfe\1\0\2", 4)).ok());
}

}  // namespace
}  // namespace godwit::wire::mysql
