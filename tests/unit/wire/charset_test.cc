// What the servers' CONVERT(... USING utf8mb4) gives, in MariaDB 10.11 and MySQL 9.7 alike.
#include "wire/mysql/charset.h"

#include <gtest/gtest.h>

namespace godwit::wire::mysql {
namespace {

struct Case {
  std::string_view charset, bytes, utf8;
};

std::string Decoded(std::string_view charset, std::string_view bytes) {
  std::string text = "<";
  const bool well = TextDecoder(charset).Append(text, bytes);
  return well ? text + ">" : "ill";
}

TEST(CharsetTest, TextBecomesUtf8) {
  using namespace std::string_view_literals;
  constexpr Case kCases[] = {
      {"latin1", "na\xefve \x80 \x81", "naïve € \u0081"},
      {"latin2", "\xb1\xe6\xea", "ąćę"},
      {"cp1250", "\x9a\x8e", "šŽ"},
      {"cp1251", "\xcf\xf0\xe8", "При"},
      {"cp866", "\x8f\xfc", "Пⁿ"},
      {"koi8r", "\xf0\xd2", "Пр"},
      {"koi8u", "\xa4\x95", "є•"},
      {"greek", "\xe1\xa1", "αʽ"},
      {"hebrew", "\xe0\xaf", "א‾"},
      {"tis620", "\xa1\xd2", "กา"},
      {"macroman", "\x8a\xc6", "ä∆"},
      {"keybcs2", "\x80", "Č"},
      {"swe7", "r{v `", "räv é"},
      {"gbk",
       "\xc4\xe3\x81\x40"
       "a",
       "你丂a"},
      {"gb2312", "\xc4\xe3\xa1\xa4", "你・"},
      {"gb18030", "\xc4\xe3\x81\x30\x81\x30\xfe\x59\x82\x35\x90\x37\x90\x30\x81\x30",
       "你\u0080\ue81e\u9fb4\U00010000"},
      {"big5", "\xa7\x41\xc6\xe7\xc7\xf2", "你ゃ⑩"},
      {"sjis", "\x93\xfa\x81\x60\xb1\\~", "日〜ｱ\\~"},
      {"cp932", "\x93\xfa\x81\x60\xb1", "日～ｱ"},
      {"ujis", "\xc6\xfc\xa1\xc1\x8e\xb1\x8f\xb0\xa1", "日〜ｱ丂"},
      {"eucjpms", "\xc6\xfc\xa1\xc1", "日～"},
      {"euckr", "\xc7\xd1\x81\x41", "한갂"},
      {"ucs2",
       "\x00"
       "a\x4f\x60"sv,
       "a你"},
      {"utf16",
       "\xd8\x3d\xde\x00\x00"
       "a"sv,
       "😀a"},
      {"utf16le",
       "\x3d\xd8\x00\xde"
       "a\x00"sv,
       "😀a"},
      {"utf32", "\x00\x01\xf6\x00"sv, "😀"},
      {"utf8mb4", "a😀", "a😀"},
      {"ascii", "plain", "plain"},
  };
  for (const Case& one : kCases) {
    EXPECT_TRUE(KnowsCharset(one.charset)) << one.charset;
    EXPECT_EQ(Decoded(one.charset, one.bytes), "<" + std::string(one.utf8) + ">") << one.charset;
    EXPECT_EQ(TextDecoder(one.charset).is_utf8(), one.charset == "utf8mb4");
  }
}

TEST(CharsetTest, EveryCharsetOfTheServersIsKnown) {
  for (std::string_view charset :
       {"armscii8", "ascii",   "big5",   "cp1250", "cp1251",  "cp1256",   "cp1257",  "cp850",
        "cp852",    "cp866",   "cp932",  "dec8",   "euckr",   "eucjpms",  "gb18030", "gb2312",
        "gbk",      "geostd8", "greek",  "hebrew", "hp8",     "keybcs2",  "koi8r",   "koi8u",
        "latin1",   "latin2",  "latin5", "latin7", "macce",   "macroman", "sjis",    "swe7",
        "tis620",   "ucs2",    "ujis",   "utf16",  "utf16le", "utf32",    "utf8mb3", "utf8mb4"})
    EXPECT_TRUE(KnowsCharset(charset)) << charset;
  EXPECT_FALSE(KnowsCharset("binary"));
  EXPECT_FALSE(KnowsCharset("utf8"));
  EXPECT_EQ(Decoded("klingon", "a"), "ill");
}

TEST(CharsetTest, BytesThatAreNoTextAreTold) {
  for (const auto& [charset, bytes] :
       std::initializer_list<std::pair<const char*, const char*>>{{"ascii", "a\x80"},
                                                                  {"cp1250", "\x81"},
                                                                  {"cp1251", "\x98"},
                                                                  {"gbk", "\x81"},
                                                                  {"gbk", "\x81\x20"},
                                                                  {"sjis", "\x80"},
                                                                  {"cp932", "a\x81"},
                                                                  {"ujis", "\x8f\xb0"},
                                                                  {"gb18030", "\x81\x30\x81"},
                                                                  {"ucs2", "abc"},
                                                                  {"ucs2", "\xd8\x3d"},
                                                                  {"utf16", "\xde\x01"},
                                                                  {"utf16", "\xd8\x3d"},
                                                                  {"utf32", "\x01\x01\x01\x01"},
                                                                  {"utf8mb4", "a\xc3"},
                                                                  {"utf8mb4", "\xed\xa0\x80"},
                                                                  {"utf8mb4", "\xf4\x90\x80\x80"},
                                                                  {"utf8mb4", "\xc0\x80"}})
    EXPECT_EQ(Decoded(charset, bytes), "ill") << charset;
}

TEST(CharsetTest, IllTextMayBeReplaced) {
  const auto replaced = [](std::string_view charset, std::string_view bytes) {
    std::string text;
    EXPECT_FALSE(TextDecoder(charset).Append(text, bytes, IllText::kReplace));
    return text;
  };
  EXPECT_EQ(replaced("utf8mb4", "a\xc3z\xff\xc3\xa9"), "a�z�é");
  EXPECT_EQ(replaced("gbk", "\xc4\xe3\x81 x"), "你� x");
  EXPECT_EQ(replaced("ucs2", std::string_view("\xd8\x00\x00z\x01", 5)), "�z�");
}

TEST(CharsetTest, Utf8IsCheckedToItsEnd) {
  const std::string long_text = "twelve bytes and more, é, 你, 😀, and the rest";
  EXPECT_TRUE(IsUtf8(long_text));
  for (size_t cut = 1; cut < 4; ++cut)
    EXPECT_FALSE(IsUtf8(long_text.substr(0, long_text.find("😀") + cut)));
  EXPECT_EQ(Utf8Head("12345678é\xff"), 10u);
}

}  // namespace
}  // namespace godwit::wire::mysql
