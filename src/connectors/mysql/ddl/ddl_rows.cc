// What DdlFollower finds out about the rows of a table whose definition changes.

#include <algorithm>
#include <functional>
#include <tuple>

#include "base/text.h"
#include "connector/keys_from_outside.h"
#include "connectors/mysql/ddl/ddl_follower.h"
#include "sql/alter.h"
#include "sql/row_values.h"

namespace godwit::connectors::mysql {
namespace {

using model::ForeignKey;

std::vector<std::string> NamesOf(const sql::TableDefinition& table) {
  std::vector<std::string> names;
  for (const sql::ColumnDefinition& column : table.columns) names.push_back(column.name);
  return names;
}

// Columns may change places and names so that the names are where they were; the rest of the
// definition may be as it was, too.
bool HidesItsEffect(const sql::AlterTable& alter, const sql::TableDefinition& before,
                    const sql::TableDefinition& after) {
  return before.name == after.name && !sql::RenamedColumns(alter.actions).empty() &&
         std::ranges::equal(before.columns, after.columns, base::EqualsIgnoreCase,
                            &sql::ColumnDefinition::name, &sql::ColumnDefinition::name) &&
         sql::OriginsOf(alter.actions, before, after) != NamesOf(before);
}

std::string WhyOnlyCopied(const sql::AlterTable& alter, const sql::TableDefinition& before,
                          const sql::TableDefinition& after, sql::RowsBy rows_by) {
  std::string why =
      sql::WhyValuesDiffer(before, after, sql::OriginsOf(alter.actions, before, after), rows_by);
  if (why.empty() && alter.ignore) why = sql::WhyOtherRowsStay(before, alter.actions);
  if (why.empty() && HidesItsEffect(alter, before, after)) {
    why =
        "columns change places and the definition does not, so that after a crash it could not "
        "be told whether they have";
  }
  return why;
}

// Why rows come to it that neither the log nor the target has; empty: none do.
std::string WhyRowsAreUnknown(const sql::AlterTable& alter,
                              const std::function<bool(const model::TableName&)>& known) {
  for (const sql::AlterAction& action : alter.actions) {
    if (std::holds_alternative<sql::ImportTablespace>(action))
      return "rows come to it with files of the source's";
    const model::TableName* from = nullptr;
    if (const auto* exchange = std::get_if<sql::ExchangePartition>(&action))
      from = &exchange->table;
    if (const auto* in = std::get_if<sql::ConvertTableToPartition>(&action)) from = &in->table;
    if (from != nullptr && !(known(alter.table) && known(*from)))
      return "rows come to it from a table that is not part of the task";
  }
  return "";
}

// By another name, too: tools give a key a new one when they build it anew.
bool HasKey(const sql::TableDefinition& table, const ForeignKey& key) {
  auto but_name = [](const ForeignKey& one) {
    return std::tie(one.columns, one.parent, one.parent_columns, one.on_delete, one.on_update);
  };
  return std::ranges::any_of(table.foreign_keys, [&](const ForeignKey& other) {
    return but_name(other) == but_name(key);
  });
}

}  // namespace

void DdlFollower::LookAtRows(const sql::Statement& statement,
                             const std::vector<sql::TableChange>& changes, sql::RowsBy rows_by,
                             model::DdlChange& change) const {
  const auto* alter = std::get_if<sql::AlterTable>(&statement);
  if (alter == nullptr) return;
  // A table that becomes a partition is gone by now.
  auto known = [&](const model::TableName& name) {
    return IsOurs(name) && (tracker_.Find(name) != nullptr ||
                            std::ranges::any_of(changes, [&](const sql::TableChange& table) {
                              return table.name == name && table.before != nullptr;
                            }));
  };
  auto only_copied = [&](const model::TableName& name, const std::string& why) {
    for (model::DdlChange::Effect& effect : change.effects) {
      if (effect.table == name && effect.after != nullptr) effect.by_copy = why;
    }
  };
  change.exchanged = sql::ExchangedIn(statement);
  if (const std::string why = WhyRowsAreUnknown(*alter, known); !why.empty()) {
    only_copied(alter->table, why);
    only_copied(change.exchanged, why);
  }
  const auto altered = std::ranges::find_if(changes, [&](const sql::TableChange& table) {
    return table.renamed_from.table.empty() ? table.name == alter->table
                                            : table.renamed_from == alter->table;
  });
  if (altered == changes.end() || altered->before == nullptr || altered->after == nullptr) return;
  if (const std::string why = WhyOnlyCopied(*alter, *altered->before, *altered->after, rows_by);
      !why.empty())
    only_copied(altered->name, why);
}

void DdlFollower::LookAtKeys(const std::vector<sql::TableChange>& changes,
                             model::DdlChange& change) const {
  if (keys_are_logged_) return;
  std::string keys;
  for (const sql::TableChange& table : changes) {
    if (table.after == nullptr || !IsOurs(table.after->name)) continue;
    for (const ForeignKey& key : connector::KeysFromOutside(filter_, table.after->foreign_keys)) {
      if (table.before != nullptr && HasKey(*table.before, key)) continue;
      keys += fmt::format("{}{} of {} to {}", keys.empty() ? "" : ", ", key.name,
                          table.after->name.ToString(), key.parent.ToString());
    }
  }
  if (keys.empty()) return;
  change.unlogged = fmt::format(
      "from here on the source changes rows of the task by foreign keys when a table outside of it "
      "changes, and its log does not hold that: {}. Add the tables referred to to "
      "`tables.include`, or leave out those that refer to them with `tables.exclude`, and copy "
      "anew with `godwit run --restart`; or drop the keys on the source and, where they have "
      "changed nothing, go on",
      keys);
}

}  // namespace godwit::connectors::mysql
