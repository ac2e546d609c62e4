// What DdlFollower does for a target of the other kind than the source.

#include <absl/strings/str_join.h>

#include <algorithm>

#include "connectors/mysql/ddl_follower.h"
#include "connectors/mysql/ddl_text.h"
#include "connectors/mysql/literal.h"
#include "sql/statement_translation.h"
#include "sql/translate_expression.h"

namespace godwit::connectors::mysql {

// The same for a target of the other kind, which numbers its modes and collations otherwise.
// Statements that were written anew are to be read under the default mode (`as_typed`: not so), and
// name their charsets; what is left of the mode decides what becomes of values.
std::string DdlFollower::TranslatedSession(const wire::mysql::QueryEvent& event, uint32_t seconds,
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
  return session;
}

void DdlFollower::TakeSchemaDefault(const sql::CreateDatabase& statement,
                                    const wire::mysql::QueryEvent& event) {
  if (!statement.charset.charset.empty() || !statement.charset.collation.empty() ||
      !event.status.charset)
    return;
  const auto collation = collations_.find(event.status.charset->server);
  if (collation == collations_.end()) return;
  tracker_.PutSchema(statement.schema, sql::Resolve({"", collation->second}, {}, flavour_));
}

void DdlFollower::Translate(const sql::Statement& statement,
                            const std::vector<sql::TableChange>& changes,
                            const wire::mysql::QueryEvent& event, uint32_t seconds,
                            model::DdlChange& change) {
  change.session = TranslatedSession(event, seconds, flavour_,
                                     std::holds_alternative<sql::ViewStatement>(statement));
  if (change.statement.empty() || std::holds_alternative<sql::DropTable>(statement) ||
      std::holds_alternative<sql::RenameTable>(statement) ||
      std::holds_alternative<sql::DropDatabase>(statement))
    return;  // the same words on both sides
  if (std::holds_alternative<sql::ViewStatement>(statement)) {
    sql::TranslatedExpression view = sql::TranslateExpression(change.statement, target_);
    if (!view.unknown.empty())
      change.obstacle = NotOnTheTarget("the target has no " + absl::StrJoin(view.unknown, ", "));
    change.statement = std::move(view.text);
    return;
  }
  sql::TranslatedStatement translated;
  if (const auto* create = std::get_if<sql::CreateDatabase>(&statement)) {
    translated =
        sql::TranslateCreateDatabase(*create, tracker_.SchemaDefault(create->schema), target_);
  } else if (const auto* alter = std::get_if<sql::AlterDatabase>(&statement)) {
    translated =
        sql::TranslateAlterDatabase(*alter, tracker_.SchemaDefault(alter->schema), target_);
  } else {
    const std::vector<model::TableName> named = sql::TablesOf(statement);
    const auto about = std::ranges::find_if(changes, [&](const sql::TableChange& table) {
      return !named.empty() && (table.name == named.front() || table.renamed_from == named.front());
    });
    const bool known = about != changes.end();
    translated = sql::TranslateStatement(statement, known ? about->before.get() : nullptr,
                                         known ? about->after.get() : nullptr, target_);
  }
  if (!translated.refused.empty()) {
    change.obstacle = NotOnTheTarget(translated.refused);
    return;
  }
  for (model::DdlChange::Effect& effect : change.effects) {
    if (!translated.only_copied.empty() && effect.after != nullptr && effect.by_copy.empty())
      effect.by_copy = translated.only_copied;
  }
  change.statement = std::move(translated.sql);
  if (translated.drops_first) change.replaced = change.touched;
}

}  // namespace godwit::connectors::mysql
