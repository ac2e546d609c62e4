#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

#include "cli/cluster/master_client.h"
#include "cli/outcome.h"

namespace godwit::cli {

// What every command that talks to a master takes.
struct ClientArguments {
  std::string urls;  // empty: GODWIT_MASTER's
  portal::HttpTls tls;
  std::string token_file;  // empty: GODWIT_TOKEN

  static constexpr const char* kGroup = "The master";  // of its options, in the help
  void AddTo(CLI::App& app);
  // Whether a master is named at all.
  bool IsGiven() const;
  base::StatusOr<MasterClient> Connect() const;
};

enum class Named { kSource, kTask, kWorker };

// One command at work: what it asks for and how it prints the answer.
class Session {
 public:
  Session(MasterClient client, bool json) : client_(std::move(client)), json_(json) {}

  MasterClient& client() { return client_; }
  bool json() const { return json_; }

  // With --json the answer as it came, else the lines made of it. An error is printed, and if
  // `name` is not known, a similar one is suggested.
  using Lines = std::function<std::vector<std::string>(const Json&)>;
  ExitCode Show(const base::StatusOr<Answer>& answer, const Lines& lines);
  ExitCode Show(const base::StatusOr<Answer>& answer, Named what, const std::string& name,
                const Lines& lines);
  // What a request that changes something is answered with.
  ExitCode Report(const base::StatusOr<Answer>& answer);
  ExitCode Report(const base::StatusOr<Answer>& answer, Named what, const std::string& name);

  // The error, with a similar name if that one is not known.
  base::Status Explain(const base::Status& error, Named what, const std::string& name);

 private:
  MasterClient client_;
  bool json_;
};

// How the one that is named stands; without a name how all of them do: {"sources": [...]}.
base::StatusOr<Answer> ReadStatus(MasterClient& client, Named what, const std::string& name);

// The path of something that has a name: "/sources/a".
std::string PathOf(Named what, const std::string& name);

}  // namespace godwit::cli
