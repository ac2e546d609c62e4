#include "portal/http_server.h"

#include <httplib.h>

#include <atomic>
#include <thread>

#include "base/log.h"
#include "base/text.h"
#include "portal/api_error.h"
#include "portal/timed_server.h"

namespace godwit::portal {
namespace {

std::string Lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), base::ToLowerAscii);
  return text;
}

HttpRequest Taken(const httplib::Request& asked) {
  HttpRequest request{.method = asked.method,
                      .path = asked.target.substr(0, asked.target.find('?')),
                      .body = asked.body,
                      .from = asked.remote_addr};
  for (const auto& [name, value] : asked.params) request.query.emplace(name, value);
  for (const auto& [name, value] : asked.headers) request.headers.emplace(Lower(name), value);
  return request;
}

// What the library itself has refused, before any handler.
HttpResponse Refusal(int status) {
  switch (status) {
    case 413:
      return ErrorResponse(413, "too-large", "the body is too large: at most 1 MiB is taken");
    case 404:
      return ErrorResponse(404, "not-found", "there is nothing of this method at this place");
    default:
      return ErrorResponse(status, "invalid-argument", "the request cannot be read");
  }
}

}  // namespace

base::StatusOr<std::pair<std::string, int>> ParseListen(const std::string& listen) {
  const size_t colon = listen.rfind(':');
  std::optional<uint16_t> port;
  if (colon != std::string::npos && colon > 0) {
    port = base::ParseInteger<uint16_t>(std::string_view(listen).substr(colon + 1));
  }
  if (!port) {
    return base::InvalidArgument("\"{}\" is no HOST:PORT to listen at: write 127.0.0.1:8361",
                                 listen);
  }
  std::string host = listen.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return std::pair(host, static_cast<int>(*port));
}

bool IsLoopback(const std::string& host) {
  in_addr address{};
  return host == "localhost" || host == "::1" ||
         (host.starts_with("127.") && inet_pton(AF_INET, host.c_str(), &address) == 1);
}

base::Status CheckExposure(const Exposure& exposure) {
  GODWIT_ASSIGN_OR_RETURN(const auto place, ParseListen(exposure.listen));
  const std::string& host = place.first;
  const bool is_safe = exposure.tls.IsOn() && exposure.check_caller;
  if (!is_safe && !exposure.is_insecure && !IsLoopback(host)) {
    return base::FailedPrecondition(
        "without TLS and tokens it listens on loopback only, and {} is not: give it a certificate "
        "with its key (--tls-cert, --tls-key) and a file of tokens (--tokens), or say --insecure "
        "if the network is yours alone",
        exposure.listen);
  }
  if (exposure.advertise.empty() && (host == "0.0.0.0" || host == "::")) {
    return base::InvalidArgument(
        "{} is every address of this machine, of which others need one: say --advertise "
        "{}://ADDRESS:{}",
        exposure.listen, exposure.tls.IsOn() ? "https" : "http", place.second);
  }
  return base::OkStatus();
}

class HttpServer::Impl {
 public:
  Impl(const ListenOptions& options, HttpHandler handler)
      : handler_(std::move(handler)),
        is_secure_(options.tls.IsOn()),
        is_logged_(options.is_logged) {
    const Patience patience{.request = options.request_time,
                            .crowded_request = options.crowded_request_time};
    if (is_secure_) {
      const HttpTls& tls = options.tls;
      server_ = std::make_unique<TimedServer<httplib::SSLServer>>(
          patience, options.threads, tls.cert.c_str(), tls.key.c_str(),
          tls.ca.empty() ? nullptr : tls.ca.c_str());
    } else {
      server_ = std::make_unique<TimedServer<httplib::Server>>(patience, options.threads);
    }
    server_->new_task_queue = [threads = options.threads] {
      return new httplib::ThreadPool(threads);  // the library's to delete
    };
    server_->set_payload_max_length(options.most_body);
    server_->set_keep_alive_max_count(1000);
    server_->set_tcp_nodelay(true);
    // Not SO_REUSEPORT, the library's default: two processes would share the port in silence.
    server_->set_socket_options([](int socket) {
      const int yes = 1;
      setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    });
    // The library holds only bodies that say their length to the limit.
    server_->set_pre_routing_handler([](const httplib::Request& asked, httplib::Response& given) {
      const bool is_plain =
          !asked.has_header("Transfer-Encoding") && !asked.has_header("Content-Encoding");
      const bool has_body = asked.method == "POST" || asked.method == "PUT";
      if (is_plain && (!has_body || asked.has_header("Content-Length"))) {
        return httplib::Server::HandlerResponse::Unhandled;
      }
      given.status = is_plain ? 411 : 415;
      given.set_header("Connection", "close");
      return httplib::Server::HandlerResponse::Handled;
    });
    const auto answer = [this](const httplib::Request& asked, httplib::Response& given) {
      Answer(asked, given);
    };
    static constexpr const char* kAll = R"([\s\S]*)";
    server_->Get(kAll, answer).Post(kAll, answer).Put(kAll, answer).Delete(kAll, answer);
    server_->set_error_handler([](const httplib::Request&, httplib::Response& given) {
      if (given.body.empty()) given.set_content(Refusal(given.status).body, "application/json");
    });
    server_->set_exception_handler(
        [](const httplib::Request& asked, httplib::Response& given, std::exception_ptr) {
          spdlog::error("a request failed within: {} {}", asked.method, asked.path);
          given.status = 500;
        });
  }
  ~Impl() { Stop(); }

  base::Status Listen(const std::string& listen) {
    if (!server_->is_valid()) {
      return base::InvalidArgument(
          "the certificate, its key or the certificates of clients cannot be used: they have to be "
          "files in PEM that can be read, and the key has to be the certificate's");
    }
    GODWIT_ASSIGN_OR_RETURN(const auto place, ParseListen(listen));
    host_ = place.first;
    port_ = place.second;
    const bool is_bound = port_ == 0 ? (port_ = server_->bind_to_any_port(host_)) > 0
                                     : server_->bind_to_port(host_, port_);
    if (!is_bound) {
      return base::FailedPrecondition(
          "cannot listen at {}: another process may have the port, or the machine not the address",
          listen);
    }
    thread_ = std::jthread([this] { server_->listen_after_bind(); });
    while (!server_->is_running()) std::this_thread::yield();
    return base::OkStatus();
  }

  void Stop() {
    if (!thread_.joinable()) return;
    is_stopping_ = true;
    server_->stop();
    thread_.join();
  }

  int port() const { return port_; }
  std::string url() const {
    const bool is_ipv6 = host_.find(':') != std::string::npos;
    return fmt::format("{}://{}{}{}:{}", is_secure_ ? "https" : "http", is_ipv6 ? "[" : "", host_,
                       is_ipv6 ? "]" : "", port_);
  }

 private:
  void Answer(const httplib::Request& asked, httplib::Response& given) {
    const HttpRequest request = Taken(asked);
    const HttpResponse response = handler_(request);
    const bool is_change = is_logged_ && request.method != "GET";
    spdlog::log(is_change ? spdlog::level::info : spdlog::level::debug, "{} {} by {} from {}: {}",
                request.method, request.path,
                response.caller.empty() ? "nobody known" : response.caller, request.from,
                response.status);
    given.status = response.status;
    for (const auto& [name, value] : response.headers) given.set_header(name, value);
    if (!response.stream) return given.set_content(response.body, response.type);
    given.set_chunked_content_provider(
        response.type, [this, stream = response.stream](size_t, httplib::DataSink& sink) {
          std::string piece;
          const bool goes_on = stream(piece) && !is_stopping_;
          if (!piece.empty() && !sink.write(piece.data(), piece.size())) return false;
          if (!goes_on) sink.done();
          return true;
        });
  }

  const HttpHandler handler_;
  const bool is_secure_, is_logged_;
  std::unique_ptr<httplib::Server> server_;
  std::string host_;
  int port_ = 0;
  std::atomic<bool> is_stopping_ = false;
  std::jthread thread_;
};

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpServer::~HttpServer() = default;
void HttpServer::Stop() { impl_->Stop(); }
int HttpServer::port() const { return impl_->port(); }
std::string HttpServer::url() const { return impl_->url(); }

base::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(const ListenOptions& options,
                                                              HttpHandler handler) {
  auto impl = std::make_unique<Impl>(options, std::move(handler));
  GODWIT_RETURN_IF_ERROR(impl->Listen(options.listen));
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

}  // namespace godwit::portal
