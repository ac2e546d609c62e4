#include "connectors/mysql/ddl/ddl_kinds.h"

#include <algorithm>

namespace godwit::connectors::mysql {
namespace {

using model::DdlKind;

struct ActionKind {
  DdlKind operator()(const sql::AddColumn&) const { return DdlKind::kAddColumn; }
  DdlKind operator()(const sql::DropColumn&) const { return DdlKind::kDropColumn; }
  DdlKind operator()(const sql::ChangeColumn&) const { return DdlKind::kModifyColumn; }
  DdlKind operator()(const sql::RenameColumn&) const { return DdlKind::kModifyColumn; }
  DdlKind operator()(const sql::SetColumnDefault&) const { return DdlKind::kModifyColumn; }
  DdlKind operator()(const sql::SetColumnVisible&) const { return DdlKind::kModifyColumn; }
  DdlKind operator()(const sql::AddKey&) const { return DdlKind::kCreateIndex; }
  DdlKind operator()(const sql::DropKey&) const { return DdlKind::kDropIndex; }
  DdlKind operator()(const sql::RenameTo&) const { return DdlKind::kRenameTable; }
  DdlKind operator()(const sql::AddPartitions&) const { return DdlKind::kAddPartition; }
  DdlKind operator()(const sql::DropPartitions&) const { return DdlKind::kDropPartition; }
  DdlKind operator()(const sql::TruncatePartitions&) const { return DdlKind::kTruncatePartition; }
  template <typename Other>
  DdlKind operator()(const Other&) const {
    return DdlKind::kAlterTable;
  }
};

struct StatementKinds {
  using Kinds = std::vector<DdlKind>;

  // OR REPLACE drops what there is.
  Kinds operator()(const sql::CreateTable& s) const {
    if (s.or_replace) return {DdlKind::kCreateTable, DdlKind::kDropTable};
    return {DdlKind::kCreateTable};
  }
  Kinds operator()(const sql::AlterTable& s) const {
    Kinds kinds;
    for (const sql::AlterAction& action : s.actions) {
      // ALGORITHM, LOCK and their like stand beside what the statement is about.
      if (std::holds_alternative<sql::NoDefinitionChange>(action)) continue;
      const DdlKind kind = std::visit(ActionKind{}, action);
      if (std::find(kinds.begin(), kinds.end(), kind) == kinds.end()) kinds.push_back(kind);
    }
    if (kinds.empty()) kinds.push_back(DdlKind::kAlterTable);
    return kinds;
  }
  Kinds operator()(const sql::DropTable&) const { return {DdlKind::kDropTable}; }
  Kinds operator()(const sql::RenameTable&) const { return {DdlKind::kRenameTable}; }
  Kinds operator()(const sql::TruncateTable&) const { return {DdlKind::kTruncateTable}; }
  Kinds operator()(const sql::CreateIndex&) const { return {DdlKind::kCreateIndex}; }
  Kinds operator()(const sql::DropIndex&) const { return {DdlKind::kDropIndex}; }
  Kinds operator()(const sql::CreateDatabase& s) const {
    if (s.or_replace) return {DdlKind::kCreateDatabase, DdlKind::kDropDatabase};
    return {DdlKind::kCreateDatabase};
  }
  Kinds operator()(const sql::AlterDatabase&) const { return {DdlKind::kAlterDatabase}; }
  Kinds operator()(const sql::DropDatabase&) const { return {DdlKind::kDropDatabase}; }
  Kinds operator()(const sql::ViewStatement& s) const {
    switch (s.action) {
      case sql::ViewAction::kCreate:
        return {DdlKind::kCreateView};
      case sql::ViewAction::kAlter:
        return {DdlKind::kAlterView};
      case sql::ViewAction::kDrop:
        break;
    }
    return {DdlKind::kDropView};
  }
  Kinds operator()(const sql::OtherStatement&) const { return {}; }
};

}  // namespace

std::vector<DdlKind> KindsOf(const sql::Statement& statement) {
  return std::visit(StatementKinds{}, statement);
}

}  // namespace godwit::connectors::mysql
