#include "wire/postgres/input_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wire/postgres/copy_text.h"

namespace godwit::wire::postgres {
namespace {

TEST(InputTextTest, BytesAndBits) {
  std::string out = "=";
  AppendBytea(out, std::string_view("\x00\x7f\xff", 3));
  EXPECT_EQ(out, "=\\x007fff");
  out.clear();
  AppendBytea(out, "");
  EXPECT_EQ(out, "\\x");
  out.clear();
  AppendBits(out, 0b101, 5);
  EXPECT_EQ(out, "00101");
  out.clear();
  AppendBits(out, ~uint64_t{0}, 64);
  EXPECT_EQ(out, std::string(64, '1'));
}

TEST(CopyTextTest, WhatIsWrittenIsReadAgain) {
  // Each special character at each place of a word of eight, and what looks special and is not.
  for (const std::string_view special : {"\\", "\n", "\r", "\t", "\b", "\x1f", "\x7f", "é", "N"}) {
    for (size_t at = 0; at < 20; ++at) {
      const std::string value = std::string(at, 'x') + std::string(special) + "yy";
      std::string line;
      AppendCopyField(line, value);
      line += "\t\\N";
      EXPECT_EQ(line.find('\n'), std::string::npos);
      CopyTextRow row;
      const auto& fields = row.Parse(line);
      ASSERT_EQ(fields.size(), 2u);
      EXPECT_EQ(fields[0], value);
      EXPECT_EQ(fields[1], std::nullopt);
      if (IsPlainCopyField(value)) {
        EXPECT_EQ(line, value + "\t\\N");
      }
    }
  }
  // Bytes are not copied, and stay where others have to be.
  CopyTextRow row;
  const std::string bytes = "\\\\x" + std::string(100, '0');
  const std::string line = "a\\tb\t" + bytes + "\t\\\\\t\\\\\\n\t\\\\N";
  const auto& fields = row.Parse(line);
  EXPECT_THAT(fields, ::testing::ElementsAre("a\tb", bytes.substr(1), "\\", "\\\n", "\\N"));
  EXPECT_EQ(fields[1]->data(), line.data() + 6);
  EXPECT_TRUE(IsPlainCopyField("plain text, of many words; 100%"));
  EXPECT_TRUE(IsPlainCopyField(""));
  EXPECT_FALSE(IsPlainCopyField("naïve"));
  EXPECT_FALSE(IsPlainCopyField("12345678\n"));
  EXPECT_FALSE(IsPlainCopyField("1234\\678"));
}

}  // namespace
}  // namespace godwit::wire::postgres
