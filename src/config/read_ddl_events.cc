#include "config/read_ddl_events.h"

#include <algorithm>
#include <array>
#include <span>

#include "base/status.h"
#include "config/quoted.h"
#include "config/suggest.h"

namespace godwit::config {

void ReadDdlPolicy(const YamlValue& value, DdlPolicy& policy, Problems& problems) {
  constexpr std::array<std::string_view, 3> kPolicies = {"replicate", "ignore", "stop"};
  ReadEnum(value, kPolicies, policy, problems);
}

void ReadDdlEvents(const YamlValue& value, std::map<model::DdlKind, DdlPolicy>& events,
                   Problems& problems) {
  if (value.node.IsNull()) return;
  if (!value.node.IsMap()) {
    problems.Error(value.place, "{}: has to be a mapping, such as {{drop_table: ignore}}",
                   value.path);
    return;
  }
  const std::span<const std::string_view> kinds = model::DdlKindNames();
  for (const auto& entry : value.node) {
    const FilePlace place = PlaceOf(entry.first);
    const std::string name = entry.first.IsScalar() ? entry.first.Scalar() : "";
    const auto kind = std::find(kinds.begin(), kinds.end(), name);
    if (kind == kinds.end()) {
      const std::string_view near = Suggest(name, kinds);
      problems.Error(place, "{}: there is no kind of DDL called {}; {}", value.path, Quoted(name),
                     near.empty() ? fmt::format("known are {}", fmt::join(kinds, ", "))
                                  : fmt::format("did you mean '{}'?", near));
      continue;
    }
    const auto index = static_cast<model::DdlKind>(kind - kinds.begin());
    DdlPolicy policy = DdlPolicy::kReplicate;
    const YAML::Node& node = entry.second;
    ReadDdlPolicy(
        {fmt::format("{}.{}", value.path, name), node, node.IsNull() ? place : PlaceOf(node)},
        policy, problems);
    if (index == model::DdlKind::kRenameTable && policy == DdlPolicy::kIgnore) {
      problems.Error(place,
                     "{}.rename_table: cannot be ignored, as the rows of the table would "
                     "have no table on the target; say replicate or stop",
                     value.path);
    }
    if (!events.emplace(index, policy).second) {
      problems.Error(place, "{}: {} stands twice", value.path, name);
    }
  }
}

}  // namespace godwit::config
