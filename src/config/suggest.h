#pragma once

#include <span>
#include <string_view>

namespace godwit::config {

// The candidate that a misspelt `word` most likely means: the one with the fewest insertions,
// removals, replacements and swaps of neighbouring characters, ignoring case. Empty when none is
// near (more than a third of the word's length, and more than 1, away). The view is the
// candidate's.
std::string_view Suggest(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace godwit::config
