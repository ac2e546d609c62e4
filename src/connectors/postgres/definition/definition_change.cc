#include "connectors/postgres/definition/definition_change.h"

#include <absl/strings/str_join.h>

#include <algorithm>

#include "connectors/postgres/schema/schema_writer.h"
#include "connectors/postgres/sql_text.h"

namespace godwit::connectors::postgres {
namespace {

using model::DdlChange;
using model::DdlKind;
using wire::postgres::Relation;
using wire::postgres::RelationColumn;

// Whether the log has rows with this column.
bool IsLogged(const ColumnDefinition& column) { return column.generated == 0; }

bool IsOf(const ColumnDefinition& column, const RelationColumn& relation) {
  return relation.type_oid == column.type_oid && relation.type_modifier == column.type_modifier;
}

const ColumnDefinition* Find(const std::vector<ColumnDefinition>& columns, std::string_view name) {
  const auto found = std::ranges::find(columns, name, &ColumnDefinition::name);
  return found == columns.end() ? nullptr : &*found;
}

void SetEffect(const Definition& after, DdlChange& ddl) {
  ddl.dialect = kDialect;
  DdlChange::Effect& effect = ddl.effects.emplace_back();
  effect.table = after.name;
  effect.after = std::make_shared<const model::Table>(ToTable(after));
  effect.definition = ToJson(after);
  ddl.touched = {after.name};
}

// With what goes with it on the source.
void DropColumn(Definition& definition, const std::string& name) {
  std::erase_if(definition.columns, [&](const ColumnDefinition& c) { return c.name == name; });
  const auto uses = [&](const auto& one) {
    return std::ranges::find(one.columns, name) != one.columns.end();
  };
  std::erase_if(definition.constraints, uses);
  std::erase_if(definition.indexes, uses);
}

std::string AlterTable(const Definition& definition) {
  return "ALTER TABLE " + QuoteName(definition.name) + " ";
}

// The partition and what it is a part of, as far as `known` has them not; parents first.
std::vector<PartitionDefinition> NewOnes(const Definition& known, const Definition& now,
                                         uint32_t partition) {
  std::vector<PartitionDefinition> ones;
  auto one = std::ranges::find(now.partitions, partition, &PartitionDefinition::oid);
  while (one != now.partitions.end()) {
    const auto same = std::ranges::find(known.partitions, one->oid, &PartitionDefinition::oid);
    if (same != known.partitions.end()) break;
    ones.insert(ones.begin(), *one);
    one = std::ranges::find(now.partitions, one->parent, &PartitionDefinition::name);
  }
  return ones;
}

}  // namespace

RelationDifference Compare(const Definition& definition, const Relation& relation) {
  RelationDifference difference;
  for (const ColumnDefinition& column : definition.columns) {
    if (!IsLogged(column)) continue;
    const auto now = std::ranges::find(relation.columns, column.name, &RelationColumn::name);
    if (now == relation.columns.end())
      difference.gone.push_back(column.name);
    else if (!IsOf(column, *now))
      difference.other.push_back(column.name);
  }
  for (const RelationColumn& column : relation.columns) {
    const ColumnDefinition* known = Find(definition.columns, column.name);
    if (known == nullptr)
      difference.added.push_back(column);
    else if (!IsLogged(*known))
      difference.other.push_back(known->name);
  }
  return difference;
}

DdlChange AddColumns(const Definition& known, const RelationDifference& difference,
                     const Definition& now, const std::map<std::string, EarlierValue>& earlier) {
  DdlChange ddl;
  ddl.kinds = {DdlKind::kAddColumn};
  ddl.needs_no_keys = true;
  ddl.by_alter = true;
  Definition after = known;
  std::vector<std::string> added, later;
  for (const RelationColumn& relation : difference.added) {
    ColumnDefinition column = *Find(now.columns, relation.name);
    const EarlierValue& value = earlier.at(column.name);
    const std::string name = QuoteName(column.name);
    if (!value.unknown.empty() && ddl.obstacle.empty()) {
      ddl.obstacle = fmt::format(
          "column {} has come, and what it is in rows that were there before is not in the log: {}",
          column.name, value.unknown);
    }
    std::string text = fmt::format("ADD COLUMN {} {}", name, column.type);
    if (!column.collation.empty()) text += " COLLATE " + column.collation;
    if (value.value)
      text += fmt::format(" DEFAULT CAST({} AS {})", QuoteText(*value.value), column.type);
    if (ddl.obstacle.empty() && (column.identity != 0 || column.sequence_owned)) {
      ddl.obstacle = fmt::format(
          "column {} has come, which numbers its rows: make it on the target likewise, with the "
          "numbers that rows have on the source",
          column.name);
    }
    if (std::exchange(column.not_null, false)) {
      ddl.notes.push_back(fmt::format(
          "column {} of {} is NOT NULL on the source by now, and not on the target: the log does "
          "not tell since when. Set it there when the target has caught up",
          column.name, known.name.ToString()));
    }
    added.push_back(std::move(text));
    if (!column.default_value.empty())
      later.push_back(fmt::format("ALTER COLUMN {} SET DEFAULT {}", name, column.default_value));
    else if (value.value)
      later.push_back(fmt::format("ALTER COLUMN {} DROP DEFAULT", name));
    after.columns.push_back(std::move(column));
  }
  ddl.statement = AlterTable(known) + absl::StrJoin(added, ", ");
  if (!later.empty()) ddl.statement += ";\n" + AlterTable(known) + absl::StrJoin(later, ", ");
  SetEffect(after, ddl);
  for (const auto& [column, value] : earlier) ddl.effects[0].earlier[column] = value.value;
  return ddl;
}

DdlChange UnknownChange(const Definition& known, const RelationDifference& difference,
                        const std::vector<ColumnDefinition>& found) {
  DdlChange ddl;
  ddl.kinds = {DdlKind::kAlterTable};
  ddl.needs_no_keys = true;
  ddl.by_alter = true;
  Definition after = known;
  std::vector<std::string> words;
  for (const std::string& name : difference.gone) {
    words.push_back(fmt::format("column {} has gone", name));
    DropColumn(after, name);
  }
  for (const std::string& name : difference.other) {
    const ColumnDefinition* is = Find(found, name);
    words.push_back(
        fmt::format("column {} was {}{} and is {}", name, Find(known.columns, name)->type,
                    IsLogged(*Find(known.columns, name)) ? "" : ", generated,", is->type));
    *std::ranges::find(after.columns, name, &ColumnDefinition::name) = *is;
  }
  for (const RelationColumn& column : difference.added) {
    const ColumnDefinition* is = Find(found, column.name);
    words.push_back(fmt::format("column {} {} is new", is->name, is->type));
    after.columns.push_back(*is);
  }
  ddl.statement = AlterTable(known) + "...  -- " + absl::StrJoin(words, ", ");
  ddl.obstacle = fmt::format(
      "the definition of {} has changed: {}. PostgreSQL's log does not tell the statement, nor "
      "what "
      "it did to rows: execute on the target what was executed on the source",
      known.name.ToString(), absl::StrJoin(words, ", "));
  SetEffect(after, ddl);
  return ddl;
}

DdlChange AddPartition(const Definition& known, const Definition& now, uint32_t partition,
                       const std::vector<uint32_t>& attached) {
  DdlChange ddl;
  ddl.kinds = {DdlKind::kAddPartition};
  ddl.needs_no_keys = true;
  ddl.by_alter = true;
  Definition after = known;
  std::vector<std::string> statements;
  for (const PartitionDefinition& added : NewOnes(known, now, partition)) {
    after.partitions.push_back(added);
    const auto of_partition = [&](const auto& one) { return one.table == added.name; };
    std::ranges::copy_if(now.constraints, std::back_inserter(after.constraints), of_partition);
    std::ranges::copy_if(now.indexes, std::back_inserter(after.indexes), of_partition);
    std::ranges::move(PartitionStatements(now, added), std::back_inserter(statements));
    if (ddl.obstacle.empty() && std::ranges::find(attached, added.oid) != attached.end()) {
      ddl.obstacle = fmt::format(
          "partition {} was a table of its own, with rows that the log does not have as those of "
          "{}: bring them to the target, for example by pg_dump of this table, and attach it there",
          added.name.ToString(), known.name.ToString());
    }
  }
  ddl.statement = absl::StrJoin(statements, ";\n");
  SetEffect(after, ddl);
  return ddl;
}

DdlChange DropTable(const Definition& known) {
  DdlChange ddl;
  ddl.dialect = kDialect;
  ddl.kinds = {DdlKind::kDropTable};
  ddl.needs_no_keys = true;
  ddl.statement = "DROP TABLE " + QuoteName(known.name);
  ddl.obstacle = fmt::format(
      "table {} has gone from the source; PostgreSQL's log does not tell when, and the target "
      "still "
      "has it. Drop it there too, or keep it",
      known.name.ToString());
  DdlChange::Effect& effect = ddl.effects.emplace_back();
  effect.table = known.name;
  effect.dropped = true;
  ddl.touched = {known.name};
  return ddl;
}

}  // namespace godwit::connectors::postgres
