#pragma once

#include <vector>

#include "connectors/mysql/apply/row_statements.h"

// Statements for rows of which columns are absent, as TableChanges says (connector/destination.h).
namespace godwit::connectors::mysql {

// Rows whose absent columns take their defaults, where there are such rows.
base::Status WritePartialRows(WriteKind kind, const model::Table& table,
                              const std::vector<model::Row>& rows, const StatementSink& sink);

enum class PartialKind : uint8_t {
  kRest,        // what changes is neither identity nor part of a unique key: many at once
  kClaims,      // one after the other, each of a row that must be there
  kFreeClaims,  // where nothing is taken, of rows that may be gone
};

// Updates of rows found by the identity in `before`, each of the columns that `after` has.
// `target` says in whose SQL.
base::Status UpdatePartialRows(PartialKind kind, sql::Flavour target, const model::Table& table,
                               const std::vector<connector::TableChanges::Update>& updates,
                               const StatementSink& sink);

}  // namespace godwit::connectors::mysql
