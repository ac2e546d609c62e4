#pragma once

#include <string>

#include "config/endpoint.h"
#include "connector/row_reader.h"
#include "connectors/postgres/lazy_connection.h"

namespace godwit::connectors::postgres {

// Reads rows to be compared. The canonical form of a value is the text that PostgreSQL writes of it
// under the settings of every session of ours; beside a server of another family that of
// connector::CanonicalRow, as are the keys.
class PostgresRowReader : public connector::RowReader {
 public:
  // `side` is how errors call the server; `foreign`: the rows are compared with those of a server
  // of another family, whose tables these are.
  PostgresRowReader(const config::Endpoint& endpoint, const std::string& side, bool foreign = false)
      : connection_(endpoint, side), foreign_(foreign) {}

  base::StatusOr<connector::RowsEnd> Read(const model::Table& table,
                                          const connector::KeyRange& range, uint64_t row_limit,
                                          connector::RowDetail detail,
                                          connector::RowVisitor& visitor) override;
  base::Status ReadKeys(const model::Table& table, std::span<const std::string> keys,
                        connector::RowVisitor& visitor) override;
  void Cancel() override { connection_.Cancel(); }

 private:
  // `rest`: of the SELECT, behind its table.
  base::StatusOr<connector::RowsEnd> Visit(Connection& connection, const model::Table& table,
                                           const std::string& rest, uint64_t row_limit,
                                           connector::RowVisitor& visitor);

  // With the types that its columns have on this server.
  base::StatusOr<model::TablePtr> TableHere(Connection& connection, const model::Table& table);
  base::StatusOr<std::string> Condition(Connection& connection, const model::Table& table,
                                        const connector::KeyRange& range);

  LazyConnection connection_;
  const bool foreign_;
};

}  // namespace godwit::connectors::postgres
