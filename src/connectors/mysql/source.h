#pragma once

#include <atomic>
#include <memory>
#include <mutex>

#include "config/endpoint.h"
#include "connector/source.h"
#include "connector/value_rules.h"
#include "connectors/mysql/connection/connection.h"
#include "connectors/mysql/copy/lock_turns.h"
#include "connectors/mysql/log/other_readers.h"
#include "connectors/mysql/relay/relay.h"

namespace godwit::connectors::mysql {

// A MariaDB server as source. Control statements share one connection, opened when first needed and
// again after it was lost.
class MysqlSource : public connector::Source {
 public:
  // `task` gives the replica's server id, so that a new run of a task ends what an old one left
  // behind. `tells_next_values`: of AUTO_INCREMENT columns, for a target that does not see them
  // from the rows.
  // `unfit`: what becomes of values that a target of another family cannot hold. `relay`: of this
  // source; null: its streams read the log from the server.
  MysqlSource(config::Endpoint endpoint, std::string task, bool tells_next_values,
              connector::ValueRules::Actions unfit, std::shared_ptr<MysqlRelay> relay)
      : server_(std::move(endpoint), std::make_shared<connector::ServerPin>()),
        task_(std::move(task)),
        tells_next_values_(tells_next_values),
        value_rules_(std::make_shared<connector::ValueRules>(unfit)),
        relay_{std::move(relay), task_} {}

  base::StatusOr<connector::SettledServer> Settle(const connector::LogNeed& need) override;
  connector::CheckReport Check(const connector::CheckScope& scope) override;
  std::vector<connector::RowFormat> row_formats() const override {
    return {connector::RowFormat::kMysqlLoadText, connector::RowFormat::kPostgresCopyText};
  }
  std::vector<connector::ObjectKind> table_objects() const override {
    if (!tells_next_values_) return {};
    return {connector::ObjectKind::kTableSequence};
  }
  base::StatusOr<connector::Catalog> ReadCatalog(
      const connector::TableFilter& filter,
      const std::vector<connector::ObjectKind>& kinds) override;
  base::StatusOr<std::optional<connector::CatalogTable>> ReadTable(
      const model::TableName& name) override;
  base::StatusOr<std::string> Dialect() override;
  base::StatusOr<bool> LogsWholeRows() override;
  base::StatusOr<std::vector<model::SchemaDefault>> ReadSchemaDefaults(
      const connector::TableFilter& filter) override;
  base::StatusOr<bool> LogsWhatKeysDo() override;
  base::StatusOr<connector::TableDefinition> ParseDefinition(const model::TableName& name,
                                                             const std::string& statement) override;
  base::StatusOr<model::Position> CurrentPosition() override;
  base::StatusOr<model::Position> StartPosition(const connector::TableFilter& filter) override;
  base::StatusOr<model::Position> ParsePosition(const std::string& gtid, const std::string& file,
                                                uint64_t offset) override;
  base::StatusOr<std::vector<connector::KeyRange>> PlanRanges(const connector::CatalogTable& table,
                                                              int parts) override;
  base::StatusOr<std::unique_ptr<connector::ChunkReader>> OpenChunkReader(
      connector::RowFormat format, const model::Position& t0, const std::string& target) override;
  base::StatusOr<std::unique_ptr<connector::RowReader>> OpenRowReader(
      const std::string& other) override;
  base::StatusOr<std::unique_ptr<connector::ChangeStream>> OpenChangeStream(
      const connector::StreamStart& start) override;
  std::partial_ordering Compare(const model::Position& a, const model::Position& b) const override;
  base::StatusOr<uint64_t> LogBytesAfter(const model::Position& position) override;
  std::vector<connector::UnfitCount> UnfitValues() const override { return value_rules_->Counts(); }
  void Cancel() override { waiting_is_cancelled_ = true; }

 private:
  // Runs `use` with the control connection; drops the connection when it turns out to be lost.
  template <typename Use>
  auto WithControl(Use use) -> decltype(use(std::declval<Connection&>()));
  base::StatusOr<std::string> GtidsAt(Connection& control, const std::string& file,
                                      uint64_t offset);

  const Server server_;
  std::string task_;
  const bool tells_next_values_;
  std::mutex mutex_;  // of control_
  std::unique_ptr<Connection> control_;
  std::atomic<bool> waiting_is_cancelled_ = false;
  const std::shared_ptr<std::atomic<bool>> needs_statements_ =
      std::make_shared<std::atomic<bool>>(false);  // of its streams (change_stream.h)
  const std::shared_ptr<OtherReaders> other_readers_ = std::make_shared<OtherReaders>();
  const std::shared_ptr<LockTurns> lock_turns_ = std::make_shared<LockTurns>();  // of its readers
  const std::shared_ptr<connector::ValueRules> value_rules_;                     // likewise
  const RelayUse relay_;
};

}  // namespace godwit::connectors::mysql
