#include "connectors/mysql/from_postgres/postgres_changes.h"

#include "connectors/mysql/catalog.h"

namespace godwit::connectors::mysql {

using connector::PieceUse;
using connector::TableChanges;

base::StatusOr<std::shared_ptr<PostgresRows>> PostgresTables::RowsOf(Connection& connection,
                                                                     const model::TablePtr& table) {
  std::shared_ptr<PostgresRows>& known = tables_[table->name];
  if (known != nullptr && known->source() == table) return known;
  known.reset();
  GODWIT_ASSIGN_OR_RETURN(std::string statement, ReadDefinition(connection, table->name));
  GODWIT_ASSIGN_OR_RETURN(const connector::TableDefinition target,
                          ParseTable(connection.flavour(), table->name, std::move(statement)));
  GODWIT_ASSIGN_OR_RETURN(model::TablePtr here, WithColumnsHere(*table, *target.table));
  GODWIT_ASSIGN_OR_RETURN(PostgresRows rows,
                          PostgresRows::Make(table, std::move(here), connection.flavour(), rules_));
  known = std::make_shared<PostgresRows>(std::move(rows));
  return known;
}

void PostgresTables::ForgetAllBut(const model::TableName& table) {
  std::erase_if(tables_, [&](const auto& known) { return known.first != table; });
}

base::Status PostgresChanges::Deletes(PieceUse use) {
  if (rows_ == nullptr) return use(changes_, nullptr);
  return connector::DeletesInPieces(changes_, *rows_, use);
}

base::Status PostgresChanges::Others(PieceUse use) {
  if (rows_ == nullptr) return use(changes_, nullptr);
  return connector::OthersInPieces(changes_, *rows_, use);
}

base::Status PostgresChanges::UpdatedAsDeletes(PieceUse use) {
  TableChanges updated;
  updated.table = changes_.table;
  updated.partial = changes_.partial;
  updated.unique_keys_wait = changes_.unique_keys_wait;
  updated.deletes.reserve(changes_.updates.size());
  for (const TableChanges::Update& update : changes_.updates)
    updated.deletes.push_back(update.after);
  return PostgresChanges(updated, rows_).Deletes(use);
}

}  // namespace godwit::connectors::mysql
