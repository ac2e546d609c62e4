#include "connectors/mysql/relay/source_files.h"

#include "base/text.h"
#include "connectors/mysql/log/log_position.h"

namespace godwit::connectors::mysql {

std::vector<SourceFile> ToSourceFiles(const std::vector<ResultRow>& rows) {
  std::vector<SourceFile> files;
  for (const ResultRow& row : rows) {
    const std::string name = row[0].value_or("");
    files.push_back({name, LogPosition{name}.FileNumber(),
                     base::ParseInteger<uint64_t>(row[1].value_or("")).value_or(0),
                     row.size() > 2 && row[2] == "Yes"});
  }
  return files;
}

base::StatusOr<std::vector<SourceFile>> ListSourceFiles(Connection& connection) {
  GODWIT_ASSIGN_OR_RETURN(const std::vector<ResultRow> rows, connection.Query("SHOW BINARY LOGS"));
  if (rows.empty())
    return base::FailedPrecondition("relay: the source does not write a binlog; set log_bin on it");
  return ToSourceFiles(rows);
}

base::Status ExpectClear(const SourceFile& file) {
  if (!file.encrypted) return base::OkStatus();
  return base::MakeStatus(
      base::StatusCode::kPermissionDenied,
      "relay: the source's {} is encrypted, and sent in clear text: it is not kept here, nor what "
      "comes after it. Do without the relay, or switch the encryption off on the source and resume "
      "the relay once the tasks have read that file",
      file.name);
}

base::Status ExpectClear(Connection& connection) {
  const auto on =
      connection.Variable(connection.is_mysql() ? "binlog_encryption" : "encrypt_binlog");
  if (!on.ok() && !absl::IsNotFound(on.status())) return on.status();
  if (!on.ok() || *on != "ON") return base::OkStatus();
  return base::MakeStatus(base::StatusCode::kPermissionDenied,
                          "relay: the source encrypts its log, and sends it in clear text: it is "
                          "not kept here. Do without the relay");
}

}  // namespace godwit::connectors::mysql
