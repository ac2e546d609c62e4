#include "wire/mysql/inflate.h"

#include <gtest/gtest.h>

namespace godwit::wire::mysql {
namespace {

// "x" 500 times with zlib's wrapping (column_compression_zlib_wrap).
constexpr std::string_view kWrapped(
    "\x82\x01\xf4\x78\x9c\xab\xa8\x18\x05\x23\x0d\x00\x00\x66\x4f\xea\x61", 17);

TEST(InflateColumn, KnowsTheThreeForms) {
  std::string out;
  auto wrapped = InflateColumn(kWrapped, out);
  ASSERT_TRUE(wrapped.ok()) << wrapped.status();
  EXPECT_EQ(*wrapped, std::string(500, 'x'));
  std::string_view stored("\0hi", 3);
  EXPECT_EQ(InflateColumn(stored, out)->data(), stored.data() + 1);
  EXPECT_EQ(*InflateColumn("", out), "");
}

TEST(InflateColumn, RawDeflate) {
  std::string out;
  std::string_view raw("\x8a\x01\xf4\xab\xa8\x18\x05\x23\x0d\x00\x00", 11);
  auto value = InflateColumn(raw, out);
  ASSERT_TRUE(value.ok()) << value.status();
  EXPECT_EQ(*value, std::string(500, 'x'));
}

TEST(InflateColumn, CorruptInputIsDataLoss) {
  std::string out;
  for (size_t size = 1; size < kWrapped.size(); ++size) {
    EXPECT_EQ(InflateColumn(kWrapped.substr(0, size), out).status().code(),
              base::StatusCode::kDataLoss)
        << size;
  }
  std::string shorter(kWrapped);
  shorter[2] = '\x20';  // says fewer bytes than there are
  EXPECT_FALSE(InflateColumn(shorter, out).ok());
  EXPECT_FALSE(InflateColumn("\x10zz", out).ok());
}

TEST(Inflate, ALengthThatTheDataCannotHoldIsNotAllocated) {
  std::string out;
  EXPECT_EQ(InflateEventPart(std::string_view("\x84\xff\xff\xff\xff\x78\x9c", 7), out).code(),
            base::StatusCode::kDataLoss);
  EXPECT_LT(out.capacity(), 1000u);
}

TEST(InflateEventPart, OnlyZlib) {
  std::string out;
  ASSERT_TRUE(InflateEventPart(kWrapped, out).ok());
  EXPECT_EQ(out, std::string(500, 'x'));
  EXPECT_FALSE(InflateEventPart(std::string_view("\0hi", 3), out).ok());
  EXPECT_FALSE(InflateEventPart("", out).ok());
}

}  // namespace
}  // namespace godwit::wire::mysql
