#pragma once

#include <absl/functional/function_ref.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/status.h"
#include "connector/destination.h"
#include "connectors/mysql/apply/bound_rows.h"
#include "model/cell.h"
#include "model/table.h"
#include "sql/flavour.h"

namespace godwit::connectors::mysql {

// One bulk statement and what the server should say of it.
struct RowStatement {
  enum class Count : uint8_t {
    kAffected,
    kFound,  // rows that the condition found, changed or not
    kThere,  // rows of an INSERT that were there and were updated, changed or not
    // A statement of the source may be told in parts, the first of which does the work of all: what
    // counts is the sum of those affected over the target's transaction, and a difference is an
    // error.
    kByTransaction,
  };
  std::string sql;
  std::shared_ptr<const BoundRows> bound;  // what its placeholders stand for; null: it has none
  std::shared_ptr<const void> memory;      // of the rows that `bound` points into; null: of others
  uint64_t rows = 0;                       // of the source that it stands for
  uint64_t expected_affected = 0;          // of a target in the expected state
  uint64_t expected_warnings = 0;
  Count count = Count::kAffected;
  std::vector<size_t> parts;    // where each statement begins, of several with semicolons between
  bool takes_defaults = false;  // columns left out may have none, and take their type's, as they
                                // did on the source
  bool must_be_found = false;   // also where the target may be ahead of the log
};

using StatementSink = std::function<base::Status(const RowStatement&)>;

enum class WriteKind : uint8_t {
  kInsert,   // the rows must not be there
  kReplace,  // whether or not the rows, or others that hold their unique values, are there
};

// How the values of many rows are told: as SQL, or bound, where the server takes that and no value
// stands in the way. Bound values point into the rows.
enum class ValueForm : uint8_t { kSql, kBound };

// Multi-row statements of about `kStatementBytes`, each handed to `sink` in turn.
base::Status WriteRows(WriteKind kind, const model::Table& table,
                       const std::vector<model::Row>& rows, const StatementSink& sink,
                       ValueForm form = ValueForm::kSql);
// Rows that must be there: all columns get these values. `target` says in whose SQL, here as below.
base::Status UpdateRows(sql::Flavour target, const model::Table& table,
                        const std::vector<model::Row>& rows, const StatementSink& sink,
                        ValueForm form = ValueForm::kSql);
base::Status DeleteRows(sql::Flavour target, const model::Table& table,
                        const std::vector<model::Row>& rows, const StatementSink& sink);
// Deletes what REPLACE would delete for `rows` by the unique key over `columns`, whichever rows
// these are. Of a row without a value in one of them, none.
base::Status DeleteHolders(sql::Flavour target, const model::Table& table,
                           const std::vector<int>& columns, const std::vector<model::Row>& rows,
                           const StatementSink& sink);

// Appends "the row that `row` is a version of" as a condition: by its identity or, without one, by
// all of its values, of which several rows may have the same.
void AppendRowMatch(std::string& sql, sql::Flavour target, const model::Table& table,
                    model::Row row);
// Appends "a=1,b=2" for all columns that an UPDATE may set and the row has, and what AppendKept
// does of the others.
void AppendAssignments(RowStatement& statement, const model::Table& table, model::Row row);
// Appends ",c=c" for each column but those `assigned` that the target would give a value of its own
// (ON UPDATE), as the source may not have done; `of` stands before its name ("godwit_old.").
void AppendKept(std::string& sql, const model::Table& table,
                absl::FunctionRef<bool(size_t)> assigned, std::string_view of = "");

// Changes that have to be made in order, one by one; runs of inserts in bulk. `partial`: inserted
// rows may lack columns, which take their defaults.
base::Status WriteOrdered(sql::Flavour target, const model::Table& table,
                          const std::vector<connector::TableChanges::Update>& changes, bool partial,
                          const StatementSink& sink);

}  // namespace godwit::connectors::mysql
