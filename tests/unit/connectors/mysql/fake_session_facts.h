#pragma once

#include <memory>
#include <string>

#include "connectors/mysql/ddl/session_facts.h"

namespace godwit::connectors::mysql::testing {

// A source that knows one letter of latin1, and is in one time zone.
class FakeSessionFacts : public SessionFacts {
 public:
  explicit FakeSessionFacts(Zone zone = {"+00:00", true}) : zone_(std::move(zone)) {}

  base::StatusOr<std::string> ToUtf8(std::string_view text, uint16_t collation) override {
    if (collation != kKnown) return base::FailedPrecondition("collation {}", collation);
    std::string utf8;
    for (const char c : text) utf8 += c == '\xe9' ? "\xc3\xa9" : std::string(1, c);
    return utf8;
  }
  base::StatusOr<Zone> SystemZoneAt(uint32_t) override { return zone_; }

  static constexpr uint16_t kKnown = 8;

 private:
  Zone zone_;
};

}  // namespace godwit::connectors::mysql::testing
