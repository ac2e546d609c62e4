#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/status.h"
#include "connectors/mysql/connection/connection.h"
#include "model/table.h"

namespace godwit::connectors::mysql {

// What is to be expected of a statement that writes rows.
struct ExpectedWarnings {
  uint64_t count = 0;
  // Columns that it leaves out may have no default, and take their type's.
  bool takes_defaults = false;
};

// What the connection's last statement warns of besides what is expected, in words for a message;
// nothing: of nothing. `counted`: how many warnings the server said there are.
base::StatusOr<std::optional<std::string>> FindUnexpectedWarnings(Connection& connection,
                                                                  unsigned counted,
                                                                  const ExpectedWarnings& expected);

// Fails unless there are none (R7). kFailedPrecondition: the message says what the target would not
// store.
base::Status CheckWarnings(Connection& connection, const model::Table& table, unsigned counted,
                           const ExpectedWarnings& expected);

}  // namespace godwit::connectors::mysql
