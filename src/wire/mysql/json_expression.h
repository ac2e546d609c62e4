#pragma once

#include <string>
#include <string_view>

#include "base/status.h"

// SQL that makes a document again to the byte, where its text would not: what text says is read
// back as a signed integer where it was unsigned (or the reverse, beyond 32 bits), as a double
// where it was a DECIMAL, as a string where it was a date, a time or bytes.
namespace godwit::wire::mysql {

// Whether a document (json_value.h) holds such a value. One pass, without allocation. kDataLoss:
// malformed.
base::StatusOr<bool> JsonNeedsExpression(std::string_view document);

// Appends a SQL expression that a MySQL server (8.0.14 or later) evaluates to the document, of
// type, order and form the same; the free space that updates in place leave in a stored one is not
// made again. It depends on no setting of the session but one: TIMESTAMP values want
// time_zone='+00:00', and only those that a TIMESTAMP column can hold can be made. Texts are
// written in hexadecimal digits, so that neither the connection's charset nor sql_mode touches
// them. kDataLoss: malformed; kUnimplemented: an opaque value of a type that no expression makes,
// named.
base::Status AppendJsonExpression(std::string_view document, std::string& out);

}  // namespace godwit::wire::mysql
