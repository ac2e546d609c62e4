#include "cli/command.h"
#include "portal/tokens.h"

namespace godwit::cli {
namespace {

struct TokenArguments {
  std::string name, role;
};

ExitCode NewToken(const TokenArguments& options) {
  const auto role = portal::ParseRole(options.role);
  if (!role.ok()) return Fail(role.status());
  const std::string token = portal::MakeToken();
  const auto line = portal::TokenLine({options.name, *role}, token);
  if (!line.ok()) return Fail(line.status());
  fmt::print(stderr, "The token, which is shown this once:\n");
  fmt::print("{}\n", token);
  fmt::print(stderr, "The line for the masters' file of tokens:\n{}\n", *line);
  return kDone;
}

}  // namespace

Command AddTokenCommand(CLI::App& parent) {
  CLI::App* app = parent.add_subcommand("token", "API tokens, by which a master knows who asks");
  app->require_subcommand(1);
  CLI::App* made = app->add_subcommand("new", "Make a token");
  made->footer(
      "The token goes to standard output, and what the masters' file has of it, which is no "
      "secret,\n"
      "to standard error. Nothing is kept: to take a token back, take its line out of the file.\n\n"
      "Examples:\n"
      "  godwit token new --name grafana --role read\n"
      "  godwit token new --name ops --role operate >ops.token\n\n"
      "Exit codes: 0 done, 2 bad usage.");
  auto options = std::make_shared<TokenArguments>();
  made->add_option("--name", options->name, "Whose it is, for the log")
      ->required()
      ->type_name("NAME");
  made->add_option("--role", options->role, "What it may do: read, or operate, which is all")
      ->required()
      ->type_name("ROLE");
  return {app, [options] { return NewToken(*options); }};
}

}  // namespace godwit::cli
