// The part of StateStore that is about tasks that are removed.
#include "base/failpoint.h"
#include "connectors/postgres/connection/bound_statement.h"
#include "connectors/postgres/state/state_store.h"
#include "connectors/postgres/state/state_tables.h"

namespace godwit::connectors::postgres {

base::StatusOr<connector::Forgotten> StateStore::Forget(Connection& connection) const {
  connector::Forgotten done;
  if (epoch_ != 0) {
    const auto forget = [&]() -> base::Status {
      for (std::string_view table : TablesOfTasks()) {
        GODWIT_RETURN_IF_ERROR(
            ExecuteBound(connection, fmt::format("DELETE FROM {} WHERE task = $1", Name(table)),
                         task_)
                .status());
      }
      return base::OkStatus();
    };
    GODWIT_RETURN_IF_ERROR(Fenced(connection, forget));
    done.removed.push_back(fmt::format("the task's state in schema {}", schema_));
  }
  base::Failpoint("state.before_drop");
  GODWIT_RETURN_IF_ERROR(DropStateTables(connection, schema_, done));
  return done;
}

}  // namespace godwit::connectors::postgres
