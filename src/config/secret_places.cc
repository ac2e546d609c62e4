#include "config/secret_places.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "base/status.h"

namespace godwit::config {
namespace {

std::string Folder() {
  const char* folder = std::getenv(kSecretsDirVariable);
  return folder == nullptr ? "" : folder;
}

// Whether it is below the folder, wherever links lead. What cannot be looked at is not.
bool IsBelow(const std::string& path, const std::string& folder) {
  std::error_code failed;
  const std::filesystem::path real = std::filesystem::weakly_canonical(path, failed);
  if (failed) return false;
  std::filesystem::path above = std::filesystem::weakly_canonical(folder, failed);
  if (failed) return false;
  if (!above.has_filename()) above = above.parent_path();  // written with a slash at its end
  const auto [in_folder, in_path] =
      std::mismatch(above.begin(), above.end(), real.begin(), real.end());
  return in_folder == above.end() && in_path != real.end();
}

}  // namespace

absl::Status MayReadSecretFile(const std::string& path) {
  const std::string folder = Folder();
  if (folder.empty() || IsBelow(path, folder)) return absl::OkStatus();
  return base::InvalidArgument(
      "password: {} is not below {}, and passwords are read of no other files here "
      "(--secrets-dir): "
      "put the file there, or write password_encrypted (`godwit encrypt`)",
      path, folder);
}

absl::Status MayReadSecretVariable(const std::string& name) {
  if (Folder().empty() || name.starts_with(kSecretVariables)) return absl::OkStatus();
  return base::InvalidArgument(
      "password: the environment variable {} does not begin with {}, and passwords are read of no "
      "others here (--secrets-dir): give it such a name, or write password_encrypted (`godwit "
      "encrypt`)",
      name, kSecretVariables);
}

}  // namespace godwit::config
