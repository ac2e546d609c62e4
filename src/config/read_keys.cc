#include "config/read_keys.h"

#include <algorithm>

#include "base/status.h"
#include "config/quoted.h"
#include "config/suggest.h"

namespace godwit::config {
namespace {

std::string Join(std::string_view section, std::string_view key) {
  return section.empty() ? std::string(key) : fmt::format("{}.{}", section, key);
}

class KeyReader {
 public:
  KeyReader(const FileKeys& file, TaskDraft& draft)
      : file_(file), draft_(draft), problems_(draft.problems) {}

  // Reads the keys of one mapping, and of the mappings in it; `section` is its path. The list of
  // keys bounds the depth.
  void ReadSection(const YAML::Node& mapping, const std::string& section) {
    for (const auto& entry : mapping) {
      const FilePlace key_place = Place(entry.first);
      if (!entry.first.IsScalar()) {
        problems_.Error(key_place, "a key has to be a single word");
        continue;
      }
      const std::string& name = entry.first.Scalar();
      const std::string path = Join(section, name);
      const TaskKey* key = FindKey(path);
      if (key == nullptr && !IsSection(path)) {
        ReportUnknownKey(section, name, key_place);
        continue;
      }
      auto [first, is_new] = draft_.seen.emplace(Seen(path), key_place);
      if (!is_new) {
        problems_.Error(key_place, "duplicate key '{}'; it stands on line {} already", path,
                        first->second.line);
        continue;
      }
      const YAML::Node& value = entry.second;
      if (key != nullptr) {
        key->read({path, value, value.IsNull() ? key_place : Place(value)}, draft_);
      } else if (value.IsMap()) {
        ReadSection(value, path);
      } else if (!value.IsNull()) {
        problems_.Error(Place(value), "{}: has to be a mapping of {}", path,
                        fmt::join(NamesIn(path), ", "));
      }
    }
  }

  void ReportMissingKeys() {
    for (const TaskKey& key : file_.keys) {
      if (!key.required || draft_.seen.contains(Seen(key.path))) continue;
      const size_t dot = key.path.find('.');
      const auto section = dot == std::string_view::npos
                               ? draft_.seen.end()
                               : draft_.seen.find(Seen(key.path.substr(0, dot)));
      problems_.Error(
          section == draft_.seen.end() ? FilePlace{.file = file_.file} : section->second,
          "the key '{}' is missing", key.path);
    }
  }

  std::vector<std::string_view> TopKeys() const { return NamesIn(""); }
  FilePlace Place(const YAML::Node& node) const {
    FilePlace place = PlaceOf(node);
    place.file = file_.file;
    return place;
  }

 private:
  std::string Seen(std::string_view path) const { return fmt::format("{}{}", file_.within, path); }

  const TaskKey* FindKey(std::string_view path) const {
    const auto it = std::ranges::find(file_.keys, path, &TaskKey::path);
    return it == file_.keys.end() ? nullptr : &*it;
  }

  bool IsSection(std::string_view path) const {
    return std::ranges::any_of(file_.keys, [&](const TaskKey& key) {
      return key.path.starts_with(fmt::format("{}.", path));
    });
  }

  // The names of the keys and sections that may stand in `section`, each once.
  std::vector<std::string_view> NamesIn(std::string_view section) const {
    std::vector<std::string_view> names;
    for (const TaskKey& key : file_.keys) {
      std::string_view rest = key.path;
      if (!section.empty()) {
        if (!rest.starts_with(fmt::format("{}.", section))) continue;
        rest.remove_prefix(section.size() + 1);
      }
      const std::string_view name = rest.substr(0, rest.find('.'));
      if (names.empty() || names.back() != name) names.push_back(name);
    }
    return names;
  }

  void ReportUnknownKey(std::string_view section, const std::string& name, FilePlace place) {
    const std::vector<std::string_view> known = NamesIn(section);
    std::string hint;
    if (std::string_view near = Suggest(name, known); !near.empty()) {
      hint = fmt::format("did you mean '{}'?", near);
    } else {
      for (const TaskKey& key : file_.keys) {
        if (key.path == name || key.path.ends_with(fmt::format(".{}", name))) {
          hint = fmt::format("did you mean '{}'?", key.path);
          break;
        }
      }
    }
    if (hint.empty()) hint = fmt::format("known here: {}", fmt::join(known, ", "));
    problems_.Error(place, "unknown key {}{}; {}", Quoted(name),
                    section.empty() ? "" : fmt::format(" in {}", section), hint);
  }

  const FileKeys& file_;
  TaskDraft& draft_;
  Problems& problems_;
};

}  // namespace

void ReadKeys(const YAML::Node& root, const FileKeys& file, TaskDraft& draft) {
  KeyReader reader(file, draft);
  if (!root.IsMap()) {
    draft.problems.Error(reader.Place(root), "the file has to be a mapping of {}",
                         fmt::join(reader.TopKeys(), ", "));
    return;
  }
  reader.ReadSection(root, "");
  reader.ReportMissingKeys();
}

}  // namespace godwit::config
