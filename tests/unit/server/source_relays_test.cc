#include "server/source_relays.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace godwit::server {
namespace {

namespace fs = std::filesystem;

class SourceRelaysTest : public ::testing::Test {
 protected:
  SourceRelaysTest() : folder_(::testing::TempDir() + fmt::format("relays-{}", ::getpid())) {
    fs::remove_all(folder_);
    for (const char* source : {"left", "off", "paused"}) {
      fs::create_directories(folder_ + "/" + source + "/server");
      for (const char* file : {"lock", "log.000001"})
        std::ofstream(fmt::format("{}/{}/server/{}", folder_, source, file)) << "x";
    }
  }
  ~SourceRelaysTest() override { fs::remove_all(folder_); }
  bool Has(const std::string& source) const { return fs::exists(folder_ + "/" + source); }

  const std::string folder_;
};

TEST_F(SourceRelaysTest, TheFolderOfASourceThatHasLeftGoesAfterADay) {
  SourceRelays relays(folder_);
  relays.Pause("paused");
  ASSERT_TRUE(relays.Start("off", "name: off\nurl: mysql://u@a\nrelay: off\n").ok());
  const auto begin = std::chrono::steady_clock::now();
  relays.DeleteDeparted(begin);
  relays.DeleteDeparted(begin + std::chrono::hours(23));
  EXPECT_TRUE(Has("left") && Has("off") && Has("paused"));

  // It comes back and leaves again: the day begins anew.
  relays.Pause("left");
  relays.DeleteDeparted(begin + std::chrono::hours(25));
  EXPECT_TRUE(Has("left"));
  EXPECT_FALSE(Has("off")) << "of a source that has no relay any more";
  relays.Stop("left");
  relays.DeleteDeparted(begin + std::chrono::hours(26));
  relays.DeleteDeparted(begin + std::chrono::hours(49));
  EXPECT_TRUE(Has("left"));
  relays.DeleteDeparted(begin + std::chrono::hours(50));
  EXPECT_FALSE(Has("left"));
  EXPECT_TRUE(Has("paused"));
}

}  // namespace
}  // namespace godwit::server
