#include "config/read_casts.h"

#include <array>
#include <map>

#include "base/status.h"
#include "config/quoted.h"
#include "config/suggest.h"

namespace godwit::config {
namespace {

constexpr std::array<std::string_view, 4> kKeys = {"column", "type", "table", "to"};

// The texts of one rule by their keys; nothing where it is no such mapping.
std::optional<std::map<std::string, YamlValue>> ReadRule(const YamlValue& item,
                                                         Problems& problems) {
  if (!item.node.IsMap()) {
    problems.Error(item.place,
                   "{}: each rule is a mapping, such as {{type: tinyint(1), to: boolean}}",
                   item.path);
    return std::nullopt;
  }
  std::map<std::string, YamlValue> texts;
  bool good = true;
  for (const auto& entry : item.node) {
    const FilePlace place = PlaceOf(entry.first);
    const std::string name = entry.first.IsScalar() ? entry.first.Scalar() : "";
    if (std::find(kKeys.begin(), kKeys.end(), name) == kKeys.end()) {
      const std::string_view near = Suggest(name, kKeys);
      problems.Error(place, "{}: a rule has no key {}; {}", item.path, Quoted(name),
                     near.empty() ? "it has column, type, table and to"
                                  : fmt::format("did you mean '{}'?", near));
      good = false;
      continue;
    }
    const YAML::Node& node = entry.second;
    YamlValue value = {fmt::format("{}.{}", item.path, name), node,
                       node.IsNull() ? place : PlaceOf(node)};
    if (!texts.emplace(name, std::move(value)).second) {
      problems.Error(place, "{}: {} stands twice in one rule", item.path, name);
      good = false;
    }
  }
  if (!good) return std::nullopt;
  return texts;
}

// "schema.table.column", of which the table's name may have dots.
bool TakeColumn(const std::string& text, CastRule& rule) {
  const size_t first = text.find('.'), last = text.rfind('.');
  if (first == std::string::npos || first == last) return false;
  rule.column_table = {text.substr(0, first), text.substr(first + 1, last - first - 1)};
  rule.column = text.substr(last + 1);
  return !rule.column_table.schema.empty() && !rule.column_table.table.empty() &&
         !rule.column.empty();
}

void ReadOne(const YamlValue& item, Casts& casts, Problems& problems) {
  const auto texts = ReadRule(item, problems);
  if (!texts) return;
  const auto has = [&](const char* key) { return texts->contains(key); };
  if (!has("to") || has("column") == has("type") || (has("column") && has("table"))) {
    problems.Error(item.place,
                   "{}: a rule has `to`, and either `column` or `type`, with which `table` may "
                   "stand",
                   item.path);
    return;
  }
  CastRule rule;
  bool good = true;
  for (const auto& [key, value] : *texts) {
    const std::optional<std::string> text = ReadText(value, problems);
    if (!text) return;
    std::string wrong;
    if (text->empty()) {
      wrong = "is empty";
    } else if (key == "to") {
      rule.to = *text;
    } else if (key == "column") {
      if (!TakeColumn(*text, rule))
        wrong = fmt::format("{} is no column; write schema.table.column", Quoted(*text));
    } else if (key == "type") {
      auto type = TypePattern::Parse(*text);
      if (type.ok())
        rule.type = *std::move(type);
      else
        wrong = std::string(type.status().message());
    } else {
      auto table = TablePattern::Parse(*text);
      if (table.ok())
        rule.table = *std::move(table);
      else
        wrong = std::string(table.status().message());
    }
    if (wrong.empty()) continue;
    problems.Error(value.place, "{}: {}", value.path, wrong);
    good = false;
  }
  if (good) casts.rules.push_back(std::move(rule));
}

}  // namespace

void ReadCasts(const YamlValue& value, Casts& casts, Problems& problems) {
  const std::optional<std::vector<YamlValue>> items = ReadList(value, problems);
  if (!items) return;
  for (const YamlValue& item : *items) ReadOne(item, casts, problems);
}

}  // namespace godwit::config
