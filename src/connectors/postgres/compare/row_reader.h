#pragma once

#include <string>
#include <string_view>

#include "connector/row_reader.h"
#include "connectors/postgres/connection/lazy_connection.h"
#include "connectors/postgres/connection/server.h"

namespace godwit::connectors::postgres {

// Reads rows to be compared, from either end. The canonical form of a value is the text that
// PostgreSQL writes of it under the settings of every session of ours; beside a server of another
// family, whose tables are asked for then, that of connector::CanonicalRow, as are the keys.
class PostgresRowReader : public connector::RowReader {
 public:
  // `side` is how errors call the server; `other`: the dialect of what the rows are compared with.
  PostgresRowReader(const Server& server, const std::string& side, std::string_view other);

  base::StatusOr<connector::RowsEnd> Read(const model::Table& table,
                                          const connector::KeyRange& range, uint64_t row_limit,
                                          connector::RowDetail detail,
                                          connector::RowVisitor& visitor) override;
  base::Status ReadKeys(const model::Table& table, std::span<const std::string> keys,
                        connector::RowVisitor& visitor) override;
  void Cancel() override { connection_.Cancel(); }

 private:
  // A table that is asked for, and the same with the types that its columns have on this server.
  struct Tables {
    const model::Table& table;
    const model::TablePtr here;
  };
  base::StatusOr<Tables> Find(Connection& connection, const model::Table& table);

  // `rest`: of the SELECT, behind its table.
  base::StatusOr<connector::RowsEnd> Visit(Connection& connection, const Tables& tables,
                                           const std::string& rest, uint64_t row_limit,
                                           connector::RowVisitor& visitor);
  // As row_key.h has it, of one in the notation of `table`.
  std::string KeyHere(const std::string& key) const;

  LazyConnection connection_;
  const bool foreign_;
};

}  // namespace godwit::connectors::postgres
