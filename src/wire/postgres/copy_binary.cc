#include "wire/postgres/copy_binary.h"

#include <cstddef>
#include <cstdint>

namespace godwit::wire::postgres {
namespace {

constexpr std::string_view kSignature = kCopyBinaryHead.substr(0, 11);
constexpr size_t kFlags = 4, kExtensionLength = 4, kColumns = 2, kLength = 4;

// A number from the front of `bytes`, which has it.
uint64_t Take(std::string_view& bytes, size_t size) {
  uint64_t number = 0;
  for (const char c : bytes.substr(0, size)) number = number << 8 | static_cast<unsigned char>(c);
  bytes.remove_prefix(size);
  return number;
}

// What comes after the header, if there is one; nothing: it is cut off.
std::string_view WithoutHeader(std::string_view message) {
  if (!IsCopyBinary(message)) return message;
  message.remove_prefix(kSignature.size());
  if (message.size() < kFlags + kExtensionLength) return {};
  message.remove_prefix(kFlags);
  const uint64_t extension = Take(message, kExtensionLength);
  return message.size() < extension ? std::string_view() : message.substr(extension);
}

}  // namespace

bool IsCopyBinary(std::string_view begin) { return begin.starts_with(kSignature); }

bool HasBinaryRow(std::string_view message) {
  message = WithoutHeader(message);
  return !message.empty() && !message.starts_with(kCopyBinaryEnd);
}

bool ParseBinaryRow(std::string_view message,
                    std::vector<std::optional<std::string_view>>& values) {
  constexpr uint32_t kNull = 0xFFFFFFFF;
  values.clear();
  message = WithoutHeader(message);
  if (message.size() < kColumns || message.starts_with(kCopyBinaryEnd)) return false;
  for (uint64_t columns = Take(message, kColumns); columns > 0; --columns) {
    if (message.size() < kLength) return false;
    const uint64_t length = Take(message, kLength);
    if (length == kNull) {
      values.emplace_back();
      continue;
    }
    if (message.size() < length) return false;
    values.emplace_back(message.substr(0, length));
    message.remove_prefix(length);
  }
  return message.empty();
}

}  // namespace godwit::wire::postgres
