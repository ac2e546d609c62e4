#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "config/endpoint.h"
#include "connector/connection_pool.h"
#include "connector/destination.h"
#include "connectors/postgres/apply/absent_keys.h"
#include "connectors/postgres/apply/write_session.h"
#include "connectors/postgres/connection/connection.h"
#include "connectors/postgres/from_mysql/foreign_ddl.h"
#include "connectors/postgres/from_mysql/foreign_source.h"
#include "connectors/postgres/schema/key_builder.h"
#include "connectors/postgres/state/state_store.h"

namespace godwit::connectors::postgres {

// A database of a PostgreSQL server as target. The control connection holds the task's lock once it
// is claimed; after the connection was lost, the lock is taken again with the epoch compared.
class PostgresDestination : public connector::Destination {
 public:
  // Of sources of another family, `casts`: types of columns; `unfit`: what becomes of values that
  // this server cannot hold.
  PostgresDestination(config::Endpoint endpoint, std::string meta_schema, std::string task,
                      config::Casts casts, connector::ValueRules::Actions unfit)
      : endpoint_(std::move(endpoint)),
        store_(std::move(meta_schema), std::move(task)),
        from_(std::move(casts)),
        value_rules_(std::make_shared<connector::ValueRules>(unfit)),
        finishing_([this] { return store_.Open(endpoint_); }, "target"),
        spare_([this] { return store_.Open(endpoint_); }, kSpareConnections) {}

  connector::CheckReport Check(const connector::CheckScope& scope,
                               const connector::Catalog& catalog) override;
  std::vector<connector::RowFormat> row_formats() const override {
    return {connector::RowFormat::kPostgresCopyBinary, connector::RowFormat::kPostgresCopyText};
  }

  base::StatusOr<std::string> Dialect() override;
  base::StatusOr<std::optional<connector::TaskState>> LoadState() override;
  base::Status MakeWay(uint64_t generation) override;
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
  base::Status HoldKeysBack(const std::vector<connector::TableDefinition>& tables) override;
  base::Status LetKeysAct(const std::vector<connector::TableDefinition>& tables) override;
  base::Status CreateObjects(const std::vector<connector::CatalogObject>& objects,
                             connector::IfExists if_exists) override;
  base::Status DropObjects(const std::vector<connector::CatalogObject>& objects) override;
  base::Status DropObjectsOf(const model::TableName& table,
                             const std::vector<connector::CatalogObject>& objects) override;
  base::StatusOr<model::DdlChange> DdlHere(
      const model::DdlChange& ddl, const std::vector<connector::TableDefinition>& known) override {
    return IsForeign(ddl.dialect) ? postgres::DdlHere(ddl, from_, known) : ddl;
  }
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
  base::StatusOr<connector::LargeObjectCounts> TakeLargeObjects(
      connector::LargeObjectReader& source, const connector::LargeObjectOrder& order) override;

  base::StatusOr<std::vector<connector::CatalogTable>> ReadTables(
      const connector::TableFilter& filter) override;
  base::StatusOr<std::unique_ptr<connector::RowReader>> OpenRowReader(
      const std::string& other) override;

 private:
  template <typename Use>
  auto WithControl(Use use) -> decltype(use(std::declval<Connection&>()));

  // Of those that are there, the definitions.
  base::StatusOr<std::vector<Definition>> ExistingHere(
      const std::vector<connector::TableState>& states) const;
  base::StatusOr<std::vector<Definition>> DefinitionsOf(
      const std::vector<connector::TableState>& states,
      const std::function<bool(const connector::TableState&)>& wanted) const;
  // By leaf (Connection::by_leaf): those that are partitions on the target are none any more.
  base::Status MakeOwn(Connection& control, const std::vector<model::TableName>& tables);
  // Runs `drop`, which may drop the table; where the task's keys to it are in the way, without
  // them.
  base::Status WithoutKeysTo(Connection& control, const model::TableName& table,
                             const std::function<base::Status()>& drop);
  // The foreign keys that were kept away, and no run has made since.
  base::StatusOr<std::vector<std::string>> KeysUnmade(Connection& control);
  base::StatusOr<KeysAround> KeysAroundDdl(Connection& control, const model::DdlChange& ddl,
                                           const std::vector<connector::TableState>& changed);

  // Besides one for each table that is being finished.
  static constexpr int kSpareConnections = 3;

  config::Endpoint endpoint_;
  StateStore store_;
  const ForeignSource from_;
  const std::shared_ptr<connector::ValueRules> value_rules_;  // of its writers
  connector::ConnectionPool<Connection> finishing_;           // of tables: that takes long
  SpareConnections spare_;
  std::mutex mutex_;  // of what follows
  std::unique_ptr<Connection> control_;
  bool claimed_ = false;
  std::string dialect_of_source_;                    // as HoldKeysBack has seen it
  std::atomic<Holding> holding_ = Holding::kByRole;  // likewise; read without the mutex
};

}  // namespace godwit::connectors::postgres
