#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "connectors/postgres/definition/definition.h"
#include "model/change.h"
#include "wire/postgres/pgoutput.h"

// PostgreSQL's log has no DDL. What has become of a table is seen from how the log describes it
// before the next rows, and from the catalogue, which tells more, but of now, and so maybe later.
namespace godwit::connectors::postgres {

// How a relation of the log, a table or a partition of it, differs from the table's definition.
struct RelationDifference {
  std::vector<std::string> gone;   // columns that the relation lacks
  std::vector<std::string> other;  // ... that it has with another type, or are not generated there
  std::vector<wire::postgres::RelationColumn> added;  // views into the log's message
  bool none() const { return gone.empty() && other.empty() && added.empty(); }
};
RelationDifference Compare(const Definition& definition, const wire::postgres::Relation& relation);

// What rows have in a column that were there before it.
struct EarlierValue {
  std::optional<std::string> value;  // nothing: NULL
  std::string unknown;               // why it is not known; empty: it is
};

// ALTER TABLE ... ADD COLUMN for the columns that have come: `now` is the table's definition in the
// catalogue. `earlier` has an entry for each of them.
//
// A column that is NOT NULL by now may not have been so when it came: it is left nullable, and a
// note says so. What cannot be done is in `obstacle`.
model::DdlChange AddColumns(const Definition& known, const RelationDifference& difference,
                            const Definition& now,
                            const std::map<std::string, EarlierValue>& earlier);

// A change that nothing but the operator can bring to the target. The definition that it leaves
// behind is what the relation says. `found` are the columns that have come or are other ones, as
// far as the catalogue tells.
model::DdlChange UnknownChange(const Definition& known, const RelationDifference& difference,
                               const std::vector<ColumnDefinition>& found);

// CREATE TABLE ... PARTITION OF for the partition with this number, and for those that it is a part
// of, as far as `known` has them not. `attached`: those of `now` that were tables of their own
// before, with rows that the log does not have as the table's.
model::DdlChange AddPartition(const Definition& known, const Definition& now, uint32_t partition,
                              const std::vector<uint32_t>& attached);

// That the table has gone, which is for the operator to bring to the target.
model::DdlChange DropTable(const Definition& known);

}  // namespace godwit::connectors::postgres
