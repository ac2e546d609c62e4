#pragma once

#include <cstdint>

#include "sql/definition.h"

namespace godwit::connectors::mysql {

// What text has where nothing else is said: it compares by its bytes, as equality does in
// PostgreSQL, and blanks at its end count.
sql::CharsetChoice UsualCharset(sql::Flavour to);

// Text of at most so many characters; where a row has no room for them in a VARCHAR one of the TEXT
// types, which for 0 is the longest one. Bytes likewise.
sql::DataType TextOfLength(uint64_t characters, const sql::CharsetChoice& charset);
sql::DataType BytesOfLength(uint64_t bytes);

// The most bytes of a value, without its length; of types without a limit UINT64_MAX.
uint64_t MostBytes(const sql::DataType& type);

// The longest text of which MySQL has keys over expressions: what is made of longer ones is a TEXT
// to it, of which it has none.
inline constexpr uint64_t kLongestInExpression = 512;  // characters
bool IsTooLongForExpression(const sql::DataType& type);

}  // namespace godwit::connectors::mysql
