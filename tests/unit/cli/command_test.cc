#include "cli/command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace godwit::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;

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
  };
  for (const auto& arguments : wrong) {
    const Printed outcome = Godwit(arguments);
    EXPECT_EQ(outcome.code, kBadUsage);
    EXPECT_THAT(outcome.err, AllOf(HasSubstr("godwit: error: "), HasSubstr("--help")));
    EXPECT_EQ(outcome.out, "");
  }
}

TEST(CommandLine, BadUsageNamesTheCommandWhoseHelpHelps) {
  EXPECT_THAT(Godwit({"fly"}).err, HasSubstr("`fly` is no command; `godwit --help`"));
  EXPECT_THAT(Godwit({}).err, HasSubstr("a command is missing; `godwit --help`"));
  EXPECT_THAT(Godwit({"run", "--fast"}).err, HasSubstr("`godwit run --help`"));
  EXPECT_THAT(Godwit({"ddl", "skip"}).err, HasSubstr("`godwit ddl skip --help`"));
}

TEST(CommandLine, ATaskFileThatIsNotThereIsBadUsage) {
  const Printed outcome = Godwit({"plan", "/nowhere/t.yaml"});
  EXPECT_EQ(outcome.code, kBadUsage);
  EXPECT_THAT(outcome.err, HasSubstr("/nowhere/t.yaml"));
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
