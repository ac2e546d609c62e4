#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "portal/http_client.h"
#include "portal/http_server.h"

namespace godwit::portal {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Sends a byte of a request now and then, for as long as it is let, and counts how many were.
class SlowClient {
 public:
  SlowClient(int port, std::string request)
      : request_(std::move(request)), socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    thread_ = std::jthread([this](const std::stop_token& stop) {
      for (size_t at = 0; !stop.stop_requested(); at = std::min(at + 1, request_.size() - 1)) {
        if (send(socket_, request_.data() + at, 1, MSG_NOSIGNAL) != 1) break;
        std::this_thread::sleep_for(milliseconds(20));
      }
      was_cut_ = !stop.stop_requested();
    });
  }
  ~SlowClient() {
    thread_ = {};
    close(socket_);
  }
  bool was_cut() const { return was_cut_; }

 private:
  const std::string request_;
  const int socket_;
  std::atomic<bool> was_cut_ = false;
  std::jthread thread_;
};

std::unique_ptr<HttpServer> Serve(milliseconds time, milliseconds crowded) {
  return *HttpServer::Start({.listen = "127.0.0.1:0",
                             .threads = 2,
                             .request_time = time,
                             .crowded_request_time = crowded},
                            [](const HttpRequest& request) {
                              return HttpResponse{.type = "text/plain", .body = request.body};
                            });
}

void AwaitCut(const SlowClient& client) {
  const auto end = steady_clock::now() + std::chrono::seconds(20);
  while (!client.was_cut() && steady_clock::now() < end)
    std::this_thread::sleep_for(milliseconds(5));
  EXPECT_TRUE(client.was_cut());
}

// More of them than threads, in the headers and in the body alike.
TEST(SlowClientsTest, DoNotKeepOthersFromBeingAnswered) {
  const auto server = Serve(std::chrono::minutes(10), milliseconds(200));
  const std::string body = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n\r\n";
  std::vector<std::unique_ptr<SlowClient>> slow;
  for (int i = 0; i < 6; ++i) {
    slow.push_back(std::make_unique<SlowClient>(
        server->port(), i % 2 == 0 ? "GET / HTTP/1.1\r\nX: aaaaaa" : body + "aa"));
  }
  const auto answer = Call(server->url(), {.method = "POST", .path = "/", .body = "here"}, {});
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->body, "here");
  slow.clear();
}

TEST(SlowClientsTest, ARequestHasItsTimeAsAWhole) {
  const auto server = Serve(milliseconds(200), milliseconds(200));
  const SlowClient client(server->port(), "GET / HTTP/1.1\r\nX: aaaaaa");
  AwaitCut(client);
}

// One that takes the answers of many requests one after the other is not slow.
TEST(SlowClientsTest, EachRequestOfAConnectionHasItsOwnTime) {
  const auto server = Serve(milliseconds(400), milliseconds(400));
  const int client = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(server->port()));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(connect(client, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  const std::string request = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi";
  for (int i = 0; i < 5; ++i) {
    ASSERT_EQ(send(client, request.data(), request.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(request.size()));
    std::string got;
    char bytes[512];
    while (got.find("\r\n\r\nhi") == std::string::npos) {
      const ssize_t read = recv(client, bytes, sizeof bytes, 0);
      ASSERT_GT(read, 0) << i << got;
      got.append(bytes, static_cast<size_t>(read));
    }
    std::this_thread::sleep_for(milliseconds(100));
  }
  close(client);
}

}  // namespace
}  // namespace godwit::portal
