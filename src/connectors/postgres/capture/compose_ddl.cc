#include <absl/strings/str_join.h>
#include <fmt/format.h>

#include <algorithm>

#include "connectors/postgres/capture/captured_changes.h"
#include "connectors/postgres/definition/definition_diff.h"
#include "connectors/postgres/log/log_hold.h"
#include "connectors/postgres/sql_text.h"

namespace godwit::connectors::postgres {
namespace {

using model::DdlChange;
using model::DdlKind;
using model::TableName;
using wire::postgres::Lsn;

class Composition {
 public:
  Composition(const CapturedChanges& changes, const FollowedTables& known,
              const connector::TableFilter& filter, const wire::postgres::Begin& transaction,
              const AskSource& ask_source)
      : changes_(changes),
        known_(known),
        filter_(filter),
        transaction_(transaction),
        ask_source_(ask_source),
        ddl_(std::make_shared<DdlChange>()) {
    for (const auto& [name, table] : known.tables()) {
      names_[name] = table.definition.oid;
      followed_.insert(table.definition.oid);
    }
    composed_.commit_time_us = transaction.commit_time_us;
  }

  base::StatusOr<ComposedDdl> Run() {
    if (!changes_.failed().empty()) {
      ddl_->obstacle = fmt::format(
          "a command could not be captured by the source's event trigger ({}), so that it is not "
          "known which tables it has changed: execute on the target what it did to tables of the "
          "task, if anything, and skip it",
          changes_.failed());
      kinds_.insert(DdlKind::kAlterTable);
    }
    for (const auto& [oid, name] : Order()) {
      const CapturedChanges::Table& changed = changes_.tables().at(oid);
      const FollowedTable* table = Find(oid);
      if (table != nullptr && HasSeen(*table)) continue;
      if (changed.gone) {
        if (table != nullptr) Drop(table->definition);
      } else if (table != nullptr) {
        GODWIT_RETURN_IF_ERROR(Change(*table, changed));
      } else {
        GODWIT_RETURN_IF_ERROR(Come(oid, changed));
      }
    }
    return Finish();
  }

  base::StatusOr<ComposedDdl> RunLater() {
    for (const auto& [name, table] : known_.tables()) {
      const Definition& first = table.definition;
      if (first.later.empty() || first.later_than >= transaction_.commit) continue;
      CapturedChanges::Table changed;
      GODWIT_ASSIGN_OR_RETURN(changed.after, FromJson(first.later));
      composed_.commit_time_us = std::max(composed_.commit_time_us, first.later_commit_us);
      GODWIT_RETURN_IF_ERROR(Change(table, changed));
    }
    return Finish();
  }

 private:
  const FollowedTable* Find(uint32_t oid) const {
    const FollowedTable* table = known_.FindTable(oid);
    return table != nullptr && table->definition.oid == oid ? table : nullptr;
  }

  bool HasSeen(const FollowedTable& table) const {
    return table.HasSeen(transaction_.xid, transaction_.commit);
  }
  bool IsOfTask(const TableName& name) const { return filter_.table(name.schema, name.table); }

  // What goes comes first, then a table after the one whose name it takes; a circle stays as it is.
  // All names that are given up are free from here on.
  std::vector<std::pair<uint32_t, TableName>> Order() {
    std::vector<std::pair<uint32_t, TableName>> rest, order;
    for (const auto& [oid, changed] : changes_.tables()) {
      const FollowedTable* table = Find(oid);
      if (changed.gone) {
        order.emplace_back(oid, TableName());
        continue;
      }
      if (table != nullptr && changed.after) {
        new_names_.merge(NamesSince(table->definition, *changed.after));
        if (table->definition.name != changed.after->name && !HasSeen(*table))
          names_.erase(table->definition.name);
      }
      rest.emplace_back(oid, changed.after ? changed.after->name : TableName());
    }
    const size_t count = rest.size();
    for (size_t round = 0; round < count; ++round) {
      const auto waits = [&](const std::pair<uint32_t, TableName>& one) {
        return std::ranges::any_of(rest, [&](const std::pair<uint32_t, TableName>& other) {
          const FollowedTable* table = Find(other.first);
          return other.first != one.first && table != nullptr &&
                 table->definition.name == one.second && other.second != one.second;
        });
      };
      const auto next = std::ranges::find_if_not(rest, waits);
      if (next == rest.end()) break;
      order.push_back(*next);
      rest.erase(next);
    }
    order.insert(order.end(), rest.begin(), rest.end());
    return order;
  }

  DdlChange::Effect& AddEffect(const TableName& table) {
    effects_.emplace_back().table = table;
    return effects_.back();
  }

  void Drop(const Definition& table) {
    dropped_.push_back(QuoteName(table.name));
    kinds_.insert(DdlKind::kDropTable);
    AddEffect(table.name).dropped = true;
    Leave(table);
  }

  void Leave(const Definition& table) {
    const auto name = names_.find(table.name);
    if (name != names_.end() && name->second == table.oid) names_.erase(name);
    followed_.erase(table.oid);
  }

  base::Status TakeName(const TableName& name, uint32_t oid) {
    const auto [holder, free] = names_.try_emplace(name, oid);
    followed_.insert(oid);
    if (free || holder->second == oid) return base::OkStatus();
    return base::FailedPrecondition(
        "source: table {} has taken the name of another one, which has not given it up by all that "
        "is known of it. Copy anew with `godwit run --restart`",
        name.ToString());
  }

  DiffContext ContextOf(const CapturedChanges::Table& changed) const {
    DiffContext context;
    context.names = new_names_;
    context.missing = changed.missing;
    context.not_null_at_once = changed.not_null_at_once;
    context.made = changes_.made_partitions();
    context.dropped = changes_.dropped();
    context.followed = followed_;
    context.rewritten = changed.rewritten;
    context.has_rows = changes_.has_rows();
    context.rows_before = changed.rows_before;
    return context;
  }

  // Whether a table of the task is a partition of another one by now.
  bool IsAttached(uint32_t oid) const {
    const auto has_it = [&](const auto& changed) {
      return Find(changed.first) != nullptr && changed.second.after &&
             std::ranges::find(changed.second.after->partitions, oid, &PartitionDefinition::oid) !=
                 changed.second.after->partitions.end();
    };
    return std::ranges::any_of(changes_.tables(), has_it);
  }

  // Parents may have got other names since the messages that told of the table's keys to them, and
  // where the DDL is done already, those that they have are known alone.
  base::Status TakeKnownParents(const Definition& known, Definition& now) const {
    Definition done = known;
    if (!known.later.empty()) {
      GODWIT_ASSIGN_OR_RETURN(done, FromJson(known.later));
    }
    for (ConstraintDefinition& key : now.constraints) {
      if (key.kind != 'f' || names_.contains(key.parent)) continue;
      const auto same = std::ranges::find_if(done.constraints, [&](const auto& one) {
        return one.kind == 'f' && one.name == key.name && one.table == key.table &&
               one.columns == key.columns && names_.contains(one.parent);
      });
      if (same != done.constraints.end()) key = *same;
    }
    return base::OkStatus();
  }

  base::Status Change(const FollowedTable& table, const CapturedChanges::Table& changed) {
    const Definition& before = table.definition;
    Definition now = changed.after ? *changed.after : before;
    // A run that ended before the transaction's rows has done this already.
    if (table.redefined_at == transaction_.commit)
      GODWIT_RETURN_IF_ERROR(TakeKnownParents(before, now));
    DiffContext context = ContextOf(changed);
    // Nobody looks after it by itself from here on.
    const bool is_attached = IsAttached(before.oid);
    context.has_rows = context.has_rows && !is_attached;
    context.rows_before = context.rows_before && !is_attached;
    DefinitionDiff diff = DiffDefinitions(before, now, context, steps_);
    const auto again = changes_.copied_again().find(before.oid);
    if (again != changes_.copied_again().end()) diff.by_copy = again->second;
    LeaveForLater(now, diff.after);
    if (before == diff.after && diff.by_copy.empty() && diff.obstacle.empty())
      return base::OkStatus();
    for (uint32_t oid : diff.attached) {
      const FollowedTable* attached = Find(oid);
      if (attached == nullptr) continue;
      AddEffect(attached->definition.name);
      Leave(attached->definition);
    }
    kinds_.insert(diff.kinds.begin(), diff.kinds.end());
    if (ddl_->obstacle.empty()) ddl_->obstacle = diff.obstacle;
    ddl_->notes.insert(ddl_->notes.end(), diff.notes.begin(), diff.notes.end());
    if (is_attached) return base::OkStatus();  // an effect of the one that has it
    if (before.name != now.name) {
      if (!IsOfTask(now.name)) {
        Leave(before);
        AddEffect(before.name);
        ddl_->notes.push_back(fmt::format(
            "{} is called {} by now, which the task does not ask for: what happens to it from here "
            "on is not migrated",
            before.name.ToString(), now.name.ToString()));
        return base::OkStatus();
      }
      GODWIT_RETURN_IF_ERROR(TakeName(now.name, now.oid));
    }
    DdlChange::Effect& effect = AddEffect(now.name);
    if (before.name != now.name) effect.renamed_from = before.name;
    effect.after = std::make_shared<const model::Table>(ToTable(diff.after));
    effect.definition = ToJson(diff.after);
    effect.by_copy = diff.by_copy;
    for (const ColumnDefinition& column : diff.after.columns) {
      if (std::ranges::find(before.columns, column.number, &ColumnDefinition::number) !=
          before.columns.end())
        continue;
      EarlierValue& value = composed_.missing[now.name][column.name];
      const auto kept = changed.missing.find(column.name);
      if (kept != changed.missing.end() && !kept->second.empty())
        value.value = *kept->second.begin();
      effect.earlier[column.name] = value.value;
    }
    return base::OkStatus();
  }

  // `first`: of the table that is to be `after`.
  void LeaveForLater(const Definition& after, Definition& first) const {
    if (first == after) return;
    first.later = ToJson(after);
    first.later_than = transaction_.commit;
    first.later_commit_us = transaction_.commit_time_us;
  }

  // As a table is made whose rows are all in the log, and by the transaction that has made it;
  // nothing: it had rows before, or has some that the log does not hold.
  std::optional<Definition> FormOfFirstRow(const CapturedChanges::Table& changed) const {
    if (!changed.made || changed.rewritten) return std::nullopt;
    DdlSteps those_of_table;
    DefinitionDiff since =
        DiffDefinitions(*changed.at_first, *changed.after, ContextOf(changed), those_of_table);
    // Those of a partition that was a table of its own.
    if (!since.attached.empty() || !since.by_copy.empty() || !since.obstacle.empty())
      return std::nullopt;
    return std::move(since.after);
  }

  // A table that has come into the task.
  base::Status Come(uint32_t oid, const CapturedChanges::Table& changed) {
    if (!changed.after || !IsOfTask(changed.after->name)) return base::OkStatus();
    const Definition& table = *changed.after;
    GODWIT_ASSIGN_OR_RETURN(const std::optional<TableNow> by_now, ask_source_(oid));
    if (!by_now) return base::OkStatus();
    // What the copy was made from came after it.
    const auto holder = names_.find(table.name);
    if (holder != names_.end()) {
      const FollowedTable* other = Find(holder->second);
      if (other != nullptr && HasSeen(*other)) return base::OkStatus();
    }
    const std::optional<Definition> logged = FormOfFirstRow(changed);
    if (!logged && (by_now->name != table.name || by_now->is_partition)) return base::OkStatus();
    kinds_.insert(DdlKind::kCreateTable);
    if (const std::string why = WhyNotLogged(table); !why.empty() || !changed.published) {
      ddl_->notes.push_back(fmt::format(
          "{} has come and is not migrated: {}. It is copied once its definition allows",
          table.name.ToString(),
          why.empty() ? "it is not in the publication, as it has no primary key of its own, or has "
                        "generated columns and REPLICA IDENTITY FULL (PostgreSQL 18), or the "
                        "source reads `tables` otherwise"
                      : "it " + why));
      return base::OkStatus();
    }
    GODWIT_RETURN_IF_ERROR(TakeName(table.name, oid));
    DdlChange::Effect& effect = AddEffect(table.name);
    if (!logged) {
      effect.to_copy = true;
      return base::OkStatus();
    }
    Definition first = *logged;
    // Its parent's key may be one that is left for later.
    if (changes_.has_rows())
      std::erase_if(first.constraints, [](const auto& one) { return one.kind == 'f'; });
    LeaveForLater(table, first);
    AddCreation(first, steps_);
    effect.made = true;
    effect.after = std::make_shared<const model::Table>(ToTable(first));
    effect.definition = ToJson(first);
    for (const ColumnDefinition& column : table.columns) {
      const auto kept = changed.missing.find(column.name);
      if (kept != changed.missing.end() && !kept->second.empty())
        composed_.missing[table.name][column.name].value = *kept->second.begin();
    }
    return base::OkStatus();
  }

  ComposedDdl Finish() {
    if (effects_.empty() && ddl_->notes.empty() && ddl_->obstacle.empty())
      return std::move(composed_);
    std::ranges::stable_partition(
        effects_, [](const auto& effect) { return effect.after == nullptr && !effect.to_copy; });
    // All at once, as they may refer to each other.
    if (!dropped_.empty()) {
      steps_.drops.insert(steps_.drops.begin(), "DROP TABLE " + absl::StrJoin(dropped_, ", "));
    }
    ddl_->dialect = kDialect;
    ddl_->statement = steps_.ToSql();
    ddl_->where_there = steps_.ToSql(/*catching_up=*/true);
    ddl_->original = changes_.Commands();
    ddl_->kinds.assign(kinds_.begin(), kinds_.end());
    ddl_->by_alter =
        !kinds_.contains(DdlKind::kCreateTable) && !kinds_.contains(DdlKind::kDropTable);
    // Keys that are not there yet are built as the definition then has them.
    ddl_->needs_no_keys = true;
    for (const DdlChange::Effect& effect : effects_) ddl_->touched.push_back(effect.table);
    ddl_->effects = std::move(effects_);
    composed_.ddl = std::move(ddl_);
    return std::move(composed_);
  }

  const CapturedChanges& changes_;
  const FollowedTables& known_;
  const connector::TableFilter& filter_;
  const wire::postgres::Begin& transaction_;
  const AskSource& ask_source_;
  std::shared_ptr<DdlChange> ddl_;
  DdlSteps steps_;
  std::vector<std::string> dropped_;
  std::map<TableName, Renames> new_names_;  // of what had a name before
  std::set<DdlKind> kinds_;
  std::vector<DdlChange::Effect> effects_;
  std::map<TableName, uint32_t> names_;  // of tables of the task, as the changes so far leave them
  std::set<uint32_t> followed_;          // ... and their numbers
  ComposedDdl composed_;
};

}  // namespace

base::StatusOr<ComposedDdl> Compose(const CapturedChanges& changes, const FollowedTables& known,
                                    const connector::TableFilter& filter,
                                    const wire::postgres::Begin& transaction,
                                    const AskSource& ask_source) {
  return Composition(changes, known, filter, transaction, ask_source).Run();
}

base::StatusOr<ComposedDdl> ComposeLater(const FollowedTables& known,
                                         const connector::TableFilter& filter, Lsn end) {
  const CapturedChanges none;
  const AskSource not_asked;
  const wire::postgres::Begin ended{.commit = end};
  return Composition(none, known, filter, ended, not_asked).RunLater();
}

}  // namespace godwit::connectors::postgres
