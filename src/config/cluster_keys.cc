#include <algorithm>
#include <array>
#include <set>

#include "base/status.h"
#include "config/quoted.h"
#include "config/task_keys.h"

namespace godwit::config {
namespace {

void ReadOneSource(const YamlValue& value, TaskDraft& draft) {
  std::optional<std::string> name = ReadTaskName(value, draft.problems);
  if (!name) return;
  if (std::ranges::find(draft.sources, *name) != draft.sources.end()) {
    draft.problems.Error(value.place, "{}: {} stands twice", value.path, *name);
    return;
  }
  draft.sources.push_back(*std::move(name));
  draft.source_places.push_back(value.place);
}

void ReadSources(const YamlValue& value, TaskDraft& draft) {
  const std::optional<std::vector<YamlValue>> items = ReadList(value, draft.problems);
  if (!items) return;
  if (items->empty()) draft.problems.Error(value.place, "{}: names no source", value.path);
  for (const YamlValue& item : *items) ReadOneSource(item, draft);
}

void ReadSourceName(const YamlValue& value, TaskDraft& draft) {
  if (auto name = ReadTaskName(value, draft.problems)) draft.source_name = *std::move(name);
}

// What of it is kept, under the names that it has in a task file.
void ReadRelayLimits(const YamlValue& value, TaskDraft& draft) {
  draft.relay = true;
  std::set<std::string> seen;
  for (const auto& entry : value.node) {
    const std::string name = entry.first.IsScalar() ? entry.first.Scalar() : "";
    const YAML::Node& node = entry.second;
    const FilePlace place = PlaceOf(entry.first);
    const std::string path = fmt::format("{}relay.{}", kSourceSection, name);
    const auto key = std::ranges::find(TaskKeys(), std::string_view(path), &TaskKey::path);
    if (name == "dir") {
      draft.problems.Error(place,
                           "{}.dir: a worker keeps the logs of its sources below its own "
                           "--relay-dir: leave this out",
                           value.path);
    } else if (key == TaskKeys().end()) {
      draft.problems.Error(place, "{}: there is no key {}; known are keep and max_size", value.path,
                           Quoted(name));
    } else if (!seen.insert(name).second) {
      draft.problems.Error(place, "{}: {} stands twice", value.path, name);
    } else {
      key->read(
          {fmt::format("{}.{}", value.path, name), node, node.IsNull() ? place : PlaceOf(node)},
          draft);
    }
  }
}

void ReadRelay(const YamlValue& value, TaskDraft& draft) {
  if (value.node.IsMap()) return ReadRelayLimits(value, draft);
  constexpr std::array<std::string_view, 2> kSwitch = {"off", "on"};
  if (auto index = ReadChoice(value, kSwitch, draft.problems)) draft.relay = *index == 1;
}

bool IsOfSource(const TaskKey& key) { return key.path.starts_with(kSourceSection); }

std::vector<TaskKey> MakeClusterTaskKeys() {
  std::vector<TaskKey> keys;
  for (const TaskKey& key : TaskKeys()) {
    if (!IsOfSource(key)) keys.push_back(key);
    if (key.path != "mode") continue;
    keys.push_back({"sources", "", false, ReadSources});  // one of the two has to stand
    keys.push_back({"source", "", false, ReadOneSource});
  }
  return keys;
}

std::vector<TaskKey> MakeSourceFileKeys() {
  std::vector<TaskKey> keys = {{"name", "", true, ReadSourceName}};
  for (TaskKey key : TaskKeys()) {
    if (!IsOfSource(key) || key.path.starts_with("source.relay.")) continue;
    key.path.remove_prefix(kSourceSection.size());
    keys.push_back(key);
  }
  keys.push_back({"relay", "off", false, ReadRelay});
  return keys;
}

}  // namespace

std::span<const TaskKey> ClusterTaskKeys() {
  static const std::vector<TaskKey> keys = MakeClusterTaskKeys();
  return keys;
}

std::span<const TaskKey> SourceFileKeys() {
  static const std::vector<TaskKey> keys = MakeSourceFileKeys();
  return keys;
}

}  // namespace godwit::config
