#pragma once

#include <string>
#include <string_view>

#include "base/status.h"

// What a Partial_update_rows event says of a JSON column that an update changed in part
// (binlog_row_value_options=PARTIAL_JSON): diffs, to be applied to the value before one after the
// other (json_diff.h in the server's sources). Each is
// - an operation (1 byte): 0 replaces the value at a path, 1 puts one in before the array's element
//   at the path or as the object's member, 2 removes the value;
// - the path, a length-encoded string such as $.a[3]."key x";
// - but for 2, the value: binary JSON, behind its length-encoded size.
namespace godwit::wire::mysql {

// Appends the document that `diffs` make of `document` (both as in json_value.h) to `out`. What no
// diff touches is copied, not unfolded: memory is in proportion to the two documents.
// kDataLoss: malformed, or a path that the document does not have.
base::Status ApplyJsonDiffs(std::string_view document, std::string_view diffs, std::string& out);

}  // namespace godwit::wire::mysql
