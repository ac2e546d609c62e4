#include "wire/mysql/json_value.h"

#include <algorithm>

#include "wire/mysql/digits.h"

namespace godwit::wire::mysql {
namespace {

constexpr size_t kKeySizeBytes = 2;

bool IsLarge(JsonType type) {
  return type == JsonType::kLargeObject || type == JsonType::kLargeArray;
}

// Bytes of the scalars of one size; 0 for the others.
size_t FixedSize(JsonType type) {
  switch (type) {
    case JsonType::kLiteral:
      return 1;
    case JsonType::kInt16:
    case JsonType::kUint16:
      return 2;
    case JsonType::kInt32:
    case JsonType::kUint32:
      return 4;
    case JsonType::kInt64:
    case JsonType::kUint64:
    case JsonType::kDouble:
      return 8;
    default:
      return 0;
  }
}

// Reads a string's size off the front.
bool TakeSize(std::string_view& bytes, size_t& size) {
  constexpr size_t kMostSizeBytes = 5;
  uint64_t value = 0;
  for (size_t i = 0; i < std::min(bytes.size(), kMostSizeBytes); ++i) {
    const auto byte = static_cast<uint8_t>(bytes[i]);
    value |= static_cast<uint64_t>(byte & 0x7f) << (7 * i);
    if ((byte & 0x80) == 0) {
      bytes.remove_prefix(i + 1);
      size = value;
      return size <= bytes.size();
    }
  }
  return false;
}

bool CutString(std::string_view bytes, size_t before, std::string_view& cut) {
  if (bytes.size() < before) return false;
  std::string_view rest = bytes.substr(before);
  size_t size = 0;
  if (!TakeSize(rest, size)) return false;
  cut = bytes.substr(0, bytes.size() - rest.size() + size);
  return true;
}

}  // namespace

bool JsonRoot(std::string_view document, JsonValue& root) {
  if (document.empty()) {
    root = {JsonType::kLiteral, std::string_view("\0", 1)};
    return true;
  }
  return CutJsonValue(static_cast<JsonType>(document.front()), document.substr(1), root);
}

bool CutJsonValue(JsonType type, std::string_view bytes, JsonValue& value) {
  value.type = type;
  switch (type) {
    case JsonType::kSmallObject:
    case JsonType::kLargeObject:
    case JsonType::kSmallArray:
    case JsonType::kLargeArray: {
      const size_t width = IsLarge(type) ? 4 : 2;
      if (bytes.size() < 2 * width) return false;
      const size_t size = LoadLittle(bytes.data() + width, width);
      value.bytes = bytes.substr(0, size);
      return size >= 2 * width && size <= bytes.size();
    }
    case JsonType::kString:
      return CutString(bytes, 0, value.bytes);
    case JsonType::kOpaque:
      return CutString(bytes, 1, value.bytes);
    default:
      break;
  }
  const size_t size = FixedSize(type);
  value.bytes = bytes.substr(0, size);
  if (size == 0 || value.bytes.size() != size) return false;
  return type != JsonType::kLiteral || static_cast<uint8_t>(bytes.front()) <= 2;
}

bool JsonStringBytes(std::string_view bytes, std::string_view& content) {
  size_t size = 0;
  if (!TakeSize(bytes, size)) return false;
  content = bytes.substr(0, size);
  return true;
}

bool JsonOpaque(const JsonValue& value, uint8_t& type, std::string_view& content) {
  if (value.bytes.empty()) return false;
  type = static_cast<uint8_t>(value.bytes.front());
  return JsonStringBytes(value.bytes.substr(1), content);
}

bool JsonIsSigned(JsonType type) {
  return type == JsonType::kInt16 || type == JsonType::kInt32 || type == JsonType::kInt64;
}

uint64_t JsonInteger(const JsonValue& value) {
  const uint64_t bits = LoadLittle(value.bytes.data(), value.bytes.size());
  if (!JsonIsSigned(value.type)) return bits;
  const auto unused = static_cast<int>(64 - 8 * value.bytes.size());
  return static_cast<uint64_t>(static_cast<int64_t>(bits << unused) >> unused);
}

bool JsonContainer::Open(const JsonValue& value) {
  if (!value.is_container()) return false;
  bytes_ = value.bytes;
  is_object_ = value.is_object();
  width_ = IsLarge(value.type) ? 4 : 2;
  if (bytes_.size() < 2 * width_) return false;
  size_ = Number(0);
  const size_t key_entries = is_object_ ? size_ * (width_ + kKeySizeBytes) : 0;
  value_entries_ = 2 * width_ + key_entries;
  head_size_ = value_entries_ + size_ * (1 + width_);
  return head_size_ <= bytes_.size();
}

size_t JsonContainer::Number(size_t at) const { return LoadLittle(bytes_.data() + at, width_); }

bool JsonContainer::Key(size_t i, std::string_view& key) const {
  const size_t entry = 2 * width_ + i * (width_ + kKeySizeBytes);
  const size_t place = Number(entry);
  const size_t size = LoadLittle(bytes_.data() + entry + width_, kKeySizeBytes);
  if (place < head_size_ || place > bytes_.size() || size > bytes_.size() - place) return false;
  key = bytes_.substr(place, size);
  return true;
}

bool JsonContainer::Element(size_t i, JsonValue& value) const {
  const size_t entry = value_entries_ + i * (1 + width_);
  const auto type = static_cast<JsonType>(bytes_[entry]);
  const size_t fixed = FixedSize(type);
  const bool is_inline = fixed > 0 && fixed <= width_;
  if (is_inline) return CutJsonValue(type, bytes_.substr(entry + 1, width_), value);
  const size_t place = Number(entry + 1);
  if (place < head_size_ || place > bytes_.size()) return false;
  return CutJsonValue(type, bytes_.substr(place), value);
}

}  // namespace godwit::wire::mysql
