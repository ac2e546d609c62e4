#pragma once

#include <cstdint>
#include <string>
#include <string_view>

// Values written in binary, as COPY takes them with less work, from the text that it would take.
namespace godwit::wire::postgres {

// The bytes that a type's receive function reads.
enum class BinaryForm : uint8_t {
  kBool,
  kInt2,
  kInt4,
  kInt8,
  kFloat4,
  kFloat8,
  kNumeric,
  kText,  // of text, varchar and json
  kJsonb,
  kBytea,
  kBits,  // of bit and bit varying
  kUuid,
  kDate,
  kTime,
  kTimestamp,  // without time zone, and with one where the session's is UTC
};

// What a column takes.
struct BinaryType {
  static constexpr uint32_t kNoLimit = UINT32_MAX;

  BinaryForm form;
  // Of text how many characters it has at most, of kBits digits; of kNumeric digits before the
  // point, and after it.
  uint32_t most = kNoLimit, decimals = kNoLimit;
};

// Appends `text` as a field of COPY's binary format: what the type's input function makes of it.
// False, and `out` has more than it had: it is nothing, or not written plainly ("2024-1-1"), or
// more than fits, so that it is for the server to judge, from the text.
bool AppendBinaryField(std::string& out, const BinaryType& type, std::string_view text);

// The same of NULL.
void AppendBinaryNull(std::string& out);

// What comes before a row's fields.
void AppendBinaryRowHead(std::string& out, size_t fields);

}  // namespace godwit::wire::postgres
