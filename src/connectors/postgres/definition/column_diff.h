#pragma once

#include "connectors/postgres/definition/definition_diff.h"

namespace godwit::connectors::postgres {

// The part of DiffDefinitions that is about columns, which are known by their numbers. All is
// borrowed.
class ColumnDiff {
 public:
  ColumnDiff(const Definition& known, const Definition& after, const DiffContext& context,
             const Renames& renames, DdlSteps& steps, DefinitionDiff& diff);

  void Run();

 private:
  void Drop(const ColumnDefinition& column);
  void Rename();
  void Add(const ColumnDefinition& column);
  void Change(const ColumnDefinition& before, const ColumnDefinition& now);
  void ChangeType(const ColumnDefinition& before, const ColumnDefinition& now);
  void ChangeDefault(const ColumnDefinition& before, const ColumnDefinition& now);
  void ChangeSequence(const ColumnDefinition& before, const ColumnDefinition& now);
  void ChangeNotNull(const ColumnDefinition& before, const ColumnDefinition& now);
  void LeaveNullable(const ColumnDefinition& column);
  void Alter(const std::string& what);
  void ByCopy(const std::string& why);

  const Definition& known_;
  const Definition& after_;
  const DiffContext& context_;
  const Renames& renames_;
  DdlSteps& steps_;
  DefinitionDiff& diff_;
  const std::string alter_;
};

}  // namespace godwit::connectors::postgres
