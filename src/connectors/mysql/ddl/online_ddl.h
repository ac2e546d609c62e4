#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/status.h"
#include "connector/source.h"
#include "connectors/mysql/ddl/shadow_filling.h"
#include "model/change.h"
#include "sql/rename.h"
#include "sql/tracker.h"

namespace godwit::connectors::mysql {

// Follows what tools for online schema changes (gh-ost, pt-online-schema-change) do to their own
// tables: a shadow is made, altered and filled, and in the end takes its table's place, by one
// RENAME of both, by two, or after a DROP. To the target that is one ALTER of the table that it
// has; where none is known to amount to it, the table is copied again. The definitions of shadows
// are with all others in the tracker. One thread.
class OnlineDdl {
 public:
  // What it asks about the task. `ours`: a table that the target has, followed from here or before.
  struct Scope {
    std::function<bool(const model::TableName&)> wanted;  // it belongs to the task by its name
    std::function<bool(const model::TableName&)> ours;    // and the log counts for it
    std::function<void(const model::TableName&)> ignore;  // it is to be copied
    std::function<model::TablePtr(const model::TableName&)> table;  // as rows see it
    // Tells of foreign keys that the changes bring with them.
    std::function<void(const std::vector<sql::TableChange>&, model::DdlChange&)> look_at_keys;
    sql::Flavour target = sql::Flavour::kMariaDb;
  };

  OnlineDdl(const connector::TableFilter& filter, sql::SchemaTracker& tracker, Scope scope)
      : role_(filter.online_ddl), tracker_(tracker), scope_(std::move(scope)) {}

  // A table of an online schema change that an earlier run has followed; its definition is in the
  // tracker already, where it is a shadow's.
  void Know(const connector::TrackedTable& table, sql::DefinitionPtr definition);

  // How the shadows are filled, at the place reached.
  void KnowFilling(ShadowFilling filling) { filling_ = std::move(filling); }
  const ShadowFilling& filling() const { return filling_; }
  // The log has rows of this table, which may be a shadow.
  void TakeRows(const model::TableName& name) { filling_.TakeRows(name); }
  // CREATE or DROP TRIGGER of this name.
  void FollowTrigger(const model::TableName& trigger, std::string_view text,
                     const sql::ParseOptions& options);

  // Follows a statement that such tables have a part in; null: they have none, or none that differs
  // from any other table's, and it is to be followed like all others.
  base::StatusOr<std::shared_ptr<model::DdlChange>> Follow(const sql::Statement& statement);

  // After a statement that was followed like all others: what has become of such tables.
  void Forget(const sql::Statement& statement, model::DdlChange& change);
  // The shadows whose names a text has that is not understood.
  void ForgetNamedIn(std::string_view text, model::DdlChange& change);

 private:
  using Change = std::shared_ptr<model::DdlChange>;
  using Place = model::DdlChange::Place;
  struct Aside {
    sql::DefinitionPtr definition;  // of the target's table
    Place place;
  };

  connector::OnlineDdlRole RoleFor(const model::TableName& table, const std::string& real) const;
  bool IsShadow(const model::TableName& table) const;
  bool IsKnownShadow(const model::TableName& table) const;
  // A shadow of the table that is followed; null: none is.
  bool HasShadow(const model::TableName& real) const;

  base::StatusOr<Change> Create(const sql::CreateTable& create, const sql::Statement& statement);
  base::StatusOr<Change> Alter(const model::TableName& shadow,
                               const std::vector<sql::ColumnRename>& renames,
                               const sql::Statement& statement);
  base::StatusOr<Change> Drop(const sql::DropTable& drop, const sql::Statement& statement);
  base::StatusOr<Change> Rename(const std::vector<sql::RenameTable::Pair>& pairs,
                                const sql::Statement& statement);
  // By `moves`, from old names to new ones by the new ones.
  base::StatusOr<Change> SetAside(const model::TableName& real,
                                  const std::map<model::TableName, model::TableName>& moves,
                                  const sql::Statement& statement);
  base::StatusOr<Change> Switch(const model::TableName& shadow, const model::TableName& real,
                                const sql::Statement& statement);

  // Where a statement that does nothing else gives shadows other names, or others theirs: they are
  // shadows no more.
  Change ForgetMoved(const std::map<model::TableName, model::TableName>& moves);
  void TellShadow(const model::TableName& shadow, model::DdlChange& change);
  // What a RENAME does to foreign keys of other tables of the task.
  void TellOthers(const std::vector<sql::TableChange>& changes, const model::TableName& but,
                  model::DdlChange& change);
  // What foreign keys come with a switch: `switched` is of the table that the target has.
  void TellKeys(std::vector<sql::TableChange> changes, const sql::TableChange& switched,
                model::DdlChange& change) const;

  const std::function<connector::OnlineDdlRole(std::string_view, std::string_view,
                                               std::string_view)>
      role_;
  sql::SchemaTracker& tracker_;
  Scope scope_;
  std::map<model::TableName, std::vector<sql::ColumnRename>> shadows_;
  ShadowFilling filling_;
  std::map<model::TableName, Aside> aside_;  // by the name that the target has
};

}  // namespace godwit::connectors::mysql
