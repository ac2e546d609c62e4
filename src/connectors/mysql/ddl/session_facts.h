#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"
#include "connectors/mysql/connection/server.h"

namespace godwit::connectors::mysql {

// What the source's server alone can tell of the sessions whose statements are in its log. One
// thread.
class SessionFacts {
 public:
  virtual ~SessionFacts() = default;

  // `text`, of a session whose character_set_client is that of the collation with this number, as
  // UTF-8. kFailedPrecondition: the server has no such collation.
  virtual base::StatusOr<std::string> ToUtf8(std::string_view text, uint16_t collation) = 0;

  // SYSTEM: the time zone of sessions that have none by name.
  struct Zone {
    // From UTC at the moment asked for: "+01:00". Empty: it is one that servers do not take so.
    std::string offset;
    bool constant = true;  // it is the same at all times since 1970
  };
  virtual base::StatusOr<Zone> SystemZoneAt(uint32_t unix_seconds) = 0;
};

// Asks the server, on a connection of its own for each question: they are rare.
std::unique_ptr<SessionFacts> AskServer(Server source);

}  // namespace godwit::connectors::mysql
