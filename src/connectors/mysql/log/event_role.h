#pragma once

#include "base/status.h"
#include "wire/mysql/event.h"

namespace godwit::connectors::mysql {

// Whether an event of this type is the first of a group of changes, in either server's log.
bool OpensGroup(wire::mysql::EventType type);

// Of an event of a log that nothing is done about: kFailedPrecondition unless that is right.
base::Status CheckRole(const wire::mysql::EventHeader& header);

}  // namespace godwit::connectors::mysql
