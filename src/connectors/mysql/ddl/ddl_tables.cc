// What DdlFollower knows of tables and databases, and tells of them.

#include <algorithm>

#include "connectors/mysql/check/history_check.h"
#include "connectors/mysql/ddl/ddl_follower.h"
#include "connectors/mysql/ddl/ddl_text.h"
#include "sql/parser.h"
#include "sql/writer.h"

namespace godwit::connectors::mysql {

void DdlFollower::Ignore(const model::TableName& name) {
  ignored_.insert(name);
  tracker_.RemoveTable(name);
}

void DdlFollower::IgnoreUntilReached(const model::TableName& name) {
  Ignore(name);
  later_.insert(name);
}

base::Status DdlFollower::Track(const connector::TrackedTable& table) {
  const model::TableName& name = table.name;
  ignored_.erase(name);
  later_.erase(name);
  tracker_.RemoveTable(name);
  if (table.definition.empty()) return base::OkStatus();
  auto parsed = sql::ParseDefinition(table.definition,
                                     {.default_schema = name.schema, .flavour = flavour_}, {});
  if (!parsed.ok()) {
    return base::Internal("the definition kept of {} is not understood: {}", name.ToString(),
                          parsed.status().message());
  }
  parsed->name = name;
  auto definition = std::make_shared<sql::TableDefinition>(*std::move(parsed));
  using Place = model::DdlChange::Place;
  if (table.place != Place::kTarget) online_.Know(table, definition);
  if (table.place == Place::kTarget || table.place == Place::kShadow)
    tracker_.PutTable(*definition);
  return base::OkStatus();
}

model::TablePtr DdlFollower::Find(const model::TableName& name) {
  sql::DefinitionPtr definition = tracker_.Find(name);
  if (definition == nullptr) return nullptr;
  auto& [known, table] = tables_[name];
  if (known != definition) {
    known = definition;
    table = sql::ToTable(*definition);
  }
  return table;
}

bool DdlFollower::IsAboutGone(const sql::Statement& statement) const {
  if (tables_are_known_ || !(std::holds_alternative<sql::AlterTable>(statement) ||
                             std::holds_alternative<sql::CreateIndex>(statement) ||
                             std::holds_alternative<sql::DropIndex>(statement) ||
                             std::holds_alternative<sql::TruncateTable>(statement)))
    return false;
  const std::vector<model::TableName> named = sql::TablesOf(statement);
  return std::ranges::any_of(named, [&](const auto& name) { return IsGone(name); }) &&
         std::ranges::none_of(named, [&](const auto& name) {
           return IsOurs(name) && tracker_.Find(name) != nullptr;
         });
}

base::Status DdlFollower::TellTables(const sql::Statement& statement,
                                     const std::vector<sql::TableChange>& changes, bool renames,
                                     model::DdlChange& change) {
  const bool about_views = std::holds_alternative<sql::ViewStatement>(statement);
  for (const sql::TableChange& table : changes) {
    const bool known = table.before != nullptr || table.after != nullptr;
    if (about_views || !IsOurs(table.name)) continue;
    if (renames && (!table.renamed_from.table.empty() || tracker_.Find(table.name) == nullptr)) {
      continue;  // FollowNames tells; what is left is tables whose foreign keys name others now
    }
    if (!known && !std::holds_alternative<sql::DropTable>(statement)) {
      return base::FailedPrecondition(
          "table {}: the source's log changes it, but its definition is not known, because it was "
          "not part of the task "
          "before: {}; exclude it, or copy anew with `godwit run --restart`",
          table.name.ToString(), Beginning(change.statement));
    }
    model::DdlChange::Effect& effect = change.effects.emplace_back();
    effect.table = table.name;
    effect.renamed_from = table.renamed_from;
    if (table.after != nullptr) {
      effect.made = table.before == nullptr;
      effect.after = Find(table.name);
      // A name that the same statement has given away again is nobody's.
      const std::string why =
          effect.after == nullptr ? "" : WhyHistoryCannotBeFollowed(*effect.after, *table.after);
      if (!why.empty()) {
        return base::FailedPrecondition(
            "table {}: a statement in the source's log gives it a history that cannot be carried "
            "over ({}): {}; exclude the table, and copy anew with `godwit run --restart`",
            table.name.ToString(), why, Beginning(change.statement));
      }
      effect.definition =
          sql::WriteCreateTable(renames ? *tracker_.Find(table.name) : *table.after);
    }
  }
  return base::OkStatus();
}

void DdlFollower::KnowSchemas(const std::vector<model::SchemaDefault>& here,
                              const std::vector<model::SchemaDefault>& later) {
  for (const model::SchemaDefault& schema : here)
    tracker_.PutSchema(schema.schema, {schema.charset, schema.collation});
  for (const model::SchemaDefault& schema : later) {
    const sql::CharsetChoice charset{schema.charset, schema.collation};
    if (here.empty())  // an earlier version began the task
      tracker_.PutSchema(schema.schema, charset);
    else
      tracker_.PutLaterSchema(schema.schema, charset);
  }
}

model::SchemaDefault DdlFollower::DefaultOf(const std::string& schema) const {
  if (!tracker_.KnowsSchema(schema)) return {schema, "", ""};
  sql::CharsetChoice charset = tracker_.SchemaDefault(schema);
  return {schema, std::move(charset.charset), std::move(charset.collation)};
}

void DdlFollower::SayCharset(const sql::Statement& statement,
                             const std::vector<sql::TableChange>& changes,
                             const sql::ParseOptions& options, model::DdlChange& change) const {
  const auto* create = std::get_if<sql::CreateTable>(&statement);
  if (create == nullptr || create->like || changes.empty() || changes.front().after == nullptr ||
      create->definition.options.charset != sql::CharsetChoice() ||
      !tracker_.KnowsSchema(create->definition.name.schema))
    return;
  change.statement = WithCharset(change.statement, options, changes.front().after->options.charset);
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

}  // namespace godwit::connectors::mysql
