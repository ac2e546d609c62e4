#include "connectors/postgres/definition/partition_diff.h"

#include <absl/strings/str_join.h>
#include <fmt/format.h>

#include <algorithm>

#include "connectors/postgres/schema/schema_writer.h"
#include "connectors/postgres/sql_text.h"

namespace godwit::connectors::postgres {

using model::DdlKind;
using model::TableName;

namespace {

std::string Detach(const PartitionDefinition& partition) {
  return fmt::format("ALTER TABLE {} DETACH PARTITION {}", QuoteName(partition.parent),
                     QuoteName(partition.name));
}

}  // namespace

PartitionDiff::PartitionDiff(const Definition& known, const Definition& after,
                             const DiffContext& context, const Renames& renames, DdlSteps& steps,
                             DefinitionDiff& diff)
    : known_(known),
      after_(after),
      context_(context),
      renames_(renames),
      steps_(steps),
      diff_(diff) {}

void PartitionDiff::Run() {
  std::vector<PartitionDefinition> gone;
  for (const PartitionDefinition& partition : known_.partitions) {
    const auto now = std::ranges::find(after_.partitions, partition.oid, &PartitionDefinition::oid);
    if (now == after_.partitions.end()) {
      gone.push_back(partition);
      continue;
    }
    if (now->name != partition.name) {
      steps_.renames.push_back({NewName::Of::kTable, partition.name, now->name, {}});
      diff_.kinds.insert(DdlKind::kAlterTable);
    }
    const auto renamed = renames_.tables.find(partition.parent);
    const TableName& parent = renamed == renames_.tables.end() ? partition.parent : renamed->second;
    if (parent != now->parent || partition.bound != now->bound) {
      steps_.drops.push_back(Detach(partition));
      steps_.creates.push_back(AttachText(*now));
      diff_.kinds.insert(DdlKind::kAlterTable);
    }
    if (partition.key != now->key) diff_.by_copy = "a partition is divided in another way";
    if (partition.unlogged != now->unlogged)
      diff_.Obstacle(after_.name, fmt::format("partition {} is {} by now", now->name.ToString(),
                                              now->unlogged ? "unlogged" : "logged"));
    DiffOptions(now->name, partition.options, now->options, steps_, diff_);
  }
  std::vector<std::string> drops;
  for (const PartitionDefinition& partition : gone) {
    gone_.insert(partition.name);
    const bool dropped = context_.dropped.contains(partition.oid);
    const auto parent = std::ranges::find(gone, partition.parent, &PartitionDefinition::name);
    // It goes where its parent goes, unless that is dropped and it was taken out before.
    if (parent != gone.end() && (dropped || !context_.dropped.contains(parent->oid))) continue;
    diff_.kinds.insert(DdlKind::kDropPartition);
    if (dropped) {
      drops.push_back("DROP TABLE " + QuoteName(partition.name));
      continue;
    }
    steps_.drops.push_back(Detach(partition));
    diff_.notes.push_back(fmt::format(
        "{} was a partition of {} and is a table of its own by now: what happens to it from here "
        "on is not migrated",
        partition.name.ToString(), after_.name.ToString()));
  }
  steps_.drops.insert(steps_.drops.end(), drops.begin(), drops.end());
  for (const PartitionDefinition& partition : after_.partitions) {
    if (std::ranges::find(known_.partitions, partition.oid, &PartitionDefinition::oid) ==
        known_.partitions.end())
      Add(partition);
  }
}

void PartitionDiff::Add(const PartitionDefinition& partition) {
  added_.insert(partition.name);
  diff_.kinds.insert(DdlKind::kAddPartition);
  if (context_.followed.contains(partition.oid)) {
    diff_.attached.push_back(partition.oid);
    steps_.creates.push_back(AttachText(partition));
    return;
  }
  if (!context_.made.contains(partition.oid)) {
    diff_.Obstacle(
        after_.name,
        fmt::format(
            "partition {} was a table of its own, with rows that the log does not have as the "
            "table's: bring them to the target, for example by pg_dump of this table, and attach "
            "it there",
            partition.name.ToString()));
  }
  if (partition.unlogged)
    diff_.Obstacle(after_.name, fmt::format("partition {} is unlogged", partition.name.ToString()));
  for (std::string& statement : PartitionStatements(after_, partition))
    steps_.creates.push_back(std::move(statement));
}

void DiffOptions(const TableName& table, const std::vector<std::string>& before,
                 const std::vector<std::string>& now, DdlSteps& steps, DefinitionDiff& diff) {
  std::vector<std::string> set, reset;
  const auto key = [](const std::string& option) { return option.substr(0, option.find('=')); };
  for (const std::string& option : now) {
    if (std::ranges::find(before, option) != before.end()) continue;
    const size_t equals = option.find('=');
    set.push_back(equals == std::string::npos
                      ? option
                      : option.substr(0, equals + 1) + QuoteText(option.substr(equals + 1)));
  }
  for (const std::string& option : before) {
    if (std::ranges::none_of(now, [&](const auto& o) { return key(o) == key(option); }))
      reset.push_back(key(option));
  }
  const std::string alter = "ALTER TABLE " + QuoteName(table);
  if (!set.empty()) steps.rest.push_back(alter + " SET (" + absl::StrJoin(set, ", ") + ")");
  if (!reset.empty()) steps.rest.push_back(alter + " RESET (" + absl::StrJoin(reset, ", ") + ")");
  if (!set.empty() || !reset.empty()) diff.kinds.insert(DdlKind::kAlterTable);
}

}  // namespace godwit::connectors::postgres
