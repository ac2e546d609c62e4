#include "connectors/mysql/lazy_connection.h"

namespace godwit::connectors::mysql {

base::Status LazyConnection::Connect() {
  std::unique_ptr<Connection> connection;
  if (connection_ == nullptr) {
    GODWIT_ASSIGN_OR_RETURN(connection,
                            Connection::Open(endpoint_, side_, Connection::Text::kBinary));
  }
  std::lock_guard lock(mutex_);
  if (connection_ == nullptr) connection_ = std::move(connection);
  return cancelled_ ? base::Cancelled("{}: reading was cancelled", side_) : base::OkStatus();
}

base::Status LazyConnection::Drop() {
  std::lock_guard lock(mutex_);
  connection_.reset();
  return cancelled_ ? base::Cancelled("{}: reading was cancelled", side_) : base::OkStatus();
}

void LazyConnection::Cancel() {
  std::lock_guard lock(mutex_);
  cancelled_ = true;
  if (connection_ != nullptr) connection_->Cancel();
}

}  // namespace godwit::connectors::mysql
