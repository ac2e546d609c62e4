#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "connector/chunk.h"
#include "connectors/mysql/connection/connection.h"
#include "connectors/mysql/copy/select_list.h"
#include "model/table.h"

namespace godwit::connectors::mysql {

// A row that is written by an INSERT of its own, its large values sent as they are and in pieces.
// LOAD DATA looks at every byte of a value, and MariaDB makes room for it by 4 KiB at a time, which
// costs the more the larger it is (docs/performance.md, "Growth").
class LargeRow {
 public:
  // From this size on that is cheaper.
  static constexpr size_t kLeastBytes = 1 << 20;

  // Takes the last row off a block of RowFormat::kMysqlLoadText where it is large (a reader's block
  // ends with such a row); null where it is not, or cannot be written so: a value is larger than
  // `longest_value`, or is none that may be sent as bytes.
  static std::unique_ptr<LargeRow> TakeFrom(connector::RowBlock& block, const model::Table& table,
                                            const SelectList& list, uint64_t longest_value);
  LargeRow(const LargeRow&) = delete;
  LargeRow& operator=(const LargeRow&) = delete;

  base::StatusOr<ExecuteResult> Insert(Connection& connection) const;
  uint64_t expected_warnings() const { return expected_warnings_; }
  // What Insert executes, and the values of its placeholders as LOAD DATA would read them.
  const std::string& sql() const { return sql_; }
  const std::vector<std::string_view>& values() const { return values_; }

 private:
  LargeRow() = default;
  bool Make(std::string_view row, const model::Table& table, const SelectList& list,
            uint64_t longest_value);

  std::string bytes_;  // what the values point into
  std::string sql_;
  std::vector<std::string_view> values_;
  uint64_t expected_warnings_ = 0;
};

}  // namespace godwit::connectors::mysql
