#pragma once

#include <cstdint>
#include <string>

#include "base/status.h"
#include "connectors/postgres/connection/connection.h"

// For which generation of a task (connector::Destination::Claim) the source holds its log: kept at
// the publication, so that it is known where the log is held, whether the target can be reached or
// not. A worker that was frozen while another one took its task over is thus kept from releasing
// what that one reads from.
namespace godwit::connectors::postgres {

// Notes that it is held for that one from now on; where there is no publication yet, nothing.
// kPermissionDenied: a later one has it.
base::Status NoteGeneration(Connection& control, const std::string& name, uint64_t generation);

// kPermissionDenied: it is held for a later one. To be asked over a connection that
// EndOtherHolders of that one would have ended, and that then does what hangs on it.
base::Status ExpectNoLater(Connection& control, const std::string& name, uint64_t generation);

}  // namespace godwit::connectors::postgres
