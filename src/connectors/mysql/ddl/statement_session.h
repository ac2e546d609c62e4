#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sql/flavour.h"
#include "sql/parser.h"
#include "wire/mysql/query_event.h"

// The session that a statement of the log ran in: how its text is to be read, and what a session of
// the target is given, so that it means the same there.
namespace godwit::connectors::mysql {

// The charset of the statement's text, as a collation of it; nothing: UTF-8.
std::optional<uint16_t> CharsetToConvert(const wire::mysql::QueryEvent& event);

// Whether there is a literal beyond ASCII with a charset of its own (_latin1'...'): that is bytes,
// and not text in the session's.
bool HasBytesOfOtherCharsets(std::string_view text, const sql::ParseOptions& options);

sql::ParseOptions OptionsOf(const wire::mysql::QueryEvent& event, sql::Flavour flavour);

// The settings that decide what a DDL makes, as SET takes them; the time too, which new columns may
// take for the rows that are there. `seconds`: when the statement began.
std::string SessionOf(const wire::mysql::QueryEvent& event, uint32_t seconds, sql::Flavour flavour);
// The same for a target of the other kind than `from`, which numbers its modes and collations
// otherwise. Statements that were written anew are to be read under the default mode (`as_typed`:
// not so), and name their charsets; what is left of the mode decides what becomes of values.
std::string TranslatedSession(const wire::mysql::QueryEvent& event, uint32_t seconds,
                              sql::Flavour from, bool as_typed);

}  // namespace godwit::connectors::mysql
