#include "connectors/mysql/apply/xa_replay.h"

#include <gmock/gmock.h>

#include <functional>

#include "log_sender.h"

namespace godwit::connectors::mysql {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using wire::mysql::EventType;

constexpr uint64_t kGiB = uint64_t{1} << 30;

// The end of the group of XA transaction `name`, which the test gives as it is.
std::string Prepare(std::string_view name) {
  return std::string(1, '\0') + LittleEndian(1, 4) + LittleEndian(name.size(), 4) +
         LittleEndian(0, 4) + std::string(name);
}

struct Replayed {
  std::vector<std::string> bodies;
  base::Status status;
};

// What a replay gives of the group of "one" at `begin` of log.1, where the server sends that.
Replayed Replay(uint64_t begin, const std::function<void(LogSender&)>& send) {
  LogSender server;
  send(server);
  LogReader log(server.Channel(), "source: reading an XA transaction");
  log.StartAt(LogPlace("log.1", begin, LogPlace::Asked::kByOffset), wire::mysql::Checksum::kNone);
  XaReplay replay({"6f6e65..1", {"log.1", begin}, nullptr}, 0, std::move(log));
  Replayed replayed;
  while (true) {
    const auto piece = replay.Next();
    replayed.status = piece.status();
    if (!piece.ok() || !*piece) return replayed;
    replayed.bodies.emplace_back((*piece)->event.body);
  }
}

// The group's events from `begin` on, with 3 GiB of others between some of them.
void SendGroup(LogSender& server, uint64_t begin, std::string_view name = "one") {
  uint64_t end = begin + LogSender::SizeOf("gtid");
  server.Send(EventType::kGtid, end, "gtid");
  server.Send(EventType::kQuery, end += 40, "XA START");
  server.Send(EventType::kTableMap, end += 50, "map");
  server.Send(EventType::kWriteRowsV2, end += 3 * kGiB, "rows");
  server.Send(EventType::kWriteRowsV2, end += 3 * kGiB, "more rows");
  server.Send(EventType::kXaPrepare, end + 100, Prepare(name));
}

TEST(XaReplay, GivesTheChangesOfTheGroupAtItsPlace) {
  const Replayed replayed = Replay(700, [](LogSender& server) {
    server.Rotate("log.1", 700);
    server.Send(EventType::kFormatDescription, 0, std::string(60, '\0'));
    SendGroup(server, 700);
  });
  EXPECT_TRUE(replayed.status.ok()) << replayed.status;
  EXPECT_THAT(replayed.bodies, ElementsAre("map", "rows", "more rows"));
}

// Offsets are told modulo 2^32: the same number comes three times before the group's place does.
TEST(XaReplay, FindsAGroupPast4GiB) {
  const uint64_t begin = 13 * kGiB + 700;
  const Replayed replayed = Replay(begin, [&](LogSender& server) {
    server.Rotate("log.1", 4);
    server.Send(EventType::kFormatDescription, 256, std::string(60, '\0'));
    for (uint64_t place = kGiB + 700; place <= begin; place += 4 * kGiB) {
      server.Send(EventType::kTableMap, place - 10, "another map");
      server.Send(EventType::kXaPrepare, place, Prepare("one"));
      if (place == begin) return SendGroup(server, place);
      server.Send(EventType::kGtid, place + LogSender::SizeOf("gtid"), "gtid");
      server.Send(EventType::kWriteRowsV2, place + 2 * kGiB, "other rows");
    }
  });
  EXPECT_TRUE(replayed.status.ok()) << replayed.status;
  EXPECT_THAT(replayed.bodies, ElementsAre("map", "rows", "more rows"));
}

TEST(XaReplay, StopsWhereTheLogHasNoSuchGroup) {
  const std::pair<const char*, std::function<void(LogSender&)>> logs[] = {
      {"another transaction", [](LogSender& server) { SendGroup(server, 700, "two"); }},
      {"a group that is none of XA",
       [](LogSender& server) {
         server.Send(EventType::kGtid, 700 + LogSender::SizeOf(""));
         server.Send(EventType::kXid, 800, "12345678");
         server.Send(EventType::kGtid, 900);
       }},
      {"the middle of a group",
       [](LogSender& server) {
         server.Send(EventType::kTableMap, 750);
         server.Send(EventType::kXid, 800, "12345678");
         SendGroup(server, 800);
       }},
      {"the end of the log",
       [](LogSender& server) {
         server.Send(EventType::kGtid, 700 + LogSender::SizeOf(""));
         server.Send(EventType::kHeartbeat, 719, "log.1");
       }},
      {"the end of the file",
       [](LogSender& server) {
         server.Rotate("log.2", 4, 750);
         SendGroup(server, 700);
       }},
      {"a file that is shorter",
       [](LogSender& server) { server.Send(EventType::kHeartbeat, 500, "log.1"); }},
  };
  for (const auto& log : logs) {
    SCOPED_TRACE(log.first);
    const Replayed replayed = Replay(700, [&](LogSender& server) {
      server.Rotate("log.1", 700);
      log.second(server);
    });
    EXPECT_TRUE(absl::IsDataLoss(replayed.status)) << replayed.status;
    EXPECT_THAT(replayed.status.message(), HasSubstr("log.1:700"));
  }
}

TEST(XaReplay, AFarFileThatIsShorterNowIsAnotherOne) {
  const Replayed replayed = Replay(5 * kGiB, [](LogSender& server) {
    server.Rotate("log.1", 4);
    SendGroup(server, 256);
    server.Send(EventType::kHeartbeat, 3 * kGiB, "log.1");
  });
  EXPECT_TRUE(absl::IsDataLoss(replayed.status)) << replayed.status;
  EXPECT_THAT(replayed.bodies, IsEmpty());
}

}  // namespace
}  // namespace godwit::connectors::mysql
