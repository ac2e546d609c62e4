#pragma once

#include <string>
#include <vector>

namespace godwit::cli {

// The words of a command line, the program's name not among them, where a command that dmctl has
// is put in ours: `query-status shop` is `task status shop`. Any other is given back as it is.
std::vector<std::string> InOurWords(std::vector<std::string> words);

}  // namespace godwit::cli
