#include "config/secret_keys.h"

#include <absl/strings/ascii.h>
#include <absl/strings/escaping.h>
#include <absl/strings/str_split.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <optional>
#include <system_error>

#include "base/status.h"
#include "config/read_file.h"

namespace godwit::config {
namespace {

constexpr size_t kKeyBytes = 32;
constexpr size_t kMostFileBytes = 1024;

std::string SystemMessage() { return std::generic_category().message(errno); }

// Nothing: it is no key.
std::optional<std::string> Decode(const std::string& text) {
  std::string bytes;
  if (text.size() == 2 * kKeyBytes) {
    const auto is_digit = [](unsigned char c) { return absl::ascii_isxdigit(c); };
    if (!std::all_of(text.begin(), text.end(), is_digit)) return std::nullopt;
    bytes = absl::HexStringToBytes(text);
  } else if (!absl::Base64Unescape(text, &bytes)) {
    return std::nullopt;
  }
  if (bytes.size() != kKeyBytes) return std::nullopt;
  return bytes;
}

std::string IdOf(const std::string& key) {
  const std::string of = "godwit key id" + key;
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  EVP_Digest(of.data(), of.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
  return absl::BytesToHexString({reinterpret_cast<const char*>(digest.data()), 4});
}

}  // namespace

SecretKey::SecretKey(std::string bytes) : bytes_(std::move(bytes)), id_(IdOf(bytes_)) {}

absl::StatusOr<SecretKey> SecretKey::Load(const std::string& path) {
  GODWIT_ASSIGN_OR_RETURN(std::string text, ReadPrivateFile(path, kMostFileBytes));
  absl::StripAsciiWhitespace(&text);
  std::optional<std::string> bytes = Decode(text);
  if (!bytes) {
    return base::InvalidArgument(
        "{} is no key file: it has to hold 32 random bytes in base64 or as hexadecimal digits, as "
        "`godwit encrypt --new-key {}` makes one",
        path, path);
  }
  return SecretKey(*std::move(bytes));
}

absl::Status SecretKey::MakeFile(const std::string& path) {
  std::string bytes(kKeyBytes, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), kKeyBytes) != 1) {
    return base::Internal("the system gives no random bytes");
  }
  const int file = open(path.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
  if (file < 0) {
    return base::InvalidArgument("cannot make {}: {}{}", path, SystemMessage(),
                                 errno == EEXIST ? "; a key is never overwritten" : "");
  }
  const std::string text = absl::Base64Escape(bytes) + "\n";
  const bool is_written =
      write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
      fsync(file) == 0;
  const std::string why = is_written ? "" : SystemMessage();
  close(file);
  if (is_written) return base::OkStatus();
  unlink(path.c_str());
  return base::InvalidArgument("cannot write {}: {}", path, why);
}

absl::StatusOr<std::vector<SecretKey>> LoadSecretKeys() {
  const char* named = std::getenv(kKeyFileVariable);
  const std::vector<std::string> paths =
      absl::StrSplit(named == nullptr ? "" : named, ':', absl::SkipEmpty());
  std::vector<SecretKey> keys;
  for (const std::string& path : paths) {
    GODWIT_ASSIGN_OR_RETURN(SecretKey key, SecretKey::Load(path));
    keys.push_back(std::move(key));
  }
  if (keys.empty()) {
    return base::InvalidArgument("no key file is named: do so by --key-file or by {}",
                                 kKeyFileVariable);
  }
  return keys;
}

}  // namespace godwit::config
