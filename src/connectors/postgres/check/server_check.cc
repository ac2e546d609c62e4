#include "connectors/postgres/check/server_check.h"

namespace godwit::connectors::postgres {
namespace {

constexpr int kOldest = 120000;

}  // namespace

void CheckServer(Connection& connection, connector::CheckList& list) {
  const int version = connection.server_version();
  const std::string shown = fmt::format("PostgreSQL {}.{}", version / 10000, version % 10000);
  if (version < kOldest)
    list.Fail("version", shown + " is too old", "PostgreSQL 12 or later is needed");
  else
    list.Pass("version", shown);
  const auto encoding = connection.QueryValue("SHOW server_encoding");
  if (!encoding.ok()) return list.Unknown("encoding", encoding.status());
  if (*encoding == "SQL_ASCII") {
    return list.Warn("encoding",
                     "SQL_ASCII: the database takes any bytes for text, and those that are no "
                     "UTF-8 will be refused on their way",
                     "convert the database to UTF8, or expect an error that names such a row");
  }
  list.Pass("encoding", *encoding);
}

}  // namespace godwit::connectors::postgres
