#include "portal/etcd/child_process.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <system_error>
#include <thread>

namespace godwit::portal {
namespace {

constexpr int kKept = 3, kReport = 4, kFirstOther = 5;  // open files of the child

// For execve. `texts` outlives it.
std::vector<char*> Pointers(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

// All that the child does, with nothing but what is safe after a fork of a process with threads.
[[noreturn]] void Become(char* const* words, char* const* environment, int output, int kept,
                         int report, pid_t parent) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);  // it has ended before it could be watched
  // Signals that are blocked or ignored here would be there, too.
  for (const int number : {SIGINT, SIGTERM, SIGPIPE, SIGHUP}) signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  // Out of each other's way first.
  output = fcntl(output, F_DUPFD, kFirstOther);
  kept = fcntl(kept, F_DUPFD, kFirstOther);
  report = fcntl(report, F_DUPFD, kFirstOther);
  const int input = open("/dev/null", O_RDONLY);
  dup2(input, STDIN_FILENO);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  dup2(kept, kKept);
  dup3(report, kReport, O_CLOEXEC);
  close_range(kFirstOther, ~0U, 0);
  execve(words[0], words, environment);
  const int error = errno;
  [[maybe_unused]] const ssize_t told = write(kReport, &error, sizeof error);
  _exit(127);
}

std::string HowEnded(int status) {
  if (WIFSIGNALED(status)) {
    return fmt::format("by signal {}, {}", WTERMSIG(status), strsignal(WTERMSIG(status)));
  }
  return fmt::format("with exit code {}", WEXITSTATUS(status));
}

}  // namespace

base::StatusOr<ChildProcess> ChildProcess::Start(const Command& command) {
  const std::vector<char*> words = Pointers(command.words);
  const std::vector<char*> environment = Pointers(command.environment);
  int report[2];
  const pid_t self = getpid();
  pid_t pid = -1;
  if (pipe2(report, O_CLOEXEC) == 0) {
    pid = fork();
    if (pid == 0) {
      Become(words.data(), environment.data(), command.output, command.kept, report[1], self);
    }
    const int fork_error = errno;
    close(report[1]);
    int error = pid < 0 ? fork_error : 0;
    // Its end closes when the program runs.
    while (pid > 0 && read(report[0], &error, sizeof error) < 0 && errno == EINTR) continue;
    close(report[0]);
    if (error == 0) return ChildProcess(pid);
    if (pid > 0) waitpid(pid, nullptr, 0);
    errno = error;
  }
  return base::FailedPrecondition("{} cannot be started: {}", command.words[0],
                                  std::generic_category().message(errno));
}

ChildProcess::~ChildProcess() {
  if (pid_ <= 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

std::optional<std::string> ChildProcess::TakeEnd() {
  int status = 0;
  if (pid_ <= 0 || waitpid(pid_, &status, WNOHANG) != pid_) return std::nullopt;
  pid_ = -1;
  return HowEnded(status);
}

bool ChildProcess::End(std::chrono::milliseconds grace) {
  constexpr std::chrono::milliseconds kPause(10);
  if (pid_ <= 0) return true;
  kill(pid_, SIGTERM);
  const auto until = std::chrono::steady_clock::now() + grace;
  while (!TakeEnd()) {
    if (std::chrono::steady_clock::now() >= until) {
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
      pid_ = -1;
      return false;
    }
    std::this_thread::sleep_for(kPause);
  }
  return true;
}

}  // namespace godwit::portal
