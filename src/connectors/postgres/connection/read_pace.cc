#include "connectors/postgres/connection/read_pace.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cstddef>
#include <thread>

namespace godwit::connectors::postgres {
namespace {

constexpr std::chrono::milliseconds kGather{2};
constexpr std::chrono::microseconds kNear{100};  // 32 KiB in each are 330 MB/s
constexpr int kSmallBuffer = 32 << 10;
constexpr int kEnough = 24 << 10;

// TCP with no distance worth mentioning, by the least time that an answer has taken.
bool IsNear(int socket) {
  tcp_info info{};
  socklen_t size = sizeof(info);
  if (::getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return false;
  if (size < offsetof(tcp_info, tcpi_min_rtt) + sizeof(info.tcpi_min_rtt)) return false;
  return std::chrono::microseconds(info.tcpi_min_rtt) < kNear;
}

}  // namespace

ReadPace::ReadPace(int socket, bool encrypted) : socket_(socket) {
  // TLS is read record by record, of which each may be a message: they are read while there is one.
  enough_ = encrypted ? 1 : kEnough;
  if (IsNear(socket))
    ::setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &kSmallBuffer, sizeof(kSmallBuffer));
}

void ReadPace::LetGather() const {
  if (!IsBusy()) return;
  int there = 0;
  if (::ioctl(socket_, FIONREAD, &there) == 0 && there >= enough_) return;
  std::this_thread::sleep_for(kGather);
}

}  // namespace godwit::connectors::postgres
