#pragma once

#include <string>

namespace godwit::model {

// A place in a source's log, just after a transaction. Opaque: only the connector that made it may
// read `text` (it compares two with connector::Source::Compare); others store it and show it.
struct Position {
  std::string text;

  bool empty() const { return text.empty(); }
  bool operator==(const Position&) const = default;
};

}  // namespace godwit::model
