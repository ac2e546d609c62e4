#include "base/bytes.h"

#include <gtest/gtest.h>

#include <string>

namespace godwit::base {
namespace {

TEST(ByteReader, ReadsLittleEndianIntegersOfEverySize) {
  std::string data =
      "\x81"
      "\x01\x82"
      "\x01\x02\x83"
      "\x01\x02\x03\x84"
      "\x01\x02\x03\x04\x05\x86"
      "\x01\x02\x03\x04\x05\x06\x07\x88";
  ByteReader reader(data);
  EXPECT_EQ(reader.U8(), 0x81u);
  EXPECT_EQ(reader.U16(), 0x8201u);
  EXPECT_EQ(reader.U24(), 0x830201u);
  EXPECT_EQ(reader.U32(), 0x84030201u);
  EXPECT_EQ(reader.U48(), 0x860504030201u);
  EXPECT_EQ(reader.U64(), 0x8807060504030201u);
  EXPECT_EQ(reader.remaining(), 0u);
  EXPECT_FALSE(reader.failed());
}

TEST(ByteReader, GivesViewsIntoItsBuffer) {
  std::string_view data = "abcdef";
  ByteReader reader(data);
  EXPECT_EQ(reader.Bytes(2), "ab");
  reader.Skip(1);
  EXPECT_EQ(reader.position(), data.data() + 3);
  EXPECT_EQ(reader.rest(), "def");
  EXPECT_EQ(reader.Bytes(0), "");
  EXPECT_EQ(reader.Bytes(3).data(), data.data() + 3);
  EXPECT_FALSE(reader.failed());
}

TEST(ByteReader, FailsForGoodWhenItReadsPastTheEnd) {
  ByteReader reader("\x01\x02\x03");
  EXPECT_EQ(reader.U32(), 0u);
  EXPECT_TRUE(reader.failed());
  // Not even what would have fitted is read from here on.
  EXPECT_EQ(reader.U8(), 0u);
  EXPECT_EQ(reader.remaining(), 0u);
  EXPECT_EQ(reader.Bytes(1), "");
  EXPECT_TRUE(reader.failed());
}

TEST(ByteReader, FailsOnBytesThatAreNotThere) {
  ByteReader reader("abc");
  EXPECT_EQ(reader.Bytes(static_cast<size_t>(-1)), "");
  EXPECT_TRUE(reader.failed());
  ByteReader empty{std::string_view()};
  EXPECT_EQ(empty.Bytes(0), "");
  EXPECT_FALSE(empty.failed());
  EXPECT_EQ(empty.U8(), 0u);
  EXPECT_TRUE(empty.failed());
}

}  // namespace
}  // namespace godwit::base
