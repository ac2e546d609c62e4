#include "config/suggest.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace godwit::config {
namespace {

constexpr std::array<std::string_view, 4> kWords = {"threads", "chunk_bytes", "gtid", "url"};

TEST(Suggest, FindsTheNearestWord) {
  EXPECT_EQ(Suggest("thread", kWords), "threads");
  EXPECT_EQ(Suggest("THREADS", kWords), "threads");
  EXPECT_EQ(Suggest("trheads", kWords), "threads");
  EXPECT_EQ(Suggest("gitd", kWords), "gtid");  // two neighbours swapped are one step
  EXPECT_EQ(Suggest("chunkbyte", kWords), "chunk_bytes");
  EXPECT_EQ(Suggest("uri", kWords), "url");
}

TEST(Suggest, StaysSilentWhenNothingIsNear) {
  EXPECT_EQ(Suggest("socket", kWords), "");
  EXPECT_EQ(Suggest("", kWords), "");
  EXPECT_EQ(Suggest("gti-set", kWords), "");
  EXPECT_EQ(Suggest(std::string(100000, 'u'), kWords), "");
  EXPECT_EQ(Suggest("threads", {}), "");
}

}  // namespace
}  // namespace godwit::config
