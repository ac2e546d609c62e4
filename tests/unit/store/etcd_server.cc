#include "etcd_server.h"

#include <absl/strings/escaping.h>
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
  static const Certificates& Shown() {
    static const Certificates certificates;
    return certificates;
  }
  // Its tokens end within the tests.
  static EtcdServer& Server() {
    static EtcdServer server({1, {"--auth-token-ttl=1"}, &Shown()});
    [[maybe_unused]] static const bool has_user = (server.MakeUser(), true);
    return server;
  }
  std::unique_ptr<Store> Open() const {
    return *EtcdStore::Open({Server().secure_endpoints(), root_, std::chrono::seconds(10),
                             Shown().client(), "godwit", "hush"});
  }

  static inline int places_ = 0;
  const std::string root_;
  const std::unique_ptr<Store> store_ = Open(), other_ = Open();
};

}  // namespace

EtcdServer::EtcdServer(Options options) : options_(std::move(options)) {
  for (size_t i = 0; i < options_.members; ++i) {
    members_.push_back({FreePort(), FreePort(), FreePort()});
  }
  for (size_t i = 0; i < options_.members; ++i) Start(i);
}

EtcdServer::~EtcdServer() {
  for (size_t i = 0; i < members_.size(); ++i) Kill(i);
}

std::vector<std::string> EtcdServer::endpoints() const {
  std::vector<std::string> urls;
  for (const Member& member : members_) urls.push_back(Url(member.port));
  return urls;
}

std::vector<std::string> EtcdServer::secure_endpoints(const std::string& host) const {
  std::vector<std::string> urls;
  for (const Member& member : members_) {
    urls.push_back(fmt::format("https://{}:{}", host, member.secure_port));
  }
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
      "--advertise-client-urls=" + Url(member.port), "--listen-peer-urls=" + Url(member.peer_port),
      "--initial-advertise-peer-urls=" + Url(member.peer_port),
      fmt::format("--initial-cluster={}", fmt::join(cluster, ",")),
      // Short, for leases of a second.
      "--heartbeat-interval=20", "--election-timeout=200", "--logger=zap", "--log-level=error",
      "--bcrypt-cost=4"};
  std::string clients = "--listen-client-urls=" + Url(member.port);
  if (options_.certificates != nullptr) {
    clients += "," + secure_endpoints()[number];
    const EtcdTls& own = options_.certificates->server();
    words.insert(words.end(), {"--cert-file=" + own.cert, "--key-file=" + own.key,
                               "--trusted-ca-file=" + own.ca, "--client-cert-auth"});
  }
  words.push_back(clients);
  words.insert(words.end(), options_.flags.begin(), options_.flags.end());
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

void EtcdServer::Freeze(size_t member) const {
  kill(members_[member].pid, SIGSTOP);
  waitpid(members_[member].pid, nullptr, WUNTRACED);  // its threads stop one after the other
}
void EtcdServer::Thaw(size_t member) const { kill(members_[member].pid, SIGCONT); }

void EtcdServer::Compact(Revision revision) const {
  std::string token;
  if (has_users_) {
    const std::string answer = Post("auth/authenticate", R"({"name":"root","password":"hush"})");
    constexpr std::string_view kToken = R"("token":")";
    const size_t begin = answer.find(kToken) + kToken.size();
    token = answer.substr(begin, answer.find('"', begin) - begin);
  }
  Post("kv/compaction", fmt::format(R"({{"revision":"{}","physical":true}})", revision), token);
}

void EtcdServer::MakeUser() {
  const auto store = *EtcdStore::Open({endpoints()});
  for (int i = 0; i < 10 && !store->Get("k").ok(); ++i) continue;  // until it has a leader
  for (const char* role : {"root", "godwit"}) {
    Post("auth/role/add", fmt::format(R"({{"name":"{}"}})", role));
    Post("auth/user/add", fmt::format(R"({{"name":"{}","password":"hush"}})", role));
    Post("auth/user/grant", fmt::format(R"({{"user":"{0}","role":"{0}"}})", role));
  }
  Post("auth/role/grant", fmt::format(R"({{"name":"godwit","perm":{{"permType":"READWRITE",)"
                                      R"("key":"{}","range_end":"{}"}}}})",
                                      absl::Base64Escape("/test/"), absl::Base64Escape("/test0")));
  Post("auth/enable", "{}");
  has_users_ = true;
}

std::string EtcdServer::Post(std::string_view path, std::string_view body,
                             std::string_view token) const {
  const std::string request = fmt::format(
      "POST /v3/{} HTTP/1.0\r\nContent-Type: application/json\r\n{}"
      "Content-Length: {}\r\n\r\n{}",
      path, token.empty() ? "" : fmt::format("Authorization: {}\r\n", token), body.size(), body);
  const int connection = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = Loopback(members_[0].port);
  EXPECT_EQ(connect(connection, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  EXPECT_EQ(send(connection, request.data(), request.size(), MSG_NOSIGNAL), request.size());
  std::string answer(4096, '\0');
  answer.resize(std::max<ssize_t>(recv(connection, answer.data(), answer.size(), 0), 0));
  EXPECT_NE(answer.find(" 200 OK"), std::string::npos) << path << ": " << answer;
  close(connection);
  return answer;
}

std::unique_ptr<Place> MakeEtcdPlace() { return std::make_unique<EtcdPlace>(); }

}  // namespace godwit::store
