#include <gmock/gmock.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include "binlog_bytes.h"
#include "connectors/mysql/relay/departed_relay.h"
#include "connectors/mysql/relay/file_facts.h"
#include "connectors/mysql/relay/relay_files.h"
#include "connectors/mysql/relay/relay_input.h"
#include "connectors/mysql/relay/relay_writer.h"
#include "connectors/mysql/relay/source_files.h"
#include "log_sender.h"

namespace godwit::connectors::mysql {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using wire::mysql::EventType;

class RelayTest : public ::testing::Test {
 protected:
  RelayTest() : folder_(::testing::TempDir() + fmt::format("relay-{}", ::getpid())) {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  ~RelayTest() override { fs::remove_all(folder_); }

  void Write(const std::string& name, const std::string& bytes) {
    std::ofstream(folder_ + "/" + name, std::ios::binary) << bytes;
  }
  std::string Read(const std::string& name) const {
    std::ifstream file(folder_ + "/" + name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::shared_ptr<RelayFiles> Open() {
    auto files = RelayFiles::Open(folder_);
    EXPECT_TRUE(files.ok()) << files.status();
    return files.ok() ? *files : nullptr;
  }
  // Three files, each of which says that the next follows; the last has one event after its format.
  void WriteThree() {
    for (int i = 1; i <= 3; ++i) {
      BinlogBytes file;
      file.AddFormat();
      file.Add(EventType::kQuery, std::string(1000, 'q'));
      if (i < 3) file.AddRotate(fmt::format("log.00000{}", i + 1));
      Write(fmt::format("log.00000{}", i), file.text());
    }
  }

  const std::string folder_;
};

TEST_F(RelayTest, CutsATornEndBackToItsLastWholeEvent) {
  BinlogBytes first, second;
  first.AddFormat();
  first.AddRotate("log.000002");
  second.AddFormat();
  const std::string begun = second.text();
  second.Add(EventType::kQuery, "one");
  const std::string whole = second.text();
  second.Add(EventType::kQuery, "two");
  std::string flipped = second.text();
  flipped[whole.size() + 20] ^= 1;
  struct Case {
    std::string bytes, left;
  };
  for (const Case& one :
       std::vector<Case>{{second.text(), second.text()},
                         {second.text() + std::string(2, '\0'), second.text()},
                         {second.text().substr(0, second.text().size() - 1), whole},
                         {second.text().substr(0, whole.size() + 7), whole},
                         {flipped, whole},
                         {whole + std::string(4096, '\0'), whole},
                         {begun.substr(0, begun.size() - 1), begun.substr(0, 4)}}) {
    Write("log.000001", first.text());
    Write("log.000002", one.bytes);
    const auto files = Open();
    EXPECT_EQ(Read("log.000002"), one.left);
    EXPECT_EQ(files->End()->offset, one.left.size());
    EXPECT_FALSE(files->LastHasEnded());
  }
  // Files without a beginning are none.
  for (const std::string& bytes : {std::string(), std::string(50, '\0')}) {
    Write("log.000002", bytes);
    const auto files = Open();
    EXPECT_FALSE(fs::exists(folder_ + "/log.000002"));
    EXPECT_EQ(files->End()->file, "log.000001");
    EXPECT_EQ(files->End()->offset, first.text().size());
    EXPECT_TRUE(files->LastHasEnded());
    EXPECT_TRUE(absl::IsUnavailable(RelayFiles::Open(folder_).status())) << "held twice";
  }
}

// Without checksums nothing tells what a machine that went down has written.
TEST_F(RelayTest, WhatIsNotKnownToBeWholeIsWrittenOverOrPutAside) {
  BinlogBytes first, second(false);
  first.AddFormat();
  first.AddRotate("log.000002");
  second.AddFormat();
  second.Add(EventType::kQuery, "one");
  Open();  // says which boot of the machine it is
  Write("log.000001", first.text());
  Write("log.000002", second.text() + "half");
  auto files = Open();
  EXPECT_FALSE(files->LastIsUnproven());
  EXPECT_EQ(files->End()->offset, second.text().size());
  files.reset();

  const std::string found = second.text() + std::string(100, '\0');
  for (int again = 0; again < 2; ++again) {
    files.reset();
    Write("lock", "another boot");
    Write("log.000002", found);
    files = Open();
    EXPECT_TRUE(files->LastIsUnproven());
    files.reset();
    files = Open();
    EXPECT_TRUE(files->LastIsUnproven()) << "it is no better known by the next process";
    EXPECT_EQ(files->End()->offset, 4u);
    EXPECT_EQ(Read("log.000002"), found);
    files->Start();
    EXPECT_FALSE(files->GoesOnFrom({"log.000002", second.text().size()}, 1));
    if (again == 0) {
      ASSERT_TRUE(files->Append(second.text().substr(4), false).ok());
      ASSERT_TRUE(files->Begin("log.000003").ok());
      EXPECT_EQ(Read("log.000002"), second.text());
      fs::remove(folder_ + "/log.000003");
    }
  }
  const auto aside = files->LeaveLast();
  ASSERT_TRUE(aside.ok()) << aside.status();
  EXPECT_EQ(*aside, folder_ + "/log.000002.unproven");
  EXPECT_EQ(Read("log.000002.unproven"), found);
  EXPECT_EQ(files->End()->file, "log.000001");
  ASSERT_TRUE(files->Begin("log.000003").ok());
  files.reset();
  EXPECT_THAT(Open()->Names(), ElementsAre("log.000003", "log.000001"));
}

TEST_F(RelayTest, AFileOfWhichTheRestIsGoneIsReadAsFarAsItGoes) {
  WriteThree();
  const RelayFiles::Place middle{"log.000003", 50}, end{"log.000003", Read("log.000003").size()};
  auto files = Open();
  const auto aside = files->LeaveLast();
  ASSERT_TRUE(aside.ok() && aside->empty()) << aside.status();
  ASSERT_TRUE(files->Begin("log.000004").ok());
  for (int again = 0; again < 2; ++again) {
    files->Start();
    EXPECT_THAT(files->Names(),
                ElementsAre("log.000004", "log.000003", "log.000002", "log.000001"));
    EXPECT_TRUE(files->GoesOnFrom({"log.000002", 50}, 1));
    EXPECT_TRUE(files->GoesOnFrom(middle, 1));
    EXPECT_FALSE(files->GoesOnFrom(end, 1)) << "what follows is not in the next file";
    EXPECT_TRUE(files->GoesOnFrom({"log.000004", 4}, 1));
    files.reset();
    files = Open();
  }
  ASSERT_TRUE(files->Purge({.most_bytes = 1}, std::nullopt).ok());
  EXPECT_FALSE(fs::exists(folder_ + "/log.000003.ends-early"));
}

TEST_F(RelayTest, TheFolderOfASourceThatHasLeftIsDeletedButForWhatIsNotOurs) {
  const std::string source = folder_;
  for (const char* server : {"left", "open", "mixed"}) {
    for (const char* file : {"lock", "log.000001", "log.000002", "log.000002.ends-early"}) {
      fs::create_directories(source + "/" + server);
      Write(fmt::format("{}/{}", server, file), "x");
    }
  }
  Write("mixed/notes.txt", "mine");
  {
    const auto held = RelayFiles::Open(source + "/open");
    ASSERT_TRUE(held.ok()) << held.status();
    ASSERT_TRUE((*held)->Begin("log.000001").ok());
    ASSERT_TRUE(DeleteRelay(source).ok());
    EXPECT_TRUE(fs::exists(source + "/open/log.000001"));
    EXPECT_FALSE(fs::exists(source + "/left"));
    EXPECT_TRUE(fs::exists(source + "/mixed/notes.txt"));
    EXPECT_FALSE(fs::exists(source + "/mixed/log.000001"));
  }
  fs::remove_all(source + "/mixed");
  ASSERT_TRUE(DeleteRelay(source).ok());
  EXPECT_FALSE(fs::exists(source));
}

TEST(SourceFiles, TellWhichAreEncrypted) {
  const std::vector<SourceFile> files = ToSourceFiles(
      {{"log.000007", "1200", "Yes"}, {"log.000008", "157", "No"}, {"log.000009", "4"}});
  ASSERT_EQ(files.size(), 3u);
  EXPECT_EQ(files[0].number, 7u);
  EXPECT_EQ(files[0].bytes, 1200u);
  const base::Status refused = ExpectClear(files[0]);
  EXPECT_EQ(refused.code(), base::StatusCode::kPermissionDenied);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("log.000007 is encrypted"));
  EXPECT_TRUE(ExpectClear(files[1]).ok());
  EXPECT_TRUE(ExpectClear(files[2]).ok());
}

TEST_F(RelayTest, PurgesWhatIsOldOrTooMuchAndNotNeeded) {
  const auto names = [&] {
    const auto files = Open();
    return files->Names();
  };
  const auto purge = [&](connector::RelayLimits limits, std::optional<uint64_t> needed) {
    const auto files = Open();
    EXPECT_TRUE(files->Purge(limits, needed).ok());
    connector::RelayStatus status;
    files->Describe(status);
    return status.purged_files;
  };
  WriteThree();
  EXPECT_EQ(purge({}, std::nullopt), 0u);
  EXPECT_EQ(purge({.most_bytes = 1}, 1), 0u) << "needed from the first on";
  EXPECT_GT(Open()->Purge({.most_bytes = 1}, 1).value(), 3000u) << "too much by that";
  EXPECT_EQ(Open()->Purge({.most_bytes = 10'000}, 1).value(), 0u);
  EXPECT_EQ(purge({.most_bytes = 2500}, 3), 1u) << "two are no more than that";
  EXPECT_THAT(names(), ElementsAre("log.000003", "log.000002"));
  EXPECT_EQ(purge({.keep = std::chrono::hours(1)}, std::nullopt), 0u) << "written just now";
  fs::last_write_time(folder_ + "/log.000002",
                      fs::file_time_type::clock::now() - std::chrono::hours(2));
  EXPECT_EQ(purge({.keep = std::chrono::hours(1)}, 2), 0u);
  EXPECT_EQ(purge({.keep = std::chrono::hours(1)}, 3), 1u);
  EXPECT_EQ(purge({.keep = milliseconds(0), .most_bytes = 1}, std::nullopt), 0u) << "the last";
  EXPECT_THAT(names(), ElementsAre("log.000003"));
}

TEST_F(RelayTest, AFullDiskLeavesTheFileAsItWas) {
  WriteThree();
  const std::string before = Read("log.000003");
  const auto files = Open();
  files->Start();
  rlimit room{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &room), 0);
  const auto old_handler = ::signal(SIGXFSZ, SIG_IGN);
  const rlimit little{before.size() + 100, room.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &little), 0);
  const base::Status full = files->Append(std::string(1000, 'e'), false);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &room), 0);
  ::signal(SIGXFSZ, old_handler);
  EXPECT_EQ(full.code(), base::StatusCode::kResourceExhausted) << full;
  EXPECT_THAT(full.message(), HasSubstr("no room"));
  EXPECT_EQ(Read("log.000003"), before);
  EXPECT_EQ(files->End()->offset, before.size());
  EXPECT_TRUE(files->Append("more", false).ok());
  EXPECT_EQ(Read("log.000003"), before + "more");
}

// The writer between a server that the test plays and a folder.
class RelayWriterTest : public RelayTest {
 protected:
  void Begin(const std::string& name) {
    files_ = Open();
    if (!files_->End()) {
      ASSERT_TRUE(files_->Begin(name).ok());
    }
    const RelayFiles::Place end = *files_->End();
    reader_.StartAt(LogPlace(end.file, end.offset, LogPlace::Asked::kByOffset),
                    wire::mysql::Checksum::kCrc32);
    writer_.emplace(*RelayWriter::Open(*files_));
  }
  // Has the server send that, and the writer take it.
  base::Status Send(const std::string& event) {
    server_.SendPacket(std::string(1, '\0') + event);
    auto item = reader_.Next();
    if (!item.ok()) return item.status();
    return writer_->Take(reader_, *item);
  }

  LogSender server_;
  LogReader reader_{server_.Channel(), "source: reading the log"};
  std::shared_ptr<RelayFiles> files_;
  std::optional<RelayWriter> writer_;
};

TEST_F(RelayWriterTest, WritesWhatIsInTheServersFilesAndNothingElse) {
  Begin("log.000001");
  BinlogBytes first, second;
  std::vector<std::string> sent = {first.RotateTo("log.000001", 4),
                                   first.AddFormat(),
                                   first.Add(EventType::kQuery, "one"),
                                   first.Add(EventType::kQuery, std::string(100'000, 'x')),
                                   first.Add(EventType::kQuery, std::string(100'000, 'y')),
                                   first.Add(EventType::kQuery, std::string(100'000, 'z')),
                                   first.Heartbeat("log.000001"),
                                   first.AddRotate("log.000002"),
                                   first.RotateTo("log.000002", 4),
                                   second.AddFormat(2),
                                   second.Add(EventType::kQuery, "two")};
  for (const std::string& event : sent) {
    const base::Status taken = Send(event);
    ASSERT_TRUE(taken.ok()) << taken;
  }
  EXPECT_EQ(Read("log.000001"), first.text());
  ASSERT_TRUE(writer_->Flush().ok());
  EXPECT_EQ(Read("log.000002"), second.text());

  // Another process goes on with half of an event more.
  writer_.reset();
  files_.reset();
  Write("log.000002", second.text() + "half");
  Begin("");
  EXPECT_EQ(files_->End()->offset, second.text().size());
  ASSERT_TRUE(Send(second.RotateTo("log.000002", second.text().size())).ok());
  ASSERT_TRUE(Send(second.FormatAgain(2)).ok());
  ASSERT_TRUE(Send(second.Add(EventType::kQuery, "three")).ok());
  ASSERT_TRUE(Send(second.Heartbeat("log.000002")).ok());
  EXPECT_EQ(Read("log.000002"), second.text());

  // The server ended its file without a word, as when it is killed.
  ASSERT_TRUE(Send(second.RotateTo("log.000003", 4)).ok());
  EXPECT_THAT(files_->Names(), ElementsAre("log.000003", "log.000002", "log.000001"));
}

TEST_F(RelayWriterTest, RefusesAnotherLog) {
  BinlogBytes file;
  file.AddFormat();
  file.Add(EventType::kQuery, "one");
  Write("log.000001", file.text());
  Begin("");
  const base::Status begun_anew = Send(file.FormatAgain(2));
  EXPECT_EQ(begun_anew.code(), base::StatusCode::kFailedPrecondition);
  EXPECT_THAT(begun_anew.message(), HasSubstr("another log.000001"));
  const base::Status jump = Send(file.RotateTo("log.000003", 4));
  EXPECT_EQ(jump.code(), base::StatusCode::kFailedPrecondition);
  EXPECT_THAT(jump.message(), HasSubstr("not the file after log.000001"));
  file.Add(EventType::kQuery, "not sent");
  EXPECT_EQ(Send(file.Add(EventType::kQuery, "two")).code(), base::StatusCode::kDataLoss);
  EXPECT_EQ(Send(file.Add(EventType::kMariadbStartEncryption, "key")).code(),
            base::StatusCode::kPermissionDenied);
}

TEST_F(RelayWriterTest, WritesOverWhatIsNotKnownToBeWhole) {
  BinlogBytes file(false), other(false), checked;
  const std::string format = file.AddFormat();
  const std::string one = file.Add(EventType::kQuery, "one");
  std::string found = file.text();
  found[found.size() - 2] ^= 1;
  Write("lock", "another boot");
  Write("log.000001", found);
  Begin("");
  ASSERT_TRUE(Send(checked.RotateTo("log.000001", 4)).ok());
  const base::Status begun_anew = Send(other.AddFormat(2));
  EXPECT_THAT(std::string(begun_anew.message()), HasSubstr("another log.000001"));
  EXPECT_EQ(Read("log.000001"), found);

  writer_.reset();
  files_.reset();
  Begin("");
  ASSERT_TRUE(Send(checked.RotateTo("log.000001", 4)).ok());
  ASSERT_TRUE(Send(format).ok());
  ASSERT_TRUE(Send(one).ok());
  ASSERT_TRUE(writer_->Flush().ok());
  EXPECT_EQ(Read("log.000001"), file.text());
}

class RelayInputTest : public RelayTest {
 protected:
  std::unique_ptr<RelayInput> Input(const RelayFiles::Place& start, uint32_t reader = 1) {
    auto input = RelayInput::Open(files_, start, stop_.get_token(), reader);
    EXPECT_TRUE(input.ok()) << input.status();
    return input.ok() ? *std::move(input) : nullptr;
  }

  std::shared_ptr<RelayFiles> files_ = Open();
  std::stop_source stop_;
};

TEST_F(RelayInputTest, SeveralReadersFollowTheGrowingEnd) {
  ASSERT_TRUE(files_->Begin("log.000001").ok());
  files_->Start();
  std::vector<std::vector<std::string>> got(2);
  std::vector<std::string> events;
  BinlogBytes first, second;
  events.push_back(first.AddFormat());
  for (int i = 0; i < 200; ++i)
    events.push_back(first.Add(EventType::kQuery, std::string(static_cast<size_t>(i) * 37, 'a')));
  events.push_back(first.Add(EventType::kQuery, std::string(17 << 20, 'b')));
  events.push_back(first.AddRotate("log.000002"));
  const size_t of_first = events.size();
  events.push_back(second.AddFormat());
  events.push_back(second.Add(EventType::kQuery, "the end"));

  std::vector<std::jthread> readers;
  for (int reader = 0; reader < 2; ++reader) {
    readers.emplace_back([&, reader] {
      const auto input = Input({"log.000001", 4}, static_cast<uint32_t>(reader));
      while (got[reader].size() < events.size() + 1) {
        if (!input->has_next()) {
          const auto ready = input->Wait(milliseconds(5000));
          ASSERT_TRUE(ready.ok() && *ready) << ready.status();
          EXPECT_EQ(input->LargeIsNext().value(), got[reader].size() == 201);
        }
        const auto event = input->Next();
        ASSERT_TRUE(event.ok()) << event.status();
        got[reader].emplace_back(*event);
      }
    });
  }
  for (size_t i = 0; i < events.size(); ++i) {
    if (i == of_first) {
      ASSERT_TRUE(files_->Begin("log.000002").ok());
    }
    ASSERT_TRUE(files_->Append(events[i], i + 1 == of_first).ok());
  }
  readers.clear();
  for (std::vector<std::string>& one : got) {
    ASSERT_EQ(one.size(), events.size() + 1);
    const auto rotate =
        wire::mysql::EventFramer(wire::mysql::Checksum::kCrc32).Frame(one[of_first]);
    ASSERT_TRUE(rotate.ok()) << rotate.status();
    EXPECT_TRUE(rotate->header.artificial());
    EXPECT_EQ(rotate->body, LittleEndian(4, 8) + "log.000002");
    one.erase(one.begin() + static_cast<ptrdiff_t>(of_first));
    EXPECT_TRUE(one == events) << "other events";
  }
}

TEST_F(RelayInputTest, ReadersLeaveWhereNothingMoreComes) {
  ASSERT_TRUE(files_->Begin("log.000001").ok());
  BinlogBytes file;
  file.AddFormat();
  const uint64_t middle = file.text().size();
  const std::string last = file.Add(EventType::kQuery, "one");
  ASSERT_TRUE(files_->Append(file.text().substr(4), false).ok());
  files_->Start();
  const RelayFiles::Place place{"log.000001", middle};
  const auto input = Input(place);
  EXPECT_EQ(input->checksum(), wire::mysql::Checksum::kCrc32);
  EXPECT_EQ(input->Next().value(), last);
  EXPECT_FALSE(input->Wait(milliseconds(1)).value());

  const auto stopping = steady_clock::now();
  std::jthread stop([&] { files_->Stop(base::ResourceExhausted("no room")); });
  const base::Status ended = input->Wait(std::chrono::seconds(20)).status();
  EXPECT_TRUE(absl::IsUnavailable(ended)) << ended;
  EXPECT_THAT(ended.message(), HasSubstr("no room"));
  EXPECT_LT(steady_clock::now() - stopping, std::chrono::seconds(10));
  EXPECT_FALSE(files_->GoesOnFrom(place, 1)) << "has met the end";
  EXPECT_TRUE(files_->GoesOnFrom(place, 2)) << "there is something to read for another one";
  EXPECT_FALSE(files_->GoesOnFrom({"log.000001", file.text().size()}, 2));
  files_->Start();
  EXPECT_TRUE(files_->GoesOnFrom(place, 1));

  // A file that does not follow is not gone on with.
  ASSERT_TRUE(files_->Begin("log.000003").ok());
  EXPECT_TRUE(absl::IsUnavailable(input->Wait(milliseconds(0)).status()));
  EXPECT_FALSE(files_->GoesOnFrom({"log.000001", file.text().size()}, 2)) << "before the gap";
  EXPECT_FALSE(files_->GoesOnFrom(place, 1)) << "has met the gap";
  EXPECT_TRUE(files_->GoesOnFrom({"log.000003", 4}, 1)) << "beyond the gap";
  ASSERT_TRUE(files_->Begin("log.000004").ok());
  EXPECT_FALSE(files_->GoesOnFrom(place, 1)) << "nothing has come at the gap";
  EXPECT_TRUE(files_->GoesOnFrom({"log.000003", 4}, 1));
  EXPECT_FALSE(files_->Has({"log.000002", 4}));
  EXPECT_FALSE(files_->Has({"log.000003", 5}));
  stop_.request_stop();
  EXPECT_TRUE(absl::IsCancelled(Input({"log.000003", 4})->Wait(milliseconds(1)).status()));
}

TEST_F(RelayInputTest, BeginsWhereNothingIsMissing) {
  const auto set = [](const std::string& text) {
    return *wire::mysql::MysqlGtidSet::Parse("3e11fa47-71ca-11e1-9e33-c80aa9429562:" + text);
  };
  for (const auto& [name, previous] : std::vector<std::pair<std::string, std::string>>{
           {"log.000001", "1-5"}, {"log.000002", "1-20"}, {"log.000003", "1-30"}}) {
    ASSERT_TRUE(files_->Begin(name).ok());
    BinlogBytes file;
    file.AddFormat();
    file.Add(EventType::kPreviousGtids, set(previous).Encode());
    ASSERT_TRUE(files_->Append(file.text().substr(4), false).ok());
  }
  const auto start = [&](const LogPosition& after, bool is_mysql) {
    const auto found = FindStart(*files_, after, is_mysql, 1);
    EXPECT_TRUE(found.ok()) << found.status();
    return found.ok() && *found ? fmt::format("{}:{}", (*found)->file, (*found)->offset) : "none";
  };
  // Whose log it is has to be seen first.
  const LogPosition after{"log.000002", 50, set("1-25").ToString()};
  EXPECT_EQ(start(after, true), "none");
  EXPECT_EQ(start({"log.000002", 50}, false), "none");
  EXPECT_TRUE(files_->Has({"log.000002", 50}));
  files_->Start();
  files_->Stop(base::FailedPrecondition("it was begun anew"));
  EXPECT_EQ(start(after, true), "none");
  EXPECT_EQ(start({"log.000002", 50}, false), "none");
  EXPECT_FALSE(files_->Has({"log.000002", 50}));
  files_->Start();
  files_->Stop(base::Cancelled("paused"));
  EXPECT_EQ(start(after, true), "log.000002:4");
  EXPECT_EQ(start({"log.000002", 50}, true), "log.000002:50");
  EXPECT_EQ(start({"log.000002", 50, "0-1-7"}, false), "log.000002:50");
  EXPECT_EQ(start({"", 0, set("1-25").ToString()}, true), "none") << "not running";
  files_->Start();
  // Committed in another order than they stand in the log.
  EXPECT_EQ(start({"log.000003", 50, set("1-29:31-33").ToString()}, true), "log.000002:4");
  EXPECT_EQ(start({"", 0, set("1-25").ToString()}, true), "log.000002:4");
  EXPECT_EQ(start({"log.000001", 50, set("1-4").ToString()}, true), "none");
  EXPECT_EQ(start({"", 0, "0-1-7"}, false), "none");
  EXPECT_EQ(start({"log.000003", 5000}, false), "none");
}

}  // namespace
}  // namespace godwit::connectors::mysql
