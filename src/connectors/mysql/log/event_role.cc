#include "connectors/mysql/log/event_role.h"

namespace godwit::connectors::mysql {

using wire::mysql::EventRole;
using wire::mysql::EventType;

bool OpensGroup(EventType type) {
  return type == EventType::kMariadbGtid || type == EventType::kGtid ||
         type == EventType::kAnonymousGtid || type == EventType::kGtidTagged;
}

base::Status CheckRole(const wire::mysql::EventHeader& header) {
  switch (header.role()) {
    case EventRole::kHandled:
    case EventRole::kPassOver:
      return base::OkStatus();
    case EventRole::kStatement:  // the statement itself follows, and says which tables it is about
      return base::OkStatus();
    case EventRole::kUnsupported:
      break;
  }
  return base::FailedPrecondition("an event of type {} ({}) cannot be carried over",
                                  static_cast<int>(header.type),
                                  wire::mysql::EventTypeName(header.type));
}

}  // namespace godwit::connectors::mysql
