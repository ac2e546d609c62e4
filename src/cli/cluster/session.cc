#include "cli/cluster/session.h"

#include <cstdlib>

#include "config/read_file.h"
#include "config/suggest.h"
#include "portal/http_server.h"

namespace godwit::cli {
namespace {

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

constexpr size_t kMostTokenBytes = 4096;

base::StatusOr<std::string> ReadToken(const std::string& file) {
  std::string token = Environment("GODWIT_TOKEN");
  if (!file.empty()) {
    GODWIT_ASSIGN_OR_RETURN(token, config::ReadPrivateFile(file, kMostTokenBytes));
    token.erase(token.find_last_not_of(" \t\r\n") + 1);
    if (token.empty()) return base::InvalidArgument("{}: there is no token in it", file);
  }
  // It becomes a line of a header.
  for (const char c : token) {
    if (c <= ' ' || c > '~') {
      return base::InvalidArgument("{}: a token is one word, and this is none",
                                   file.empty() ? "GODWIT_TOKEN" : file);
    }
  }
  return token;
}

// To another machine, without TLS.
bool GoesInClear(const std::string& url) {
  const std::string scheme = "http://";
  if (!url.starts_with(scheme)) return false;
  const std::string host = url.substr(scheme.size());
  return !portal::IsLoopback(host.substr(0, host.rfind(':'))) && !host.starts_with("[::1]");
}

struct Kind {
  const char *path, *list, *field;
};

Kind KindOf(Named what) {
  switch (what) {
    case Named::kSource:
      return {"/sources", "/sources", "sources"};
    case Named::kTask:
      return {"/tasks", "/tasks", "tasks"};
    case Named::kWorker:
      return {"/members/workers", "/members", "workers"};
  }
  return {};
}

}  // namespace

void ClientArguments::AddTo(CLI::App& app) {
  app.add_option("--master", urls,
                 "A master's url, or those of several: the next is asked where one is away "
                 "(default: GODWIT_MASTER)")
      ->type_name("URL[,URL...]")
      ->group(kGroup);
  app.add_option("--ca", tls.ca, "Certificates of who signs the masters' (default: the system's)")
      ->type_name("FILE")
      ->group(kGroup);
  app.add_option("--cert", tls.cert, "Our certificate, where the masters want one")
      ->type_name("FILE")
      ->group(kGroup);
  app.add_option("--key", tls.key, "Its key")->type_name("FILE")->group(kGroup);
  app.add_option("--token-file", token_file, "Where the token stands (default: GODWIT_TOKEN)")
      ->type_name("FILE")
      ->group(kGroup);
}

bool ClientArguments::IsGiven() const {
  return !urls.empty() || !Environment("GODWIT_MASTER").empty();
}

base::StatusOr<MasterClient> ClientArguments::Connect() const {
  MasterClient::Options options{.tls = tls};
  GODWIT_ASSIGN_OR_RETURN(options.urls,
                          ParseMasterUrls(urls.empty() ? Environment("GODWIT_MASTER") : urls));
  GODWIT_ASSIGN_OR_RETURN(options.token, ReadToken(token_file));
  for (const std::string& url : options.urls) {
    if (!options.token.empty() && GoesInClear(url)) {
      PrintWarning(fmt::format("{}: the token can be read on its way; https would hide it", url));
    }
  }
  return MasterClient(std::move(options));
}

std::string PathOf(Named what, const std::string& name) {
  return fmt::format("{}/{}", KindOf(what).path, portal::EncodePercent(name));
}

base::StatusOr<Answer> ReadStatus(MasterClient& client, Named what, const std::string& name) {
  if (!name.empty()) return client.Get(PathOf(what, name) + "/status");
  const Kind kind = KindOf(what);
  GODWIT_ASSIGN_OR_RETURN(const Answer all, client.Get(kind.list));
  Json json = {{kind.field, Json::array()}};
  for (const Json& listed : ListOf(all.json, kind.field)) {
    auto one = client.Get(PathOf(what, TextOf(listed, "name")) + "/status");
    if (absl::IsNotFound(one.status())) continue;  // removed meanwhile
    if (!one.ok()) return one;
    json[kind.field].push_back(std::move(one->json));
  }
  std::string text = json.dump();
  return Answer{std::move(json), std::move(text)};
}

base::Status Session::Explain(const base::Status& error, Named what, const std::string& name) {
  if (!absl::IsNotFound(error)) return error;
  const Kind kind = KindOf(what);
  const auto listed = client_.Get(kind.list);
  if (!listed.ok()) return error;
  std::vector<std::string> names;
  for (const Json& one : ListOf(listed->json, kind.field)) names.push_back(TextOf(one, "name"));
  const std::vector<std::string_view> candidates(names.begin(), names.end());
  const std::string_view nearest = config::Suggest(name, candidates);
  if (nearest.empty() || nearest == name) return error;
  return base::NotFound("{}; did you mean {}?", error.message(), nearest);
}

ExitCode Session::Show(const base::StatusOr<Answer>& answer, const Lines& lines) {
  if (!answer.ok()) return Fail(answer.status());
  if (json_) {
    fmt::print("{}\n", answer->text);
  } else {
    PrintLines(lines(answer->json));
  }
  return kDone;
}

ExitCode Session::Show(const base::StatusOr<Answer>& answer, Named what, const std::string& name,
                       const Lines& lines) {
  if (!answer.ok()) return Fail(Explain(answer.status(), what, name));
  return Show(answer, lines);
}

ExitCode Session::Report(const base::StatusOr<Answer>& answer) {
  return Show(answer, [](const Json& done) -> std::vector<std::string> {
    for (const std::string& warning : TextsOf(done, "warnings")) PrintWarning(warning);
    return {TextOf(done, "message")};
  });
}

ExitCode Session::Report(const base::StatusOr<Answer>& answer, Named what,
                         const std::string& name) {
  if (!answer.ok()) return Fail(Explain(answer.status(), what, name));
  return Report(answer);
}

}  // namespace godwit::cli
