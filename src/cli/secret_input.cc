#include "cli/secret_input.h"

#include <fcntl.h>
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
    for (size_t i = 0; i < kEnding.size(); ++i) sigaction(kEnding[i], &interrupt, &actions_[i]);
    tcgetattr(STDIN_FILENO, &before_);
    termios hidden = before_;
    hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
  }
  Hidden(const Hidden&) = delete;
  Hidden& operator=(const Hidden&) = delete;
  ~Hidden() {
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
    for (size_t i = 0; i < kEnding.size(); ++i) sigaction(kEnding[i], &actions_[i], nullptr);
  }

 private:
  termios before_{};
  std::array<struct sigaction, kEnding.size()> actions_{};
};

// To the end of the input, or of the line.
base::StatusOr<std::string> Read(bool is_line) {
  std::string read;
  std::array<char, 4096> piece;
  while (read.size() <= kMostBytes && !(is_line && read.ends_with('\n'))) {
    const ssize_t got = ::read(STDIN_FILENO, piece.data(), piece.size());
    if (is_interrupted != 0) return base::Cancelled("interrupted");
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

base::StatusOr<std::string> Ask(const char* prompt) {
  fmt::print(stderr, "{}: ", prompt);
  auto read = Read(true);
  fmt::print(stderr, "\n");
  return read;
}

}  // namespace

base::StatusOr<std::string> ReadSecret() {
  std::string secret;
  if (isatty(STDIN_FILENO) != 0) {
    const Hidden hidden;
    GODWIT_ASSIGN_OR_RETURN(secret, Ask("Secret"));
    GODWIT_ASSIGN_OR_RETURN(const std::string again, Ask("Once more"));
    if (again != secret) return base::InvalidArgument("the two are not the same");
  } else {
    GODWIT_ASSIGN_OR_RETURN(secret, Read(false));
  }
  if (secret.empty()) return base::InvalidArgument("standard input has no secret");
  if (secret.size() > kMostBytes || secret.find('\0') != std::string::npos) {
    return base::InvalidArgument("a secret has at most {} bytes, and no zero byte", kMostBytes);
  }
  return secret;
}

}  // namespace godwit::cli
