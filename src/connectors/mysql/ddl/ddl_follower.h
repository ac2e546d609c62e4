#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "base/status.h"
#include "connector/source.h"
#include "connectors/mysql/ddl/online_ddl.h"
#include "connectors/mysql/ddl/rename_plan.h"
#include "connectors/mysql/ddl/session_facts.h"
#include "model/change.h"
#include "sql/lexer.h"
#include "sql/row_values.h"
#include "sql/tracker.h"
#include "wire/mysql/query_event.h"

namespace godwit::connectors::mysql {

// Follows the statements in a log: keeps the definitions of the task's tables as they were at the
// position reached, and says what each statement means for the target. One thread.
class DdlFollower {
 public:
  // `flavour` is that of the server whose log it is, `target` of the one that statements are for;
  // `facts` are the former's.
  DdlFollower(sql::Flavour flavour, sql::Flavour target, connector::TableFilter filter,
              std::unique_ptr<SessionFacts> facts);
  DdlFollower(const DdlFollower&) = delete;
  DdlFollower& operator=(const DdlFollower&) = delete;

  sql::Flavour target() const { return target_; }
  // Whether statements are given in another SQL than the log's.
  bool translates() const { return target_ != flavour_; }
  // Collations by the numbers that the log has for them.
  void KnowCollations(std::map<uint16_t, std::string> names) { collations_ = std::move(names); }

  // What the log says of this table means nothing from now on, its copy having it already.
  void Ignore(const model::TableName& name);
  // The same of a table that has been copied, and counts from a later place on (Track).
  void IgnoreUntilReached(const model::TableName& name);
  bool IsIgnored(const model::TableName& name) const { return ignored_.contains(name); }
  // Whether there is a table whose changes count here.
  bool follows_any() const { return !tracker_.tables().empty(); }
  // What tables get that are made without a charset, in the databases of the task at this place;
  // `later` is for others: as they are at a later place.
  void KnowSchemas(const std::vector<model::SchemaDefault>& here,
                   const std::vector<model::SchemaDefault>& later);
  // Whether every table of the task at this place is known: one that is not was gone before the
  // task's tables were looked for, and what the log says of it means nothing.
  void TablesAreKnown(bool known) { tables_are_known_ = known; }
  bool IsGone(const model::TableName& name) const {
    return !tables_are_known_ && IsOurs(name) && tracker_.Find(name) == nullptr;
  }
  // Whether the log holds what foreign keys do to rows.
  void KnowKeysAreLogged(bool logged) { keys_are_logged_ = logged; }
  // The engine of tables that are made without one.
  void KnowDefaultEngine(std::string engine) { tracker_.SetDefaultEngine(std::move(engine)); }
  // Follows a table from now on.
  base::Status Track(const connector::TrackedTable& table);
  // Of shadows of online schema changes, at the place reached.
  void KnowFilling(ShadowFilling filling) { online_.KnowFilling(std::move(filling)); }
  const ShadowFilling& filling() const { return online_.filling(); }
  // Of a table that is not followed: the log has rows of it.
  void TakeOtherRows(const model::TableName& name) { online_.TakeRows(name); }
  // The definition in force; null: the table is not followed.
  model::TablePtr Find(const model::TableName& name);

  enum class Meaning { kNothing, kCommit, kRollback, kDdl };
  struct Followed {
    Meaning meaning = Meaning::kNothing;
    std::shared_ptr<const model::DdlChange> ddl;
  };
  // `seconds`: when the statement began, from its event's header. kFailedPrecondition: a change of
  // rows logged as a statement. What is not understood is given with that as its obstacle.
  base::StatusOr<Followed> Follow(const wire::mysql::QueryEvent& event, uint32_t seconds);

 private:
  base::StatusOr<Followed> FollowDefinition(const sql::Statement& statement,
                                            const wire::mysql::QueryEvent& event, uint32_t seconds,
                                            std::string text, sql::RowsBy rows_by);
  // The session that the target gets for it.
  std::string SessionFor(const wire::mysql::QueryEvent& event, uint32_t seconds) const;
  Followed NotUnderstood(const wire::mysql::QueryEvent& event, uint32_t seconds, std::string text,
                         const std::string& why);
  // What a statement about a table of the task and one outside of it comes to for the target;
  // nothing where it is to be followed as it stands.
  struct Part {
    sql::Statement statement;
    std::string text;  // empty: the same
  };
  std::optional<Part> PartOf(const sql::Statement& statement) const;
  // Whether the target's database has tables that count from a later place on.
  bool HoldsLater(const std::string& schema) const;
  void FollowSchema(const sql::CreateDatabase& create, const sql::ParseOptions& options,
                    model::DdlChange& change) const;
  // To what the target is to drop.
  void CutDown(const sql::DropDatabase& drop, model::DdlChange& change) const;
  // Where the statement changes names: what that asks of the target, which may not have all tables
  // named.
  std::optional<RenamePlan> PlanNames(const sql::Statement& statement) const;
  // CREATE TABLE ... LIKE a table that is not followed.
  bool IsLikeUnknown(const sql::Statement& statement, const wire::mysql::QueryEvent& event) const;
  void FollowNames(const RenamePlan& plan, const sql::Statement& statement,
                   model::DdlChange& change);
  // Whether it changes tables that are gone (IsGone), and none that is known.
  bool IsAboutGone(const sql::Statement& statement) const;
  // What has become of each table; `renames`: FollowNames has told of those with other names.
  base::Status TellTables(const sql::Statement& statement,
                          const std::vector<sql::TableChange>& changes, bool renames,
                          model::DdlChange& change);
  // What the statement does to rows, where the definitions do not tell.
  void LookAtRows(const sql::Statement& statement, const std::vector<sql::TableChange>& changes,
                  sql::RowsBy rows_by, model::DdlChange& change) const;
  // It belongs to the task by its name; and the log counts for it.
  bool IsWanted(const model::TableName& name) const {
    return filter_.table(name.schema, name.table);
  }
  bool IsOurs(const model::TableName& name) const {
    return IsWanted(name) && !ignored_.contains(name);
  }
  // Whether rows of `changes` will follow tables that are not followed.
  void LookAtKeys(const std::vector<sql::TableChange>& changes, model::DdlChange& change) const;
  model::SchemaDefault DefaultOf(const std::string& schema) const;
  // Where a table's charset is left to its database, which the target may have otherwise.
  void SayCharset(const sql::Statement& statement, const std::vector<sql::TableChange>& changes,
                  const sql::ParseOptions& options, model::DdlChange& change) const;
  // The schema's default charset, where the statement leaves it to the session.
  void TakeSchemaDefault(const sql::CreateDatabase& statement,
                         const wire::mysql::QueryEvent& event);
  // Gives the change in the target's SQL. `changes`: what the statement did to tables.
  void Translate(const sql::Statement& statement, const std::vector<sql::TableChange>& changes,
                 const wire::mysql::QueryEvent& event, uint32_t seconds, model::DdlChange& change);

  const sql::Flavour flavour_, target_;
  std::map<uint16_t, std::string> collations_;
  connector::TableFilter filter_;
  sql::SchemaTracker tracker_;
  bool keys_are_logged_ = false;
  bool tables_are_known_ = true;
  OnlineDdl online_;
  std::unique_ptr<SessionFacts> facts_;
  std::set<model::TableName> ignored_;
  std::set<model::TableName> later_;  // those of them whose copy is on the target
  std::map<model::TableName, std::pair<sql::DefinitionPtr, model::TablePtr>>
      tables_;  // built when asked for
};

}  // namespace godwit::connectors::mysql
