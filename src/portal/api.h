#pragma once

#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "portal/caller.h"
#include "portal/http.h"

// The REST interface as a table: what may be asked, by whom, and what answers. What is served and
// the document that describes it (openapi.h) are made of the same table.
namespace godwit::portal {

using Json = nlohmann::ordered_json;

struct ApiRequest {
  const HttpRequest& http;
  std::map<std::string, std::string> parameters;  // of the path
  Caller caller;

  const std::string& At(const std::string& parameter) const { return parameters.at(parameter); }
  // Of the query; kInvalidArgument: neither true nor false.
  base::StatusOr<bool> Flag(const std::string& name, bool otherwise) const;
  // Of the query; empty: it is not there.
  std::string Text(const std::string& name) const;
  // The body as an object, which is empty where there is no body.
  base::StatusOr<Json> Object() const;
  // The text of a file: the body itself, or "config" of the body's object.
  base::StatusOr<std::string> File() const;
};

using ApiHandler = std::function<base::StatusOr<Json>(const ApiRequest&)>;

enum class Body { kNone, kFile, kObject };

struct QueryFlag {
  std::string name;
  bool otherwise = false;
  std::string summary;
  std::string type = "boolean";  // or string, integer: these have no default
};

struct Route {
  std::string method, path;  // below /api/v1; a {word} of the path is a parameter
  std::optional<Role> role;  // that it takes; nothing: anybody may
  std::string summary;
  Body body = Body::kNone;
  std::string request;   // the schema of kObject
  std::string response;  // the schema of the answer
  std::vector<QueryFlag> flags;
  ApiHandler handler;
};

inline constexpr std::string_view kApiRoot = "/api/v1";

// What answers a request that changes something.
Json Done(std::string message, std::vector<std::string> warnings = {});

// The texts of "field", a list in `object`; none where it is not there.
base::StatusOr<std::vector<std::string>> Texts(const Json& object, const std::string& field);

std::string Dump(const Json& json);

// Finds routes by method and path.
class Router {
 public:
  explicit Router(std::vector<Route> routes) : routes_(std::move(routes)) {}

  struct Found {
    const Route* route = nullptr;
    std::map<std::string, std::string> parameters;  // decoded
  };
  // kNotFound; kInvalidArgument: what is there does not take this method.
  base::StatusOr<Found> Find(const std::string& method, const std::string& path) const;
  const std::vector<Route>& routes() const { return routes_; }

 private:
  std::vector<Route> routes_;
};

}  // namespace godwit::portal
