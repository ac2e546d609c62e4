#pragma once

#include <string_view>

#include "base/status.h"
#include "portal/http.h"

namespace godwit::portal {

// {"error": {"code": ..., "message": ...}}
HttpResponse ErrorResponse(int status, std::string_view code, std::string_view message);

// The same of a status that is not OK, with the HTTP status that its code stands for.
HttpResponse ErrorResponse(const base::Status& status);

}  // namespace godwit::portal
