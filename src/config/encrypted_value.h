#pragma once

#include <absl/status/statusor.h>

#include <span>
#include <string>
#include <string_view>

#include "config/secret_keys.h"

// Values that stand encrypted in a file: enc:v1:KEY:DATA, with the id of the key and, in base64,
// the 12 bytes of the nonce, the ciphertext and the 16 bytes of the tag of AES-256-GCM (NIST SP
// 800-38D). All that is before the data is authenticated with it.
namespace godwit::config {

// Whether it has that form; whether it is whole shows only in Decrypt.
bool IsEncryptedValue(std::string_view text);

// By the first of the keys, of which there is one.
absl::StatusOr<std::string> EncryptValue(std::string_view value, std::span<const SecretKey> keys);

// By the one that it names. kInvalidArgument: that is not there, or the text is not what was made
// with it. No message holds a part of a value.
absl::StatusOr<std::string> DecryptValue(std::string_view text, std::span<const SecretKey> keys);

}  // namespace godwit::config
