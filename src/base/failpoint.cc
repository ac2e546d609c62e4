#include "base/failpoint.h"

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

// What the environment asked for: name -> passages left before the kill.
struct Armed {
  std::mutex mutex;
  std::map<std::string, int, std::less<>> passages_left;
};

Armed* ReadEnvironment() {
  const char* spec = std::getenv("GODWIT_FAILPOINTS");
  if (spec == nullptr || *spec == '\0') return nullptr;
  auto* armed = new Armed;  // lives as long as the process
  for (std::string_view rest = spec; !rest.empty();) {
    std::string_view item = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(item.size() + 1, rest.size()));
    size_t colon = item.find(':');
    int passages = 1;
    if (colon != std::string_view::npos) {
      passages = std::max(1, ParseInteger<int>(item.substr(colon + 1)).value_or(1));
    }
    armed->passages_left[std::string(item.substr(0, colon))] = passages;
  }
  return armed;
}

}  // namespace

void Failpoint(std::string_view name) {
  static Armed* const armed = ReadEnvironment();
  if (armed == nullptr) return;
  std::lock_guard lock(armed->mutex);
  auto it = armed->passages_left.find(name);
  if (it == armed->passages_left.end() || --it->second != 0) return;
  const std::string said = "killed at the failpoint " + it->first + "\n";
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, said.data(), said.size());
  std::raise(SIGKILL);
}

}  // namespace godwit::base
