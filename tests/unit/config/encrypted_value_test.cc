#include "config/encrypted_value.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace godwit::config {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// Made by another implementation (Python's cryptography) of the bytes 0 to 31 as the key, and 100
// to 111 as the nonce.
constexpr const char* kKnown = "enc:v1:2fea927e:ZGVmZ2hpamtsbW5vOyi9FBydt15ricXt7DIoYZOeJe9JTw==";
constexpr const char* kKnownKey =
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

class EncryptedValueTest : public testing::Test {
 protected:
  EncryptedValueTest() { EXPECT_NE(mkdtemp(folder_.data()), nullptr); }
  ~EncryptedValueTest() override { std::filesystem::remove_all(folder_); }

  std::string Write(const std::string& name, const std::string& text, mode_t mode = 0600) const {
    const std::string path = folder_ + "/" + name;
    std::filesystem::remove(path);
    std::ofstream(path, std::ios::binary) << text;
    chmod(path.c_str(), mode);
    return path;
  }
  SecretKey Known() const { return *SecretKey::Load(Write("known", kKnownKey)); }
  SecretKey New(const std::string& name) const {
    EXPECT_TRUE(SecretKey::MakeFile(folder_ + "/" + name).ok());
    return *SecretKey::Load(folder_ + "/" + name);
  }

  std::string folder_ = testing::TempDir() + "godwit-encrypted-XXXXXX";
};

TEST_F(EncryptedValueTest, IsWhatOthersMakeOfTheStandard) {
  const std::vector keys = {Known()};
  EXPECT_EQ(*DecryptValue(kKnown, keys), "s3cret");
  for (const std::string& value :
       {std::string(), std::string("p\0q", 3), std::string(70000, 'x')}) {
    const std::string text = *EncryptValue(value, keys);
    EXPECT_TRUE(text.starts_with("enc:v1:2fea927e:"));
    EXPECT_EQ(*DecryptValue(text, keys), value);
    EXPECT_NE(*EncryptValue(value, keys), text);  // a nonce is never used twice
  }
}

TEST_F(EncryptedValueTest, AnyChangeIsNoticed) {
  const std::vector keys = {Known()};
  const std::string known = kKnown;
  // Version, key, nonce, ciphertext and tag, bit by bit of the text.
  for (size_t i = 0; i < known.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string changed = known;
      changed[i] = static_cast<char>(changed[i] ^ (1 << bit));
      const auto value = DecryptValue(changed, keys);
      EXPECT_TRUE(absl::IsInvalidArgument(value.status())) << changed;
      EXPECT_THAT(std::string(value.status().message()), Not(HasSubstr("s3cret")));
    }
    EXPECT_FALSE(DecryptValue(known.substr(0, i), keys).ok());
    EXPECT_FALSE(DecryptValue(known + known[i], keys).ok());
  }
  EXPECT_TRUE(IsEncryptedValue(known));
  EXPECT_FALSE(IsEncryptedValue("s3cret"));
  EXPECT_THAT(std::string(DecryptValue("s3cret", keys).status().message()), Not(HasSubstr("s3cr")));
}

TEST_F(EncryptedValueTest, KeysAreChangedOneAfterTheOther) {
  const SecretKey old_key = New("old"), new_key = New("new");
  EXPECT_NE(old_key.id(), new_key.id());
  const std::string text = *EncryptValue("s3cret", std::vector{old_key});
  EXPECT_EQ(*DecryptValue(text, std::vector{new_key, old_key}), "s3cret");
  const auto without = DecryptValue(text, std::vector{new_key});
  EXPECT_THAT(std::string(without.status().message()),
              AllOf(HasSubstr("the key " + old_key.id()), HasSubstr("hold " + new_key.id()),
                    HasSubstr("--key-file")));
  const std::string anew = *EncryptValue("s3cret", std::vector{new_key, old_key});
  EXPECT_EQ(*DecryptValue(anew, std::vector{new_key}), "s3cret");
  // A text that names the one key and was made with the other.
  std::string wrong = text;
  wrong.replace(7, 8, new_key.id());
  EXPECT_THAT(std::string(DecryptValue(wrong, std::vector{new_key}).status().message()),
              HasSubstr("is not as it was made"));
}

TEST_F(EncryptedValueTest, AKeyIsAFileThatOthersCannotRead) {
  struct stat made;
  New("key");
  EXPECT_EQ(stat((folder_ + "/key").c_str(), &made), 0);
  EXPECT_EQ(made.st_mode & 07777, 0600u);
  EXPECT_THAT(std::string(SecretKey::MakeFile(folder_ + "/key").message()),
              HasSubstr("never overwritten"));
  EXPECT_TRUE(SecretKey::Load(Write("crlf", std::string(kKnownKey) + "\r\n")).ok());
  EXPECT_TRUE(SecretKey::Load(Write("mine", kKnownKey, 0400)).ok());
  for (const mode_t mode : {0604, 0602, 0620, 0601}) {
    EXPECT_THAT(std::string(SecretKey::Load(Write("open", kKnownKey, mode)).status().message()),
                HasSubstr("chmod 600"));
  }
  const std::string digits = kKnownKey;
  for (const std::string& bad :
       {std::string(), digits.substr(2), digits + "20", std::string(64, 'x'), std::string(44, '!'),
        digits + std::string(1000, '\n')}) {
    const auto status = SecretKey::Load(Write("bad", bad)).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << bad;
    EXPECT_THAT(std::string(status.message()), Not(HasSubstr("0001020304")));
  }
  EXPECT_FALSE(SecretKey::Load(folder_ + "/none").ok());
}

TEST_F(EncryptedValueTest, TheEnvironmentNamesTheKeyFiles) {
  setenv(kKeyFileVariable, (Write("one", kKnownKey) + ":" + folder_ + "/two").c_str(), 1);
  EXPECT_FALSE(LoadSecretKeys().ok());
  const SecretKey two = New("two");
  const auto keys = LoadSecretKeys();
  ASSERT_EQ(keys->size(), 2u);
  EXPECT_EQ((*keys)[0].id(), "2fea927e");
  EXPECT_EQ((*keys)[1].id(), two.id());
  unsetenv(kKeyFileVariable);
  EXPECT_THAT(std::string(LoadSecretKeys().status().message()), HasSubstr("--key-file"));
}

}  // namespace
}  // namespace godwit::config
