// What DdlFollower makes of statements that the task has only a part in: of the tables named, or of
// what is in a database.

#include <algorithm>

#include "connectors/mysql/ddl/ddl_follower.h"
#include "connectors/mysql/ddl/ddl_text.h"
#include "connectors/mysql/log/temporary_tables.h"
#include "sql/statement_translation.h"
#include "sql/writer.h"

namespace godwit::connectors::mysql {

std::optional<DdlFollower::Part> DdlFollower::PartOf(const sql::Statement& statement) const {
  const auto* alter = std::get_if<sql::AlterTable>(&statement);
  if (alter == nullptr) return std::nullopt;
  const bool ours = IsOurs(alter->table);
  for (const sql::AlterAction& action : alter->actions) {
    if (const auto* out = std::get_if<sql::ConvertPartitionToTable>(&action)) {
      if (ours == IsOurs(out->table)) continue;
      if (!ours) {  // a table with rows that the log does not hold
        sql::CreateTable create;
        create.definition.name = out->table;
        create.like = alter->table;
        return Part{std::move(create), ""};
      }
      sql::AlterTable drop = *alter;
      drop.actions = {sql::DropPartitions{{out->name}}};
      return Part{std::move(drop),
                  fmt::format("ALTER TABLE {} DROP PARTITION {}", sql::QuoteName(alter->table),
                              sql::QuoteIdentifier(out->name))};
    }
    if (const auto* in = std::get_if<sql::ConvertTableToPartition>(&action);
        in != nullptr && !ours && IsOurs(in->table)) {
      sql::DropTable drop{{in->table}, /*if_exists=*/true};
      std::string text = sql::WriteDropTable(drop);
      return Part{std::move(drop), std::move(text)};
    }
  }
  return std::nullopt;
}

bool DdlFollower::IsLikeUnknown(const sql::Statement& statement,
                                const wire::mysql::QueryEvent& event) const {
  const auto* create = std::get_if<sql::CreateTable>(&statement);
  if (create == nullptr || !IsOurs(create->definition.name)) return false;
  if (create->if_not_exists && tracker_.Find(create->definition.name) != nullptr) return false;
  return IsLikeTemporary(*create, event) ||
         (create->like && tracker_.Find(*create->like) == nullptr);
}

bool DdlFollower::HoldsLater(const std::string& schema) const {
  return std::ranges::any_of(later_,
                             [&](const model::TableName& name) { return name.schema == schema; });
}

// One made before the task's copy began may be on the target already, as it was then.
void DdlFollower::FollowSchema(const sql::CreateDatabase& create, const sql::ParseOptions& options,
                               model::DdlChange& change) const {
  if (create.if_not_exists) return;
  const bool later = HoldsLater(create.schema);
  if (create.or_replace && !later) return;  // whatever there is goes
  const sql::CharsetChoice charset = tracker_.SchemaDefault(create.schema);
  if (translates()) {
    change.where_there =
        sql::TranslateAlterDatabase({create.schema, charset}, charset, target_).sql;
  } else {
    change.where_there = AlterInstead(create, change.statement, options, charset);
  }
  if (!create.or_replace) return;
  // Its tables go, and those that are copied later stay.
  change.statement = change.where_there;
  change.where_there.clear();
  for (const model::DdlChange::Effect& effect : change.effects)
    change.replaced.push_back(effect.table);
}

void DdlFollower::CutDown(const sql::DropDatabase& drop, model::DdlChange& change) const {
  change.repeatable = true;
  if (filter_.whole_schema(drop.schema) && !HoldsLater(drop.schema)) {
    change.statement = "DROP DATABASE IF EXISTS " + sql::QuoteIdentifier(drop.schema);
    return;
  }
  sql::DropTable tables{{}, true, false};
  for (const auto& effect : change.effects) {
    if (IsOurs(effect.table)) tables.tables.push_back(effect.table);
  }
  change.statement = tables.tables.empty() ? "" : sql::WriteDropTable(tables);
  if (tables.tables.empty()) change.kinds.clear();
  change.touched = tables.tables;
  change.touched_schema.clear();
}

}  // namespace godwit::connectors::mysql
