#include "connectors/postgres/log/waiting_transactions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace godwit::connectors::postgres {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using wire::postgres::StreamAbort;
using wire::postgres::StreamStart;

constexpr size_t kMiB = 1024 * 1024;

// An insert of (sub)transaction `xid` with `text` in it.
std::string Insert(uint32_t xid, const std::string& text) {
  std::string bytes = "I";
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(xid >> shift);
  return bytes + text;
}

class WaitingTransactionsTest : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directory(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void Send(uint32_t xid, const std::string& bytes) {
    const bool first = known_.insert(xid).second;
    ASSERT_TRUE(waiting_.BeginBlock({xid, first}).ok());
    const base::Status added = waiting_.Add({++arrival_, arrival_ * 10, bytes});
    ASSERT_TRUE(added.ok()) << added;
  }
  void Abort(uint32_t xid, uint32_t subxid) {
    waiting_.Abort({.xid = xid, .subxid = subxid});
    if (xid == subxid) known_.erase(xid);
  }
  // What is read of a transaction, behind kind and number: "text@arrival".
  std::vector<std::string> Commit(uint32_t xid, size_t limit = 100) {
    auto transaction = waiting_.Commit(xid);
    EXPECT_TRUE(transaction.ok()) << transaction.status();
    std::vector<std::string> read;
    while (transaction.ok()) {
      const auto message = (*transaction)->Next(limit);
      EXPECT_TRUE(message.ok()) << message.status();
      if (!message.ok()) break;
      if (*message) {
        EXPECT_EQ((*message)->at, (*message)->arrival * 10);
        read.push_back(std::string((*message)->bytes.substr(5)) + "@" +
                       std::to_string((*message)->arrival));
      } else if ((*transaction)->at_end()) {
        break;
      }
    }
    return read;
  }
  // Bytes of this process' files without a name.
  size_t InFiles() const {
    size_t bytes = 0;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
      std::error_code error;
      const std::string path = std::filesystem::read_symlink(entry.path(), error).string();
      if (!path.starts_with(folder_)) continue;
      const auto size = std::filesystem::file_size(entry.path(), error);
      if (!error) bytes += size;
    }
    return bytes;
  }

  const std::string folder_ = testing::TempDir() + "waiting_" + std::to_string(getpid());
  WaitingTransactions waiting_{folder_};
  uint64_t arrival_ = 0;
  std::set<uint32_t> known_;
};

TEST_F(WaitingTransactionsTest, AreReadInTheirOwnOrder) {
  Send(7, Insert(7, "a"));
  Send(8, Insert(8, "x"));
  Send(7, Insert(9, "b"));
  Send(8, Insert(8, "y"));
  EXPECT_THAT(Commit(8), ElementsAre("x@2", "y@4"));
  EXPECT_THAT(Commit(7), ElementsAre("a@1", "b@3"));
  EXPECT_EQ(InFiles(), 0u);
}

TEST_F(WaitingTransactionsTest, WithoutWhatWasRolledBack) {
  Send(7, Insert(7, "a"));
  Send(7, Insert(8, "no"));
  Send(7, Insert(5000, "no"));
  Send(7, std::string("O") + std::string(8, '\0') + "up");
  Abort(7, 8);
  Abort(7, 5000);
  Abort(7, 12345);  // of which nothing had come
  Send(7, Insert(9, "b"));
  EXPECT_THAT(Commit(7, 1), ElementsAre("a@1", std::string("\0\0\0\0up@4", 8), "b@5"));
}

TEST_F(WaitingTransactionsTest, OfWhatTheServerDidNotSayToBeRolledBackDescriptionsStay) {
  Send(7, Insert(7, "a"));
  std::string relation = Insert(8, "described");
  relation[0] = 'R';
  Send(7, relation);
  Send(7, Insert(8, "no"));
  Send(7, std::string("O") + std::string(8, '\0') + "up");
  Send(7, Insert(9, "b"));
  Send(7, Insert(10, "no"));
  Send(7, Insert(5000, "no"));
  Abort(7, 10);
  auto transaction = waiting_.Commit(7);
  ASSERT_TRUE(transaction.ok());
  EXPECT_THAT((*transaction)->Subtransactions(), testing::UnorderedElementsAre(8, 9, 5000));
  (*transaction)->UndoUntold(8);
  (*transaction)->UndoUntold(5000);
  std::vector<std::pair<char, bool>> read;
  while (true) {
    const auto message = (*transaction)->Next(100);
    ASSERT_TRUE(message.ok()) << message.status();
    if (!*message) break;
    read.emplace_back((*message)->bytes[0], (*message)->undone);
  }
  EXPECT_THAT(read, ElementsAre(testing::Pair('I', false), testing::Pair('R', true),
                                testing::Pair('O', false), testing::Pair('I', false)));
}

TEST_F(WaitingTransactionsTest, OrNotAtAll) {
  Send(7, Insert(7, "no"));
  Send(7, Insert(7, std::string(5 * kMiB, 'x')));
  EXPECT_GT(InFiles(), 5 * kMiB);
  Abort(7, 7);
  Abort(7, 7);
  EXPECT_EQ(InFiles(), 0u);
  // The number is another transaction's afterwards, as far as this knows.
  Send(7, Insert(7, "yes"));
  EXPECT_THAT(Commit(7), ElementsAre("yes@3"));
}

TEST_F(WaitingTransactionsTest, BeyondFourMebibytesInFilesThatHaveNoName) {
  const std::string filler(1000, 'f');
  std::vector<std::string> expected[2];
  size_t sent = 0;
  for (int i = 0; i < 20000; ++i) {
    const uint32_t xid = i % 5 == 0 ? 8 : 7;
    const std::string text =
        std::to_string(i) + (i % 1000 == 17 ? std::string(3 * kMiB, 'L') : filler);
    Send(xid, Insert(i % 3 == 0 ? 9 : xid, text));
    if (i % 3 != 0) expected[xid - 7].push_back(text + "@" + std::to_string(i + 1));
    sent += text.size();
    if (i % 500 != 0) continue;
    ASSERT_LT(sent, InFiles() + 5 * kMiB) << "more than 4 MiB are in memory";
  }
  Abort(7, 9);
  Abort(8, 9);
  EXPECT_THAT(std::vector<std::filesystem::path>(std::filesystem::directory_iterator(folder_), {}),
              IsEmpty());
  EXPECT_TRUE(Commit(7) == expected[0]);
  EXPECT_TRUE(Commit(8, kMiB) == expected[1]);
  EXPECT_EQ(InFiles(), 0u);
}

TEST_F(WaitingTransactionsTest, ALargeMessageOutlivesWhatIsReadAfterIt) {
  Send(7, Insert(7, "a"));
  Send(7, Insert(7, std::string(3 * kMiB, 'L')));
  Send(7, Insert(7, "b"));
  auto transaction = waiting_.Commit(7);
  ASSERT_TRUE(transaction.ok());
  std::vector<WaitingMessage> read;
  while (true) {
    const auto message = (*transaction)->Next(100);
    ASSERT_TRUE(message.ok()) << message.status();
    if (!*message) break;
    read.push_back(**message);
  }
  ASSERT_EQ(read.size(), 3u);
  EXPECT_EQ(read[0].memory, nullptr);
  ASSERT_NE(read[1].memory, nullptr);
  EXPECT_EQ(read[1].bytes, Insert(7, std::string(3 * kMiB, 'L')));
  EXPECT_EQ(read[2].bytes, Insert(7, "b"));
}

TEST_F(WaitingTransactionsTest, RefuseWhatCannotBe) {
  EXPECT_EQ(waiting_.BeginBlock({7, false}).code(), base::StatusCode::kDataLoss);
  EXPECT_EQ(waiting_.Commit(7).status().code(), base::StatusCode::kDataLoss);
  ASSERT_TRUE(waiting_.BeginBlock({7, true}).ok());
  EXPECT_EQ(waiting_.BeginBlock({7, true}).code(), base::StatusCode::kDataLoss);
  EXPECT_THAT(Commit(7), IsEmpty());
}

TEST_F(WaitingTransactionsTest, SayWhatToDoWhereThereIsNoRoom) {
  WaitingTransactions nowhere(folder_ + "/none");
  ASSERT_TRUE(nowhere.BeginBlock({7, true}).ok());
  const std::string large = Insert(7, std::string(5 * kMiB, 'x'));
  base::Status status = nowhere.Add({1, 1, large});
  EXPECT_EQ(status.code(), base::StatusCode::kFailedPrecondition);
  EXPECT_THAT(
      std::string(status.message()),
      testing::AllOf(HasSubstr(folder_ + "/none, where one cannot be made: No such file"),
                     HasSubstr("`source.spill_dir`"), HasSubstr("`source.streaming: false`")));

  // As a full disk does, a limit on files refuses what is written beyond it.
  ASSERT_TRUE(waiting_.BeginBlock({7, true}).ok());
  rlimit before;
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit least{kMiB, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &least), 0);
  status = waiting_.Add({1, 1, large});
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(status.code(), base::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("where one cannot be written: File too large"));
}

}  // namespace
}  // namespace godwit::connectors::postgres
