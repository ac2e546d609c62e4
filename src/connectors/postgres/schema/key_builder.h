#pragma once

#include <functional>
#include <memory>
#include <semaphore>

#include "base/status.h"
#include "connector/destination.h"
#include "connectors/postgres/connection/connection.h"
#include "connectors/postgres/definition/definition.h"

namespace godwit::connectors::postgres {

// Makes keys of tables that have their rows. The functions look at the target's catalogue first, so
// that they may be repeated after a crash.

// Connections to the target that build indexes of one table beside each other, as many as are to
// spare; shared by all tables that are being finished.
class SpareConnections {
 public:
  using Open = std::function<base::StatusOr<std::unique_ptr<Connection>>()>;

  SpareConnections(Open open, int most) : open_(std::move(open)), free_(most) {}

  // Null: none is to spare, or to be had.
  std::unique_ptr<Connection> Take();
  // Of one that was taken, once it is closed.
  void GiveBack() { free_.release(); }

 private:
  const Open open_;
  std::counting_semaphore<> free_;
};

// Builds the table's KeyStatements that are missing. kAlreadyExists: a unique key met duplicates
// (all others are built), but for the row identity, which no copied rows can have in common.
base::Status FinishTable(Connection& target, SpareConnections& spare, const Definition& definition,
                         connector::UniqueKeys unique_keys);

// Added NOT VALID and then validated, each in its own transaction.
base::Status CreateForeignKeys(Connection& target, const std::vector<Definition>& tables);

}  // namespace godwit::connectors::postgres
