#include "connectors/postgres/definition/new_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "connectors/postgres/sql_text.h"

namespace godwit::connectors::postgres {

using model::TableName;

namespace {

void AddTable(const TableName& from, const TableName& to, std::vector<std::string>& sql) {
  if (from.schema != to.schema) {
    sql.push_back(fmt::format("CREATE SCHEMA IF NOT EXISTS {}", QuoteName(to.schema)));
    sql.push_back(
        fmt::format("ALTER TABLE {} SET SCHEMA {}", QuoteName(from), QuoteName(to.schema)));
  }
  if (from.table != to.table) {
    sql.push_back(fmt::format("ALTER TABLE {} RENAME TO {}",
                              QuoteName(TableName{to.schema, from.table}), QuoteName(to.table)));
  }
}

void Add(const NewName& one, std::vector<std::string>& sql) {
  if (one.of == NewName::Of::kTable) return AddTable(one.from, one.to, sql);
  if (one.of == NewName::Of::kIndex) {
    sql.push_back(fmt::format("ALTER INDEX {}{} RENAME TO {}",
                              one.may_be_absent ? "IF EXISTS " : "", QuoteName(one.from),
                              QuoteName(one.to.table)));
    return;
  }
  std::string text = fmt::format("ALTER TABLE {} RENAME CONSTRAINT {} TO {}", QuoteName(one.table),
                                 QuoteName(one.from.table), QuoteName(one.to.table));
  if (one.may_be_absent) {
    text = fmt::format(
        "DO $godwit$ BEGIN {}; EXCEPTION WHEN undefined_object THEN NULL; END $godwit$", text);
  }
  sql.push_back(std::move(text));
}

// Whether the name may be taken when its turn comes. An index has its constraint's name.
bool MayBeTaken(const NewName& one, const std::vector<NewName>& names) {
  const bool is_table = one.of == NewName::Of::kTable;
  if (is_table && one.from.schema != one.to.schema && one.from.table != one.to.table)
    return true;  // on the way, by another
  return std::ranges::any_of(names, [&](const NewName& other) {
    return (other.of == NewName::Of::kTable) == is_table && other.from == one.to;
  });
}

}  // namespace

std::vector<std::string> RenameStatements(const std::vector<NewName>& names) {
  std::vector<std::string> sql;
  for (const bool tables : {true, false}) {
    std::vector<NewName> free, moved;
    for (size_t i = 0; i < names.size(); ++i) {
      NewName one = names[i];
      if ((one.of == NewName::Of::kTable) != tables) continue;
      if (!MayBeTaken(one, names)) {
        free.push_back(std::move(one));
        continue;
      }
      one.to = {one.from.schema, fmt::format("godwit_moved_{}", i)};
      Add(one, sql);
      one.from = std::exchange(one.to, names[i].to);
      moved.push_back(std::move(one));
    }
    for (const NewName& one : free) Add(one, sql);
    for (const NewName& one : moved) Add(one, sql);
  }
  return sql;
}

std::map<TableName, Renames> NamesSince(const Definition& before, const Definition& now) {
  std::map<std::string, std::string> columns;
  for (const ColumnDefinition& column : before.columns) {
    const auto same = std::ranges::find(now.columns, column.number, &ColumnDefinition::number);
    if (same != now.columns.end() && same->name != column.name) columns[column.name] = same->name;
  }
  std::map<TableName, Renames> names;
  const auto add = [&](const TableName& then, const TableName& called) {
    if (then != called) names[then].tables[then] = called;
    if (!columns.empty()) names[then].columns = columns;
  };
  add(before.name, now.name);
  for (const PartitionDefinition& partition : before.partitions) {
    const auto same = std::ranges::find(now.partitions, partition.oid, &PartitionDefinition::oid);
    if (same != now.partitions.end()) add(partition.name, same->name);
  }
  return names;
}

bool TakeNewParents(const std::map<TableName, Renames>& names, Definition& table) {
  bool changed = false;
  for (ConstraintDefinition& one : table.constraints) {
    const auto found = one.kind == 'f' ? names.find(one.parent) : names.end();
    if (found == names.end()) continue;
    const Renames& renames = found->second;
    ConstraintDefinition now = one;
    now.definition = WithNewParent(one.definition, renames);
    if (const auto table_now = renames.tables.find(one.parent); table_now != renames.tables.end())
      now.parent = table_now->second;
    for (std::string& column : now.parent_columns) {
      if (const auto other = renames.columns.find(column); other != renames.columns.end())
        column = other->second;
    }
    changed = changed || now != one;
    one = std::move(now);
  }
  return changed;
}

}  // namespace godwit::connectors::postgres
