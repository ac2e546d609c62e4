#include "cli/cluster/master_client.h"

#include <absl/strings/str_split.h>

#include <array>
#include <optional>

namespace godwit::cli {
namespace {

using base::StatusCode;

// A check or a plan asks both servers of a task, a removal waits for what still runs.
constexpr std::chrono::seconds kConnect(3), kAnswer(300);

StatusCode CodeOf(const std::string& code) {
  constexpr std::array<std::pair<std::string_view, StatusCode>, 9> kCodes = {
      {{"invalid-argument", StatusCode::kInvalidArgument},
       {"too-large", StatusCode::kInvalidArgument},
       {"unauthenticated", StatusCode::kUnauthenticated},
       {"permission-denied", StatusCode::kPermissionDenied},
       {"not-found", StatusCode::kNotFound},
       {"failed-precondition", StatusCode::kFailedPrecondition},
       {"aborted", StatusCode::kAborted},
       {"unavailable", StatusCode::kUnavailable},
       {"internal", StatusCode::kInternal}}};
  for (const auto& [name, meaning] : kCodes) {
    if (code == name) return meaning;
  }
  return StatusCode::kUnknown;
}

base::Status NoMaster(const std::string& url, const portal::HttpResponse& response) {
  constexpr size_t kMost = 200;
  return base::FailedPrecondition(
      "{} does not answer as a master of godwit does, but with the status {} and \"{}\": give the "
      "url of one by --master or GODWIT_MASTER",
      url, response.status, response.body.substr(0, kMost));
}

base::Status NobodyAnswers(const std::vector<base::Status>& tried) {
  std::vector<std::string> lines;
  for (const base::Status& one : tried) lines.emplace_back(one.message());
  return base::Unavailable(
      "no master answers: {}; see that one runs (`godwit master`), or name others by --master or "
      "GODWIT_MASTER",
      fmt::join(lines, "; "));
}

}  // namespace

base::StatusOr<std::vector<std::string>> ParseMasterUrls(const std::string& text) {
  std::vector<std::string> urls;
  for (std::string url : std::vector<std::string>(absl::StrSplit(text, ',', absl::SkipEmpty()))) {
    while (url.ends_with('/')) url.pop_back();
    const size_t scheme = url.find("://");
    const bool known = url.starts_with("http://") || url.starts_with("https://");
    if (!known || url.find_first_of("/@? ", scheme + 3) != std::string::npos ||
        url.size() == scheme + 3) {
      return base::InvalidArgument(
          "\"{}\" is no url of a master: write http://HOST:PORT or https://HOST:PORT, several with "
          "commas between them",
          url);
    }
    urls.push_back(url);
  }
  if (urls.empty()) {
    return base::InvalidArgument(
        "no master is named: give --master http://HOST:PORT, or set GODWIT_MASTER");
  }
  return urls;
}

base::StatusOr<Answer> MasterClient::Post(const std::string& path, const Json& body) {
  return Ask("POST", path, body.dump(), "application/json");
}

base::StatusOr<Answer> MasterClient::PostFile(const std::string& path, const std::string& text) {
  return Ask("POST", path, text, "application/yaml");
}

base::StatusOr<Answer> MasterClient::PutFile(const std::string& path, const std::string& text) {
  return Ask("PUT", path, text, "application/yaml");
}

base::StatusOr<Answer> MasterClient::Ask(const std::string& method, const std::string& path,
                                         const std::string& body, const std::string& type) {
  portal::HttpRequest request{.method = method, .path = "/api/v1" + path, .body = body};
  if (!type.empty()) request.headers["content-type"] = type;
  if (!options_.token.empty()) request.headers["authorization"] = "Bearer " + options_.token;
  const portal::CallOptions call{.tls = options_.tls, .connect = kConnect, .answer = kAnswer};
  std::vector<base::Status> tried;
  std::optional<base::Status> refusal;
  for (const std::string& url : options_.urls) {
    const auto response = portal::Call(url, request, call);
    if (!response.ok()) {
      const base::Status failed = Explained(url, response.status());
      if (failed.code() == StatusCode::kInvalidArgument) return failed;
      if (failed.code() == StatusCode::kUnknown && method != "GET") {
        return base::MakeStatus(failed.code(),
                                "{}; whether it has taken effect is not known: look at how things "
                                "stand before you do it again",
                                failed.message());
      }
      tried.push_back(failed);
      continue;
    }
    if (response->status < 400) {
      Answer answer{Json::parse(response->body, nullptr, /*allow_exceptions=*/false),
                    response->body};
      if (!answer.json.is_object()) return NoMaster(url, *response);
      return answer;
    }
    refusal = Refused(url, *response);
    // Another one may be better connected to the leader; what changes something may be under way.
    if (refusal->code() != StatusCode::kUnavailable || method != "GET") break;
  }
  return refusal ? *refusal : NobodyAnswers(tried);
}

base::Status MasterClient::Explained(const std::string& url, const base::Status& failed) const {
  if (failed.code() != StatusCode::kUnknown) return failed;
  const bool is_secure = url.starts_with("https:");
  if (is_secure && options_.tls.IsOn()) return failed;
  return base::MakeStatus(
      failed.code(), "{} ({})", failed.message(),
      is_secure ? "it may want our certificate: --cert and --key" : "it may want https");
}

base::Status MasterClient::Refused(const std::string& url,
                                   const portal::HttpResponse& response) const {
  const Json json = Json::parse(response.body, nullptr, /*allow_exceptions=*/false);
  const Json& error = FieldOf(json, "error");
  const StatusCode code = CodeOf(TextOf(error, "code"));
  const std::string message = TextOf(error, "message");
  if (message.empty()) return NoMaster(url, response);
  if (code == StatusCode::kUnauthenticated) {
    return base::MakeStatus(
        code, "{}: {}; {}", url, message,
        options_.token.empty()
            ? "it wants a token: set GODWIT_TOKEN, or give --token-file FILE"
            : "it does not know the token of GODWIT_TOKEN or --token-file: ask for a new one");
  }
  if (code == StatusCode::kPermissionDenied) {
    return base::MakeStatus(code, "{}: {}; it takes a token of the role operate", url, message);
  }
  return base::MakeStatus(code, "{}", message);
}

}  // namespace godwit::cli
