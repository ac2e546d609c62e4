#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "base/status.h"
#include "portal/caller.h"
#include "portal/http.h"

namespace godwit::portal {

struct ListenOptions {
  std::string listen;  // HOST:PORT; port 0: a free one
  HttpTls tls;
  size_t threads = 64;  // as many requests at a time
  size_t most_body = 1 << 20;
  bool is_logged = true;  // else requests are told at the level debug alone
  // All of a request has to come within this; and within the other while all threads are at work.
  std::chrono::milliseconds request_time{10'000}, crowded_request_time{2'000};
};

// HOST:PORT, an IPv6 address in brackets, taken apart.
base::StatusOr<std::pair<std::string, int>> ParseListen(const std::string& listen);
// Whether nobody but this machine can connect there.
bool IsLoopback(const std::string& host);

// How a process is reached by others.
struct Exposure {
  std::string listen, advertise;  // HOST:PORT, and a url, empty: as it listens
  HttpTls tls;
  CheckCaller check_caller;
  bool is_insecure = false;  // may listen for other machines without TLS or tokens
};
// Without TLS and tokens only loopback may be listened at, unless told so; and others have to be
// told an address that they can reach.
base::Status CheckExposure(const Exposure& exposure);

// Serves HTTP/1.1, or HTTPS, from Start to Stop or its end. Each request is logged with who asked
// for what and what came of it, never with bodies or headers.
class HttpServer {
 public:
  // `handler` is called from several threads. kInvalidArgument: a file cannot be used;
  // kFailedPrecondition: it cannot listen there.
  static base::StatusOr<std::unique_ptr<HttpServer>> Start(const ListenOptions& options,
                                                           HttpHandler handler);
  // Waits for the requests that are under way; streams are ended.
  ~HttpServer();
  void Stop();

  int port() const;
  std::string url() const;  // of where it listens

 private:
  class Impl;
  explicit HttpServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace godwit::portal
