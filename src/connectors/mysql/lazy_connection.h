#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "base/status.h"
#include "config/endpoint.h"
#include "connectors/mysql/connection.h"

namespace godwit::connectors::mysql {

// A connection for moving rows: made when first needed and, once something went wrong on it, made
// anew. One thread, save for Cancel.
class LazyConnection {
 public:
  // `side` is how errors call the server.
  LazyConnection(config::Endpoint endpoint, std::string side)
      : endpoint_(std::move(endpoint)), side_(std::move(side)) {}

  // Runs `use`, which takes a Connection& and gives a status or what can have one. Any error drops
  // the connection, its state being unknown; after Cancel it is kCancelled.
  template <typename Use>
  auto With(Use use) -> decltype(use(std::declval<Connection&>())) {
    GODWIT_RETURN_IF_ERROR(Connect());
    auto result = use(*connection_);
    if (!result.ok()) GODWIT_RETURN_IF_ERROR(Drop());
    return result;
  }

  // Ends a use that waits for the server, and every later one. From any thread.
  void Cancel();

 private:
  base::Status Connect();
  base::Status Drop();  // an error when cancelled

  const config::Endpoint endpoint_;
  const std::string side_;
  std::mutex mutex_;  // guards the replacing of connection_ against Cancel
  std::unique_ptr<Connection> connection_;
  bool cancelled_ = false;  // under mutex_
};

}  // namespace godwit::connectors::mysql
