// The task file's parser: any text is a task or an error with its place, never a crash.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "config/task.h"

namespace {

void Check(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  absl::StatusOr<godwit::config::Task> task =
      godwit::config::ParseTask({reinterpret_cast<const char*>(data), size}, "t.yaml");
  if (!task.ok()) {
    Check(task.status().code() == absl::StatusCode::kInvalidArgument);
    std::string message(task.status().message());
    for (std::string_view rest = message; !rest.empty();) {
      Check(rest.starts_with("t.yaml:"));
      size_t end = rest.find('\n');
      rest = end == std::string_view::npos ? "" : rest.substr(end + 1);
    }
    return 0;
  }
  for (const godwit::config::Endpoint& end : {task->source, task->target}) {
    absl::StatusOr<godwit::config::Endpoint> again =
        godwit::config::ParseEndpointUrl(end.ToString());
    Check(again.ok());
    again->password = end.password;
    Check(*again == end);
  }
  Check(!task->tables.Matches(task->meta_schema, "t"));
  Check(!task->tables.Matches("shop", "t") || task->tables.MatchesSchema("shop"));
  return 0;
}
