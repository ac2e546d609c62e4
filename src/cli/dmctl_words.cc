#include "cli/dmctl_words.h"

#include <array>
#include <string_view>

namespace godwit::cli {
namespace {

using std::string_view;

struct Phrase {
  string_view first, second;  // of dmctl; no second word: whatever follows are arguments
  string_view group, command;
};

constexpr std::array kPhrases = {
    Phrase{"operate-source", "create", "source", "add"},
    Phrase{"operate-source", "update", "source", "update"},
    Phrase{"operate-source", "stop", "source", "remove"},
    Phrase{"operate-source", "show", "source", "list"},
    Phrase{"transfer-source", "", "source", "transfer"},
    Phrase{"start-task", "", "task", "start"},
    Phrase{"stop-task", "", "task", "stop"},
    Phrase{"pause-task", "", "task", "pause"},
    Phrase{"resume-task", "", "task", "resume"},
    Phrase{"query-status", "", "task", "status"},
    Phrase{"check-task", "", "task", "check"},
    Phrase{"get-config", "task", "task", "show"},
    Phrase{"get-config", "source", "source", "show"},
    Phrase{"config", "task", "task", "show"},
    Phrase{"config", "source", "source", "show"},
    Phrase{"pause-relay", "", "relay", "pause"},
    Phrase{"resume-relay", "", "relay", "resume"},
    Phrase{"list-member", "", "member", "list"},
    Phrase{"offline-member", "", "member", "remove"},
    Phrase{"operate-leader", "evict", "leader", "evict"},
};

}  // namespace

std::vector<std::string> InOurWords(std::vector<std::string> words) {
  for (const Phrase& phrase : kPhrases) {
    if (words.empty() || words[0] != phrase.first) continue;
    const bool has_second = !phrase.second.empty();
    if (has_second && (words.size() < 2 || words[1] != phrase.second)) continue;
    words.erase(words.begin(), words.begin() + (has_second ? 2 : 1));
    string_view command = phrase.command;
    // There a task is known from when it is started, by its file.
    if (phrase.first == "start-task" && !words.empty() &&
        words[0].find_first_of("./") != std::string::npos) {
      command = "add";
    }
    if (phrase.first == "transfer-source" && words.size() == 2) {
      words.insert(words.begin() + 1, "--to");
    }
    // What they call their only argument.
    for (const char* option : {"--worker", "--name", "-s"}) {
      if (phrase.group == "member" || phrase.group == "relay") std::erase(words, option);
    }
    words.insert(words.begin(), {std::string(phrase.group), std::string(command)});
    return words;
  }
  return words;
}

}  // namespace godwit::cli
