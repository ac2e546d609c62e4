#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "connector/lazy_connection.h"

namespace godwit::connector {

// Connections for work that several threads do at once, piece by piece: as many as there are
// threads at it, each used again, as a log-in can cost more than a small table's whole copy.
// From any thread.
template <typename Connection>
class ConnectionPool {
 public:
  using Open = typename LazyConnection<Connection>::Open;

  // `side` is how errors call the server.
  ConnectionPool(Open open, std::string side) : open_(std::move(open)), side_(std::move(side)) {}

  // As LazyConnection::With, on one that nobody else is using. What `use` sets in the session stays
  // for the next.
  template <typename Use>
  auto With(Use use) -> decltype(use(std::declval<Connection&>())) {
    std::unique_ptr<LazyConnection<Connection>> one = Take();
    auto result = one->With(std::move(use));
    std::lock_guard lock(mutex_);
    idle_.push_back(std::move(one));
    return result;
  }

  // Closes those that nobody is using.
  void Close() {
    std::lock_guard lock(mutex_);
    idle_.clear();
  }

 private:
  std::unique_ptr<LazyConnection<Connection>> Take() {
    std::lock_guard lock(mutex_);
    if (idle_.empty()) return std::make_unique<LazyConnection<Connection>>(open_, side_);
    auto one = std::move(idle_.back());
    idle_.pop_back();
    return one;
  }

  const Open open_;
  const std::string side_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<LazyConnection<Connection>>> idle_;  // under mutex_
};

}  // namespace godwit::connector
