#include "portal/access.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace godwit::portal {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

class AccessTest : public testing::Test {
 protected:
  ~AccessTest() override { std::filesystem::remove(file_); }

  // In place of what was there, in one go.
  void Write(const std::string& text) const {
    std::ofstream(file_ + ".new") << text;
    std::filesystem::permissions(file_ + ".new", std::filesystem::perms(0644));
    std::filesystem::rename(file_ + ".new", file_);
  }
  static std::string Line(const std::string& name, Role role, const std::string& token) {
    return *TokenLine({name, role}, token) + "\n";
  }
  std::string Error(const std::string& text) const {
    Write(text);
    return std::string(Access::Open(file_).status().message());
  }

  const std::string file_ = testing::TempDir() + "/godwit_access_test.yaml";
};

TEST_F(AccessTest, ATokenIsItsOwners) {
  const std::string reads = MakeToken(), operates = MakeToken();
  EXPECT_THAT(reads, MatchesRegex("gwt_[A-Za-z0-9_-]{43,44}"));
  EXPECT_NE(reads, operates);
  Write("# who may ask\n" + Line("grafana", Role::kRead, reads) +
        Line("ops@shop", Role::kOperate, operates));
  EXPECT_THAT(Line("grafana", Role::kRead, reads), Not(HasSubstr(reads)));
  const auto access = *Access::Open(file_);
  EXPECT_EQ(access->Check("Bearer " + reads)->name, "grafana");
  EXPECT_EQ(access->Check("Bearer " + reads)->role, Role::kRead);
  EXPECT_EQ(access->Check("bearer " + operates)->name, "ops@shop");
  EXPECT_EQ(access->Check("Bearer " + operates)->role, Role::kOperate);
  for (const std::string& wrong :
       {std::string(), std::string("Bearer"), std::string("Bearer "), operates, "Basic " + operates,
        "Bearer " + operates + "x", "Bearer " + operates.substr(1), "Bearer " + Sha256(operates)}) {
    const base::Status status = access->Check(wrong).status();
    EXPECT_EQ(status.code(), base::StatusCode::kUnauthenticated) << wrong;
    EXPECT_THAT(std::string(status.message()), Not(HasSubstr(operates.substr(8))));
  }
}

TEST_F(AccessTest, AChangedFileIsReadAgain) {
  const std::string first = MakeToken(), second = MakeToken();
  Write(Line("one", Role::kRead, first));
  const auto access = *Access::Open(file_);
  EXPECT_FALSE(access->Check("Bearer " + second).ok());
  Write(Line("one", Role::kOperate, first) + Line("two", Role::kRead, second));
  EXPECT_EQ(access->Check("Bearer " + first)->role, Role::kOperate);
  EXPECT_EQ(access->Check("Bearer " + second)->name, "two");
  Write(Line("two", Role::kRead, second));
  EXPECT_FALSE(access->Check("Bearer " + first).ok());
  // What cannot be used changes nothing.
  Write("- {name: two\n");
  EXPECT_TRUE(access->Check("Bearer " + second).ok());
  std::filesystem::remove(file_);
  EXPECT_TRUE(access->Check("Bearer " + second).ok());
  Write("[]\n");
  EXPECT_FALSE(access->Check("Bearer " + second).ok());
}

TEST_F(AccessTest, AWrongFileIsRefusedWithEachPlace) {
  const std::string token = MakeToken();
  EXPECT_THAT(Error("- {name: a b, role: admin, sha256: " + token + ", key: 1}\n- one\n"),
              AllOf(HasSubstr(":1:10: name: has to be"), HasSubstr(":1:21: role: has to be one of"),
                    HasSubstr(":1:36: sha256: has to be"), HasSubstr("name, role or sha256"),
                    HasSubstr(":2:3: has to be {name: "), Not(HasSubstr(token))));
  EXPECT_THAT(Error("- {role: read, sha256: null}"), HasSubstr("the key 'name' is missing"));
  EXPECT_THAT(Error(Line("a", Role::kRead, token) + Line("b", Role::kOperate, token)),
              HasSubstr("another name already"));
  EXPECT_THAT(Error("name: a\n"), HasSubstr("tokens: has to be a list"));
  Write(Line("a", Role::kRead, token));
  std::filesystem::permissions(file_, std::filesystem::perms(0664));
  EXPECT_THAT(std::string(Access::Open(file_).status().message()), HasSubstr("chmod go-w"));
  EXPECT_FALSE(Access::Open(file_ + ".none").ok());
  EXPECT_FALSE(TokenLine({"a'b", Role::kRead}, token).ok());
  EXPECT_FALSE(ParseRole("admin").ok());
  EXPECT_EQ(*ParseRole("operate"), Role::kOperate);
}

}  // namespace
}  // namespace godwit::portal
