#pragma once

#include <cstdio>
#include <memory>
#include <string>

#include "server/task_status.h"

namespace godwit::cli {

// Shows how a run goes on. One thread.
class ProgressDisplay {
 public:
  virtual ~ProgressDisplay() = default;

  // The status now; called several times a second, each display keeps its own pace.
  virtual void Show(const server::TaskStatus& status) = 0;
  // Something that is worth a line of its own.
  virtual void Note(const std::string& note) = 0;
  // The last status. Nothing comes after it.
  virtual void End(const server::TaskStatus& status) = 0;
};

// The streams are borrowed.

// A few lines that are written over again and again, for a terminal; notes scroll by above them.
std::unique_ptr<ProgressDisplay> MakeLiveDisplay(FILE* terminal);
// A line with the time every 10 s and at each change of phase, for logs.
std::unique_ptr<ProgressDisplay> MakePlainDisplay(FILE* log);
// A JSON object a line (server::ToJson), every second, at each change of phase and for each note.
std::unique_ptr<ProgressDisplay> MakeJsonDisplay(FILE* out);
// Nothing at all.
std::unique_ptr<ProgressDisplay> MakeNoDisplay();

}  // namespace godwit::cli
