#pragma once

#include <string>

#include "config/source_file.h"
#include "portal/api.h"

namespace godwit::portal {

// A source's file, parsed, and its server looked at, unless the request asks to leave that out
// (check=false). kFailedPrecondition: it does not pass.
base::StatusOr<config::SourceFile> VerifySource(const ApiRequest& request, const std::string& text);

// Of another file for a source that tasks read: whether these can go on at its hosts, unless the
// request asks to leave that out. `subtasks`: how they stand (SubtaskStatuses::OfSource); of those
// that nothing is known of, a warning says so. Warnings are added to the source's.
base::Status VerifyGoesOn(const ApiRequest& request, const Json& subtasks,
                          config::SourceFile& source);

}  // namespace godwit::portal
