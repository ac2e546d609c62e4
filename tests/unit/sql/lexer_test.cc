#include "sql/lexer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godwit::sql {
namespace {

using ::testing::ElementsAre;

// The tokens as text, without the end.
std::vector<std::string> Raw(std::string_view text, const ParseOptions& options = {}) {
  auto tokens = Lex(text, options);
  EXPECT_TRUE(tokens.ok()) << tokens.status();
  std::vector<std::string> raw;
  if (!tokens.ok()) return raw;
  EXPECT_EQ(tokens->back().kind, TokenKind::kEnd);
  for (size_t i = 0; i + 1 < tokens->size(); ++i) raw.emplace_back((*tokens)[i].raw);
  return raw;
}

std::string Rendered(std::string_view text, const ParseOptions& options = {}) {
  auto tokens = Lex(text, options);
  EXPECT_TRUE(tokens.ok()) << tokens.status();
  return tokens.ok() ? Render(*tokens) : "";
}

TEST(Lexer, GivesTokensWithOffsets) {
  auto tokens = Lex("DROP  TABLE\n`a`.b", {});
  ASSERT_TRUE(tokens.ok());
  ASSERT_EQ(tokens->size(), 6u);
  EXPECT_EQ((*tokens)[1].offset, 6u);
  EXPECT_TRUE((*tokens)[1].gap);
  EXPECT_EQ((*tokens)[2].kind, TokenKind::kIdentifier);
  EXPECT_EQ((*tokens)[2].value, "a");
  EXPECT_FALSE((*tokens)[3].gap);
  EXPECT_EQ((*tokens)[5].offset, 17u);
}

TEST(Lexer, LeavesOutComments) {
  EXPECT_THAT(Raw("a /* b ' */ c -- d\n e # f\n g --"), ElementsAre("a", "c", "e", "g"));
  EXPECT_THAT(Raw("1--2"), ElementsAre("1", "-", "-", "2"));
}

TEST(Lexer, EntersVersionCommentsAsMariadbDoes) {
  EXPECT_THAT(Raw("/*! a */ b"), ElementsAre("a", "b"));
  EXPECT_THAT(Raw("/*!50003 a */ b"), ElementsAre("a", "b"));
  EXPECT_THAT(Raw("/*!100100 a */ b"), ElementsAre("a", "b"));
  EXPECT_THAT(Raw("/*M!100301 COMPRESSED*/ b"), ElementsAre("COMPRESSED", "b"));
  EXPECT_THAT(Raw("/*M!50701 a */ b"), ElementsAre("a", "b"));
  EXPECT_THAT(Raw("/*!50700 a */ b"), ElementsAre("b")) << "MySQL's own";
  EXPECT_THAT(Raw("/*!80013 a */ b"), ElementsAre("b")) << "MySQL's own";
  EXPECT_THAT(Raw("/*!110000 a */ b"), ElementsAre("b")) << "newer";
  EXPECT_THAT(Raw("/*!999999 a /* c */ d */ b"), ElementsAre("b")) << "one comment inside";
  EXPECT_THAT(Raw("/*!50003 a /* c */ d */ b"), ElementsAre("a", "d", "b"));
  ParseOptions newer;
  newer.server_version = 110401;
  EXPECT_THAT(Raw("/*!110000 a */ b", newer), ElementsAre("a", "b"));
}

TEST(Lexer, TellsNumbersFromNames) {
  EXPECT_THAT(Raw("1a 12 1.5 .5 1e5 1.e-3 0x1F 0xZ db.1e5 db.2x 1e"),
              ElementsAre("1a", "12", "1.5", ".5", "1e5", "1.e-3", "0x1F", "0xZ", "db", ".", "1e5",
                          "db", ".", "2x", "1e"));
  auto tokens = Lex("1a 1.5 x'41' b'01' t.12", {});
  ASSERT_TRUE(tokens.ok());
  EXPECT_EQ((*tokens)[0].kind, TokenKind::kWord);
  EXPECT_EQ((*tokens)[1].kind, TokenKind::kNumber);
  EXPECT_EQ((*tokens)[2].kind, TokenKind::kNumber);
  EXPECT_EQ((*tokens)[3].kind, TokenKind::kNumber);
  EXPECT_EQ((*tokens)[6].kind, TokenKind::kWord);
}

TEST(Lexer, DecodesStrings) {
  auto tokens = Lex(R"('a''b\n\\\%\0' "c""d")", {});
  ASSERT_TRUE(tokens.ok());
  EXPECT_EQ((*tokens)[0].value, std::string("a'b\n\\\\%\0", 8));
  EXPECT_EQ((*tokens)[1].kind, TokenKind::kString);
  EXPECT_EQ((*tokens)[1].value, "c\"d");
}

TEST(Lexer, FollowsTheSqlMode) {
  ParseOptions ansi;
  ansi.ansi_quotes = true;
  auto tokens = Lex(R"("a""\" 'b')", ansi);
  ASSERT_TRUE(tokens.ok());
  EXPECT_EQ((*tokens)[0].kind, TokenKind::kIdentifier);
  EXPECT_EQ((*tokens)[0].value, "a\"\\");
  ParseOptions plain;
  plain.no_backslash_escapes = true;
  tokens = Lex(R"('a\' 'b')", plain);
  ASSERT_TRUE(tokens.ok());
  EXPECT_EQ((*tokens)[0].value, "a\\");
}

TEST(Lexer, ReportsWhatDoesNotEnd) {
  for (std::string_view text :
       {"a 'b", "a `b", "a /* b", "a /*! b", "a /*!999999 /* b */", "a x'41", "@`a"}) {
    auto tokens = Lex(text, {});
    EXPECT_EQ(tokens.status().code(), base::StatusCode::kInvalidArgument) << text;
  }
  EXPECT_THAT(Lex("ab 'cd", {}).status().message(), ::testing::HasSubstr("offset 3"));
}

TEST(Render, WritesForTheDefaultMode) {
  ParseOptions ansi;
  ansi.ansi_quotes = true;
  ansi.no_backslash_escapes = true;
  EXPECT_EQ(Rendered(R"("a`b" = 'c\''d'  /* e */ + f)", ansi), R"(`a``b` = 'c\\''d' + f)");
  EXPECT_EQ(Rendered("_utf8mb4'x', N'y', 0x41"), "_utf8mb4'x', N'y', 0x41");
}

TEST(Render, KeepsTokensApart) {
  for (std::string_view text : {R"('a'"b")", R"(x"41")", "a--/**/b", "a-- -b"}) {
    auto tokens = Lex(text, {});
    ASSERT_TRUE(tokens.ok());
    auto again = Lex(Render(*tokens), {});
    ASSERT_TRUE(again.ok());
    EXPECT_EQ(again->size(), tokens->size()) << text;
  }
}

}  // namespace
}  // namespace godwit::sql
