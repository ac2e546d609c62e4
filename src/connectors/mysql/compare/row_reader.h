#pragma once

#include <optional>
#include <string>

#include "connector/row_reader.h"
#include "connectors/mysql/connection/lazy_connection.h"
#include "connectors/mysql/connection/server.h"
#include "connectors/mysql/copy/select_list.h"

namespace godwit::connectors::mysql {

// Reads rows to be compared from either end, as the server sends them: a row of the text protocol
// is the canonical form already, once the SELECT asks for the right expressions. For rows of a
// server of another family it is made of it (canonical_form.h).
class MysqlRowReader : public connector::RowReader {
 public:
  // `side` is how errors call the server; `other`: which kind of server has the rows that these are
  // compared with; nothing: one of another family.
  MysqlRowReader(Server server, std::string side, std::optional<sql::Flavour> other)
      : connection_(std::move(server), std::move(side)), other_(other) {}

  base::StatusOr<connector::RowsEnd> Read(const model::Table& table,
                                          const connector::KeyRange& range, uint64_t row_limit,
                                          connector::RowDetail detail,
                                          connector::RowVisitor& visitor) override;
  base::Status ReadKeys(const model::Table& table, std::span<const std::string> keys,
                        connector::RowVisitor& visitor) override;
  void Cancel() override { connection_.Cancel(); }

 private:
  struct Select {
    const model::Table& table;
    const SelectList& list;
    std::string rest;  // of the statement, after the table
    uint64_t row_limit;
    connector::RowDetail detail;
  };
  base::StatusOr<connector::RowsEnd> Run(Connection& connection, const Select& select,
                                         connector::RowVisitor& visitor);

  LazyConnection connection_;
  const std::optional<sql::Flavour> other_;
};

}  // namespace godwit::connectors::mysql
