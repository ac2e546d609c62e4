#pragma once

#include <absl/functional/function_ref.h>

#include <string>
#include <vector>

#include "base/status.h"
#include "connector/destination.h"
#include "connectors/postgres/apply/row_statements.h"
#include "connectors/postgres/apply/target_types.h"
#include "connectors/postgres/connection/connection.h"

namespace godwit::connectors::postgres {

// Writes the changes of one segment in the open transaction, counting what it meets. Deletes of all
// tables have to come before the rest.
class SegmentWriter {
 public:
  // All is borrowed.
  SegmentWriter(Connection& connection, const TargetTypes& types, connector::ApplyMode mode)
      : connection_(connection), types_(types), strict_(mode == connector::ApplyMode::kStrict) {}

  base::Status Delete(const connector::TableChanges& changes);
  base::Status Write(const connector::TableChanges& changes);

  const connector::ApplyResult& result() const { return result_; }

 private:
  // What it means that a statement changed another number of rows than expected.
  enum class Expect : uint8_t {
    kExact,  // drift, which is counted
    kAny,    // nothing
    kFound,  // an error: a row that is needed is not there
  };
  using Work = absl::FunctionRef<base::Status()>;

  base::Status WriteClaims(const connector::TableChanges& changes);
  base::Status Insert(const connector::TableChanges& changes, const std::vector<model::Row>& rows);
  base::Status InsertByCopy(const model::Table& table, const std::vector<model::Row>& rows,
                            Expect expect);
  // Deletes the rows with these identities, and inserts these by COPY.
  base::Status Replace(const model::Table& table, const std::vector<model::Row>& rows,
                       Expect expect);
  base::Status Upsert(const model::Table& table, const std::vector<model::Row>& rows);
  base::Status MakeWayAndInsert(const model::Table& table, const std::vector<model::Row>& rows);
  base::Status WriteInOrder(const connector::TableChanges& changes);

  // Does `work`; where rows were in its way, undoes it and does `instead`.
  base::Status Attempt(Work work, Work instead);
  StatementSink SinkFor(const model::Table& table, Expect expect);
  base::Status Execute(const RowStatement& statement, const model::Table& table, Expect expect);
  // Of a statement, or COPY, that has changed `affected` rows.
  base::Status Count(const model::Table& table, std::string_view sql, uint64_t affected,
                     uint64_t expected, Expect expect);
  // What it means that one has failed.
  base::Status Failure(const base::Status& failed, const model::Table& table, Expect expect);

  Connection& connection_;
  const TargetTypes& types_;
  const bool strict_;
  connector::ApplyResult result_;
  bool in_the_way_ = false;  // why the last statement failed
};

}  // namespace godwit::connectors::postgres
