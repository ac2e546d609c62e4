#pragma once

#include <string_view>

#include "base/status.h"

namespace godwit::connectors::postgres {

// The status that an error of the server means, its code deciding what happens next
// (base/status.h). `state`: its SQLSTATE, empty where the connection itself failed. `message`: what
// the server says, with its detail and context. `doing` opens the message.
base::Status StatusOfState(std::string_view state, std::string_view message,
                           std::string_view doing);

}  // namespace godwit::connectors::postgres
