#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "wire/mysql/json_typed_text.h"

// What a query asks of a MySQL server besides a JSON document's text, which tells neither a DECIMAL
// from a double nor a date from a string: which of its values are not what their text is read as.
namespace godwit::connectors::mysql {

enum class JsonTypeDetail : uint8_t {
  kNamed,  // where each such value is and its type: enough to compare
  kWhole,  // what makes it again, too
};

// Two expressions, of the values in objects and of those in arrays. Each gives NULL for most
// documents and else a list "3,DECIMAL;" or "3,DECIMAL,7,1234567890;" of place, type, storage size
// and checksum (wire/mysql/json_typed_text.h). `column` is SQL, with the table's name. The
// session's group_concat_max_len must not cut the lists.
std::string JsonMemberTypes(std::string_view column, JsonTypeDetail detail);
std::string JsonElementTypes(std::string_view column, JsonTypeDetail detail);

// Reads lists of kWhole, which are borrowed; empty ones for NULL. kDataLoss: malformed.
base::StatusOr<std::vector<wire::mysql::JsonTypedValue>> ParseJsonTypes(std::string_view members,
                                                                        std::string_view elements);

}  // namespace godwit::connectors::mysql
