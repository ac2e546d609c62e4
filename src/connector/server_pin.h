#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace godwit::connector {

// Holds all connections of a run to one server. An address may lead to another server from one
// moment to the next, or be a list of hosts; what is read over two connections belongs together
// only if the same server answered both. Thread-safe.
class ServerPin {
 public:
  struct Choice {
    size_t host = 0;       // by its place in the list
    std::string identity;  // who the server says it is; empty: it does not say
    bool operator==(const Choice&) const = default;
  };

  // Which hosts to try for a connection, in this order: the one that was chosen; before that all
  // `hosts` of them.
  std::vector<size_t> ToTry(size_t hosts) const;
  // All of them, beginning with the one that was chosen last: for a new choice.
  std::vector<size_t> Candidates(size_t hosts) const;

  // A connection has reached this server; the first one makes the choice. kUnavailable: another one
  // has been chosen. `where` is the host's address, for the message.
  base::Status Meet(const Choice& met, std::string_view where);
  // From here on connections have to lead there. Those that are open stay what they are.
  void Choose(Choice choice);
  // The next connection chooses.
  void Release();

  // How often another choice was made: what was opened before the last one may be of another
  // server.
  uint64_t generation() const;

 private:
  mutable std::mutex mutex_;
  std::optional<Choice> choice_;
  size_t last_host_ = 0;
  uint64_t generation_ = 0;
};

// What became of hosts that were tried one after the other, as one error.
class HostErrors {
 public:
  void Add(const base::Status& status);
  // kUnavailable where that is so of one of them, which may pass; else the first one's.
  base::Status Status() const;

 private:
  base::StatusCode code_ = base::StatusCode::kOk;
  std::string text_;
};

// A connection to the server that `pin` holds to. `open(host)` gives one to a host, and
// `identify(connection)` who the server says it is, both with a status; `address(host)` is the
// host's, for messages.
template <typename Open, typename Identify, typename Address>
auto OpenPinned(ServerPin& pin, size_t hosts, Open open, Identify identify, Address address)
    -> decltype(open(size_t{})) {
  HostErrors errors;
  for (const size_t host : pin.ToTry(hosts)) {
    auto connection = open(host);
    base::Status status = connection.status();
    if (status.ok()) {
      base::StatusOr<std::string> identity = identify(**connection);
      status =
          identity.ok() ? pin.Meet({host, *std::move(identity)}, address(host)) : identity.status();
    }
    if (status.ok()) return connection;
    errors.Add(status);
  }
  return errors.Status();
}

}  // namespace godwit::connector
