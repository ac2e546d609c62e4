#pragma once

#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "fakes.h"

namespace godwit::pipeline::testing {

// A target in memory, that commits data and state together. Thread-safe.
class FakeDestination : public connector::Destination {
 public:
  explicit FakeDestination(const Log& log) : log_(log) {}

  // Places: "claim", "forget", "save", "create", "apply", "commit" and "committed" (of changes,
  // before and after it took effect), "chunk.write", "chunk.commit", "chunk.committed", "ddl".
  Fault fault;
  // Called with what every commit of changes or of a DDL left; it may ask for copy_end only.
  std::function<void(uint64_t position, const Database& database)> on_commit;
  std::vector<std::string> done;  // what was done, in order
  uint64_t drifted_rows = 0;

  Database database() const;
  connector::TaskState state() const;
  const model::Position& copy_end() const { return state_.copy_end; }  // inside on_commit
  void SetState(connector::TaskState state, Database database);

  connector::CheckReport Check(const connector::CheckScope&, const connector::Catalog&) override {
    return {};
  }
  std::vector<connector::RowFormat> row_formats() const override;
  base::StatusOr<std::optional<connector::TaskState>> LoadState() override;
  base::StatusOr<connector::TaskState> Claim(uint64_t generation) override;
  base::StatusOr<std::optional<connector::TaskState>> ClaimIfKnown(uint64_t generation) override;
  base::StatusOr<connector::Forgotten> Forget() override;
  base::Status SaveHead(const connector::TaskState& state) override;
  base::Status SaveServer(const connector::TaskState& state) override;
  base::Status SaveTables(const std::vector<connector::TableState>& tables) override;
  base::Status CreateSchemas(const std::vector<connector::CatalogSchema>&) override;
  base::StatusOr<std::string> Dialect() override { return std::string(); }
  base::StatusOr<std::string> PlanSchema(const connector::CatalogSchema& schema) override {
    return schema.statement;
  }
  base::StatusOr<std::string> PlanObject(const connector::CatalogObject& object) override {
    return object.statement;
  }
  base::StatusOr<model::TablePtr> TableHere(const connector::TableDefinition& table) override {
    return table.table;
  }
  base::StatusOr<model::TablePtr> TableWithDefaultsHere(
      const connector::TableDefinition& table) override {
    return table.table;
  }
  base::StatusOr<connector::TablePlan> PlanTable(const connector::TableDefinition&,
                                                 const connector::Catalog&,
                                                 connector::IfExists) override;
  base::StatusOr<bool> NeedsCreating(const connector::TableDefinition& table,
                                     connector::IfExists if_exists) override;
  base::Status CreateTable(const connector::TableDefinition& table) override;
  base::Status DropTable(const model::TableName& name) override;
  base::StatusOr<bool> HasTable(const model::TableName& name) override;
  base::Status FinishTable(const connector::TableDefinition& table,
                           connector::UniqueKeys unique_keys) override;
  base::Status CreateForeignKeys(const std::vector<connector::TableDefinition>& tables) override;
  base::Status CreateObjects(const std::vector<connector::CatalogObject>&,
                             connector::IfExists) override;
  base::Status DropObjects(const std::vector<connector::CatalogObject>&) override;
  base::StatusOr<connector::DdlOutcome> ApplyDdl(const model::DdlChange& ddl,
                                                 const model::Position& position,
                                                 int64_t commit_time_us,
                                                 const std::vector<connector::TableState>& tables,
                                                 const connector::DdlOrder& order) override;
  base::Status DecideDdl(connector::DdlVerb, const std::vector<std::string>&) override {
    return base::OkStatus();
  }
  base::StatusOr<std::vector<connector::DdlRecord>> ReadDdlRecords() override {
    return std::vector<connector::DdlRecord>();
  }
  base::StatusOr<std::unique_ptr<connector::ChunkWriter>> OpenChunkWriter(
      connector::RowFormat format) override;
  base::StatusOr<std::unique_ptr<connector::ChangeApplier>> OpenApplier(bool others) override;
  base::StatusOr<std::vector<connector::CatalogTable>> ReadTables(
      const connector::TableFilter&) override;
  base::StatusOr<std::unique_ptr<connector::RowReader>> OpenRowReader(
      const std::string& other) override;

 private:
  class Applier;
  class Writer;

  base::Status At(std::string_view place);  // holds mutex_
  void PutTables(const std::vector<connector::TableState>& tables);
  void Committed(const model::Position& position);

  const Log& log_;
  mutable std::mutex mutex_;
  Database database_;
  std::set<model::TableName> unique_;  // tables whose unique keys have been built
  connector::TaskState state_;
  std::map<model::TableName, connector::TableState> tables_;
};

}  // namespace godwit::pipeline::testing
