#include "connectors/mysql/ddl_follower.h"

#include <algorithm>
#include <set>

#include "connectors/mysql/ddl_kinds.h"
#include "connectors/mysql/ddl_text.h"
#include "connectors/mysql/history_check.h"
#include "connectors/mysql/literal.h"
#include "connectors/mysql/temporary_tables.h"
#include "sql/lexer.h"
#include "sql/parser.h"
#include "sql/placement.h"
#include "sql/writer.h"

namespace godwit::connectors::mysql {
namespace {

using sql::OtherKind;

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

// The charset of the statement's text; nothing: UTF-8.
std::optional<uint16_t> CharsetToConvert(const wire::mysql::QueryEvent& event) {
  if (!event.status.charset || IsUtf8(event.status.charset->client) || IsAscii(event.sql))
    return std::nullopt;
  return event.status.charset->client;
}

// A literal with a charset of its own (_latin1'...') is bytes, and not text in that of the session.
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

// The session settings that decide what a DDL makes, as SET takes them.
// The time too: new columns may take it for the rows that are there.
std::string SessionOf(const wire::mysql::QueryEvent& event, uint32_t seconds) {
  std::string session =
      fmt::format("SET SESSION sql_mode={}, timestamp={}.{:06}", event.status.sql_mode.value_or(0),
                  seconds, event.status.microseconds.value_or(0));
  if (event.status.time_zone) session += ", time_zone=" + QuoteText(*event.status.time_zone);
  if (event.status.explicit_defaults_for_timestamp) {
    session += fmt::format(", explicit_defaults_for_timestamp={}",
                           *event.status.explicit_defaults_for_timestamp ? 1 : 0);
  }
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
  if (event.status.explicit_defaults_for_timestamp) {
    options.explicit_defaults_for_timestamp = *event.status.explicit_defaults_for_timestamp;
  }
  return options;
}

std::string Head(std::string_view text) { return std::string(text.substr(0, 200)); }

}  // namespace

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
        other->names.empty() ? "a table" : "table " + other->names.front().ToString(), Head(text));
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
                      : SessionOf(event, seconds);
}

DdlFollower::Followed DdlFollower::NotUnderstood(const wire::mysql::QueryEvent& event,
                                                 uint32_t seconds, std::string text,
                                                 const std::string& why) {
  auto change = std::make_shared<model::DdlChange>();
  change->original = change->statement = std::move(text);
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

bool DdlFollower::IsWanted(const model::TableName& name) const {
  return filter_.table(name.schema, name.table);
}

bool DdlFollower::IsOurs(const model::TableName& name) const {
  return IsWanted(name) && !ignored_.contains(name);
}

std::optional<RenamePlan> DdlFollower::PlanNames(const sql::Statement& statement) const {
  sql::RenameTable rename;
  if (const auto* names = std::get_if<sql::RenameTable>(&statement)) rename = *names;
  if (const auto* alter = std::get_if<sql::AlterTable>(&statement)) {
    for (const sql::AlterAction& action : alter->actions) {
      const auto* to = std::get_if<sql::RenameTo>(&action);
      if (to != nullptr && to->name != alter->table) rename.pairs = {{alter->table, to->name}};
    }
  }
  if (rename.pairs.empty()) return std::nullopt;
  return PlanRename(
      rename,
      {[&](const model::TableName& name) { return IsOurs(name) && tracker_.Find(name) != nullptr; },
       [&](const model::TableName& name) { return filter_.table(name.schema, name.table); },
       [&](const model::TableName& name) { return ignored_.contains(name); }});
}

bool DdlFollower::IsLikeUnknown(const sql::Statement& statement,
                                const wire::mysql::QueryEvent& event) const {
  const auto* create = std::get_if<sql::CreateTable>(&statement);
  if (create == nullptr || !IsOurs(create->definition.name)) return false;
  if (create->if_not_exists && tracker_.Find(create->definition.name) != nullptr) return false;
  return IsLikeTemporary(*create, event) ||
         (create->like && tracker_.Find(*create->like) == nullptr);
}

void DdlFollower::FollowNames(const RenamePlan& plan, const sql::Statement& statement,
                              model::DdlChange& change) {
  // The effects pass over the names that the tables pass over on the target.
  for (auto pair = plan.pairs.begin(); pair != plan.pairs.end(); ++pair) {
    model::TableName last = pair->to;
    for (auto next = pair + 1; next != plan.pairs.end(); ++next) {
      if (next->from == last) last = next->to;
    }
    const sql::DefinitionPtr definition = tracker_.Find(last);
    if (definition == nullptr) {  // left over
      change.effects.push_back({.table = pair->from});
    } else {
      change.effects.push_back({.table = pair->to,
                                .renamed_from = pair->from,
                                .after = Find(last),
                                .definition = sql::WriteCreateTable(*definition)});
    }
  }
  for (const model::TableName& name : plan.gone) change.effects.push_back({.table = name});
  for (const model::TableName& name : plan.joined) {
    change.effects.push_back({.table = name, .to_copy = true});
    Ignore(name);
  }
  change.left_over = plan.left_over;
  if (plan.pairs.empty()) {
    change.statement.clear();
  } else if (std::holds_alternative<sql::RenameTable>(statement)) {
    change.statement = sql::WriteRenameTable({plan.pairs, false});
    change.only_renames = true;
    change.touched.clear();
    for (const auto& pair : plan.pairs) {
      change.touched.push_back(pair.from);
      change.touched.push_back(pair.to);
    }
  }
}

base::StatusOr<DdlFollower::Followed> DdlFollower::FollowDefinition(
    const sql::Statement& statement, const wire::mysql::QueryEvent& event, uint32_t seconds,
    std::string text, sql::RowsBy rows_by) {
  GODWIT_ASSIGN_OR_RETURN(const std::shared_ptr<model::DdlChange> online,
                          online_.Follow(statement));
  if (online != nullptr) {
    if (online->effects.empty() && online->statement.empty()) return Followed{};
    online->original = std::move(text);
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
  change->default_schema = std::string(event.schema);
  change->session = SessionOf(event, seconds);
  if (const auto* create = std::get_if<sql::CreateTable>(&statement);
      create != nullptr && !create->like && create->definition.options.engine.empty() &&
      !translates())
    change->engine = default_engine_;
  change->touched = named;
  change->touched_schema = schema;
  change->repeatable = std::holds_alternative<sql::TruncateTable>(statement) ||
                       std::holds_alternative<sql::AlterDatabase>(statement) || Replaces(statement);
  change->kinds = KindsOf(statement);
  change->by_alter = std::holds_alternative<sql::AlterTable>(statement);
  const bool about_views = std::holds_alternative<sql::ViewStatement>(statement);
  if (names) FollowNames(*names, statement, *change);
  for (const sql::TableChange& table : changes) {
    const bool known = table.before != nullptr || table.after != nullptr;
    if (about_views || !IsOurs(table.name)) continue;
    if (names && (!table.renamed_from.table.empty() || tracker_.Find(table.name) == nullptr)) {
      continue;  // FollowNames tells; what is left is tables whose foreign keys name others now
    }
    if (!known && !std::holds_alternative<sql::DropTable>(statement)) {
      return base::FailedPrecondition(
          "table {}: the source's log changes it, but its definition is not known, because it was "
          "not part of the task "
          "before: {}; exclude it, or copy anew with `godwit run --restart`",
          table.name.ToString(), Head(change->statement));
    }
    model::DdlChange::Effect& effect = change->effects.emplace_back();
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
            table.name.ToString(), why, Head(change->statement));
      }
      effect.definition = sql::WriteCreateTable(names ? *tracker_.Find(table.name) : *table.after);
    }
  }

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
    if (change->statement.empty() && change->effects.empty()) return Followed{};
  }
  return Followed{Meaning::kDdl, std::move(change)};
}

}  // namespace godwit::connectors::mysql
