#pragma once

#include "base/status.h"
#include "wire/mysql/event.h"

namespace godwit::connectors::mysql {

// Of an event of a log that nothing is done about: kFailedPrecondition unless that is right.
base::Status CheckRole(const wire::mysql::EventHeader& header);

}  // namespace godwit::connectors::mysql
