#include "portal/api.h"

#include <absl/strings/str_split.h>

namespace godwit::portal {
namespace {

std::vector<std::string> Words(const std::string& path) { return absl::StrSplit(path, '/'); }

bool IsParameter(const std::string& word) { return word.starts_with('{'); }

// The parameters, if the path is one of the pattern's.
std::optional<std::map<std::string, std::string>> Match(const std::vector<std::string>& pattern,
                                                        const std::vector<std::string>& path) {
  if (pattern.size() != path.size()) return std::nullopt;
  std::map<std::string, std::string> parameters;
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (IsParameter(pattern[i]) && !path[i].empty()) {
      parameters.emplace(pattern[i].substr(1, pattern[i].size() - 2), DecodePercent(path[i]));
    } else if (pattern[i] != path[i]) {
      return std::nullopt;
    }
  }
  return parameters;
}

}  // namespace

base::StatusOr<bool> ApiRequest::Flag(const std::string& name, bool otherwise) const {
  const auto found = http.query.find(name);
  if (found == http.query.end()) return otherwise;
  if (found->second == "true") return true;
  if (found->second == "false") return false;
  return base::InvalidArgument("{} is \"{}\": it has to be true or false", name, found->second);
}

std::string ApiRequest::Text(const std::string& name) const {
  const auto found = http.query.find(name);
  return found == http.query.end() ? "" : found->second;
}

base::StatusOr<Json> ApiRequest::Object() const {
  if (http.body.empty()) return Json::object();
  Json object = Json::parse(http.body, nullptr, /*allow_exceptions=*/false);
  if (!object.is_object()) return base::InvalidArgument("the body is no JSON object");
  return object;
}

base::StatusOr<std::string> ApiRequest::File() const {
  std::string text = http.body;
  if (http.Header("content-type").starts_with("application/json")) {
    GODWIT_ASSIGN_OR_RETURN(const Json object, Object());
    const auto config = object.find("config");
    if (config == object.end() || !config->is_string()) {
      return base::InvalidArgument("the body has no text \"config\", which is to be the file's");
    }
    text = config->get<std::string>();
  }
  if (text.empty()) {
    return base::InvalidArgument(
        "the body is empty: send the file's text as application/yaml, or {{\"config\": TEXT}} as "
        "application/json");
  }
  return text;
}

Json Done(std::string message, std::vector<std::string> warnings) {
  return {{"message", std::move(message)}, {"warnings", std::move(warnings)}};
}

base::StatusOr<std::vector<std::string>> Texts(const Json& object, const std::string& field) {
  std::vector<std::string> texts;
  const auto found = object.find(field);
  if (found == object.end() || found->is_null()) return texts;
  if (!found->is_array()) return base::InvalidArgument("\"{}\" is no list of texts", field);
  for (const Json& one : *found) {
    if (!one.is_string()) return base::InvalidArgument("\"{}\" is no list of texts", field);
    texts.push_back(one.get<std::string>());
  }
  return texts;
}

std::string Dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

base::StatusOr<Router::Found> Router::Find(const std::string& method,
                                           const std::string& path) const {
  std::optional<std::string> others;
  if (path.starts_with(kApiRoot)) {
    const std::vector<std::string> words = Words(path.substr(kApiRoot.size()));
    // A word of a pattern goes before a parameter: /tasks/check is no task called so.
    const Route* best = nullptr;
    Found found;
    for (const Route& route : routes_) {
      auto parameters = Match(Words(route.path), words);
      if (!parameters) continue;
      if (route.method != method) {
        others = route.method;
      } else if (!best || parameters->size() < found.parameters.size()) {
        best = &route;
        found = {&route, *std::move(parameters)};
      }
    }
    if (best) return found;
  }
  if (others) {
    return base::InvalidArgument("{} does not take {}, but {}", path, method, *others);
  }
  return base::NotFound("there is nothing at {}: {}/openapi.json lists what there is", path,
                        kApiRoot);
}

}  // namespace godwit::portal
