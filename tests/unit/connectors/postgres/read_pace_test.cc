#include "connectors/postgres/connection/read_pace.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <string>

namespace godwit::connectors::postgres {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

// The stream is read from one end.
class ReadPaceTest : public testing::Test {
 protected:
  ReadPaceTest() { EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends_.data()), 0); }
  ~ReadPaceTest() override {
    for (const int end : ends_) ::close(end);
  }

  void Send(size_t bytes) {
    const std::string sent(bytes, 'x');
    ASSERT_EQ(::write(ends_[1], sent.data(), bytes), static_cast<ssize_t>(bytes));
  }

  static void MakeBusy(ReadPace& pace) {
    for (int i = 0; i < 100; ++i) {
      pace.FoundNothing();
      pace.Waited(microseconds(1));
      if (Sleeps(pace)) return;
    }
    FAIL() << "messages that come one by one do not make it busy";
  }

  // Either each of a hundred times or never.
  static bool Sleeps(const ReadPace& pace) {
    const auto since = std::chrono::steady_clock::now();
    for (int i = 0; i < 100; ++i) pace.LetGather();
    return std::chrono::steady_clock::now() - since >= milliseconds(100);
  }

  int reader() const { return ends_[0]; }

 private:
  std::array<int, 2> ends_{};
};

TEST_F(ReadPaceTest, MessagesGatherOnceTheyComeOneByOne) {
  ReadPace pace(reader(), false);
  EXPECT_FALSE(Sleeps(pace));
  MakeBusy(pace);
  Send(100);
  EXPECT_TRUE(Sleeps(pace));
}

TEST_F(ReadPaceTest, OneThatWasWaitedForIsReadAtOnce) {
  ReadPace pace(reader(), false);
  for (int i = 0; i < 100; ++i) {
    pace.FoundNothing();
    pace.Waited(i % 10 == 9 ? milliseconds(1) : microseconds(1));
  }
  EXPECT_FALSE(Sleeps(pace));
}

TEST_F(ReadPaceTest, ManyAreReadAtOnce) {
  ReadPace pace(reader(), false);
  MakeBusy(pace);
  Send(32 << 10);
  EXPECT_FALSE(Sleeps(pace));
}

TEST_F(ReadPaceTest, RecordsAreReadWhileThereIsOne) {
  ReadPace pace(reader(), true);
  MakeBusy(pace);
  EXPECT_TRUE(Sleeps(pace));
  Send(1);
  EXPECT_FALSE(Sleeps(pace));
}

TEST_F(ReadPaceTest, WhereNothingGathersItIsWaitedForAgain) {
  ReadPace pace(reader(), false);
  MakeBusy(pace);
  pace.FoundNothing();
  EXPECT_FALSE(Sleeps(pace));
}

}  // namespace
}  // namespace godwit::connectors::postgres
