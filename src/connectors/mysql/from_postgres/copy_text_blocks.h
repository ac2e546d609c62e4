#pragma once

#include <optional>

#include "connector/chunk.h"
#include "connectors/mysql/from_postgres/postgres_rows.h"

namespace godwit::connectors::mysql {

// Blocks of RowFormat::kPostgresCopyText as ones of kMysqlLoadText for the table rows.here(), each
// as it is taken. One thread.
class BlocksFromCopyText : public connector::RowBlockSource {
 public:
  // Both are borrowed.
  BlocksFromCopyText(PostgresRows& rows, connector::RowBlockSource& blocks)
      : rows_(rows), blocks_(blocks) {}

  base::StatusOr<std::optional<connector::RowBlock>> Take() override;

 private:
  PostgresRows& rows_;
  connector::RowBlockSource& blocks_;
};

}  // namespace godwit::connectors::mysql
