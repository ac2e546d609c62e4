#pragma once

#include "base/arena.h"
#include "base/status.h"
#include "connectors/postgres/log/followed_tables.h"
#include "model/change.h"
#include "wire/postgres/pgoutput.h"

namespace godwit::connectors::postgres {

// Makes the rows of a change event, in `arena`, of those that the log has: `event`'s kind is set.
//
// What the log leaves out is put in where it is known: the row identity of an updated row whose
// identity is unchanged, and values that an update did not touch where the old row is whole. What
// is not known stays absent; `event.partial` says if that is so of a row as it becomes.
base::Status BuildRows(const FollowedRelation& relation, const wire::postgres::RowTuples& rows,
                       wire::postgres::OldTuple old, base::Arena& arena, model::ChangeEvent& event);

}  // namespace godwit::connectors::postgres
