#include "portal/portal.h"

#include "portal/api_error.h"
#include "portal/openapi.h"

namespace godwit::portal {
namespace {

// Says that another master has passed it on, so that two that each hold the other for the leader do
// not go on for ever.
constexpr char kForwarded[] = "X-Godwit-Forwarded";
constexpr char kForwardedLower[] = "x-godwit-forwarded";

// A check of large schemas, or a removal, takes its time.
constexpr std::chrono::minutes kLongAnswer(10);

}  // namespace

Portal::Portal(Control& control, std::vector<Route> routes, std::vector<Page> pages,
               Options options)
    : control_(control),
      router_(std::move(routes)),
      pages_(std::move(pages)),
      options_(std::move(options)),
      openapi_(Dump(OpenApi(router_.routes(), options_.version))) {}

HttpResponse Portal::Handle(const HttpRequest& request) {
  Caller caller;
  base::StatusOr<HttpResponse> answer = Answer(request, caller);
  HttpResponse response = answer.ok() ? *std::move(answer) : ErrorResponse(answer.status());
  response.caller = caller.name;
  if (options_.count) options_.count(request.method, response.status);
  return response;
}

base::Status Portal::Admit(const HttpRequest& request, std::optional<Role> role,
                           Caller& caller) const {
  if (!options_.check_caller || !role) {
    caller = {"anybody", Role::kOperate};
    return base::OkStatus();
  }
  GODWIT_ASSIGN_OR_RETURN(caller, options_.check_caller(request.Header("authorization")));
  if (caller.role >= *role) return base::OkStatus();
  return base::MakeStatus(base::StatusCode::kPermissionDenied,
                          "the token of {} may only read: use one with the role operate",
                          caller.name);
}

base::StatusOr<HttpResponse> Portal::Answer(const HttpRequest& request, Caller& caller) {
  if (request.path == fmt::format("{}/openapi.json", kApiRoot)) {
    return HttpResponse{.body = openapi_};
  }
  for (const Page& page : pages_) {
    if (page.path != request.path || request.method != "GET") continue;
    GODWIT_RETURN_IF_ERROR(Admit(request, page.role, caller));
    return page.handler(request);
  }
  GODWIT_ASSIGN_OR_RETURN(const Router::Found found, router_.Find(request.method, request.path));
  GODWIT_RETURN_IF_ERROR(Admit(request, found.route->role, caller));
  return Do(found, request, caller);
}

base::StatusOr<HttpResponse> Portal::Do(const Router::Found& found, const HttpRequest& request,
                                        const Caller& caller) {
  GODWIT_ASSIGN_OR_RETURN(const Control::Leadership leadership, control_.Leader());
  if (!leadership.is_ours) return Forward(request, leadership.leader);
  const ApiRequest asked{request, found.parameters, caller};
  GODWIT_ASSIGN_OR_RETURN(const Json answer, found.route->handler(asked));
  return HttpResponse{.body = Dump(answer)};
}

base::StatusOr<HttpResponse> Portal::Forward(const HttpRequest& request,
                                             const std::optional<cluster::LeaderRecord>& leader) {
  if (!leader) {
    return base::Unavailable(
        "no master leads at the moment: one of them will, within the time of a lease at most; ask "
        "again");
  }
  if (!request.Header(kForwardedLower).empty()) {
    return base::Unavailable(
        "the leader is changing, or does not reach the store, or has no address of its own (say "
        "--advertise where masters are on several machines): ask again");
  }
  CallOptions call = options_.call;
  call.answer = kLongAnswer;
  GODWIT_ASSIGN_OR_RETURN(HttpResponse response,
                          Call(leader->address, request, call, {{kForwarded, "1"}}));
  return response;
}

}  // namespace godwit::portal
