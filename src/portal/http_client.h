#pragma once

#include <chrono>
#include <string>

#include "base/status.h"
#include "portal/http.h"

namespace godwit::portal {

struct CallOptions {
  HttpTls tls;  // of https
  std::chrono::milliseconds connect{2000}, answer{30000};
};

// Asks the server at `base`, "http://HOST:PORT" or https; the request's headers `authorization` and
// `content-type` go along, and those in `more`. kUnavailable: nothing has been sent. kUnknown: it
// has been sent and no answer came, so that it may have taken effect. kFailedPrecondition: the
// server does not prove who it is. kInvalidArgument: the address, or a file of `tls`, cannot be
// used.
base::StatusOr<HttpResponse> Call(const std::string& base, const HttpRequest& request,
                                  const CallOptions& options,
                                  const std::map<std::string, std::string>& more = {});

}  // namespace godwit::portal
