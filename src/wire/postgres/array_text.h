#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace godwit::wire::postgres {

// What the elements of an array are in JSON. Of decimals the digits stay as they are, in a string.
enum class ElementForm : uint8_t {
  kText,      // a string
  kNumber,    // a number; what is none (NaN, Infinity) a string
  kBoolean,   // true or false
  kDocument,  // itself
};
struct ArrayElements {
  ElementForm form = ElementForm::kText;
  char delimiter = ',';
};
// Of a type as format_type writes it, without its modifier and its brackets: "integer", "box".
ArrayElements ElementsOf(std::string_view element_type);

// How an array was read.
enum class ArrayRead : uint8_t {
  kRead,
  kWithBounds,  // its first index is not 1: JSON cannot say so, and the array is there without that
  kNone,        // the text is no array; nothing of what was appended counts
};

// Appends an array, as PostgreSQL writes it ({1,NULL,"a b"}, {{1,2},{3,4}}, [0:1]={1,2}), as JSON:
// [1,null,"a b"]. https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO
ArrayRead AppendArrayAsJson(std::string& out, std::string_view text, ArrayElements elements);

}  // namespace godwit::wire::postgres
