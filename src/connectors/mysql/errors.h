#pragma once

#include <string_view>

#include "base/status.h"

namespace godwit::connectors::mysql {

// The status that an error of the server or of the client library means, its code deciding what
// happens next (base/status.h); the message says the error, its number and, where there is one, the
// way out. `doing` opens the message.
base::Status StatusOfError(unsigned code, std::string_view message, std::string_view doing);

}  // namespace godwit::connectors::mysql
