#include "sql/statement.h"

namespace godwit::sql {
namespace {

using Names = std::vector<model::TableName>;

struct TableLister {
  Names operator()(const CreateTable& s) const { return {s.definition.name}; }
  Names operator()(const AlterTable& s) const {
    Names names{s.table};
    for (const AlterAction& action : s.actions) {
      if (const auto* rename = std::get_if<RenameTo>(&action)) names.push_back(rename->name);
      if (const auto* exchange = std::get_if<ExchangePartition>(&action))
        names.push_back(exchange->table);
      if (const auto* out = std::get_if<ConvertPartitionToTable>(&action))
        names.push_back(out->table);
      if (const auto* in = std::get_if<ConvertTableToPartition>(&action))
        names.push_back(in->table);
    }
    return names;
  }
  Names operator()(const DropTable& s) const { return s.tables; }
  Names operator()(const RenameTable& s) const {
    Names names;
    for (const RenameTable::Pair& pair : s.pairs) {
      names.push_back(pair.from);
      names.push_back(pair.to);
    }
    return names;
  }
  Names operator()(const TruncateTable& s) const { return {s.table}; }
  Names operator()(const CreateIndex& s) const { return {s.table}; }
  Names operator()(const DropIndex& s) const { return {s.table}; }
  Names operator()(const CreateDatabase&) const { return {}; }
  Names operator()(const AlterDatabase&) const { return {}; }
  Names operator()(const DropDatabase&) const { return {}; }
  Names operator()(const ViewStatement& s) const { return s.views; }
  Names operator()(const OtherStatement& s) const { return s.names; }
};

struct SchemaNamer {
  std::string operator()(const CreateDatabase& s) const { return s.schema; }
  std::string operator()(const AlterDatabase& s) const { return s.schema; }
  std::string operator()(const DropDatabase& s) const { return s.schema; }
  template <typename Other>
  std::string operator()(const Other&) const {
    return {};
  }
};

}  // namespace

std::vector<model::TableName> TablesOf(const Statement& statement) {
  return std::visit(TableLister{}, statement);
}

model::TableName ExchangedIn(const Statement& statement) {
  const auto* alter = std::get_if<AlterTable>(&statement);
  if (alter == nullptr) return {};
  for (const AlterAction& action : alter->actions) {
    if (const auto* exchange = std::get_if<ExchangePartition>(&action)) return exchange->table;
  }
  return {};
}

std::string SchemaOf(const Statement& statement) { return std::visit(SchemaNamer{}, statement); }

}  // namespace godwit::sql
