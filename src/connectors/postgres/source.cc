#include "connectors/postgres/source.h"

#include <algorithm>
#include <limits>

#include "connector/check_list.h"
#include "connectors/postgres/catalog.h"
#include "connectors/postgres/check/source_check.h"
#include "connectors/postgres/compare/canonical_form.h"
#include "connectors/postgres/compare/row_reader.h"
#include "connectors/postgres/copy/chunk_reader.h"
#include "connectors/postgres/copy/chunk_snapshot.h"
#include "connectors/postgres/copy/large_objects.h"
#include "connectors/postgres/copy/range_planner.h"
#include "connectors/postgres/from_mysql/column_types.h"
#include "connectors/postgres/log/hold_generation.h"
#include "connectors/postgres/log/server_move.h"
#include "connectors/postgres/position.h"
#include "connectors/postgres/schema/next_values.h"

namespace godwit::connectors::postgres {

template <typename Use>
auto PostgresSource::WithControl(Use use) -> decltype(use(std::declval<Connection&>())) {
  std::lock_guard lock(mutex_);
  if (control_ == nullptr) {
    GODWIT_ASSIGN_OR_RETURN(std::unique_ptr<Connection> control,
                            Connection::Open(server_, "source"));
    GODWIT_RETURN_IF_ERROR(MarkHolder(*control, hold_));
    control_ = std::move(control);
  }
  auto result = use(*control_);
  base::Status status;
  if constexpr (std::is_same_v<decltype(result), base::Status>)
    status = result;
  else
    status = result.status();
  if (absl::IsUnavailable(status)) control_.reset();
  return result;
}

base::StatusOr<connector::SettledServer> PostgresSource::SettleOn(const config::Endpoint& host,
                                                                  const connector::LogNeed& need,
                                                                  bool has_to_be_primary) {
  GODWIT_ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection,
                          Connection::OpenHost(host, "source"));
  GODWIT_ASSIGN_OR_RETURN(const ServerFacts facts, ReadServerFacts(*connection, host, need, hold_));
  if (facts.is_standby && has_to_be_primary) {
    return base::Unavailable(
        "source: {} is a standby, and only a primary can be read: it is asked again later whether "
        "it has been promoted",
        facts.address);
  }
  GODWIT_ASSIGN_OR_RETURN(connector::SettledServer settled, GoOnAt(facts, need, hold_));
  GODWIT_RETURN_IF_ERROR(MarkHolder(*connection, hold_));
  control_ = std::move(connection);
  return settled;
}

base::StatusOr<connector::SettledServer> PostgresSource::Settle(const connector::LogNeed& need) {
  std::lock_guard lock(mutex_);
  control_.reset();
  walsender_.Close();
  const std::vector<config::Endpoint> hosts = server_.endpoint.Each();
  connector::HostErrors errors;
  for (const size_t host : server_.pin->Candidates(hosts.size())) {
    auto settled = SettleOn(hosts[host], need, hosts.size() > 1 || !need.from.empty());
    if (settled.ok()) {
      // Of a server that it is not any more.
      if (!need.server.empty() && settled->identity != need.server) {
        constexpr auto kAll = std::numeric_limits<wire::postgres::Lsn>::max();
        early_.ForgetBefore(kAll);
        early_capture_.ForgetBefore(kAll);
      }
      server_.pin->Choose({host, settled->identity});
      return settled;
    }
    errors.Add(settled.status());
  }
  return errors.Status();
}

connector::CheckReport PostgresSource::Check(const connector::CheckScope& scope) {
  const auto settled = Settle(connector::NeedOf(scope));
  if (!settled.ok()) return connector::CheckList::Unsettled(settled.status());
  auto report = WithControl([&](Connection& control) {
    return CheckSource(control, connector::ScopeAt(*settled, scope), hold_, spill_dir_,
                       missing_identity_, capture_, tells_next_values_);
  });
  return report.ok() ? *std::move(report)
                     : connector::CheckList::Unreachable("source", report.status());
}

base::StatusOr<connector::Catalog> PostgresSource::ReadCatalog(
    const connector::TableFilter& filter, const std::vector<connector::ObjectKind>& kinds) {
  using connector::ObjectKind;
  return WithControl([&](Connection& control) -> base::StatusOr<connector::Catalog> {
    if (!tells_next_values_) return postgres::ReadCatalog(control, filter, kinds);
    std::vector<ObjectKind> others = kinds;
    const bool asked = std::erase(others, ObjectKind::kTableSequence) > 0;
    GODWIT_ASSIGN_OR_RETURN(connector::Catalog catalog,
                            postgres::ReadCatalog(control, filter, others));
    // What else schemas hold has no place there.
    std::erase_if(catalog.schemas, [&](const connector::CatalogSchema& schema) {
      return std::ranges::none_of(catalog.tables, [&](const connector::CatalogTable& table) {
        return table.definition.table->name.schema == schema.name;
      });
    });
    if (asked) GODWIT_RETURN_IF_ERROR(AddNextValues(control, catalog));
    return catalog;
  });
}

base::StatusOr<std::optional<connector::CatalogTable>> PostgresSource::ReadTable(
    const model::TableName& name) {
  return WithControl(
      [&](Connection& control) -> base::StatusOr<std::optional<connector::CatalogTable>> {
        GODWIT_ASSIGN_OR_RETURN(const std::optional<Definition> definition,
                                ReadDefinition(control, name));
        if (!definition) return std::optional<connector::CatalogTable>();
        return std::optional(connector::CatalogTable{ToTableDefinition(*definition)});
      });
}

// Tables get nothing from their schemas.
base::StatusOr<std::vector<model::SchemaDefault>> PostgresSource::ReadSchemaDefaults(
    const connector::TableFilter&) {
  return std::vector<model::SchemaDefault>();
}

base::StatusOr<std::string> PostgresSource::Dialect() { return std::string(kDialect); }

base::StatusOr<connector::TableDefinition> PostgresSource::ParseDefinition(
    const model::TableName&, const std::string& statement) {
  GODWIT_ASSIGN_OR_RETURN(const Definition definition, FromJson(statement));
  // The first that is asked of a task that has begun.
  if (!same_partitions_) {
    GODWIT_RETURN_IF_ERROR(
        WithControl([&](Connection& control) { return ExpectSamePartitions(control, hold_); }));
    same_partitions_ = true;
  }
  return ToTableDefinition(definition);
}

namespace {

constexpr int kMostStarts = 5;

base::StatusOr<std::vector<Definition>> ReadTables(Connection& control,
                                                   const connector::TableFilter& filter) {
  GODWIT_ASSIGN_OR_RETURN(const connector::Catalog catalog,
                          postgres::ReadCatalog(control, filter, {}));
  std::vector<Definition> tables;
  for (const connector::CatalogTable& table : catalog.tables) {
    GODWIT_ASSIGN_OR_RETURN(tables.emplace_back(), FromJson(table.definition.statement));
  }
  return tables;
}

}  // namespace

base::StatusOr<model::Position> PostgresSource::CurrentPosition() {
  return WithControl([&](Connection& control) -> base::StatusOr<model::Position> {
    GODWIT_ASSIGN_OR_RETURN(const wire::postgres::Lsn end, ReadLogEnd(control));
    WriteOutLog(control, end);
    return LogPosition{end, std::nullopt}.ToPosition();
  });
}

base::StatusOr<model::Position> PostgresSource::StartPosition(
    const connector::TableFilter& filter) {
  return WithControl([&](Connection& control) -> base::StatusOr<model::Position> {
    GODWIT_ASSIGN_OR_RETURN(std::vector<Definition> tables, ReadTables(control, filter));
    if (tables.empty()) {
      return base::FailedPrecondition(
          "no table of database {} matches `tables.include`; `godwit plan` shows what does",
          control.database());
    }
    // A slot waits for transactions that are open, and some of these may make tables.
    for (int tries = 0; tries < kMostStarts; ++tries) {
      GODWIT_ASSIGN_OR_RETURN(
          const wire::postgres::Lsn start,
          HoldLog(server_, control, walsender_, hold_, tables, missing_identity_, capture_));
      if (generation_ != 0) GODWIT_RETURN_IF_ERROR(NoteGeneration(control, hold_, generation_));
      GODWIT_ASSIGN_OR_RETURN(std::vector<Definition> now, ReadTables(control, filter));
      const bool others = std::ranges::any_of(now, [&](const Definition& table) {
        return std::ranges::find(tables, table.oid, &Definition::oid) == tables.end();
      });
      if (!others) return LogPosition{start, std::nullopt}.ToPosition();
      tables = std::move(now);
    }
    return base::Unavailable(
        "source: again and again tables were made while the task began; it is tried once more");
  });
}

base::StatusOr<std::optional<connector::LogHold>> PostgresSource::ReadLogHold() {
  std::lock_guard lock(watch_mutex_);
  const uint64_t generation = server_.pin->generation();
  if (std::exchange(watched_, generation) != generation) watcher_.Close();
  return watcher_.With(
      [&](Connection& connection) { return postgres::ReadLogHold(connection, hold_); });
}

base::StatusOr<std::vector<std::string>> PostgresSource::ListLogHolds() {
  auto holds =
      WithControl([&](Connection& control) { return postgres::ListHolds(control, hold_); });
  if (holds.ok()) return holds;
  return base::MakeStatus(holds.status().code(),
                          "{}; replication slot {} and the publication of this name stay on the "
                          "source, where they are there, and keep its log",
                          holds.status().message(), hold_);
}

// The first time for those that could be in the note's way, the second for one that had looked at
// what was noted before.
base::Status PostgresSource::EndOtherRuns(uint64_t generation) {
  generation_ = generation;
  return WithControl([&](Connection& control) -> base::Status {
    GODWIT_RETURN_IF_ERROR(EndOtherHolders(control, hold_));
    GODWIT_RETURN_IF_ERROR(NoteGeneration(control, hold_, generation));
    return EndOtherHolders(control, hold_);
  });
}

base::Status PostgresSource::ReleaseLog() {
  return WithControl([&](Connection& control) -> base::Status {
    if (generation_ != 0) GODWIT_RETURN_IF_ERROR(ExpectNoLater(control, hold_, generation_));
    return postgres::ReleaseLog(control, hold_);
  });
}

base::StatusOr<model::Position> PostgresSource::ParsePosition(const std::string&,
                                                              const std::string&, uint64_t) {
  return base::InvalidArgument(
      "stream.start: PostgreSQL keeps its log only from where a task has asked for it; leave this "
      "out, and the changes are followed from now on");
}

base::StatusOr<std::vector<connector::KeyRange>> PostgresSource::PlanRanges(
    const connector::CatalogTable& table, int parts) {
  using Ranges = std::vector<connector::KeyRange>;
  const model::Table& planned = *table.definition.table;
  return WithControl([&](Connection& control) -> base::StatusOr<Ranges> {
    GODWIT_ASSIGN_OR_RETURN(Ranges ranges,
                            postgres::PlanRanges(control, planned.name, planned, parts));
    if (planned.cells_are_text) return ranges;
    // As the other family has it, whose rows it is compared with.
    GODWIT_ASSIGN_OR_RETURN(const model::TablePtr here, WithTypesHere(control, planned));
    CanonicalForm form(planned, *here);
    for (connector::KeyRange& range : ranges) {
      GODWIT_ASSIGN_OR_RETURN(range.after, form.Key(range.after));
      GODWIT_ASSIGN_OR_RETURN(range.upto, form.Key(range.upto));
    }
    return ranges;
  });
}

base::StatusOr<std::unique_ptr<connector::ChunkReader>> PostgresSource::OpenChunkReader(
    connector::RowFormat format, const model::Position&, const std::string&) {
  return std::unique_ptr<connector::ChunkReader>(
      std::make_unique<CopyChunkReader>(server_, format));
}

base::StatusOr<std::unique_ptr<connector::RowReader>> PostgresSource::OpenRowReader(
    const std::string& other) {
  return std::unique_ptr<connector::RowReader>(
      std::make_unique<PostgresRowReader>(server_, "source", other));
}

base::StatusOr<std::unique_ptr<connector::ChangeStream>> PostgresSource::OpenChangeStream(
    const connector::StreamStart& start) {
  GODWIT_ASSIGN_OR_RETURN(const LogPosition after, LogPosition::Parse(start.after));
  early_.ForgetBefore(after.lsn);
  early_capture_.ForgetBefore(after.lsn);
  std::unique_ptr<CapturedDdl> captured;
  if (capture_) {
    const base::Status ready = WithControl([&](Connection& control) -> base::Status {
      GODWIT_RETURN_IF_ERROR(ExpectCapture(control, hold_));
      return RefreshCapture(control, hold_, *capture_);
    });
    GODWIT_RETURN_IF_ERROR(ready);
    captured =
        std::make_unique<CapturedDdl>(server_, hold_, start.filter, after.lsn, early_capture_);
  }
  // Messages of a subtransaction do not say that they are its, so that those of one that is rolled
  // back are only known not to count where transactions come whole.
  const std::optional<std::string> spill_dir = capture_ ? std::nullopt : spill_dir_;
  GODWIT_ASSIGN_OR_RETURN(
      std::unique_ptr<connector::ChangeStream> stream,
      SlotStream::Open(server_, start, hold_, spill_dir, early_, std::move(captured)));
  return stream;
}

base::StatusOr<std::unique_ptr<connector::LargeObjectReader>>
PostgresSource::OpenLargeObjectReader() {
  GODWIT_ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection,
                          Connection::Open(server_, "source"));
  return std::unique_ptr<connector::LargeObjectReader>(
      std::make_unique<SourceLargeObjects>(std::move(connection)));
}

std::partial_ordering PostgresSource::Compare(const model::Position& a,
                                              const model::Position& b) const {
  return ComparePositions(a, b);
}

base::StatusOr<uint64_t> PostgresSource::LogBytesAfter(const model::Position& position) {
  GODWIT_ASSIGN_OR_RETURN(const LogPosition from, LogPosition::Parse(position));
  return WithControl([&](Connection& control) -> base::StatusOr<uint64_t> {
    GODWIT_ASSIGN_OR_RETURN(const wire::postgres::Lsn end, ReadLogEnd(control));
    return end - std::min(end, from.lsn);
  });
}

}  // namespace godwit::connectors::postgres
