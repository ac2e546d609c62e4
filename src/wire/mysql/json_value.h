#pragma once

#include <cstdint>
#include <string_view>

// MySQL's binary JSON, as a JSON column's values are stored and logged (json_binary.h in the
// server's sources). All integers are little-endian.
//
// A value is a type and bytes; a document is the type's byte with the value's bytes behind it.
// - An array: the number of elements and its own size in bytes (2 bytes each, in a large one 4),
//   then for each element its type and either where its bytes begin, counted from the array's first
//   byte, or, if they fit there, the bytes themselves.
// - An object: the same two, then for each member where its key begins and the key's size (2
//   bytes), then the values' entries as in an array, then keys and values. Members are ordered by
//   the size of the key, then by its bytes.
// - A literal: a byte. A number: its bytes. A string: its size (7 bits to a byte, the lowest first,
//   the highest bit set in all but the last), then its bytes in utf8mb4.
// - An opaque value: a column type of the protocol, a size as a string's, the bytes: DECIMAL as
//   precision, scale and what a row holds; DATE, TIME, DATETIME and TIMESTAMP as 8 bytes (see
//   json_text.cc); anything else as it was.
namespace godwit::wire::mysql {

enum class JsonType : uint8_t {
  kSmallObject = 0x00,
  kLargeObject = 0x01,
  kSmallArray = 0x02,
  kLargeArray = 0x03,
  kLiteral = 0x04,
  kInt16 = 0x05,
  kUint16 = 0x06,
  kInt32 = 0x07,
  kUint32 = 0x08,
  kInt64 = 0x09,
  kUint64 = 0x0a,
  kDouble = 0x0b,
  kString = 0x0c,
  kOpaque = 0x0f,
};

enum class JsonLiteral : uint8_t { kNull = 0, kTrue = 1, kFalse = 2 };

inline constexpr int kMostJsonDepth = 100;  // the server's limit

// One value; `bytes` is exactly what it takes. Borrows the document, as all views here do.
struct JsonValue {
  JsonType type = JsonType::kLiteral;
  std::string_view bytes;

  bool is_object() const { return type <= JsonType::kLargeObject; }
  bool is_container() const { return type <= JsonType::kLargeArray; }
};

// The value of a whole document; an empty one is null, as the server takes it. False: malformed.
bool JsonRoot(std::string_view document, JsonValue& root);
// A value of `type` at the front of `bytes`. False: malformed.
bool CutJsonValue(JsonType type, std::string_view bytes, JsonValue& value);

// Of a string, or of an opaque value behind its type. False: cut off.
bool JsonStringBytes(std::string_view bytes, std::string_view& content);
bool JsonOpaque(const JsonValue& value, uint8_t& type, std::string_view& content);
// Of an integer, sign-extended to 64 bits.
uint64_t JsonInteger(const JsonValue& value);
bool JsonIsSigned(JsonType type);

// The elements of an object or array. Immutable.
class JsonContainer {
 public:
  // False: malformed, or not a container.
  bool Open(const JsonValue& value);

  bool is_object() const { return is_object_; }
  size_t size() const { return size_; }
  // Bytes before the first key and value.
  size_t head_size() const { return head_size_; }
  // `i` must be under size(). False: malformed.
  bool Key(size_t i, std::string_view& key) const;
  bool Element(size_t i, JsonValue& value) const;

 private:
  size_t Number(size_t at) const;

  std::string_view bytes_;
  size_t size_ = 0, head_size_ = 0, value_entries_ = 0;
  size_t width_ = 2;  // of sizes and places
  bool is_object_ = false;
};

// Values of a hostile document may lie over each other, so that a small one unfolds to a huge one.
// In a real one none do: whoever goes through a document pays for each value that it meets out of
// the document's size, and stops when there is nothing left.
class JsonBudget {
 public:
  explicit JsonBudget(size_t bytes) : left_(bytes) {}
  bool Pay(size_t bytes) {
    if (bytes > left_) return false;
    left_ -= bytes;
    return true;
  }

 private:
  size_t left_;
};

}  // namespace godwit::wire::mysql
