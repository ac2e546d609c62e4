#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "connector/check_list.h"

namespace godwit::connector {

// "view shop.v"
std::string Named(const CatalogObject& object);

// What a check says of definitions that a target of another kind has otherwise, or cannot hold: all
// places that a rule applies to make one item.
class TranslationFindings {
 public:
  explicit TranslationFindings(std::string document) : document_(std::move(document)) {}

  // `what` means something else there, or less.
  void AddLossy(std::string place, const std::string& what) {
    lossy_[what].push_back(std::move(place));
  }
  void AddRefused(std::string place, const std::string& what, const std::string& remedy) {
    refused_[{what, remedy}].push_back(std::move(place));
  }
  void Tell(CheckList& list) const;

 private:
  const std::string document_;  // where the rules are to be read
  std::map<std::string, std::vector<std::string>> lossy_;
  std::map<std::pair<std::string, std::string>, std::vector<std::string>> refused_;
};

}  // namespace godwit::connector
