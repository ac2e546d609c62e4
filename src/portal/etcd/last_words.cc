#include "portal/etcd/last_words.h"

#include <absl/strings/str_split.h>
#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>
#include <vector>

#include "portal/etcd/json_text.h"

namespace godwit::portal {
namespace {

constexpr size_t kMostLines = 3, kMostText = 400;

struct Line {
  std::string text;
  bool is_error = false;
};

// Nothing, as an empty text: of a stack, or a note on how it was called.
Line Read(const std::string& line) {
  const nlohmann::json json = nlohmann::json::parse(line, nullptr, false);
  if (!json.is_object()) {
    const bool is_of_stack = line.starts_with('\t') || line.starts_with("goroutine ") ||
                             line.find(".go:") != std::string::npos || line.ends_with(')');
    // etcd 3.4 says so before it has a log: "2026-11-23 06:45:27.457116 I | pkg/flags: ...".
    const bool is_note = line.find(" I | ") != std::string::npos;
    return {is_of_stack || is_note ? "" : line.substr(0, kMostText), true};
  }
  const std::string level = TextIn(json, "level"), error = TextIn(json, "error");
  std::string text = TextIn(json, "msg");
  if (!error.empty()) text += ": " + error;
  // That one ends it with exit code 0.
  const bool is_end = text.find("permanently removed") != std::string::npos;
  return {text.substr(0, kMostText),
          is_end || level == "error" || level == "fatal" || level == "panic"};
}

struct Remedy {
  std::string_view words, what;
};

constexpr std::array kRemedies = {
    Remedy{"address already in use",
           "another process listens there: end it (Debian's package etcd-server starts one of its "
           "own: systemctl disable --now etcd), or give this member other ports in --peers"},
    Remedy{"cannot assign requested address",
           "this machine does not have the address that --peers names for it: name one that it "
           "has, or a host name, with which it listens at all"},
    Remedy{"no space left on device", "make room in the folder of --data-dir"},
    Remedy{"permission denied",
           "all in --data-dir, and the files of certificates, have to be the user's that the "
           "master runs as: chown -R USER FOLDER"},
    Remedy{"cluster cannot be downgraded",
           "the others run a later version of etcd: install that one here"},
    Remedy{"flag provided but not defined", "etcd has to be of version 3.4 or a later one"},
    Remedy{"permanently removed",
           "it was taken out of the cluster. To have it join as a new one: move the folder etcd in "
           "--data-dir away, and start the master again"},
    Remedy{"cluster ID mismatch",
           "others of --peers belong to another cluster: move the folder etcd in --data-dir away "
           "on those that are wrong, and start their masters again"},
    Remedy{"certificate", "see docs/managed-etcd.md for what the certificates have to be"},
};

}  // namespace

std::string LastWordsOf(std::string_view log) {
  std::vector<std::string> errors, others;
  for (const std::string& raw : std::vector<std::string>(
           absl::StrSplit(absl::string_view(log.data(), log.size()), '\n', absl::SkipEmpty()))) {
    Line line = Read(raw);
    std::vector<std::string>& kind = line.is_error ? errors : others;
    if (line.text.empty() || (!kind.empty() && kind.back() == line.text)) continue;
    kind.push_back(std::move(line.text));
    if (kind.size() > kMostLines) kind.erase(kind.begin());
  }
  const std::vector<std::string>& chosen = errors.empty() ? others : errors;
  if (chosen.empty()) return "it has said nothing";
  std::string words = fmt::format("{}", fmt::join(chosen, "; "));
  for (const Remedy& remedy : kRemedies) {
    if (words.find(remedy.words) == std::string::npos) continue;
    return fmt::format("{}. What to do: {}", words, remedy.what);
  }
  return words;
}

}  // namespace godwit::portal
