#include "connectors/mysql/connection/packet_channel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

namespace godwit::connectors::mysql {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;

// A channel whose server is the test.
class PacketChannelTest : public ::testing::Test {
 protected:
  PacketChannelTest() { EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends_), 0); }
  ~PacketChannelTest() override {
    ::close(ends_[0]);
    ::close(ends_[1]);
  }
  void Send(std::string_view bytes) {
    EXPECT_EQ(::send(ends_[1], bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
  }
  PacketChannel Open() { return PacketChannel(ByteStream(ends_[0], nullptr, "source")); }

  int ends_[2];
};

constexpr std::string_view kHeader("\x05\x00\x00\x00", 4);  // five bytes follow

TEST_F(PacketChannelTest, APacketMayComeInPieces) {
  PacketChannel channel = Open();
  channel.LimitSilence(milliseconds(10'000));
  Send(kHeader.substr(0, 2));
  std::jthread sending([this] {
    for (const std::string_view piece :
         {kHeader.substr(2), std::string_view("ab"), std::string_view("cde")}) {
      std::this_thread::sleep_for(milliseconds(5));
      Send(piece);
    }
  });
  const auto packet = channel.Receive();
  ASSERT_TRUE(packet.ok()) << packet.status();
  EXPECT_EQ(*packet, "abcde");
}

TEST_F(PacketChannelTest, AServerThatStopsInTheMidstOfAPacketIsGivenUp) {
  for (const std::string_view part : {kHeader.substr(0, 3), kHeader, std::string_view("abc")}) {
    if (part == "abc") Send(kHeader);
    Send(part);
    PacketChannel channel = Open();
    channel.LimitSilence(milliseconds(30));
    const base::Status status = channel.Receive().status();
    EXPECT_TRUE(absl::IsUnavailable(status)) << status;
    EXPECT_THAT(status.message(), HasSubstr("in the midst of a packet"));
  }
}

TEST_F(PacketChannelTest, BetweenPacketsAServerMayTakeItsTime) {
  PacketChannel channel = Open();
  channel.LimitSilence(milliseconds(1));
  std::jthread sending([this] {
    std::this_thread::sleep_for(milliseconds(50));
    Send(std::string(kHeader) + "abcde");
  });
  EXPECT_TRUE(channel.Receive().ok());
}

}  // namespace
}  // namespace godwit::connectors::mysql
