#include "cli/task/progress_display.h"

#include <fmt/format.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "cli/text/quantity_text.h"
#include "cli/text/status_text.h"

namespace godwit::cli {
namespace {

using server::TaskStatus;

// Says when a display is to write: at once after a change of phase, else every `period_ms`.
class Pace {
 public:
  explicit Pace(int64_t period_ms) : period_ms_(period_ms) {}

  bool Due(const TaskStatus& status) {
    if (phase_ == status.phase && status.updated_ms < last_ms_ + period_ms_) return false;
    phase_ = status.phase;
    last_ms_ = status.updated_ms;
    return true;
  }

 private:
  const int64_t period_ms_;
  std::optional<connector::TaskPhase> phase_;
  int64_t last_ms_ = 0;
};

class LiveDisplay : public ProgressDisplay {
 public:
  explicit LiveDisplay(FILE* terminal) : terminal_(terminal) {}

  void Show(const TaskStatus& status) override {
    if (pace_.Due(status)) Draw(LiveLines(status));
  }
  void Note(const std::string& note) override {
    const std::vector<std::string> lines = std::move(lines_);
    Erase(lines.size());
    fmt::print(terminal_, "{}\n", note);
    lines_.clear();
    Draw(lines);
  }
  void End(const TaskStatus& status) override {
    Erase(lines_.size());
    lines_.clear();
    for (const std::string& line : SummaryLines(status)) fmt::print(terminal_, "{}\n", line);
    std::fflush(terminal_);
  }

 private:
  // Clears the last `count` lines and leaves the cursor at the first of them.
  void Erase(size_t count) {
    for (size_t i = 0; i < count; ++i) fmt::print(terminal_, "\x1b[A\x1b[2K");
    if (count > 0) fmt::print(terminal_, "\r");
  }

  void Draw(std::vector<std::string> lines) {
    Erase(lines_.size());
    // A line that wraps would take two, and the next drawing would leave one behind.
    winsize size = {};
    const bool known = ioctl(fileno(terminal_), TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    const size_t width = known ? size.ws_col : 80;
    for (std::string& line : lines) {
      line.resize(std::min(line.size(), width - 1));
      fmt::print(terminal_, "{}\n", line);
    }
    std::fflush(terminal_);
    lines_ = std::move(lines);
  }

  FILE* terminal_;
  Pace pace_{200};
  std::vector<std::string> lines_;  // on the screen
};

class PlainDisplay : public ProgressDisplay {
 public:
  explicit PlainDisplay(FILE* log) : log_(log) {}

  void Show(const TaskStatus& status) override {
    last_ms_ = status.updated_ms;
    if (pace_.Due(status)) Print(PlainLine(status));
  }
  void Note(const std::string& note) override { Print(note); }
  void End(const TaskStatus& status) override {
    for (const std::string& line : SummaryLines(status)) fmt::print(log_, "{}\n", line);
    std::fflush(log_);
  }

 private:
  void Print(const std::string& line) {
    fmt::print(log_, "{} {}\n", TimeText(last_ms_), line);
    std::fflush(log_);
  }

  FILE* log_;
  Pace pace_{10'000};
  int64_t last_ms_ = 0;
};

class JsonDisplay : public ProgressDisplay {
 public:
  explicit JsonDisplay(FILE* out) : out_(out) {}

  void Show(const TaskStatus& status) override {
    last_ = status;
    if (pace_.Due(status)) Print(status);
  }
  void Note(const std::string& note) override {
    last_.last_note = note;
    Print(last_);
  }
  void End(const TaskStatus& status) override { Print(status); }

 private:
  void Print(const TaskStatus& status) {
    fmt::print(out_, "{}\n", server::ToJson(status));
    std::fflush(out_);
  }

  FILE* out_;
  Pace pace_{1000};
  TaskStatus last_;
};

class NoDisplay : public ProgressDisplay {
 public:
  void Show(const TaskStatus&) override {}
  void Note(const std::string&) override {}
  void End(const TaskStatus&) override {}
};

}  // namespace

std::unique_ptr<ProgressDisplay> MakeLiveDisplay(FILE* terminal) {
  return std::make_unique<LiveDisplay>(terminal);
}
std::unique_ptr<ProgressDisplay> MakePlainDisplay(FILE* log) {
  return std::make_unique<PlainDisplay>(log);
}
std::unique_ptr<ProgressDisplay> MakeJsonDisplay(FILE* out) {
  return std::make_unique<JsonDisplay>(out);
}
std::unique_ptr<ProgressDisplay> MakeNoDisplay() { return std::make_unique<NoDisplay>(); }

}  // namespace godwit::cli
