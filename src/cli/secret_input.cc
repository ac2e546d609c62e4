#include "cli/secret_input.h"

#include <fcntl.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

namespace godwit::cli {
namespace {

constexpr size_t kMostBytes = 64 * 1024;
constexpr std::array kEnding = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};

volatile std::sig_atomic_t is_interrupted = 0;
void Interrupt(int) { is_interrupted = 1; }

// The terminal shows nothing of what is typed while this lives, and signals only end the reading.
class Hidden {
 public:
  Hidden() {
    is_interrupted = 0;
    struct sigaction interrupt {};
    interrupt.sa_handler = Interrupt;  // no SA_RESTART: read() ends
    sigset_t ending;
    sigemptyset(&ending);
    for (size_t i = 0; i < kEnding.size(); ++i) {
      sigaction(kEnding[i], &interrupt, &actions_[i]);
      sigaddset(&ending, kEnding[i]);
    }
    pthread_sigmask(SIG_BLOCK, &ending, &unblocked_);
    tcgetattr(STDIN_FILENO, &before_);
    termios hidden = before_;
    hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
  }
  Hidden(const Hidden&) = delete;
  Hidden& operator=(const Hidden&) = delete;
  ~Hidden() {
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
    pthread_sigmask(SIG_SETMASK, &unblocked_, nullptr);
    for (size_t i = 0; i < kEnding.size(); ++i) sigaction(kEnding[i], &actions_[i], nullptr);
  }

  // Signals come in here only, so that none is missed that comes just before the reading.
  base::Status AwaitInput() const {
    pollfd input{.fd = STDIN_FILENO, .events = POLLIN};
    while (is_interrupted == 0 && ppoll(&input, 1, nullptr, &unblocked_) < 0 && errno == EINTR) {
    }
    return is_interrupted == 0 ? base::OkStatus() : base::Cancelled("interrupted");
  }

 private:
  termios before_{};
  sigset_t unblocked_{};
  std::array<struct sigaction, kEnding.size()> actions_{};
};

// To the end of the input, or, of a terminal, of the line.
base::StatusOr<std::string> Read(const Hidden* terminal) {
  std::string read;
  std::array<char, 4096> piece;
  while (read.size() <= kMostBytes && !(terminal && read.ends_with('\n'))) {
    if (terminal) GODWIT_RETURN_IF_ERROR(terminal->AwaitInput());
    const ssize_t got = ::read(STDIN_FILENO, piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    read.append(piece.data(), static_cast<size_t>(got));
  }
  if (read.ends_with('\n')) {
    read.pop_back();
    if (read.ends_with('\r')) read.pop_back();
  }
  return read;
}

base::StatusOr<std::string> Ask(const char* prompt, const Hidden& terminal) {
  fmt::print(stderr, "{}: ", prompt);
  auto read = Read(&terminal);
  fmt::print(stderr, "\n");
  return read;
}

}  // namespace

base::StatusOr<std::string> ReadSecret() {
  std::string secret;
  if (isatty(STDIN_FILENO) != 0) {
    const Hidden hidden;
    GODWIT_ASSIGN_OR_RETURN(secret, Ask("Secret", hidden));
    GODWIT_ASSIGN_OR_RETURN(const std::string again, Ask("Once more", hidden));
    if (again != secret) return base::InvalidArgument("the two are not the same");
  } else {
    GODWIT_ASSIGN_OR_RETURN(secret, Read(nullptr));
  }
  if (secret.empty()) return base::InvalidArgument("standard input has no secret");
  if (secret.size() > kMostBytes || secret.find('\0') != std::string::npos) {
    return base::InvalidArgument("a secret has at most {} bytes, and no zero byte", kMostBytes);
  }
  return secret;
}

}  // namespace godwit::cli
