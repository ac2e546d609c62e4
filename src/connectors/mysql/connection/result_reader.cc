#include "connectors/mysql/connection/result_reader.h"

#include <mysql.h>

#include "connectors/mysql/connection/errors.h"
#include "wire/mysql/packet.h"

namespace godwit::connectors::mysql {

using wire::mysql::KindOf;
using wire::mysql::PacketKind;

base::Status ResultReader::ServerError(std::string_view packet) {
  auto error = wire::mysql::DecodeError(packet);
  if (!error.ok()) return error.status();
  server_error_ = error->code;
  return StatusOfError(error->code, error->message,
                       fmt::format("{}: reading rows", connection_->side()));
}

base::Status ResultReader::Open(std::string_view query) {
  GODWIT_RETURN_IF_ERROR(channel_.SendCommand(COM_QUERY, query));
  GODWIT_ASSIGN_OR_RETURN(std::string_view head, channel_.Receive());
  if (KindOf(head) == PacketKind::kError) return ServerError(head);
  base::ByteReader reader(head);
  columns_ = wire::mysql::ReadLengthEncoded(reader).value_or(0);
  for (size_t i = 0; i < columns_ + (connection_->deprecates_eof() ? 0 : 1); ++i) {
    GODWIT_RETURN_IF_ERROR(channel_.Receive().status());
  }
  return base::OkStatus();
}

base::StatusOr<std::optional<std::string_view>> ResultReader::Next() {
  GODWIT_ASSIGN_OR_RETURN(std::string_view packet, channel_.Receive());
  switch (KindOf(packet)) {
    case PacketKind::kError:
      return ServerError(packet);
    case PacketKind::kEof:
      return std::optional<std::string_view>();
    default:
      return std::optional<std::string_view>(packet);
  }
}

}  // namespace godwit::connectors::mysql
