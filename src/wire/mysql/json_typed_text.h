#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/status.h"

// Documents as a query gives them: their text, and of those values that the text would be read
// wrongly for (json_expression.h), where they are and what they are.
namespace godwit::wire::mysql {

// One such value, always a scalar.
struct JsonTypedValue {
  enum class Place : uint8_t {
    kRoot,     // the document itself
    kMember,   // a value that the path $**.* finds: a member of an object, at any depth
    kElement,  // one that $**[*] finds: an element of an array, at any depth
  };
  Place place = Place::kRoot;
  uint64_t number = 0;  // which of those that the path finds, in the path's order, from 1; root: 0
  std::string_view type;  // as JSON_TYPE names it
  uint64_t size = 0;      // what JSON_STORAGE_SIZE says of it alone
  uint32_t checksum = 0;  // CRC-32 of its text
};

// Appends the SQL expression that makes the document again, as AppendJsonExpression does from the
// binary form. `text` is as the server prints it. kDataLoss: the two do not agree; kUnimplemented:
// an opaque value of a type that no expression makes, named.
base::Status AppendTypedJsonExpression(std::string_view text,
                                       std::span<const JsonTypedValue> values, std::string& out);

}  // namespace godwit::wire::mysql
