#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/status.h"
#include "connector/destination.h"
#include "connectors/postgres/apply/target_types.h"
#include "connectors/postgres/connection/connection.h"

// The statements that write many rows at once. Values are bound as arrays, one a column, of the
// column's type, so that the type's own input function reads each, as COPY has it: "SELECT
// unnest($1::bigint[]), unnest($2::text[])". Arrays of arrays there are none of: such values are
// bound as text and cast.
//
// What is read so is what the source's output function has written, under the same settings (see
// Connection); but for money, whose form is the database's (lc_monetary).
namespace godwit::connectors::postgres {

struct RowStatement {
  std::string sql;                      // with $1, $2, ...
  std::vector<std::string> parameters;  // each an array in PostgreSQL's text form; or a value,
                                        // where the statement is of a single row
  uint64_t rows = 0;                    // of the source that it stands for
  uint64_t expected_affected = 0;       // of a target in the expected state
};
using StatementSink = std::function<base::Status(const RowStatement&)>;

enum class WriteKind : uint8_t {
  kInsert,  // the rows must not be there
  kUpsert,  // whether or not the rows are there: found by the row identity
};

// Statements of about a MiB of values, each handed to `sink` in turn. Generated columns, and those
// the target lacks (left_out), are not written; identity columns are (OVERRIDING SYSTEM VALUE).
// Columns absent from a row take their defaults.
base::Status WriteRows(WriteKind kind, const model::Table& table,
                       const std::vector<model::Row>& rows, const StatementSink& sink,
                       const TargetTypes& types = {});
// Rows that must be there, by their identity: all columns get these values.
base::Status UpdateRows(const model::Table& table, const std::vector<model::Row>& rows,
                        const StatementSink& sink, const TargetTypes& types = {});
// By their identity.
base::Status DeleteRows(const model::Table& table, const std::vector<model::Row>& rows,
                        const StatementSink& sink, const TargetTypes& types = {});
// Whichever rows have the values of `rows` in `columns`. Of a row without a value in one of them,
// none.
base::Status DeleteHolders(const model::Table& table, const std::vector<int>& columns,
                           const std::vector<model::Row>& rows, const StatementSink& sink,
                           const TargetTypes& types = {});

enum class PartsKind : uint8_t {
  kRest,     // each of another row, and of neither identity nor unique keys: in any order
  kClaims,   // in their order, but several at once where they are of different rows
  kOneByOne  // where one may take what the one before has left
};
// Updates whose absent columns stay as they are; the row is the one with the identity of `before`.
base::Status UpdateParts(PartsKind kind, const model::Table& table,
                         const std::vector<connector::TableChanges::Update>& updates,
                         const StatementSink& sink, const TargetTypes& types = {});

// Changes that have to be made in order, one by one; runs of inserts in bulk. In a table without a
// row identity a row is found by all of its values, of which several rows may have the same, and
// one of them is changed (ctid). kFailedPrecondition: the log lacks one of the values.
base::Status WriteOrdered(const model::Table& table,
                          const std::vector<connector::TableChanges::Update>& changes,
                          const StatementSink& sink, const TargetTypes& types = {});

// Appends the value as PostgreSQL reads it as text; of kinds of other servers as well (kInt, ...),
// of which bytes are text in UTF-8. Not of NULL and absent ones.
void AppendText(std::string& text, const model::Cell& cell);
// kFailedPrecondition where the value holds a zero byte, which no text of PostgreSQL does, and
// which would cut it off on the way.
base::Status CheckText(const model::Table& table, int column, const model::Cell& cell);

}  // namespace godwit::connectors::postgres
