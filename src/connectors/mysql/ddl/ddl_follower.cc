#include "connectors/mysql/ddl/ddl_follower.h"

#include <algorithm>

#include "connectors/mysql/catalog.h"
#include "connectors/mysql/ddl/ddl_kinds.h"
#include "connectors/mysql/ddl/ddl_text.h"
#include "connectors/mysql/ddl/statement_session.h"
#include "connectors/mysql/literal.h"
#include "connectors/mysql/log/temporary_tables.h"
#include "sql/alter.h"
#include "sql/parser.h"
#include "sql/placement.h"
#include "sql/writer.h"

namespace godwit::connectors::mysql {
namespace {

using sql::OtherKind;

// DISCARD TABLESPACE.
bool DiscardsRows(const sql::Statement& statement) {
  const auto* alter = std::get_if<sql::AlterTable>(&statement);
  return alter != nullptr && std::ranges::any_of(alter->actions, [](const auto& action) {
           return std::holds_alternative<sql::DiscardTablespace>(action);
         });
}

}  // namespace

DdlFollower::DdlFollower(sql::Flavour flavour, sql::Flavour target, connector::TableFilter filter,
                         std::unique_ptr<SessionFacts> facts)
    : flavour_(flavour),
      target_(target),
      filter_(std::move(filter)),
      tracker_({"utf8mb4", ""}, flavour),
      online_(filter_, tracker_,
              {[this](const model::TableName& name) { return IsWanted(name); },
               [this](const model::TableName& name) { return IsOurs(name); },
               [this](const model::TableName& name) { Ignore(name); },
               [this](const model::TableName& name) { return Find(name); },
               [this](const std::vector<sql::TableChange>& changes, model::DdlChange& change) {
                 LookAtKeys(changes, change);
               },
               target}),
      facts_(std::move(facts)) {}

base::StatusOr<DdlFollower::Followed> DdlFollower::Follow(const wire::mysql::QueryEvent& event,
                                                          uint32_t seconds) {
  if (event.sql == "COMMIT") return Followed{Meaning::kCommit, nullptr};
  if (event.sql == "BEGIN") return Followed{};
  if (event.sql.starts_with("ROLLBACK")) return Followed{Meaning::kRollback, nullptr};
  const std::optional<uint16_t> charset = CharsetToConvert(event);
  std::string text(event.sql);
  if (charset) {
    GODWIT_ASSIGN_OR_RETURN(text, facts_->ToUtf8(event.sql, *charset));
  }
  const sql::ParseOptions options = OptionsOf(event, flavour_);
  auto statement = sql::ParseStatement(text, options);
  if (!statement.ok()) {
    return NotUnderstood(event, seconds, std::move(text),
                         fmt::format("it is not understood ({})", statement.status().message()));
  }
  if (const auto* other = std::get_if<sql::OtherStatement>(&*statement)) {
    if (other->kind == OtherKind::kSequence) {
      for (const model::TableName& name : other->names) Ignore(name);
    }
    if (other->kind == OtherKind::kTrigger && !other->names.empty())
      online_.FollowTrigger(other->names.front(), text, options);
    if (other->kind != OtherKind::kRows) return Followed{};
    const bool ours = other->names.empty() ||
                      std::any_of(other->names.begin(), other->names.end(),
                                  [&](const model::TableName& name) { return IsOurs(name); });
    if (!ours) return Followed{};
    return base::FailedPrecondition(
        "{}: the source logged a change of rows as a statement, which does not say which rows "
        "changed: {}; set "
        "binlog_format=ROW for all sessions of the source, then copy anew with `godwit run "
        "--restart`",
        other->names.empty() ? "a table" : "table " + other->names.front().ToString(),
        Beginning(text));
  }
  const bool marks =
      event.thread_specific &&
      std::ranges::any_of(sql::TablesOf(*statement), [&](const model::TableName& name) {
        const sql::DefinitionPtr table = tracker_.Find(name);
        return table != nullptr && UsesConnectionId(*table);
      });
  if (IsAboutTemporary(*statement, event, marks)) return Followed{};
  // One that failed is in MariaDB's log where it had dropped the table to be replaced.
  if (const auto* create = std::get_if<sql::CreateTable>(&*statement);
      event.error_code != 0 && create != nullptr && create->or_replace) {
    sql::DropTable drop{{create->definition.name}, /*if_exists=*/true};
    text = "DROP TABLE IF EXISTS " + QuoteName(create->definition.name);
    return FollowDefinition(drop, event, seconds, std::move(text), sql::RowsBy::kStatement);
  }
  wire::mysql::QueryEvent here = event;
  SessionFacts::Zone zone;
  sql::RowsBy rows_by = sql::RowsBy::kStatement;
  if (event.status.time_zone == "SYSTEM") {  // which the target's server has another of
    GODWIT_ASSIGN_OR_RETURN(zone, facts_->SystemZoneAt(seconds));
    here.status.time_zone = zone.offset;
    if (!zone.constant) rows_by = sql::RowsBy::kStatementAtOffset;
    if (zone.offset.empty()) {  // no session can have it
      here.status.time_zone.reset();
      rows_by = sql::RowsBy::kCopy;
    }
  }
  const std::optional<Part> part = PartOf(*statement);
  GODWIT_ASSIGN_OR_RETURN(
      const Followed followed,
      FollowDefinition(part ? part->statement : *statement, here, seconds,
                       part && !part->text.empty() ? part->text : text, rows_by));
  const bool executes = followed.ddl != nullptr && !followed.ddl->statement.empty();
  if (!charset || !executes || !HasBytesOfOtherCharsets(text, options)) return followed;
  auto unclear = std::make_shared<model::DdlChange>(*followed.ddl);
  unclear->obstacle =
      "it holds literals beyond ASCII in another charset than its own, which are bytes and no text";
  return Followed{Meaning::kDdl, std::move(unclear)};
}

std::string DdlFollower::SessionFor(const wire::mysql::QueryEvent& event, uint32_t seconds) const {
  return translates() ? TranslatedSession(event, seconds, flavour_, false)
                      : SessionOf(event, seconds, flavour_);
}

DdlFollower::Followed DdlFollower::NotUnderstood(const wire::mysql::QueryEvent& event,
                                                 uint32_t seconds, std::string text,
                                                 const std::string& why) {
  auto change = std::make_shared<model::DdlChange>();
  change->original = change->statement = std::move(text);
  change->dialect = DialectName(target_);
  change->default_schema = std::string(event.schema);
  change->session = SessionFor(event, seconds);
  // A shadow of an online schema change that it may be about is not known any more.
  online_.ForgetNamedIn(change->original, *change);
  change->obstacle =
      why +
      "; skip it if it defines none of the task's tables, else exclude those, and copy anew "
      "with `godwit run --restart`";
  return {Meaning::kDdl, std::move(change)};
}

base::StatusOr<DdlFollower::Followed> DdlFollower::FollowDefinition(
    const sql::Statement& statement, const wire::mysql::QueryEvent& event, uint32_t seconds,
    std::string text, sql::RowsBy rows_by) {
  GODWIT_ASSIGN_OR_RETURN(const std::shared_ptr<model::DdlChange> online,
                          online_.Follow(statement));
  if (online != nullptr) {
    if (online->effects.empty() && online->statement.empty()) return Followed{};
    online->original = std::move(text);
    online->dialect = DialectName(target_);
    if (online->session.empty()) online->session = SessionFor(event, seconds);
    if (online->default_schema.empty()) online->default_schema = std::string(event.schema);
    return Followed{Meaning::kDdl, online};
  }
  const std::vector<model::TableName> named = sql::TablesOf(statement);
  const std::string schema = sql::SchemaOf(statement);
  auto ours = [&](const model::TableName& name) { return IsOurs(name); };
  const std::optional<RenamePlan> names = PlanNames(statement);
  const bool joins = names && !names->joined.empty();
  if (schema.empty() ? !joins && std::none_of(named.begin(), named.end(), ours)
                     : !filter_.some_of_schema(schema)) {
    return Followed{};
  }
  if (!names && IsAboutGone(statement)) return Followed{};
  if (DiscardsRows(statement)) return Followed{};  // the target keeps them until others come
  const bool like_unknown = IsLikeUnknown(statement, event);
  const bool knew_schema = tracker_.KnowsSchema(schema);
  std::vector<sql::TableChange> changes;
  if (!like_unknown) {
    GODWIT_ASSIGN_OR_RETURN(changes, tracker_.Apply(statement));
  }
  if (const auto* create = std::get_if<sql::CreateDatabase>(&statement);
      create != nullptr && !(create->if_not_exists && knew_schema))
    TakeSchemaDefault(*create, event);
  for (const sql::TableChange& table : changes) {
    if (names && !IsOurs(table.name)) tracker_.RemoveTable(table.name);
  }
  auto change = std::make_shared<model::DdlChange>();
  if (std::holds_alternative<sql::CreateTable>(statement)) DropStartTransaction(text);
  change->original = text;
  change->statement = std::move(text);
  change->dialect = DialectName(target_);
  change->default_schema = std::string(event.schema);
  change->session = SessionOf(event, seconds, flavour_);
  if (const auto* create = std::get_if<sql::CreateTable>(&statement);
      create != nullptr && !create->like && create->definition.options.engine.empty() &&
      !translates())
    change->engine = tracker_.default_engine();
  change->touched = named;
  change->touched_schema = schema;
  if (!schema.empty()) change->schema_default = DefaultOf(schema);
  change->repeatable = std::holds_alternative<sql::TruncateTable>(statement) ||
                       std::holds_alternative<sql::AlterDatabase>(statement) || Replaces(statement);
  change->kinds = KindsOf(statement);
  if (const auto* alter = std::get_if<sql::AlterTable>(&statement)) {
    change->by_alter = true;
    for (const sql::TableChange& table : changes) {
      const bool altered = table.name == alter->table || table.renamed_from == alter->table;
      if (!altered || table.before == nullptr || table.after == nullptr) continue;
      const std::vector<std::string> origins =
          sql::OriginsOf(alter->actions, *table.before, *table.after);
      for (size_t i = 0; i < origins.size(); ++i)
        change->column_origins.emplace_back(table.after->columns[i].name, origins[i]);
    }
  }
  if (names) FollowNames(*names, statement, *change);
  GODWIT_RETURN_IF_ERROR(TellTables(statement, changes, names.has_value(), *change));
  LookAtRows(statement, changes, rows_by, *change);
  LookAtKeys(changes, *change);
  if (translates()) {
    Translate(statement, changes, event, seconds, *change);
  } else {
    std::vector<std::string> places;
    change->statement =
        sql::WithoutPlaces(statement, change->statement, OptionsOf(event, flavour_), places);
    for (const std::string& place : places)
      change->notes.push_back(named.front().ToString() + ": " + sql::PlaceNote(place));
    SayCharset(statement, changes, OptionsOf(event, flavour_), *change);
  }
  if (const auto* create = std::get_if<sql::CreateDatabase>(&statement))
    FollowSchema(*create, OptionsOf(event, flavour_), *change);
  if (const auto* view = std::get_if<sql::ViewStatement>(&statement)) {
    change->only_views = view->action != sql::ViewAction::kDrop;
    change->repeatable = !change->only_views;
    change->statement = Repeatable(*view, change->statement, OptionsOf(event, flavour_));
  }
  if (const auto* create = std::get_if<sql::CreateTable>(&statement);
      create != nullptr && create->if_not_exists && !changes.empty() &&
      changes.front().before == nullptr) {
    change->statement = WithoutIfNotExists(change->statement, OptionsOf(event, flavour_));
  }
  if (like_unknown) {
    change->effects.push_back({.table = named.front(), .to_copy = true});
    change->statement.clear();
    Ignore(named.front());
  }
  // Statements about several tables are cut down to those of the task.
  online_.Forget(statement, *change);
  if (const auto* drop = std::get_if<sql::DropTable>(&statement)) {
    sql::DropTable kept{{}, true, false};
    std::copy_if(drop->tables.begin(), drop->tables.end(), std::back_inserter(kept.tables), ours);
    change->statement = sql::WriteDropTable(kept);
    change->touched = kept.tables;
    change->repeatable = true;
  } else if (const auto* database = std::get_if<sql::DropDatabase>(&statement)) {
    CutDown(*database, *change);
  }
  if (change->statement.empty() && change->effects.empty() && !change->schema_default)
    return Followed{};
  return Followed{Meaning::kDdl, std::move(change)};
}

}  // namespace godwit::connectors::mysql
