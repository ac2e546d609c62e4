#pragma once

#include <functional>
#include <map>
#include <string>

// What is asked and answered over HTTP, apart from the library that carries it.
namespace godwit::portal {

struct HttpRequest {
  std::string method;
  std::string path;  // percent-encoded, without the query
  std::string body;
  std::map<std::string, std::string> query;    // decoded
  std::map<std::string, std::string> headers;  // names in lower case; the first of each
  std::string from;                            // the client's address

  std::string Header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? "" : found->second;
  }
};

struct HttpResponse {
  int status = 200;
  std::string type = "application/json";
  std::string body;
  std::map<std::string, std::string> headers;
  // In place of `body`: gives the next piece, waiting at most a second for it; empty when there is
  // none yet. False: this was the last.
  std::function<bool(std::string& piece)> stream;
  std::string caller;  // for the log
};

using HttpHandler = std::function<HttpResponse(const HttpRequest&)>;

// Of what proves us, and who signs those that prove themselves to us. Files in PEM.
struct HttpTls {
  std::string cert, key;  // empty: no TLS
  std::string ca;         // of a server: clients have to prove themselves; of a client: servers do
  bool IsOn() const { return !cert.empty(); }
};

std::string DecodePercent(std::string_view text);
std::string EncodePercent(std::string_view text);

}  // namespace godwit::portal
