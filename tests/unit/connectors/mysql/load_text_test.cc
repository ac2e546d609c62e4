#include "connectors/mysql/copy/load_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <random>

namespace godwit::connectors::mysql {
namespace {

using Fields = std::vector<std::optional<std::string>>;

std::string Escaped(std::string_view bytes) {
  std::string out;
  AppendEscapedField(out, bytes);
  return out;
}

Fields Split(std::string_view row) {
  Fields fields;
  LoadTextFields reader(row);
  std::string field;
  for (bool is_null = false; reader.Next(field, is_null);)
    fields.push_back(is_null ? std::optional<std::string>() : field);
  return fields;
}

TEST(LoadTextTest, EscapesWhatEndsAFieldOrARow) {
  EXPECT_EQ(Escaped(""), "");
  EXPECT_EQ(Escaped("plain"), "plain");
  EXPECT_EQ(Escaped("a\tb\nc\\d"), "a\\tb\\nc\\\\d");
  EXPECT_EQ(Escaped("\\N"), "\\\\N");
  EXPECT_EQ(Escaped(std::string("\0\r\x1a", 3)), std::string("\0\r\x1a", 3));
}

TEST(LoadTextTest, EscapesAtEveryPlaceOfAWord) {
  // Bytes are looked at eight at a time; neighbours of the special ones must not be taken for them.
  for (size_t size = 0; size < 20; ++size) {
    for (size_t at = 0; at < size; ++at) {
      for (char c : {'\t', '\n', '\\'}) {
        for (char filler :
             {'x', static_cast<char>(c + 1), static_cast<char>(c - 1), '\xff', '\0'}) {
          if (filler == '\t' || filler == '\n' || filler == '\\') continue;
          std::string bytes(size, filler);
          bytes[at] = c;
          std::string expected = bytes;
          expected.replace(at, 1, c == '\t' ? "\\t" : c == '\n' ? "\\n" : "\\\\");
          ASSERT_EQ(Escaped(bytes), expected) << size << " " << at;
        }
      }
    }
  }
}

TEST(LoadTextTest, SplitsARow) {
  EXPECT_EQ(Split("a\tb"), (Fields{"a", "b"}));
  EXPECT_EQ(Split(""), (Fields{""}));
  EXPECT_EQ(Split("\t"), (Fields{"", ""}));
  EXPECT_EQ(Split("\\N\t\\N"), (Fields{std::nullopt, std::nullopt}));
  EXPECT_EQ(Split("\\\\N"), (Fields{"\\N"}));
  EXPECT_EQ(Split("a\\tb\\nc\\\\"), (Fields{"a\tb\nc\\"}));
}

TEST(LoadTextTest, FieldsAsTheyAreWritten) {
  EXPECT_THAT(RawFields("a\\tb\t\t\\N"), testing::ElementsAre("a\\tb", "", kNullField));
  EXPECT_THAT(RawFields(""), testing::ElementsAre(""));
}

TEST(LoadTextTest, LargeFieldsComeInPieces) {
  constexpr size_t kPiece = UnescapedPieces::kPieceBytes;
  const auto whole = [&](std::string_view field) {
    UnescapedPieces pieces(field);
    std::string all;
    for (std::string_view piece = pieces.Next(); !piece.empty(); piece = pieces.Next()) {
      EXPECT_LE(piece.size(), kPiece);
      all += piece;
    }
    return all;
  };
  EXPECT_EQ(whole(""), "");
  EXPECT_TRUE(whole(std::string(3 * kPiece, 'x')) == std::string(3 * kPiece, 'x'));
  // An escape at any place around the end of a piece, and runs of them.
  for (const std::string special : {"\\", "\n", "\t", "\\\\", "\\n\\", "\n\n\n"}) {
    for (size_t before = kPiece - 6; before <= kPiece + 1; ++before) {
      const std::string bytes = std::string(before, 'x') + special + std::string(kPiece, 't');
      ASSERT_TRUE(whole(Escaped(bytes)) == bytes) << special << " " << before;
    }
  }
  const std::string slashes(2 * kPiece + 1, '\\');
  EXPECT_TRUE(whole(Escaped(slashes)) == slashes);
}

TEST(LoadTextTest, CutsRows) {
  std::string_view rows = "a\\nb\tc\n\nlast\n", row;
  ASSERT_TRUE(CutRow(rows, row));
  EXPECT_EQ(row, "a\\nb\tc");
  ASSERT_TRUE(CutRow(rows, row));
  EXPECT_EQ(row, "");
  ASSERT_TRUE(CutRow(rows, row));
  EXPECT_EQ(row, "last");
  EXPECT_FALSE(CutRow(rows, row));
}

TEST(LoadTextTest, AnyRowsComeBackAsTheyWere) {
  std::mt19937 random(1);
  const std::string_view alphabet("\\\t\nN\0\xff nt'", 10);
  for (int round = 0; round < 2000; ++round) {
    std::vector<Fields> table(random() % 4);
    std::string text;
    for (Fields& row : table) {
      row.resize(1 + random() % 4);
      for (size_t i = 0; i < row.size(); ++i) {
        if (i > 0) text += '\t';
        if (random() % 5 == 0) {
          text += "\\N";
          continue;
        }
        row[i].emplace();
        for (size_t n = random() % 12; n > 0; --n) *row[i] += alphabet[random() % alphabet.size()];
        AppendEscapedField(text, *row[i]);
      }
      text += '\n';
    }
    std::vector<Fields> read;
    std::string_view rest = text, row;
    while (CutRow(rest, row)) read.push_back(Split(row));
    ASSERT_EQ(read, table) << text;
  }
}

}  // namespace
}  // namespace godwit::connectors::mysql
