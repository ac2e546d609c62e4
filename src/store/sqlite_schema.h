#pragma once

#include "store/sqlite_database.h"

namespace godwit::store {

// Makes the tables of a store, or brings those of an earlier godwit to today's form, in one
// transaction. kFailedPrecondition: they are of a later one.
base::Status MakeSchema(SqliteDatabase& database);

}  // namespace godwit::store
