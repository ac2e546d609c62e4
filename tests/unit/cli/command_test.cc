#include "cli/command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace godwit::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

struct Printed {
  int code;
  std::string out, err;
};

Printed Godwit(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "godwit");
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  Printed outcome;
  outcome.code = Main(static_cast<int>(arguments.size()), arguments.data());
  std::fflush(stdout);
  outcome.out = testing::internal::GetCapturedStdout();
  outcome.err = testing::internal::GetCapturedStderr();
  return outcome;
}

TEST(CommandLine, HelpIsNoError) {
  EXPECT_THAT(Godwit({"--help"}).out,
              AllOf(HasSubstr("run"), HasSubstr("verify"), HasSubstr("Examples")));
  EXPECT_EQ(Godwit({"--help"}).code, kDone);
  for (const char* command : {"run", "check", "plan", "status", "verify", "remove"}) {
    const Printed outcome = Godwit({command, "--help"});
    EXPECT_EQ(outcome.code, kDone);
    EXPECT_THAT(outcome.out,
                AllOf(HasSubstr("Examples:"), HasSubstr("--state-dir"), HasSubstr("Exit codes")));
  }
}

TEST(CommandLine, BadUsageIsTwoAndSaysWhereHelpIs) {
  const std::vector<std::vector<const char*>> wrong = {
      {},
      {"fly"},
      {"run"},
      {"run", "t.yaml", "--until", "doomsday"},
      {"run", "t.yaml", "--progress", "loud"},
      {"run", "t.yaml", "u.yaml"},
      {"run", "t.yaml", "--log-level", "all"},
      {"status", "t.yaml", "--restart"},
      {"remove"},
      {"remove", "t.yaml", "--force"},
      {"source"},
      {"task", "fly"},
      {"member", "remove"},
  };
  for (const auto& arguments : wrong) {
    const Printed outcome = Godwit(arguments);
    EXPECT_EQ(outcome.code, kBadUsage);
    EXPECT_THAT(outcome.err, AllOf(HasSubstr("godwit: error: "), HasSubstr("--help")));
    EXPECT_EQ(outcome.out, "");
  }
}

TEST(CommandLine, EachCommandOfAClusterHasExamplesAndTakesAMaster) {
  const std::vector<std::pair<const char*, std::vector<const char*>>> groups = {
      {"source",
       {"add", "list", "show", "update", "remove", "enable", "disable", "transfer", "status",
        "schemas"}},
      {"task",
       {"add", "list", "show", "start", "stop", "pause", "resume", "update", "remove", "status",
        "check", "plan", "export", "import"}},
      {"member", {"list", "remove"}},
      {"leader", {"evict"}},
      {"relay", {"status", "pause", "resume"}}};
  for (const auto& [group, commands] : groups) {
    EXPECT_THAT(Godwit({group, "--help"}).out, HasSubstr("Examples:"));
    for (const char* command : commands) {
      const Printed help = Godwit({group, command, "--help"});
      EXPECT_EQ(help.code, kDone);
      EXPECT_THAT(help.out, AllOf(HasSubstr("Examples:"), HasSubstr("--master"),
                                  HasSubstr("--token-file"), HasSubstr("--json")));
      EXPECT_THAT(help.out, HasSubstr(std::string("godwit ") + group + " " + command));
    }
  }
}

TEST(CommandLine, BadUsageNamesTheCommandWhoseHelpHelps) {
  EXPECT_THAT(Godwit({"fly"}).err, HasSubstr("`fly` is no command; `godwit --help`"));
  EXPECT_THAT(Godwit({}).err, HasSubstr("a command is missing; `godwit --help`"));
  EXPECT_THAT(Godwit({"run", "--fast"}).err, HasSubstr("`godwit run --help`"));
  EXPECT_THAT(Godwit({"ddl", "skip"}).err, HasSubstr("`godwit ddl skip --help`"));
}

TEST(CommandLine, AMasterThatIsNoUrlIsBadUsage) {
  const Printed outcome = Godwit({"task", "status", "shop", "--master", "somewhere"});
  EXPECT_EQ(outcome.code, kBadUsage);
  EXPECT_THAT(outcome.err, HasSubstr("\"somewhere\" is no url of a master"));
}

TEST(CommandLine, ATaskFileThatIsNotThereIsBadUsage) {
  const Printed outcome = Godwit({"plan", "/nowhere/t.yaml"});
  EXPECT_EQ(outcome.code, kBadUsage);
  EXPECT_THAT(outcome.err, HasSubstr("/nowhere/t.yaml"));
}

TEST(CommandLine, ATokenIsPrintedApartFromItsLine) {
  const Printed made = Godwit({"token", "new", "--name", "ops", "--role", "operate"});
  EXPECT_EQ(made.code, kDone);
  EXPECT_TRUE(made.out.starts_with("gwt_"));
  EXPECT_THAT(made.err, AllOf(HasSubstr("- {name: 'ops', role: operate, sha256: '"),
                              Not(HasSubstr(made.out.substr(0, made.out.size() - 1)))));
  EXPECT_EQ(Godwit({"token", "new", "--name", "ops", "--role", "admin"}).code, kBadUsage);
  EXPECT_EQ(Godwit({"token", "new", "--name", "a b", "--role", "read"}).code, kBadUsage);
}

TEST(CommandLine, TheVersionIsPrinted) {
  EXPECT_THAT(Godwit({"--version"}).out, HasSubstr("godwit 0."));
  EXPECT_EQ(Godwit({"version"}).code, kDone);
}

TEST(Outcome, TheCodeOfAnErrorDecidesTheExitCode) {
  EXPECT_EQ(ExitCodeOf(base::OkStatus()), kDone);
  EXPECT_EQ(ExitCodeOf(base::InvalidArgument("x")), kBadUsage);
  EXPECT_EQ(ExitCodeOf(base::Cancelled("x")), kInterrupted);
  EXPECT_EQ(ExitCodeOf(base::Unavailable("x")), kFailed);
  EXPECT_EQ(ExitCodeOf(base::FailedPrecondition("x")), kFailed);
}

}  // namespace
}  // namespace godwit::cli
