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
    while (!bytes.empty()) {
      const ssize_t sent = ::send(ends_[1], bytes.data(), bytes.size(), MSG_NOSIGNAL);
      ASSERT_GT(sent, 0);
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
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

TEST_F(PacketChannelTest, LargePayloadsFollowOneAnother) {
  constexpr size_t kMost = 0xffffff;  // of a packet's payload
  const auto bytes_of = [](size_t size, char seed) {
    std::string bytes(size, seed);
    for (size_t i = 0; i < size; i += 4099) bytes[i] = static_cast<char>(i / 4099 + seed);
    return bytes;
  };
  const std::vector<std::string> payloads = {
      bytes_of(3 * kMost + 5, 'a'), bytes_of(2 * kMost, 'b'), "small",
      bytes_of(4 * kMost - 1, 'c'), bytes_of(kMost, 'd'),     "last"};
  std::jthread sending([&] {
    for (const std::string& payload : payloads) {
      for (size_t at = 0, size = kMost, sequence = 0; size == kMost; at += size) {
        size = std::min(kMost, payload.size() - at);
        const char header[] = {static_cast<char>(size), static_cast<char>(size >> 8),
                               static_cast<char>(size >> 16), static_cast<char>(sequence++)};
        Send({header, sizeof header});
        Send(std::string_view(payload).substr(at, size));
      }
    }
  });
  PacketChannel channel = Open();
  ReceiveBlock held;  // what was given out stays as it is
  std::string_view kept;
  for (const std::string& payload : payloads) {
    const auto packet = channel.Receive();
    ASSERT_TRUE(packet.ok()) << packet.status();
    EXPECT_TRUE(*packet == payload);
    if (held == nullptr) {
      held = channel.block();
      kept = *packet;
    }
  }
  EXPECT_TRUE(kept == payloads[0]);
}

}  // namespace
}  // namespace godwit::connectors::mysql
