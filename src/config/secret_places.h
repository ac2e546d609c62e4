#pragma once

#include <absl/status/status.h>

#include <string>

// Where a process looks for the passwords that files of tasks and sources name. Who may give a
// master such a file could have it read any file of the machine else, and send what is in it to a
// server of theirs as a password.
namespace godwit::config {

// Names the folder; where it is set, files have to lie below it, and variables to begin with
// kSecretVariables.
inline constexpr const char* kSecretsDirVariable = "GODWIT_SECRETS_DIR";
inline constexpr const char* kSecretVariables = "GODWIT_SECRET_";

// kInvalidArgument, with what to do: the file, or variable, is none of those. Links are followed
// first.
absl::Status MayReadSecretFile(const std::string& path);
absl::Status MayReadSecretVariable(const std::string& name);

}  // namespace godwit::config
