#include "portal/openapi.h"

#include <absl/strings/str_split.h>

#include "base/text.h"
#include "portal/schemas.h"

namespace godwit::portal {
namespace {

Json Content(const char* type, Json schema) { return {{type, {{"schema", std::move(schema)}}}}; }

Json Ref(const std::string& name) { return {{"$ref", "#/components/schemas/" + name}}; }

Json Parameters(const Route& route) {
  Json parameters = Json::array();
  const std::vector<std::string> words = absl::StrSplit(route.path, '/');
  for (const std::string& word : words) {
    if (!word.starts_with('{')) continue;
    parameters.push_back({{"name", word.substr(1, word.size() - 2)},
                          {"in", "path"},
                          {"required", true},
                          {"schema", {{"type", "string"}}}});
  }
  for (const QueryFlag& flag : route.flags) {
    Json schema = {{"type", flag.type}};
    if (flag.type == "boolean") schema["default"] = flag.otherwise;
    parameters.push_back({{"name", flag.name},
                          {"in", "query"},
                          {"description", flag.summary},
                          {"schema", std::move(schema)}});
  }
  return parameters;
}

Json RequestBody(const Route& route) {
  if (route.body == Body::kObject) {
    return {{"content", Content("application/json", Ref(route.request))}};
  }
  Json content = Content("application/yaml", {{"type", "string"}});
  content.update(Content("application/json", Ref("File")));
  return {{"required", true}, {"content", std::move(content)}};
}

// "postTasksTaskStart"
std::string OperationId(const Route& route) {
  std::string id;
  for (const char c : route.method) id.push_back(base::ToLowerAscii(c));
  bool begins = true;
  for (const char c : route.path) {
    const bool is_letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (is_letter) id.push_back(begins && c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c);
    begins = !is_letter;
  }
  return id;
}

Json Operation(const Route& route) {
  Json operation = {{"operationId", OperationId(route)}, {"summary", route.summary}};
  if (Json parameters = Parameters(route); !parameters.empty()) {
    operation["parameters"] = std::move(parameters);
  }
  if (route.body != Body::kNone) operation["requestBody"] = RequestBody(route);
  operation["responses"] = {
      {"200",
       {{"description", "Done"}, {"content", Content("application/json", Ref(route.response))}}},
      {"default",
       {{"description", "It was not done"},
        {"content", Content("application/json", Ref("Error"))}}}};
  if (route.role) {
    operation["security"] = Json::array({{{"token", Json::array()}}});
    operation["x-role"] = *route.role == Role::kRead ? "read" : "operate";
  }
  return operation;
}

}  // namespace

Json OpenApi(const std::vector<Route>& routes, const std::string& version) {
  Json paths = Json::object();
  for (const Route& route : routes) {
    std::string method;
    for (const char c : route.method) method.push_back(base::ToLowerAscii(c));
    paths[route.path][method] = Operation(route);
  }
  return {{"openapi", "3.0.3"},
          {"info", {{"title", "Godwit"}, {"version", version}}},
          {"servers", Json::array({{{"url", kApiRoot}}})},
          {"paths", std::move(paths)},
          {"components",
           {{"schemas", Schemas()},
            {"securitySchemes", {{"token", {{"type", "http"}, {"scheme", "bearer"}}}}}}}};
}

}  // namespace godwit::portal
