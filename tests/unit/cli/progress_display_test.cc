#include "cli/task/progress_display.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

namespace godwit::cli {
namespace {

using connector::TaskPhase;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// A stream in memory.
class Stream {
 public:
  Stream() : file_(open_memstream(&text_, &size_)) {}
  ~Stream() {
    std::fclose(file_);
    std::free(text_);
  }
  FILE* file() { return file_; }
  std::string Text() {
    std::fflush(file_);
    return {text_, size_};
  }
  int64_t Lines() {
    const std::string text = Text();
    return std::count(text.begin(), text.end(), '\n');
  }

 private:
  char* text_ = nullptr;
  size_t size_ = 0;
  FILE* file_;
};

server::TaskStatus At(int64_t ms, TaskPhase phase = TaskPhase::kStreaming) {
  server::TaskStatus status;
  status.task = "shop";
  status.phase = phase;
  status.updated_ms = 1'700'000'000'000 + ms;
  status.started_ms = 1'700'000'000'000;
  return status;
}

TEST(PlainDisplay, WritesALineEveryTenSecondsAndAtEachPhase) {
  Stream stream;
  auto display = MakePlainDisplay(stream.file());
  display->Show(At(0, TaskPhase::kCopying));
  EXPECT_EQ(stream.Lines(), 1);
  for (int64_t ms = 100; ms < 10'000; ms += 100) display->Show(At(ms, TaskPhase::kCopying));
  EXPECT_EQ(stream.Lines(), 1);
  display->Show(At(10'000, TaskPhase::kCopying));
  EXPECT_EQ(stream.Lines(), 2);
  display->Show(At(10'100, TaskPhase::kStreaming));
  EXPECT_EQ(stream.Lines(), 3);
  EXPECT_THAT(stream.Text(), StartsWith("2023-11-14T22:13:20Z shop copying"));
}

TEST(PlainDisplay, NotesAreWrittenAtOnce) {
  Stream stream;
  auto display = MakePlainDisplay(stream.file());
  display->Show(At(0));
  display->Note("the source went away; trying again");
  EXPECT_THAT(stream.Text(), HasSubstr("\n2023-11-14T22:13:20Z the source went away"));
}

TEST(JsonDisplay, EveryLineIsAWholeStatus) {
  Stream stream;
  auto display = MakeJsonDisplay(stream.file());
  display->Show(At(0));
  display->Show(At(500));
  display->Show(At(1000));
  display->Note("look");
  display->End(At(1100, TaskPhase::kFinished));
  const std::string text = stream.Text();
  std::vector<std::string> lines;
  for (size_t begin = 0, end; (end = text.find('\n', begin)) != std::string::npos;
       begin = end + 1) {
    lines.push_back(text.substr(begin, end - begin));
  }
  ASSERT_EQ(lines.size(), 4u);
  for (const std::string& line : lines) {
    auto status = server::TaskStatusFromJson(line);
    ASSERT_TRUE(status.ok()) << status.status() << line;
    EXPECT_EQ(status->task, "shop");
  }
  EXPECT_EQ(server::TaskStatusFromJson(lines[1])->updated_ms, 1'700'000'001'000);
  EXPECT_EQ(server::TaskStatusFromJson(lines[2])->last_note, "look");
  EXPECT_EQ(server::TaskStatusFromJson(lines[3])->phase, TaskPhase::kFinished);
}

TEST(LiveDisplay, WritesOverItsOwnLinesAndNothingElse) {
  Stream stream;
  auto display = MakeLiveDisplay(stream.file());
  display->Show(At(0));
  EXPECT_THAT(stream.Text(), Not(HasSubstr("\x1b[A")));
  const int64_t lines = stream.Lines();
  display->Show(At(1000));
  const std::string text = stream.Text();
  int64_t moved_up = 0;
  for (size_t at = 0; (at = text.find("\x1b[A", at)) != std::string::npos; ++at) ++moved_up;
  EXPECT_EQ(moved_up, lines);
}

TEST(LiveDisplay, ANoteStaysAboveTheLines) {
  Stream stream;
  auto display = MakeLiveDisplay(stream.file());
  display->Show(At(0));
  display->Note("a retry");
  const std::string text = stream.Text();
  EXPECT_LT(text.find("a retry"), text.rfind("shop  streaming"));
}

TEST(LiveDisplay, LinesFitTheTerminal) {
  Stream stream;
  server::TaskStatus status = At(0);
  status.position = std::string(500, 'x');
  MakeLiveDisplay(stream.file())->Show(status);
  EXPECT_THAT(stream.Text(), Not(HasSubstr(std::string(80, 'x'))));
}

}  // namespace
}  // namespace godwit::cli
