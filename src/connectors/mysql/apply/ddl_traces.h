#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "connectors/mysql/connection/connection.h"
#include "connectors/mysql/state/state_store.h"
#include "model/change.h"

// What tells, after a crash, whether a statement has been executed on the target.
namespace godwit::connectors::mysql {

// The end of a description in which the identity of the table of an EXCHANGE is not known.
constexpr std::string_view kUnknownIdentity = "is table unknown\n";

// What the catalogue says of the objects that the statement touches.
base::StatusOr<std::string> DescribeObjects(Connection& connection, const model::DdlChange& ddl);

// EXCHANGE PARTITION leaves all definitions as they are; what changes is which of InnoDB's tables
// goes by the table's name. Nothing where that is not to be seen: it takes the privilege PROCESS,
// a table of InnoDB's, and a name in ASCII.
base::StatusOr<std::optional<std::string>> ReadIdentity(Connection& connection,
                                                        const model::TableName& table);

// A statement that changes names may leave a catalogue that looks as before (two tables alike that
// have changed places). So a table of ours is renamed with them, in the one statement, which is
// atomic: its name says whether the statement has happened. Borrows the connection.
class RenameMark {
 public:
  RenameMark(Connection& control, const StateStore& store);

  base::Status Prepare();
  std::string In(const std::string& statement) const;
  base::StatusOr<bool> HasHappened();
  base::Status Remove();

 private:
  Connection& control_;
  const std::string before_, after_;
};

}  // namespace godwit::connectors::mysql
