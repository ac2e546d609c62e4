#include "base/arena.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

namespace godwit::base {
namespace {

TEST(Arena, KeepsPiecesWhereTheyAre) {
  Arena arena(64);
  std::vector<std::string> texts;
  std::vector<std::string_view> views;
  for (int i = 0; i < 200; ++i) {
    texts.emplace_back(static_cast<size_t>(i), static_cast<char>('a' + i % 26));
    views.push_back(arena.Copy(texts.back()));
  }
  for (size_t i = 0; i < texts.size(); ++i) EXPECT_EQ(views[i], texts[i]);
}

TEST(Arena, AlignsEveryPiece) {
  Arena arena(100);
  for (size_t size : {1, 7, 8, 9, 200, 3}) {
    EXPECT_EQ(reinterpret_cast<uintptr_t>(arena.Allocate(size)) % 8, 0u) << size;
  }
}

TEST(Arena, CountsTheMemoryItHolds) {
  Arena arena(1024);
  EXPECT_EQ(arena.bytes(), 0u);
  EXPECT_EQ(arena.Copy(""), "");
  EXPECT_EQ(arena.bytes(), 0u);
  arena.Allocate(1000);
  arena.Allocate(24);
  EXPECT_EQ(arena.bytes(), 1024u);
  arena.Allocate(1);
  EXPECT_EQ(arena.bytes(), 2048u);
  arena.Allocate(5000);
  EXPECT_EQ(arena.bytes(), 2048u + 5000);
}

TEST(Arena, GivesItsPiecesAwayWhenMoved) {
  Arena first(256);
  std::string_view text = first.Copy("kept");
  Arena second = std::move(first);
  // The moved-from arena must not hand out memory that the other one owns now.
  std::string_view other = first.Copy("new");  // NOLINT(bugprone-use-after-move)
  second.Copy("more");
  EXPECT_EQ(text, "kept");
  EXPECT_EQ(other, "new");
  EXPECT_EQ(second.bytes(), 256u);
  EXPECT_EQ(first.bytes(), 256u);
  second = Arena(16);
  EXPECT_EQ(second.bytes(), 0u);
  second.Copy("x");
  EXPECT_EQ(second.bytes(), 16u);
}

}  // namespace
}  // namespace godwit::base
