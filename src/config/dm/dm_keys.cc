#include "config/dm/dm_keys.h"

#include <absl/strings/ascii.h>
#include <absl/strings/str_split.h>

#include <algorithm>
#include <string>

#include "base/status.h"
#include "config/quoted.h"
#include "config/yaml_value.h"

namespace godwit::config {
namespace {

class DmWalk {
 public:
  DmWalk(std::span<const DmKey> keys, Problems& problems) : keys_(keys), problems_(problems) {}

  void Section(const YAML::Node& map, const std::string& section) {
    if (!map.IsMap()) return;
    for (const auto& entry : map) {
      const std::string name = entry.first.IsScalar() ? entry.first.Scalar() : "";
      const std::string path = section.empty() ? name : fmt::format("{}.{}", section, name);
      const FilePlace place = PlaceOf(entry.first);
      const auto key = std::ranges::find(keys_, std::string_view(path), &DmKey::path);
      if (key == keys_.end()) {
        problems_.Error(place, "{}: no key of DM's that is known here; it is left out",
                        Quoted(path));
      } else {
        Judge(*key, entry.second, place);
      }
    }
  }

 private:
  void Judge(const DmKey& key, const YAML::Node& value, FilePlace place) {
    const std::string path(key.path);
    switch (key.fate) {
      case DmFate::kCarried:
        return;
      case DmFate::kSection:
        return Section(value, path);
      case DmFate::kRules:
        if (!value.IsMap()) return;
        for (const auto& rule : value) Section(rule.second, path);
        return;
      case DmFate::kItems:
        if (!value.IsSequence()) return;
        for (const YAML::Node& item : value) Section(item, path);
        return;
      case DmFate::kNoted:
        if (!IsUsual(key, value)) problems_.Warn(place, "{}: {}", path, key.say);
        return;
      case DmFate::kLost:
        if (!IsUsual(key, value)) problems_.Error(place, "{}: {}", path, key.say);
        return;
    }
  }

  static bool IsUsual(const DmKey& key, const YAML::Node& value) {
    if (!value.IsScalar()) return value.IsNull() || value.size() == 0;
    if (value.Scalar().empty()) return true;
    for (const auto usual :
         absl::StrSplit(absl::string_view(key.usual.data(), key.usual.size()), '|')) {
      if (value.Scalar() == std::string_view(usual.data(), usual.size())) return true;
    }
    return false;
  }

  std::span<const DmKey> keys_;
  Problems& problems_;
};

}  // namespace

void ReportDmKeys(const YAML::Node& map, std::span<const DmKey> keys, Problems& problems,
                  const std::string& path) {
  DmWalk(keys, problems).Section(map, path);
}

YAML::Node DmChild(const YAML::Node& map, std::string_view key) {
  if (!map.IsMap()) return {};
  for (const auto& entry : map) {
    if (entry.first.IsScalar() && entry.first.Scalar() == key) return entry.second;
  }
  return {};
}

std::string DmText(const YAML::Node& map, std::string_view key) {
  const YAML::Node value = DmChild(map, key);
  return value.IsScalar() ? value.Scalar() : "";
}

FilePlace DmPlace(const YAML::Node& node) { return node.IsNull() ? FilePlace{} : PlaceOf(node); }

bool IsTrue(const YAML::Node& map, std::string_view key, bool usual) {
  const std::string text = absl::AsciiStrToLower(DmText(map, key));
  return text.empty() ? usual : text == "true" || text == "yes" || text == "on" || text == "y";
}

}  // namespace godwit::config
