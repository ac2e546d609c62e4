#pragma once

#include <absl/status/statusor.h>

#include <string>
#include <string_view>
#include <vector>

namespace godwit::config {

// Names the key files, with colons between them. `--key-file` sets it.
inline constexpr const char* kKeyFileVariable = "GODWIT_KEY_FILE";

// A key that values are encrypted with.
class SecretKey {
 public:
  // Of a file with 32 bytes as 64 hexadecimal digits or in base64. kInvalidArgument: it cannot be
  // read, holds anything else, or can be read by others.
  static absl::StatusOr<SecretKey> Load(const std::string& path);
  // Makes such a file, of random bytes, which only its owner may read. kInvalidArgument: it is
  // there already, or cannot be written.
  static absl::Status MakeFile(const std::string& path);

  // Tells it from others and says nothing of it: eight hexadecimal digits.
  const std::string& id() const { return id_; }
  const std::string& bytes() const { return bytes_; }

 private:
  explicit SecretKey(std::string bytes);

  std::string bytes_, id_;
};

// The keys of all files that kKeyFileVariable names, in their order; kInvalidArgument: it names
// none.
absl::StatusOr<std::vector<SecretKey>> LoadSecretKeys();

}  // namespace godwit::config
