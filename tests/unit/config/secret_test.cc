#include "config/secret.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace godwit::config {
namespace {

class SecretTest : public testing::Test {
 protected:
  SecretTest() : path_(testing::TempDir() + "/godwit_secret_test") {}
  ~SecretTest() override { std::filesystem::remove(path_); }

  std::string FromFile(const std::string& content) {
    std::ofstream(path_, std::ios::binary) << content;
    return Secret::FromFile(path_).Resolve().value_or("no password");
  }

  std::string path_;
};

TEST_F(SecretTest, ReadsAVariableWhenAskedTo) {
  setenv("GODWIT_SECRET_TEST", "one", 1);
  Secret secret = Secret::FromEnv("GODWIT_SECRET_TEST");
  setenv("GODWIT_SECRET_TEST", "two\n", 1);
  EXPECT_EQ(*secret.Resolve(), "two\n");
  setenv("GODWIT_SECRET_TEST", "", 1);
  EXPECT_EQ(*secret.Resolve(), "");
  unsetenv("GODWIT_SECRET_TEST");
  EXPECT_EQ(
      secret.Resolve().status(),
      absl::InvalidArgumentError("password: environment variable GODWIT_SECRET_TEST is not set"));
}

TEST_F(SecretTest, ReadsAFileWithoutItsLastNewline) {
  EXPECT_EQ(FromFile("hush"), "hush");
  EXPECT_EQ(FromFile("hush\n"), "hush");
  EXPECT_EQ(FromFile("hush\r\n"), "hush");
  EXPECT_EQ(FromFile("hush\n\n"), "hush\n");
  EXPECT_EQ(FromFile(" hush\r"), " hush\r");
  EXPECT_EQ(FromFile(""), "");
}

TEST_F(SecretTest, RefusesFilesThatHoldNoPassword) {
  EXPECT_EQ(FromFile(std::string("hu\0sh", 5)), "no password");
  EXPECT_EQ(FromFile(std::string(64 * 1024 + 1, 'x')), "no password");
  EXPECT_EQ(FromFile(std::string(64 * 1024, 'x')).size(), 64u * 1024);
  EXPECT_EQ(
      Secret::FromFile("/no/such").Resolve().status(),
      absl::InvalidArgumentError("password: cannot read /no/such: No such file or directory"));
  EXPECT_EQ(Secret::FromFile("/").Resolve().status(),
            absl::InvalidArgumentError("password: cannot read /: Is a directory"));
}

TEST_F(SecretTest, ReadsNothingOutsideOfTheFolderThatItIsConfinedTo) {
  const std::string folder = testing::TempDir() + "/godwit_secrets", outside = path_;
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder + "/of/shop");
  std::ofstream(outside) << "outside";
  std::ofstream(folder + "/of/shop/db") << "inside";
  std::filesystem::create_symlink(outside, folder + "/link");
  for (const std::string& written : {folder, folder + "/", folder + "/of/.."}) {
    setenv("GODWIT_SECRETS_DIR", written.c_str(), 1);
    EXPECT_EQ(Secret::FromFile(folder + "/of/shop/db").Resolve().value_or("none"), "inside");
    for (const std::string& path :
         {outside, folder + "/link", folder + "/../" + outside.substr(outside.rfind('/') + 1),
          folder, folder + "2", std::string("/etc/passwd"), std::string("none")}) {
      const auto read = Secret::FromFile(path).Resolve();
      EXPECT_FALSE(read.ok()) << path;
      EXPECT_NE(read.status().message().find("--secrets-dir"), std::string::npos) << read.status();
    }
  }
  setenv("GODWIT_SECRET_SHOP", "by a variable", 1);
  EXPECT_EQ(Secret::FromEnv("GODWIT_SECRET_SHOP").Resolve().value_or("none"), "by a variable");
  EXPECT_FALSE(Secret::FromEnv("PATH").Resolve().ok());
  EXPECT_FALSE(Secret::FromEnv("GODWIT_SECRETS_DIR").Resolve().ok());
  unsetenv("GODWIT_SECRET_SHOP");
  unsetenv("GODWIT_SECRETS_DIR");
  EXPECT_EQ(Secret::FromFile(outside).Resolve().value_or("none"), "outside");
}

TEST_F(SecretTest, DecryptsWithTheKeyThatTheEnvironmentNames) {
  const Secret secret =
      Secret::Encrypted("enc:v1:2fea927e:ZGVmZ2hpamtsbW5vOyi9FBydt15ricXt7DIoYZOeJe9JTw==");
  unsetenv("GODWIT_KEY_FILE");
  EXPECT_EQ(secret.Resolve().status(),
            absl::InvalidArgumentError("password: is encrypted: no key file is named: do so by "
                                       "--key-file or by GODWIT_KEY_FILE"));
  std::ofstream(path_) << "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n";
  std::filesystem::permissions(path_, std::filesystem::perms(0600));
  setenv("GODWIT_KEY_FILE", path_.c_str(), 1);
  EXPECT_EQ(*secret.Resolve(), "s3cret");
  unsetenv("GODWIT_KEY_FILE");
}

TEST_F(SecretTest, DescribesThePlaceOnly) {
  EXPECT_EQ(Secret().Describe(), "none");
  EXPECT_EQ(*Secret().Resolve(), "");
  EXPECT_EQ(Secret::FromEnv("V").Describe(), "environment variable V");
  EXPECT_EQ(Secret::FromFile("/f").Describe(), "file /f");
  EXPECT_EQ(Secret::Encrypted("enc").Describe(), "encrypted value");
  EXPECT_EQ(Secret::Inline("hush").Describe(), "task file");
  EXPECT_EQ(*Secret::Inline("hush").Resolve(), "hush");
}

}  // namespace
}  // namespace godwit::config
