#pragma once

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

namespace godwit::config {

struct DocumentedKey {
  std::string type;
  std::string fallback;  // "required", "none", or the default without its backquotes
  std::string example;   // likewise
};

// The text of a page in docs/.
inline std::string Page(const std::string& name) {
  const std::filesystem::path path = std::string(GODWIT_UNIT_TESTS "/../../docs/") + name;
  std::ifstream file(path.lexically_normal());
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// Its rows "| `key` | type | default | example | what it does |".
inline std::map<std::string, DocumentedKey> DocumentedKeys(const std::string& page) {
  const std::regex row(
      R"(\| `([a-z_.]+)` \| ([^|]+) \| `?([^|`]+)`? \| `([^|`]+)` \| [^|]{10,} \|)");
  std::map<std::string, DocumentedKey> keys;
  std::istringstream text(Page(page));
  for (std::string line; std::getline(text, line);) {
    std::smatch match;
    if (std::regex_match(line, match, row)) keys[match[1]] = {match[2], match[3], match[4]};
  }
  return keys;
}

// Its examples of files.
inline std::vector<std::string> YamlBlocks(const std::string& page) {
  const std::regex block("```yaml\n([^`]*)```");
  const std::string text = Page(page);
  std::vector<std::string> blocks;
  for (std::sregex_iterator it(text.begin(), text.end(), block), end; it != end; ++it) {
    blocks.push_back((*it)[1]);
  }
  return blocks;
}

}  // namespace godwit::config
