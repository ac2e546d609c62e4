#include "etcd_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <thread>

namespace godwit::store {
namespace {

sockaddr_in Loopback(uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

uint16_t FreePort() {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof(address);
  EXPECT_EQ(bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_EQ(getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
  close(listener);
  return ntohs(address.sin_port);
}

// Where etcd is; the script fetches it if need be.
const std::string& Program() {
  static const std::string program = [] {
    std::string path;
    FILE* script = popen(GODWIT_UNIT_TESTS "/../../scripts/etcd-server", "r");
    std::array<char, 1024> line;
    if (script != nullptr && fgets(line.data(), line.size(), script) != nullptr) path = line.data();
    if (script != nullptr) pclose(script);
    if (!path.empty()) path.pop_back();  // the end of the line
    EXPECT_FALSE(path.empty()) << "scripts/etcd-server has not found one";
    return path;
  }();
  return program;
}

std::string Url(uint16_t port) { return fmt::format("http://127.0.0.1:{}", port); }

class EtcdPlace : public Place {
 public:
  EtcdPlace() : root_(fmt::format("/test/{}/", ++places_)) {}

  Store& store() override { return *store_; }
  Store& other() override { return *other_; }
  void Pass(std::chrono::milliseconds time) override { std::this_thread::sleep_for(time); }
  void Forget() override { Server().Compact(store_->Range("")->revision); }

 private:
  static EtcdServer& Server() {
    static EtcdServer server;
    return server;
  }
  std::unique_ptr<Store> Open() const {
    return *EtcdStore::Open({Server().endpoints(), root_, std::chrono::seconds(10)});
  }

  static inline int places_ = 0;
  const std::string root_;
  const std::unique_ptr<Store> store_ = Open(), other_ = Open();
};

}  // namespace

EtcdServer::EtcdServer(size_t members) {
  for (size_t i = 0; i < members; ++i) members_.push_back({FreePort(), FreePort()});
  for (size_t i = 0; i < members; ++i) Start(i);
}

EtcdServer::~EtcdServer() {
  for (size_t i = 0; i < members_.size(); ++i) Kill(i);
}

std::vector<std::string> EtcdServer::endpoints() const {
  std::vector<std::string> urls;
  for (const Member& member : members_) urls.push_back(Url(member.port));
  return urls;
}

void EtcdServer::Start(size_t number) {
  Member& member = members_[number];
  std::vector<std::string> cluster;
  for (size_t i = 0; i < members_.size(); ++i) {
    cluster.push_back(fmt::format("m{}={}", i, Url(members_[i].peer_port)));
  }
  const std::string name = fmt::format("m{}", number);
  std::vector<std::string> words = {
      Program(), "--name=" + name, "--data-dir=" + folder_.path() + "/" + name,
      "--listen-client-urls=" + Url(member.port), "--advertise-client-urls=" + Url(member.port),
      "--listen-peer-urls=" + Url(member.peer_port),
      "--initial-advertise-peer-urls=" + Url(member.peer_port),
      fmt::format("--initial-cluster={}", fmt::join(cluster, ",")),
      // Short, for leases of a second.
      "--heartbeat-interval=20", "--election-timeout=200", "--logger=zap", "--log-level=error"};
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const std::string log = folder_.path() + "/" + name + ".log";
  member.pid = fork();
  if (member.pid != 0) return;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int output = open(log.c_str(), O_CREAT | O_APPEND | O_WRONLY, 0600);
  dup2(output, 1);
  dup2(output, 2);
  execv(arguments[0], arguments.data());
  _exit(127);
}

void EtcdServer::Kill(size_t member) {
  pid_t& pid = members_[member].pid;
  if (pid <= 0) return;
  kill(pid, SIGKILL);
  waitpid(pid, nullptr, 0);
  pid = -1;
}

void EtcdServer::Freeze(size_t member) const { kill(members_[member].pid, SIGSTOP); }
void EtcdServer::Thaw(size_t member) const { kill(members_[member].pid, SIGCONT); }

void EtcdServer::Compact(Revision revision) const {
  const std::string body = fmt::format(R"({{"revision":"{}","physical":true}})", revision);
  const std::string request = fmt::format(
      "POST /v3/kv/compaction HTTP/1.0\r\nContent-Type: application/json\r\n"
      "Content-Length: {}\r\n\r\n{}",
      body.size(), body);
  const int connection = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = Loopback(members_[0].port);
  EXPECT_EQ(connect(connection, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  EXPECT_EQ(send(connection, request.data(), request.size(), MSG_NOSIGNAL), request.size());
  std::string answer(4096, '\0');
  answer.resize(std::max<ssize_t>(recv(connection, answer.data(), answer.size(), 0), 0));
  EXPECT_NE(answer.find(" 200 OK"), std::string::npos) << answer;
  close(connection);
}

std::unique_ptr<Place> MakeEtcdPlace() { return std::make_unique<EtcdPlace>(); }

}  // namespace godwit::store
