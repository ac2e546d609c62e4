#include "wire/postgres/lsn.h"

#include <gtest/gtest.h>

namespace godwit::wire::postgres {
namespace {

TEST(Lsn, Text) {
  EXPECT_EQ(LsnText(0), "0/0");
  EXPECT_EQ(LsnText(0x16B374D848), "16/B374D848");
  EXPECT_EQ(LsnText(0x100000028), "1/28");
  EXPECT_EQ(LsnText(UINT64_MAX), "FFFFFFFF/FFFFFFFF");
}

TEST(Lsn, IsReadAsItIsWritten) {
  for (const Lsn lsn : {Lsn{0}, Lsn{0x28}, Lsn{0x100000028}, Lsn{0x16B374D848}, Lsn{UINT64_MAX}})
    EXPECT_EQ(ParseLsn(LsnText(lsn)), lsn);
}

TEST(Lsn, IsReadAsTheServerReadsIt) {
  EXPECT_EQ(ParseLsn("16/b374d848"), 0x16B374D848);
  EXPECT_EQ(ParseLsn("1/00000028"), 0x100000028u);  // as version 19 prints it
}

TEST(Lsn, OtherTextIsNone) {
  for (const char* text :
       {"", "/", "1/", "/1", "1", "1/2/3", " 1/2", "1/2 ", "1 /2", "0x1/2", "+1/2", "-1/2", "1/-2",
        "123456789/0", "0/123456789", "G/0", "0/G", "1\\2"})
    EXPECT_EQ(ParseLsn(text), std::nullopt) << text;
  EXPECT_EQ(ParseLsn(std::string_view("1/2\0", 4)), std::nullopt);
}

}  // namespace
}  // namespace godwit::wire::postgres
