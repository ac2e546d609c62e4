#include "connector/client_process.h"

#include <absl/strings/str_split.h>
#include <unistd.h>

#include <climits>
#include <fstream>
#include <optional>
#include <vector>

#include "base/text.h"

namespace godwit::connector {
namespace {

std::string FirstLine(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

std::string HostName() {
  char name[HOST_NAME_MAX + 1] = {};
  return gethostname(name, sizeof name - 1) == 0 ? name : "?";
}

// Process numbers mean something within their namespace alone.
std::string Machine() {
  char space[64] = {};
  if (readlink("/proc/self/ns/pid", space, sizeof space - 1) <= 0) return "";
  const std::string boot = FirstLine("/proc/sys/kernel/random/boot_id");
  return boot.empty() ? "" : boot + " " + space;
}

// proc_pid_stat(5): field 22, counted after the name, which may hold anything up to its last ')'.
// Nothing: there is no such process.
std::optional<uint64_t> StartOf(int64_t pid) {
  constexpr size_t kStartTime = 22 - 3;
  const std::string line = FirstLine("/proc/" + std::to_string(pid) + "/stat");
  const size_t name = line.rfind(") ");
  if (name == std::string::npos) return std::nullopt;
  const std::vector<std::string> fields = absl::StrSplit(line.substr(name + 2), ' ');
  if (fields.size() <= kStartTime || fields[0] == "Z") return std::nullopt;
  return base::ParseInteger<uint64_t>(fields[kStartTime]);
}

}  // namespace

ClientProcess ThisProcess() {
  return {HostName(), Machine(), getpid(), StartOf(getpid()).value_or(0)};
}

bool MayLive(const ClientProcess& process) {
  if (process.machine.empty() || process.machine != Machine()) return true;
  return StartOf(process.pid) == process.started;
}

}  // namespace godwit::connector
