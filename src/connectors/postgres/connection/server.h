#pragma once

#include <memory>
#include <utility>

#include "config/endpoint.h"
#include "connector/server_pin.h"

namespace godwit::connectors::postgres {

// Where connections lead to. Those of a source share a pin, so that the same server answers all of
// them; others go to the first host.
struct Server {
  // NOLINTNEXTLINE(google-explicit-constructor): most ends are nothing more
  Server(config::Endpoint endpoint, std::shared_ptr<connector::ServerPin> pin = nullptr)
      : endpoint(std::move(endpoint)), pin(std::move(pin)) {}

  config::Endpoint endpoint;
  std::shared_ptr<connector::ServerPin> pin;  // null: none
};

}  // namespace godwit::connectors::postgres
