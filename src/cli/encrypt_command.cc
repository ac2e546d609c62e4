#include "cli/command.h"
#include "cli/secret_input.h"
#include "config/encrypted_value.h"

namespace godwit::cli {
namespace {

// One that is encrypted already, with any of the keys, is encrypted anew: so that a key can be
// given up by whoever does not know the passwords.
base::StatusOr<std::string> EncryptInput() {
  GODWIT_ASSIGN_OR_RETURN(const std::vector<config::SecretKey> keys, config::LoadSecretKeys());
  GODWIT_ASSIGN_OR_RETURN(std::string secret, ReadSecret());
  if (config::IsEncryptedValue(secret)) {
    GODWIT_ASSIGN_OR_RETURN(secret, config::DecryptValue(secret, keys));
  }
  return config::EncryptValue(secret, keys);
}

ExitCode Encrypt(const std::string& new_key) {
  if (!new_key.empty()) {
    const base::Status made = config::SecretKey::MakeFile(new_key);
    return made.ok() ? kDone : Fail(made);
  }
  const auto text = EncryptInput();
  if (!text.ok()) return Fail(text.status());
  fmt::print("{}\n", *text);
  return kDone;
}

}  // namespace

Command AddEncryptCommand(CLI::App& parent) {
  CLI::App* app = parent.add_subcommand(
      "encrypt", "Encrypt a password, for `password_encrypted` of a task or source file");
  app->footer(
      "The password is read from standard input; on a terminal it is asked for, and not shown.\n"
      "The first --key-file encrypts. What is encrypted already, with the key of any --key-file, "
      "is\n"
      "encrypted anew with the first.\n\n"
      "Examples:\n"
      "  godwit encrypt --new-key /etc/godwit/key          make a key, once\n"
      "  godwit encrypt --key-file /etc/godwit/key         asks, and prints enc:v1:...\n"
      "  godwit run shop.yaml --key-file /etc/godwit/key   a task with encrypted passwords\n\n"
      "Exit codes: 0 done, 1 failed, 2 bad usage, no such key or no secret, 130 interrupted.");
  auto new_key = std::make_shared<std::string>();
  app->add_option("--new-key", *new_key,
                  "Make this file, with a new random key that only you may read, and end")
      ->type_name("FILE");
  return {app, [new_key] { return Encrypt(*new_key); }};
}

}  // namespace godwit::cli
