#pragma once

#include <set>
#include <string>
#include <vector>

#include "connectors/postgres/definition/definition_diff.h"

namespace godwit::connectors::postgres {

// The part of DiffDefinitions that is about partitions, which are known by their numbers. All is
// borrowed.
class PartitionDiff {
 public:
  PartitionDiff(const Definition& known, const Definition& after, const DiffContext& context,
                const Renames& renames, DdlSteps& steps, DefinitionDiff& diff);

  void Run();
  // Those that it had, by their names then, and those that have come.
  const std::set<model::TableName>& gone() const { return gone_; }
  const std::set<model::TableName>& added() const { return added_; }

 private:
  void Add(const PartitionDefinition& partition);

  const Definition& known_;
  const Definition& after_;
  const DiffContext& context_;
  const Renames& renames_;
  DdlSteps& steps_;
  DefinitionDiff& diff_;
  std::set<model::TableName> gone_, added_;
};

// The options of how a table, or a partition, is stored.
void DiffOptions(const model::TableName& table, const std::vector<std::string>& before,
                 const std::vector<std::string>& now, DdlSteps& steps, DefinitionDiff& diff);

}  // namespace godwit::connectors::postgres
