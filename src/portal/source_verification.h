#pragma once

#include <string>

#include "config/source_file.h"
#include "portal/api.h"

namespace godwit::portal {

// A source's file, parsed, and its server looked at, unless the request asks to leave that out
// (check=false). kFailedPrecondition: it does not pass.
base::StatusOr<config::SourceFile> VerifySource(const ApiRequest& request, const std::string& text);

}  // namespace godwit::portal
