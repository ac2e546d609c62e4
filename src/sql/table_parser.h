#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "sql/definition.h"
#include "sql/token_cursor.h"

// Readers of the pieces that CREATE TABLE and ALTER TABLE share.
namespace godwit::sql {

// What can stand between columns in a table's parentheses, or after ADD.
struct ParsedElement {
  std::vector<KeyDefinition> keys;
  std::vector<model::ForeignKey> foreign_keys;
  std::vector<CheckDefinition> checks;
  std::vector<PeriodDefinition> periods;
  bool if_not_exists = false;

  bool found() const {
    return !keys.empty() || !foreign_keys.empty() || !checks.empty() || !periods.empty();
  }
};

// Reads a key, constraint or period; not found() where a column stands instead.
base::StatusOr<ParsedElement> ParseElement(TokenCursor& cursor, const std::string& schema);

// Reads `(part, ...)` of a key.
base::Status ParseKeyParts(TokenCursor& cursor, KeyDefinition& key);
// Reads one option behind it.
base::Status ParseKeyOption(TokenCursor& cursor, KeyDefinition& key);
// Reads `USING method` where it stands.
base::Status ParseKeyMethod(TokenCursor& cursor, KeyDefinition& key);

// Reads one option of a table; false: what stands here is none.
base::StatusOr<bool> ParseTableOption(TokenCursor& cursor, TableOptions& options);

// Reads what follows PARTITION BY.
base::StatusOr<Partitioning> ParsePartitioning(TokenCursor& cursor);
// Reads `(PARTITION name ..., ...)`.
base::StatusOr<std::vector<Partition>> ParsePartitionList(TokenCursor& cursor);
// Reads `name VALUES ...` after PARTITION.
base::StatusOr<Partition> ParsePartition(TokenCursor& cursor);

// Reads all that stands behind the name in CREATE TABLE into `definition`, which has its name;
// stops before a SELECT.
base::Status ParseTableBody(TokenCursor& cursor, TableDefinition& definition);

}  // namespace godwit::sql
