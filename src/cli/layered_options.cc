#include "cli/layered_options.h"

#include <absl/strings/str_join.h>

#include <algorithm>
#include <cstdlib>

#include "config/problems.h"
#include "config/read_file.h"
#include "config/yaml_document.h"
#include "config/yaml_value.h"

namespace godwit::cli {
namespace {

constexpr size_t kLargestFile = 1 << 20;

// Of a list: with commas.
std::optional<std::string> ReadValue(const config::YamlValue& value, config::Problems& problems) {
  if (!value.node.IsSequence()) return config::ReadText(value, problems);
  const auto items = config::ReadList(value, problems);
  if (!items) return std::nullopt;
  std::vector<std::string> texts;
  for (const config::YamlValue& item : *items) {
    texts.push_back(config::ReadText(item, problems).value_or(""));
  }
  return absl::StrJoin(texts, ",");
}

}  // namespace

LayeredOptions::LayeredOptions(CLI::App& app) : app_(app) {
  app_.add_option("--config", file_, "A file with options, which those given here override")
      ->type_name("FILE");
}

std::string LayeredOptions::VariableOf(const std::string& name) {
  std::string variable = "GODWIT_";
  for (const char c : name) {
    variable.push_back(c == '-' ? '_' : static_cast<char>(std::toupper(c)));
  }
  return variable;
}

void LayeredOptions::Add(const std::string& name, std::string& value, const std::string& about,
                         const std::string& type) {
  CLI::Option* option =
      app_.add_option("--" + name, value, fmt::format("{} (or {})", about, VariableOf(name)));
  option->type_name(type)->capture_default_str();
  options_.push_back({name, option, &value, nullptr});
}

void LayeredOptions::AddFlag(const std::string& name, bool& value, const std::string& about) {
  CLI::Option* option =
      app_.add_flag("--" + name, value, fmt::format("{} (or {}=true)", about, VariableOf(name)));
  options_.push_back({name, option, nullptr, &value});
}

base::Status LayeredOptions::Set(const Layered& layered, const std::string& value) const {
  if (layered.text) {
    *layered.text = value;
  } else if (value == "true" || value == "false") {
    *layered.flag = value == "true";
  } else {
    return base::InvalidArgument("{} has to be true or false", layered.name);
  }
  return base::OkStatus();
}

base::Status LayeredOptions::Resolve() {
  std::map<std::string, std::string> in_file;
  if (!file_.empty()) {
    config::Problems problems(file_);
    GODWIT_ASSIGN_OR_RETURN(const std::string text, config::ReadFile(file_, kLargestFile));
    const std::optional<YAML::Node> root = config::LoadDocument(text, problems);
    if (root && !root->IsMap()) problems.Error({}, "it has to be lines of \"option: value\"");
    if (root && root->IsMap()) {
      for (const auto& entry : *root) {
        const config::FilePlace place = config::PlaceOf(entry.first);
        const std::string name = entry.first.as<std::string>("");
        const bool is_known = std::ranges::any_of(
            options_, [&](const Layered& layered) { return layered.name == name; });
        if (!is_known) problems.Error(place, "{} is no option of this command", name);
        const auto value = ReadValue({name, entry.second, place}, problems);
        if (value) in_file[name] = *value;
      }
    }
    GODWIT_RETURN_IF_ERROR(problems.ToStatus());
  }
  for (Layered& layered : options_) {
    const char* variable = std::getenv(VariableOf(layered.name).c_str());
    const auto found = in_file.find(layered.name);
    layered.is_given = variable || layered.option->count() > 0 || found != in_file.end();
    if (variable) {
      GODWIT_RETURN_IF_ERROR(base::Annotate(Set(layered, variable), VariableOf(layered.name)));
    } else if (layered.option->count() == 0 && found != in_file.end()) {
      GODWIT_RETURN_IF_ERROR(base::Annotate(Set(layered, found->second), file_));
    }
  }
  return base::OkStatus();
}

bool LayeredOptions::IsGiven(const std::string& name) const {
  const auto found = std::ranges::find(options_, name, &Layered::name);
  return found != options_.end() && found->is_given;
}

}  // namespace godwit::cli
