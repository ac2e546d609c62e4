// What DdlFollower does for a target of the other kind than the source.

#include <absl/strings/str_join.h>

#include <algorithm>

#include "connectors/mysql/ddl/ddl_follower.h"
#include "connectors/mysql/ddl/ddl_text.h"
#include "connectors/mysql/ddl/statement_session.h"
#include "sql/statement_translation.h"
#include "sql/translate_expression.h"

namespace godwit::connectors::mysql {

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
