#pragma once

#include <optional>
#include <string>
#include <vector>

#include "portal/api.h"
#include "portal/control.h"
#include "portal/http_client.h"

namespace godwit::portal {

// What answers of a master's other than JSON by the table of routes: a metrics page, events.
struct Page {
  std::string path;
  std::optional<Role> role;
  HttpHandler handler;
};

// Answers what a master is asked: finds the route, looks who asks, and has it done here by the
// leader, there by another one. Thread-safe.
class Portal {
 public:
  struct Options {
    std::string version;
    CheckCaller check_caller;  // unset: anybody may do anything
    CallOptions call;          // how another master is asked
    std::function<void(const std::string& method, int status)> count;  // of what was answered
  };
  // `control` is borrowed.
  Portal(Control& control, std::vector<Route> routes, std::vector<Page> pages, Options options);

  HttpResponse Handle(const HttpRequest& request);

 private:
  // Whether whoever asks may; fills in who it is.
  base::Status Admit(const HttpRequest& request, std::optional<Role> role, Caller& caller) const;
  base::StatusOr<HttpResponse> Answer(const HttpRequest& request, Caller& caller);
  base::StatusOr<HttpResponse> Do(const Router::Found& found, const HttpRequest& request,
                                  const Caller& caller);
  base::StatusOr<HttpResponse> Forward(const HttpRequest& request,
                                       const std::optional<cluster::LeaderRecord>& leader);

  Control& control_;
  const Router router_;
  const std::vector<Page> pages_;
  const Options options_;
  const std::string openapi_;
};

}  // namespace godwit::portal
