#include "config/secret.h"

#include <cstdlib>
#include <string_view>

#include "base/status.h"
#include "config/encrypted_value.h"
#include "config/read_file.h"
#include "config/secret_places.h"

namespace godwit::config {
namespace {

constexpr size_t kMostBytes = 64 * 1024;

}  // namespace

absl::StatusOr<std::string> Secret::Resolve() const {
  switch (kind_) {
    case Kind::kEnv: {
      if (absl::Status may = MayReadSecretVariable(text_); !may.ok()) return may;
      const char* value = std::getenv(text_.c_str());
      if (value == nullptr) {
        return base::InvalidArgument("password: environment variable {} is not set", text_);
      }
      return value;
    }
    case Kind::kFile: {
      if (absl::Status may = MayReadSecretFile(text_); !may.ok()) return may;
      absl::StatusOr<std::string> content = ReadFile(text_, kMostBytes);
      if (!content.ok()) return base::Annotate(content.status(), "password");
      std::string_view value = *content;
      if (value.ends_with('\n')) {
        value.remove_suffix(1);
        if (value.ends_with('\r')) value.remove_suffix(1);
      }
      if (value.find('\0') != std::string_view::npos) {
        return base::InvalidArgument("password: {} holds a zero byte", text_);
      }
      return std::string(value);
    }
    case Kind::kEncrypted: {
      const auto keys = LoadSecretKeys();
      if (!keys.ok()) return base::Annotate(keys.status(), "password: is encrypted");
      auto value = DecryptValue(text_, *keys);
      if (!value.ok()) return base::Annotate(value.status(), "password");
      return value;
    }
    case Kind::kNone:
    case Kind::kInline:
      break;
  }
  return text_;
}

std::string Secret::Describe() const {
  switch (kind_) {
    case Kind::kEnv:
      return "environment variable " + text_;
    case Kind::kFile:
      return "file " + text_;
    case Kind::kEncrypted:
      return "encrypted value";
    case Kind::kInline:
      return "task file";
    case Kind::kNone:
      break;
  }
  return "none";
}

}  // namespace godwit::config
