#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "base/status.h"

namespace godwit::connector {

// A connection for moving rows: made when first needed and, once something went wrong on it, made
// anew. One thread, save for Cancel.
template <typename Connection>
class LazyConnection {
 public:
  using Open = std::function<base::StatusOr<std::unique_ptr<Connection>>()>;

  // `side` is how errors call the server.
  LazyConnection(Open open, std::string side) : open_(std::move(open)), side_(std::move(side)) {}

  // Runs `use`, which takes a Connection& and gives a status or what can have one. Any error drops
  // the connection, its state being unknown; after Cancel it is kCancelled.
  template <typename Use>
  auto With(Use use) -> decltype(use(std::declval<Connection&>())) {
    GODWIT_RETURN_IF_ERROR(Connect());
    auto result = use(*connection_);
    if (!result.ok()) GODWIT_RETURN_IF_ERROR(Drop());
    return result;
  }

  // The next use makes a new one.
  void Close() {
    std::lock_guard lock(mutex_);
    connection_.reset();
  }

  // Ends a use that waits for the server, and every later one. From any thread.
  void Cancel() {
    std::lock_guard lock(mutex_);
    cancelled_ = true;
    if (connection_ != nullptr) connection_->Cancel();
  }

 private:
  base::Status Connect() {
    std::unique_ptr<Connection> connection;
    if (connection_ == nullptr) {
      GODWIT_ASSIGN_OR_RETURN(connection, open_());
    }
    std::lock_guard lock(mutex_);
    if (connection_ == nullptr) connection_ = std::move(connection);
    return Cancelled();
  }
  base::Status Drop() {  // an error when cancelled
    std::lock_guard lock(mutex_);
    connection_.reset();
    return Cancelled();
  }
  base::Status Cancelled() const {
    return cancelled_ ? base::Cancelled("{}: reading was cancelled", side_) : base::OkStatus();
  }

  const Open open_;
  const std::string side_;
  std::mutex mutex_;  // guards the replacing of connection_ against Cancel
  std::unique_ptr<Connection> connection_;
  bool cancelled_ = false;  // under mutex_
};

}  // namespace godwit::connector
