#pragma once

#include <string>

#include "sql/definition.h"
#include "sql/statement.h"

namespace godwit::sql {

// A statement that does on a server of the other kind what another did on the source. Its SQL is to
// be read under the default SQL mode.
struct TranslatedStatement {
  std::string sql;           // empty: there is nothing to be done there
  bool drops_first = false;  // a table of the name that is there has to be dropped before
  std::string refused;       // why there is no such statement; empty: there is
  // Why it is not sure that the statement does it, so that the table has to be copied again; empty:
  // it is.
  std::string only_copied;
};

// Statements about one table. `before` and `after` are what SchemaTracker tells of it, either null
// where there was none; a statement that changed nothing has neither.
TranslatedStatement TranslateStatement(const Statement& statement, const TableDefinition* before,
                                       const TableDefinition* after, Flavour to);

// `charset`: what the schema came to have.
TranslatedStatement TranslateCreateDatabase(const CreateDatabase& statement,
                                            const CharsetChoice& charset, Flavour to);
TranslatedStatement TranslateAlterDatabase(const AlterDatabase& statement,
                                           const CharsetChoice& charset, Flavour to);

}  // namespace godwit::sql
