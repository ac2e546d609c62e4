#include "portal/api_error.h"

#include <nlohmann/json.hpp>

namespace godwit::portal {
namespace {

struct Meaning {
  int status;
  std::string_view code;
};

Meaning MeaningOf(base::StatusCode code) {
  switch (code) {
    case base::StatusCode::kInvalidArgument:
      return {400, "invalid-argument"};
    case base::StatusCode::kUnauthenticated:
      return {401, "unauthenticated"};
    case base::StatusCode::kPermissionDenied:
      return {403, "permission-denied"};
    case base::StatusCode::kNotFound:
      return {404, "not-found"};
    case base::StatusCode::kFailedPrecondition:
      return {409, "failed-precondition"};
    case base::StatusCode::kAborted:
      return {409, "aborted"};
    case base::StatusCode::kUnavailable:
      return {503, "unavailable"};
    case base::StatusCode::kUnknown:
      return {504, "unknown"};
    default:
      return {500, "internal"};
  }
}

}  // namespace

HttpResponse ErrorResponse(int status, std::string_view code, std::string_view message) {
  const nlohmann::ordered_json error = {{"error", {{"code", code}, {"message", message}}}};
  HttpResponse response{
      .status = status,
      .body = error.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace)};
  if (status == 503) response.headers["Retry-After"] = "1";
  if (status == 401) response.headers["WWW-Authenticate"] = "Bearer";
  return response;
}

HttpResponse ErrorResponse(const base::Status& status) {
  const Meaning meaning = MeaningOf(status.code());
  return ErrorResponse(meaning.status, meaning.code, std::string(status.message()));
}

}  // namespace godwit::portal
