#pragma once

#include "base/status.h"
#include "connectors/postgres/connection/lazy_connection.h"
#include "connectors/postgres/connection/server.h"
#include "connectors/postgres/log/followed_tables.h"
#include "model/change.h"

namespace godwit::connectors::postgres {

// Looks up at the source what the log leaves out of a row (TOASTed values that an update did not
// touch) where the target may not have it: a row that was given another identity while its table
// was copied may be in the copy under neither, when its new place was read before and its old one
// after.
//
// What is found is of now, and so maybe later than the log is: any change of it that is in between
// is yet to come, with its values. One thread, save for Cancel.
class RowLookup {
 public:
  explicit RowLookup(const Server& server) : connection_(server, "source") {}

  // Makes `event`, an update, one with a whole row; or, where the row is gone by now, the delete of
  // its old self. Says so to the table and the batch.
  base::Status Complete(FollowedTable& table, model::ChangeEvent& event, model::ChangeBatch& batch);

  void Cancel() { connection_.Cancel(); }

 private:
  LazyConnection connection_;
};

}  // namespace godwit::connectors::postgres
