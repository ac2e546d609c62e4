#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/status.h"
#include "connector/destination.h"
#include "model/change.h"
#include "model/table.h"

// A database small enough to be obviously right, that the pipeline's work is compared with.
namespace godwit::pipeline::testing {

using Value = std::optional<std::string>;
using Values = std::vector<Value>;
using Rows = std::multiset<Values>;
using Database = std::map<model::TableName, Rows>;

// In an image that lacks the column; and what a column takes that an inserted row lacks.
inline const Value kAbsent = "(absent)";
inline const Value kDefault = "4";

// A table of text columns in schema shop. `key`: the primary key; `unique`: one more key each.
model::Table MakeTable(std::string name, const std::vector<std::string>& columns,
                       std::vector<int> key, const std::vector<std::vector<int>>& unique = {});
model::ForeignKey MakeKey(std::string column, std::string parent, std::string parent_column,
                          model::ReferenceAction on_delete, model::ReferenceAction on_update);

// The values of a row and back; what `Keep` gives lives in `arena`.
Values ValuesOf(model::Row row);
model::Row Keep(const Values& values, base::Arena& arena);
Values At(const Values& values, const std::vector<int>& columns);

// Does to all tables of `graph` what its keys do when a row of `parent` changes from `before` to
// `after` (empty: deleted). The parent's row itself is left alone.
void Cascade(Database& database, const connector::ForeignKeyGraph& graph,
             const model::TableName& parent, const model::Table& definition, const Values& before,
             const Values& after);

// The row that has the values of `like` in `columns`, if any.
Rows::iterator Find(Rows& rows, const std::vector<int>& columns, const Values& like);

// Whether two rows have the same values, none of them NULL, in a key.
bool HasDuplicates(const Rows& rows, const std::vector<int>& key);

// Applies a segment as connector::ChangeSegment says it is to be done. kFailedPrecondition where a
// strictly inserted row meets another with a key of its own. `unique_keys`: whether the table's
// unique keys have been built.
base::StatusOr<connector::ApplyResult> ApplySegment(Database& database,
                                                    const connector::ChangeSegment& segment,
                                                    connector::ApplyMode mode, bool unique_keys);

std::string ToText(const Database& database);

}  // namespace godwit::pipeline::testing
