#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "wire/mysql/control_events.h"

namespace godwit::wire::mysql {

// The name of an XA transaction in a form that needs no quotes and has no other characters than
// hexadecimal digits and dots: "gtrid.bqual.format", the first two in hexadecimal.
std::string XaName(const XaId& id);

// A statement about an XA transaction, as both servers write it into their logs:
// XA COMMIT X'61',X'62',1
struct XaStatement {
  enum class Verb { kStart, kEnd, kCommit, kRollback };
  Verb verb = Verb::kStart;
  std::string name;  // as XaName's
};
// Nothing: another statement. (XA PREPARE is not logged as one; see XaPrepareEvent.)
std::optional<XaStatement> ParseXaStatement(std::string_view sql);

}  // namespace godwit::wire::mysql
