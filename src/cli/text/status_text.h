#pragma once

#include <string>
#include <vector>

#include "server/task_status.h"

// A run's status in words.
namespace godwit::cli {

// "copying", "catching up", ...
std::string_view PhaseText(connector::TaskPhase phase);

// What a source keeps of its log for a task.
std::string LogHoldText(const connector::LogHold& hold);

// For a live display: the phase and how far it is, a few lines.
std::vector<std::string> LiveLines(const server::TaskStatus& status);

// For a log: all that matters now on one line, without a time of its own.
std::string PlainLine(const server::TaskStatus& status);

// Of that line, how far it is: what is copied, or at which rate changes are applied.
std::string ProgressText(const server::TaskStatus& status);
// How long after the source's commits those of the target come; empty: not known.
std::string LagText(const server::TaskStatus& status);

// What a run that has ended did.
std::vector<std::string> SummaryLines(const server::TaskStatus& status);

}  // namespace godwit::cli
