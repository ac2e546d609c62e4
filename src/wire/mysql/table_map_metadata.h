#pragma once

#include <string_view>

#include "base/status.h"
#include "wire/mysql/table_map.h"

namespace godwit::wire::mysql {

// Reads the last part of a table map event, a list of fields of the form type, length, value
// (binlog_row_metadata), into the columns of `map`, which are there already. Fields of unknown type
// are passed over. kDataLoss: malformed.
base::Status DecodeOptionalMetadata(std::string_view bytes, TableMap& map);

}  // namespace godwit::wire::mysql
