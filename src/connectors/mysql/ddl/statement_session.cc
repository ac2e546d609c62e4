#include "connectors/mysql/ddl/statement_session.h"

#include <algorithm>

#include "connectors/mysql/literal.h"
#include "sql/lexer.h"

namespace godwit::connectors::mysql {
namespace {

// Bits of @@sql_mode.
constexpr uint64_t kRealAsFloat = 1;
constexpr uint64_t kPipesAsConcat = 1ull << 1;
constexpr uint64_t kAnsiQuotes = 1ull << 2;
constexpr uint64_t kOracle = 1ull << 9;  // MariaDB's, like MAXDB
constexpr uint64_t kMsSql = 1ull << 10;
constexpr uint64_t kMaxDb = 1ull << 12;
constexpr uint64_t kNoBackslashEscapes = 1ull << 20;

// The one choice besides its own that MySQL gives for this.
constexpr uint16_t kUtf8mb4GeneralCi = 45;

// Whether text under a collation of this number is known for UTF-8, or can be taken for it, without
// asking the server. Both kinds of servers have these by the same numbers.
bool IsUtf8(uint16_t collation) {
  constexpr uint16_t kBinary = 63, kUtf8mb3 = 33, kUtf8mb4 = 45, kUtf8mb4Bin = 46, kUtf8mb3Bin = 83,
                     kUtf8mb4Of0900 = 255;
  return collation == kBinary || collation == kUtf8mb3 || collation == kUtf8mb4 ||
         collation == kUtf8mb4Bin || collation == kUtf8mb3Bin || collation == kUtf8mb4Of0900 ||
         (collation >= 224 && collation <= 247);
}

bool IsAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// MariaDB has it among its flags, MySQL beside them.
std::optional<bool> ExplicitDefaults(const wire::mysql::QueryStatus& status, sql::Flavour flavour) {
  if (flavour == sql::Flavour::kMySql || !status.flags2)
    return status.explicit_defaults_for_timestamp;
  return (*status.flags2 & wire::mysql::QueryStatus::kExplicitDefaultsForTimestamp) != 0;
}

}  // namespace

std::optional<uint16_t> CharsetToConvert(const wire::mysql::QueryEvent& event) {
  if (!event.status.charset || IsUtf8(event.status.charset->client) || IsAscii(event.sql))
    return std::nullopt;
  return event.status.charset->client;
}

bool HasBytesOfOtherCharsets(std::string_view text, const sql::ParseOptions& options) {
  const auto tokens = sql::Lex(text, options);
  if (!tokens.ok()) return false;
  for (size_t i = 0; i + 1 < tokens->size(); ++i) {
    const sql::Token& introducer = (*tokens)[i];
    if (introducer.kind == sql::TokenKind::kWord && introducer.raw.starts_with('_') &&
        (*tokens)[i + 1].kind == sql::TokenKind::kString && !IsAscii((*tokens)[i + 1].raw))
      return true;
  }
  return false;
}

std::string SessionOf(const wire::mysql::QueryEvent& event, uint32_t seconds,
                      sql::Flavour flavour) {
  std::string session =
      fmt::format("SET SESSION sql_mode={}, timestamp={}.{:06}", event.status.sql_mode.value_or(0),
                  seconds, event.status.microseconds.value_or(0));
  if (event.status.time_zone) session += ", time_zone=" + QuoteText(*event.status.time_zone);
  if (const auto defaults = ExplicitDefaults(event.status, flavour))
    session += fmt::format(", explicit_defaults_for_timestamp={}", *defaults ? 1 : 0);
  if (event.status.charset) {
    session += fmt::format(", collation_connection={}, collation_server={}",
                           event.status.charset->connection, event.status.charset->server);
  }
  if (event.status.default_collation_for_utf8mb4) {
    session += fmt::format(", default_collation_for_utf8mb4={}",
                           *event.status.default_collation_for_utf8mb4);
  }
  return session;
}

sql::ParseOptions OptionsOf(const wire::mysql::QueryEvent& event, sql::Flavour flavour) {
  sql::ParseOptions options;
  options.flavour = flavour;
  options.default_schema = std::string(event.schema);
  const uint64_t sql_mode = event.status.sql_mode.value_or(0);
  options.ansi_quotes = (sql_mode & kAnsiQuotes) != 0;
  options.pipes_as_concat = (sql_mode & kPipesAsConcat) != 0;
  options.real_as_float = (sql_mode & kRealAsFloat) != 0;
  options.bracket_quotes = (sql_mode & kMsSql) != 0;
  options.oracle_types = (sql_mode & kOracle) != 0;
  options.timestamp_is_datetime = (sql_mode & kMaxDb) != 0;
  options.no_backslash_escapes = (sql_mode & kNoBackslashEscapes) != 0;
  if (event.status.default_collation_for_utf8mb4 == kUtf8mb4GeneralCi)
    options.default_collation_for_utf8mb4 = "utf8mb4_general_ci";
  options.explicit_defaults_for_timestamp = ExplicitDefaults(event.status, flavour).value_or(true);
  return options;
}

std::string TranslatedSession(const wire::mysql::QueryEvent& event, uint32_t seconds,
                              sql::Flavour from, bool as_typed) {
  // NO_UNSIGNED_SUBTRACTION, NO_AUTO_VALUE_ON_ZERO, and those of strictness and of dates.
  constexpr uint64_t kOfValues = 1ull << 6 | 1ull << 19 | 0x3full << 21;
  // REAL_AS_FLOAT, PIPES_AS_CONCAT, ANSI_QUOTES, IGNORE_SPACE, ONLY_FULL_GROUP_BY,
  // NO_BACKSLASH_ESCAPES, HIGH_NOT_PRECEDENCE.
  constexpr uint64_t kOfText =
      1ull << 0 | 1ull << 1 | 1ull << 2 | 1ull << 3 | 1ull << 5 | 1ull << 20 | 1ull << 29;
  constexpr uint64_t kMySqlTruncates = 1ull << 32, kMariaDbRounds = 1ull << 34;
  const uint64_t mode = event.status.sql_mode.value_or(0);
  uint64_t kept = mode & (kOfValues | (as_typed ? kOfText : 0));
  if (from == sql::Flavour::kMySql) {
    if ((mode & kMySqlTruncates) == 0) kept |= kMariaDbRounds;
  } else if ((mode & kMariaDbRounds) == 0) {
    kept |= kMySqlTruncates;
  }
  std::string session = fmt::format("SET SESSION sql_mode={}, timestamp={}.{:06}", kept, seconds,
                                    event.status.microseconds.value_or(0));
  if (event.status.time_zone) session += ", time_zone=" + QuoteText(*event.status.time_zone);
  if (const auto defaults = ExplicitDefaults(event.status, from))
    session += fmt::format(", explicit_defaults_for_timestamp={}", *defaults ? 1 : 0);
  return session;
}

}  // namespace godwit::connectors::mysql
