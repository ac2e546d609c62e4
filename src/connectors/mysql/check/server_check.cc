#include "connectors/mysql/check/server_check.h"

namespace godwit::connectors::mysql {

void CheckServer(const Connection& connection, connector::CheckList& list) {
  const std::string encryption = connection.encryption();
  list.Pass("connection", encryption.empty() ? "established, not encrypted"
                                             : "established, encrypted with " + encryption);
  const Release release = ReleaseOf(connection);
  if (release.tested) return list.Pass("version", release.text);
  list.Warn("version", release.text + "; Godwit is tested with MariaDB 10.11 and MySQL 9.7",
            "rehearse the migration on servers like these");
}

}  // namespace godwit::connectors::mysql
