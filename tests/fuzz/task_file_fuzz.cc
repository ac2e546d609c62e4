// The parsers of task and source files, and of DM's: any text is one or an error with its place,
// never a crash.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "config/cluster_task.h"
#include "config/dm/import.h"
#include "config/source_file.h"
#include "config/split_task.h"
#include "config/task.h"

namespace {

void Check(bool holds) {
  if (!holds) std::abort();
}

void CheckPlaces(const absl::Status& status) {
  Check(status.code() == absl::StatusCode::kInvalidArgument);
  const std::string message(status.message());
  for (std::string_view rest = message; !rest.empty();) {
    Check(rest.starts_with("t.yaml:"));
    const size_t end = rest.find('\n');
    rest = end == std::string_view::npos ? "" : rest.substr(end + 1);
  }
}

void CheckOtherFiles(std::string_view text) {
  namespace config = godwit::config;
  if (auto source = config::ParseSourceFile(text, "t.yaml"); !source.ok())
    CheckPlaces(source.status());
  if (auto task = config::ParseClusterTask(text, "t.yaml"); !task.ok()) CheckPlaces(task.status());
  if (auto split = config::SplitLocalTask(text, "t.yaml"); split.ok())
    Check(config::ParseSubtask(split->task_text, "t", split->source_text, "s").ok());
  else
    CheckPlaces(split.status());
  const config::NamedText file{"t.yaml", std::string(text)};
  auto import = config::ImportDm(file, {&file, 1});
  Check(import.ok() || import.status().code() == absl::StatusCode::kInvalidArgument);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  absl::StatusOr<godwit::config::Task> task =
      godwit::config::ParseTask({reinterpret_cast<const char*>(data), size}, "t.yaml");
  CheckOtherFiles({reinterpret_cast<const char*>(data), size});
  if (!task.ok()) {
    CheckPlaces(task.status());
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
