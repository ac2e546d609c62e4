// The part of StateStore that is about tasks that are removed.
#include "connectors/mysql/apply/ddl_traces.h"
#include "connectors/mysql/literal.h"
#include "connectors/mysql/state/state_store.h"
#include "connectors/mysql/state/state_tables.h"

namespace godwit::connectors::mysql {

base::Status StateStore::HoldingTables(Connection& connection,
                                       const std::function<base::Status()>& work) const {
  constexpr int kPatienceSeconds = 20;
  const std::string lock =
      fmt::format("SHA2({}, 256)", QuoteText(fmt::format("godwit:{}:tables", schema_)));
  GODWIT_ASSIGN_OR_RETURN(
      const std::string taken,
      connection.QueryValue(fmt::format("SELECT GET_LOCK({}, {})", lock, kPatienceSeconds)));
  if (taken != "1") {
    return base::Unavailable(
        "target: for {} s now another task has been making or dropping the tables of schema {}",
        kPatienceSeconds, schema_);
  }
  base::Status status = work();
  // Where this fails, the lock ends with the connection.
  connection.Query(fmt::format("SELECT RELEASE_LOCK({})", lock)).status().IgnoreError();
  return status;
}

base::StatusOr<connector::Forgotten> StateStore::Forget(Connection& connection) const {
  connector::Forgotten done;
  GODWIT_ASSIGN_OR_RETURN(const std::optional<unsigned> format,
                          ReadStateFormat(connection, schema_));
  if (epoch_ != 0) {
    std::vector<std::string> statements;
    for (std::string_view table : TablesOfTasks())
      statements.push_back("DELETE FROM " + Name(table) + Where());
    GODWIT_RETURN_IF_ERROR(Fenced(connection, statements, {}));
    done.removed.push_back(fmt::format("the task's state in schema {}", schema_));
  }
  // After the state, which may still need them: a RENAME that was begun.
  if (format) GODWIT_RETURN_IF_ERROR(RenameMark(connection, *this).Remove());
  GODWIT_RETURN_IF_ERROR(
      HoldingTables(connection, [&] { return DropStateTables(connection, schema_, done); }));
  return done;
}

}  // namespace godwit::connectors::mysql
