#pragma once

#include <memory>
#include <mutex>
#include <optional>

#include "config/endpoint.h"
#include "connector/connection_pool.h"
#include "connector/destination.h"
#include "connector/value_rules.h"
#include "connectors/mysql/connection/connection.h"
#include "connectors/mysql/from_postgres/foreign_tables.h"
#include "connectors/mysql/state/state_store.h"

namespace godwit::connectors::mysql {

// A MariaDB or MySQL server as target. The control connection holds the task's lock once it is
// claimed; after the connection was lost, the lock is taken again with the epoch compared.
class MysqlDestination : public connector::Destination {
 public:
  // Of sources of another family, `casts`: types of columns; `unfit`: what becomes of values that
  // this server cannot hold.
  MysqlDestination(config::Endpoint endpoint, std::string meta_schema, std::string task,
                   config::Casts casts, connector::ValueRules::Actions unfit)
      : endpoint_(std::move(endpoint)),
        store_(std::move(meta_schema), std::move(task)),
        from_(std::move(casts)),
        value_rules_(std::make_shared<connector::ValueRules>(unfit)),
        finishing_([this] { return store_.Open(endpoint_, Connection::Text::kUtf8); }, "target") {}

  connector::CheckReport Check(const connector::CheckScope& scope,
                               const connector::Catalog& catalog) override;
  std::vector<connector::RowFormat> row_formats() const override {
    return {connector::RowFormat::kMysqlLoadText, connector::RowFormat::kPostgresCopyText};
  }

  base::StatusOr<std::string> Dialect() override;
  base::StatusOr<std::optional<connector::TaskState>> LoadState() override;
  base::StatusOr<connector::TaskState> Claim(uint64_t generation) override;
  base::StatusOr<std::optional<connector::TaskState>> ClaimIfKnown(uint64_t generation) override;
  base::StatusOr<connector::Forgotten> Forget() override;
  base::Status SaveHead(const connector::TaskState& state) override;
  base::Status SaveServer(const connector::TaskState& state) override;
  base::Status SaveTables(const std::vector<connector::TableState>& tables) override;

  base::Status CreateSchemas(const std::vector<connector::CatalogSchema>& schemas) override;
  base::StatusOr<std::string> PlanSchema(const connector::CatalogSchema& schema) override;
  base::StatusOr<std::string> PlanObject(const connector::CatalogObject& object) override;
  base::StatusOr<model::TablePtr> TableHere(const connector::TableDefinition& table) override;
  base::StatusOr<model::TablePtr> TableWithDefaultsHere(
      const connector::TableDefinition& table) override;
  base::StatusOr<connector::TablePlan> PlanTable(const connector::TableDefinition& table,
                                                 const connector::Catalog& catalog,
                                                 connector::IfExists if_exists) override;
  base::StatusOr<bool> NeedsCreating(const connector::TableDefinition& table,
                                     connector::IfExists if_exists) override;
  base::Status CreateTable(const connector::TableDefinition& table) override;
  base::Status DropTable(const model::TableName& name) override;
  base::StatusOr<bool> HasTable(const model::TableName& name) override;
  base::Status FinishTable(const connector::TableDefinition& table,
                           connector::UniqueKeys unique_keys) override;
  base::Status CreateForeignKeys(const std::vector<connector::TableDefinition>& tables) override;
  base::Status CreateObjects(const std::vector<connector::CatalogObject>& objects,
                             connector::IfExists if_exists) override;
  base::Status DropObjects(const std::vector<connector::CatalogObject>& objects) override;
  base::StatusOr<model::DdlChange> DdlHere(
      const model::DdlChange& ddl, const std::vector<connector::TableDefinition>& known) override;
  base::StatusOr<connector::DdlOutcome> ApplyDdl(const model::DdlChange& ddl,
                                                 const model::Position& position,
                                                 int64_t commit_time_us,
                                                 const std::vector<connector::TableState>& tables,
                                                 const connector::DdlOrder& order) override;
  base::Status DecideDdl(connector::DdlVerb verb,
                         const std::vector<std::string>& replacement) override;
  base::StatusOr<std::vector<connector::DdlRecord>> ReadDdlRecords() override;

  base::StatusOr<std::unique_ptr<connector::ChunkWriter>> OpenChunkWriter(
      connector::RowFormat format) override;
  base::StatusOr<std::unique_ptr<connector::ChangeApplier>> OpenApplier(bool others) override;
  std::vector<connector::UnfitCount> UnfitValues() const override { return value_rules_->Counts(); }

  base::StatusOr<std::vector<connector::CatalogTable>> ReadTables(
      const connector::TableFilter& filter) override;
  base::StatusOr<std::unique_ptr<connector::RowReader>> OpenRowReader(
      const std::string& other) override;

 private:
  template <typename Use>
  auto WithControl(Use use) -> decltype(use(std::declval<Connection&>()));
  // As the target takes it (ForeignTables::TableHere).
  base::StatusOr<connector::TableDefinition> Translated(
      Connection& connection, const connector::TableDefinition& table) const;

  config::Endpoint endpoint_;
  StateStore store_;
  const ForeignTables from_;
  const std::shared_ptr<connector::ValueRules> value_rules_;  // of its writers and appliers
  connector::ConnectionPool<Connection> finishing_;           // of tables: that takes long
  std::mutex mutex_;                                          // of what follows
  std::unique_ptr<Connection> control_;
  bool claimed_ = false;
  std::optional<bool> local_infile_;
};

}  // namespace godwit::connectors::mysql
