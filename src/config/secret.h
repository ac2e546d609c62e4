#pragma once

#include <absl/status/statusor.h>

#include <cstdint>
#include <string>

namespace godwit::config {

// A password, or the place it is kept in. It has no way to print its value: no stream operator, no
// formatter; Describe() names the place only. The value is read anew at each Resolve().
class Secret {
 public:
  Secret() = default;  // no password: resolves to an empty one
  static Secret FromEnv(std::string variable) { return Secret(Kind::kEnv, std::move(variable)); }
  static Secret FromFile(std::string path) { return Secret(Kind::kFile, std::move(path)); }
  // `text` is what EncryptValue gives; the key is in the files that kKeyFileVariable names.
  static Secret Encrypted(std::string text) { return Secret(Kind::kEncrypted, std::move(text)); }
  static Secret Inline(std::string value) { return Secret(Kind::kInline, std::move(value)); }

  // The value. Of a file: its contents without one newline at the end. kInvalidArgument, naming the
  // variable or file, where that is missing, unreadable, above 64 KiB or holds a zero byte; or
  // where there is no key that decrypts it.
  absl::StatusOr<std::string> Resolve() const;

  // "none", "environment variable NAME", "file PATH", "encrypted value" or "task file".
  std::string Describe() const;

  bool operator==(const Secret&) const = default;

 private:
  enum class Kind : uint8_t { kNone, kEnv, kFile, kEncrypted, kInline };
  Secret(Kind kind, std::string text) : kind_(kind), text_(std::move(text)) {}

  Kind kind_ = Kind::kNone;
  std::string text_;
};

}  // namespace godwit::config
