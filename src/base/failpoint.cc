#include "base/failpoint.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <map>
#include <mutex>
#include <string>

#include "base/text.h"

namespace godwit::base {
namespace {

// What the environment asked for.
struct Point {
  int passages_left = 1;  // before the signal
  bool stops = false;
};
struct Armed {
  std::mutex mutex;
  std::map<std::string, Point, std::less<>> points;
};

constexpr std::string_view kStop = "/stop";

Armed* ReadEnvironment() {
  const char* spec = std::getenv("GODWIT_FAILPOINTS");
  if (spec == nullptr || *spec == '\0') return nullptr;
  auto* armed = new Armed;  // lives as long as the process
  for (std::string_view rest = spec; !rest.empty();) {
    std::string_view item = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(item.size() + 1, rest.size()));
    Point point;
    point.stops = item.ends_with(kStop);
    if (point.stops) item.remove_suffix(kStop.size());
    size_t colon = item.find(':');
    if (colon != std::string_view::npos) {
      point.passages_left = std::max(1, ParseInteger<int>(item.substr(colon + 1)).value_or(1));
    }
    armed->points[std::string(item.substr(0, colon))] = point;
  }
  return armed;
}

}  // namespace

void Failpoint(std::string_view name) {
  static Armed* const armed = ReadEnvironment();
  if (armed == nullptr) return;
  std::lock_guard lock(armed->mutex);
  auto it = armed->points.find(name);
  if (it == armed->points.end() || --it->second.passages_left != 0) return;
  const bool stops = it->second.stops;
  const std::string said =
      fmt::format("{} at the failpoint {}\n", stops ? "stopped" : "killed", it->first);
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, said.data(), said.size());
  std::raise(stops ? SIGSTOP : SIGKILL);
}

}  // namespace godwit::base
