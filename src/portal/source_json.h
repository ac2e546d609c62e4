#pragma once

#include <string>

#include "cluster/view.h"
#include "portal/api.h"

// What is shown of a source.
namespace godwit::portal {

// A source as it was seen, to be shown on another thread, and whether its worker was online.
struct SeenSource {
  cluster::View::Source source;
  bool worker_lives = false;
  std::string unreadable;  // why, if a value of it is
};
SeenSource See(const cluster::View& view, const cluster::View::Source& source);
// kNotFound.
base::StatusOr<SeenSource> SeeSource(const cluster::View& view, const std::string& name);

// "bound", "starting", "waiting", "stopping", "disabled" or "unreadable".
// What a subtask of the source is in by now, as far as is known: what the worker of an earlier
// binding has written of one that ran then says nothing of that.
cluster::Stage StageOf(const cluster::View::Source& source, const cluster::View::Subtask& subtask);

std::string_view StateOf(const cluster::View::Source& source);
// What an operator can do about it; empty: nothing has to be done.
std::string ActionOn(const SeenSource& seen);

Json SourceSummary(const SeenSource& seen);  // without the configuration
Json SourceJson(const SeenSource& seen);

}  // namespace godwit::portal
