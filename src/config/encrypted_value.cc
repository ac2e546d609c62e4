#include "config/encrypted_value.h"

#include <absl/strings/ascii.h>
#include <absl/strings/escaping.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "base/status.h"

namespace godwit::config {
namespace {

constexpr std::string_view kVersion = "enc:v1:";
constexpr size_t kIdSize = 8, kNonceSize = 12, kTagSize = 16;

struct Parts {
  std::string head;  // up to the data
  std::string id;
  std::string nonce, ciphertext, tag;
};

std::optional<Parts> Split(std::string_view text) {
  const size_t head = kVersion.size() + kIdSize + 1;
  if (!text.starts_with(kVersion) || text.size() < head || text[head - 1] != ':') {
    return std::nullopt;
  }
  Parts parts{std::string(text.substr(0, head)), std::string(text.substr(kVersion.size(), kIdSize)),
              "", "", ""};
  const auto is_digit = [](unsigned char c) {
    return absl::ascii_isdigit(c) || (c >= 'a' && c <= 'f');
  };
  if (!std::all_of(parts.id.begin(), parts.id.end(), is_digit)) return std::nullopt;
  const std::string encoded(text.substr(head));
  std::string data;
  // Of one value there is one text: bits that the decoding passes over are 0.
  if (!absl::Base64Unescape(encoded, &data) || absl::Base64Escape(data) != encoded ||
      data.size() < kNonceSize + kTagSize) {
    return std::nullopt;
  }
  parts.nonce = data.substr(0, kNonceSize);
  parts.tag = data.substr(data.size() - kTagSize);
  parts.ciphertext = data.substr(kNonceSize, data.size() - kNonceSize - kTagSize);
  return parts;
}

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* Bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

// Encrypts `in`, or decrypts it and holds it against the tag; false: that does not fit.
bool Crypt(bool encrypts, const SecretKey& key, std::string_view head, std::string_view nonce,
           std::string_view in, std::string& out, std::string& tag) {
  const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context(
      EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  EVP_CIPHER_CTX* gcm = context.get();
  out.resize(in.size());
  int size = 0;
  return EVP_CipherInit_ex(gcm, EVP_aes_256_gcm(), nullptr, Bytes(key.bytes()), Bytes(nonce),
                           encrypts ? 1 : 0) == 1 &&
         EVP_CipherUpdate(gcm, nullptr, &size, Bytes(head), static_cast<int>(head.size())) == 1 &&
         EVP_CipherUpdate(gcm, Bytes(out), &size, Bytes(in), static_cast<int>(in.size())) == 1 &&
         (encrypts || EVP_CIPHER_CTX_ctrl(gcm, EVP_CTRL_GCM_SET_TAG, kTagSize, tag.data()) == 1) &&
         EVP_CipherFinal_ex(gcm, Bytes(out) + out.size(), &size) == 1 &&
         (!encrypts || EVP_CIPHER_CTX_ctrl(gcm, EVP_CTRL_GCM_GET_TAG, kTagSize, tag.data()) == 1);
}

}  // namespace

bool IsEncryptedValue(std::string_view text) { return Split(text).has_value(); }

absl::StatusOr<std::string> EncryptValue(std::string_view value, std::span<const SecretKey> keys) {
  const SecretKey& key = keys.front();
  const std::string head = fmt::format("{}{}:", kVersion, key.id());
  std::string nonce(kNonceSize, '\0'), tag(kTagSize, '\0'), ciphertext;
  if (RAND_bytes(Bytes(nonce), kNonceSize) != 1 ||
      !Crypt(true, key, head, nonce, value, ciphertext, tag)) {
    return base::Internal("OpenSSL has not encrypted a value");
  }
  return head + absl::Base64Escape(nonce + ciphertext + tag);
}

absl::StatusOr<std::string> DecryptValue(std::string_view text, std::span<const SecretKey> keys) {
  std::optional<Parts> parts = Split(text);
  if (!parts) {
    return base::InvalidArgument("an encrypted value has to be what `godwit encrypt` prints: {}...",
                                 kVersion);
  }
  std::vector<std::string_view> ids;
  bool is_there = false;
  for (const SecretKey& key : keys) {
    ids.push_back(key.id());
    if (key.id() != parts->id) continue;
    is_there = true;
    std::string value;
    if (Crypt(false, key, parts->head, parts->nonce, parts->ciphertext, value, parts->tag)) {
      return value;
    }
  }
  if (is_there) {
    return base::InvalidArgument(
        "the encrypted value is not as it was made (the key is {}): copy all of it, or make it "
        "anew with `godwit encrypt`",
        parts->id);
  }
  return base::InvalidArgument(
      "it was encrypted with the key {}, and the key files hold {}: name the file with that key "
      "too, by --key-file or {}, or encrypt the value anew with `godwit encrypt`",
      parts->id, fmt::join(ids, ", "), kKeyFileVariable);
}

}  // namespace godwit::config
