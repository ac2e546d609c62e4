#pragma once

#include <atomic>
#include <memory>
#include <mutex>

#include "config/endpoint.h"
#include "connector/source.h"
#include "connectors/postgres/capture/ddl_capture.h"
#include "connectors/postgres/connection/connection.h"
#include "connectors/postgres/connection/lazy_connection.h"
#include "connectors/postgres/log/change_stream.h"
#include "connectors/postgres/log/log_hold.h"

namespace godwit::connectors::postgres {

// A database of a PostgreSQL server as source. Control statements share one connection, opened when
// first needed and again after it was lost.
class PostgresSource : public connector::Source {
 public:
  // `task` gives the name of the slot and the publication that hold its log. `spill_dir`: the
  // folder where large transactions wait for their commit; nothing: they wait on the server.
  // `capture`: DDL is captured by event triggers. `tells_next_values`: the target is of another
  // family, which takes from tables' objects no more than the numbers that columns give next.
  PostgresSource(config::Endpoint endpoint, std::string_view task,
                 std::optional<std::string> spill_dir, bool tells_next_values,
                 MissingIdentity missing_identity,
                 std::optional<CaptureScope> capture = std::nullopt)
      : server_(std::move(endpoint), std::make_shared<connector::ServerPin>()),
        hold_(HoldName(task)),
        spill_dir_(std::move(spill_dir)),
        tells_next_values_(tells_next_values),
        missing_identity_(missing_identity),
        capture_(std::move(capture)),
        walsender_(server_, "source", Connection::Use::kReplication),
        watcher_(server_, "source") {}

  base::StatusOr<connector::SettledServer> Settle(const connector::LogNeed& need) override;
  connector::CheckReport Check(const connector::CheckScope& scope) override;
  std::vector<connector::RowFormat> row_formats() const override {
    return {connector::RowFormat::kPostgresCopyBinary, connector::RowFormat::kPostgresCopyText};
  }
  std::vector<connector::ObjectKind> table_objects() const override {
    using connector::ObjectKind;
    if (tells_next_values_) return {ObjectKind::kTableSequence};
    std::vector<ObjectKind> kinds = {ObjectKind::kExtension, ObjectKind::kType,
                                     ObjectKind::kTableRoutine, ObjectKind::kStatistics,
                                     ObjectKind::kTableSequence};
    if (server_.endpoint.by_leaf) kinds.push_back(ObjectKind::kPartitioned);
    return kinds;
  }
  base::StatusOr<connector::Catalog> ReadCatalog(
      const connector::TableFilter& filter,
      const std::vector<connector::ObjectKind>& kinds) override;
  base::StatusOr<std::optional<connector::CatalogTable>> ReadTable(
      const model::TableName& name) override;
  base::StatusOr<std::vector<model::SchemaDefault>> ReadSchemaDefaults(
      const connector::TableFilter& filter) override;
  base::StatusOr<std::string> Dialect() override;
  base::StatusOr<connector::TableDefinition> ParseDefinition(const model::TableName& name,
                                                             const std::string& statement) override;
  base::StatusOr<bool> LogsWholeRows() override { return false; }  // not what TOAST has aside
  base::StatusOr<bool> LogsWhatKeysDo() override { return true; }
  base::StatusOr<model::Position> CurrentPosition() override;
  base::StatusOr<model::Position> StartPosition(const connector::TableFilter& filter) override;
  base::StatusOr<std::optional<connector::LogHold>> ReadLogHold() override;
  base::StatusOr<std::vector<std::string>> ListLogHolds() override;
  base::Status EndOtherRuns(uint64_t generation) override;
  base::Status ReleaseLog() override;
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
  base::StatusOr<std::unique_ptr<connector::LargeObjectReader>> OpenLargeObjectReader() override;
  void Cancel() override {
    walsender_.Cancel();
    watcher_.Cancel();
  }
  std::partial_ordering Compare(const model::Position& a, const model::Position& b) const override;
  base::StatusOr<uint64_t> LogBytesAfter(const model::Position& position) override;

 private:
  // Runs `use` with the control connection; drops the connection when it turns out to be lost.
  template <typename Use>
  auto WithControl(Use use) -> decltype(use(std::declval<Connection&>()));

  // As Settle, of one host; with mutex_ held.
  base::StatusOr<connector::SettledServer> SettleOn(const config::Endpoint& host,
                                                    const connector::LogNeed& need,
                                                    bool has_to_be_primary);

  const Server server_;
  const std::string hold_;
  const std::optional<std::string> spill_dir_;
  const bool tells_next_values_;
  const MissingIdentity missing_identity_;
  const std::optional<CaptureScope> capture_;
  std::atomic<uint64_t> generation_{0};  // that the log is held for; 0: none was said
  std::mutex mutex_;                     // of control_
  std::unique_ptr<Connection> control_;
  LazyConnection walsender_;  // that makes the slot
  // Of what is kept: the control connection may be at work for long, as while the slot is made.
  std::mutex watch_mutex_;  // of watcher_, which Cancel need not wait for
  LazyConnection watcher_;
  uint64_t watched_ = 0;                       // the pin's generation that it is of
  std::atomic<bool> same_partitions_ = false;  // as when the task began, as far as it is known
  EarlyChanges early_;
  EarlyCapture early_capture_;
};

}  // namespace godwit::connectors::postgres
