#include "connectors/mysql/source.h"

#include "base/text.h"
#include "connector/check_list.h"
#include "connectors/mysql/catalog.h"
#include "connectors/mysql/check/source_check.h"
#include "connectors/mysql/compare/row_reader.h"
#include "connectors/mysql/connection/server_settings.h"
#include "connectors/mysql/copy/chunk_reader.h"
#include "connectors/mysql/copy/range_planner.h"
#include "connectors/mysql/literal.h"
#include "connectors/mysql/log/change_stream.h"
#include "connectors/mysql/log/committed_end.h"
#include "connectors/mysql/log/log_end.h"
#include "connectors/mysql/log/log_order_proof.h"
#include "connectors/mysql/log/log_position.h"
#include "connectors/mysql/log/prepared_xa.h"
#include "connectors/mysql/log/replica_id.h"
#include "connectors/mysql/log/server_move.h"
#include "wire/mysql/gtid.h"
#include "wire/mysql/mysql_gtid.h"

namespace godwit::connectors::mysql {
namespace {

base::StatusOr<std::string> CanonicalGtids(sql::Flavour flavour, const std::string& text) {
  if (flavour == sql::Flavour::kMySql) {
    GODWIT_ASSIGN_OR_RETURN(wire::mysql::MysqlGtidSet set, wire::mysql::MysqlGtidSet::Parse(text));
    return set.ToString();
  }
  GODWIT_ASSIGN_OR_RETURN(wire::mysql::MariadbGtidSet set,
                          wire::mysql::MariadbGtidSet::Parse(text));
  return set.ToString();
}

base::StatusOr<connector::SettledServer> GoOnAtHost(const config::Endpoint& host,
                                                    Connection& connection,
                                                    const connector::LogNeed& need,
                                                    const std::atomic<bool>& cancelled) {
  GODWIT_ASSIGN_OR_RETURN(const ServerFacts facts, ReadServerFacts(connection, host.Address()));
  GODWIT_ASSIGN_OR_RETURN(connector::SettledServer settled, GoOnAt(facts, need));
  // MySQL's sets of GTIDs have told all.
  if (settled.moved && need.needs_log && !facts.is_mysql)
    GODWIT_RETURN_IF_ERROR(ProveOrder(host, connection, facts, need, cancelled));
  return settled;
}

}  // namespace

template <typename Use>
auto MysqlSource::WithControl(Use use) -> decltype(use(std::declval<Connection&>())) {
  std::lock_guard lock(mutex_);
  if (control_ == nullptr) {
    GODWIT_ASSIGN_OR_RETURN(control_, Connection::Open(server_, "source", Connection::Text::kUtf8));
  }
  auto result = use(*control_);
  if (absl::IsUnavailable(result.status())) control_.reset();
  return result;
}

base::StatusOr<connector::SettledServer> MysqlSource::Settle(const connector::LogNeed& need) {
  std::lock_guard lock(mutex_);
  waiting_is_cancelled_ = false;
  control_.reset();
  const std::vector<config::Endpoint> hosts = server_.endpoint.Each();
  connector::HostErrors errors;
  for (const size_t host : server_.pin->Candidates(hosts.size())) {
    auto connection = Connection::OpenHost(hosts[host], "source", Connection::Text::kUtf8);
    base::Status status = connection.status();
    if (status.ok()) {
      auto settled = GoOnAtHost(hosts[host], **connection, need, waiting_is_cancelled_);
      if (settled.ok()) {
        server_.pin->Choose({host, settled->identity});
        control_ = *std::move(connection);
        return settled;
      }
      status = settled.status();
    }
    errors.Add(status);
  }
  return errors.Status();
}

connector::CheckReport MysqlSource::Check(const connector::CheckScope& scope) {
  const auto settled = Settle(connector::NeedOf(scope));
  if (!settled.ok()) return connector::CheckList::Unsettled(settled.status());
  const connector::CheckScope of_server = connector::ScopeAt(*settled, scope);
  auto report = WithControl([&](Connection& control) -> base::StatusOr<connector::CheckReport> {
    return CheckSource(server_, control, of_server, ReplicaId(task_),
                       relay_.Has(control, of_server.resume_at));
  });
  return report.ok() ? *std::move(report)
                     : connector::CheckList::Unreachable("source", report.status());
}

base::StatusOr<connector::Catalog> MysqlSource::ReadCatalog(
    const connector::TableFilter& filter, const std::vector<connector::ObjectKind>& kinds) {
  return WithControl(
      [&](Connection& control) { return mysql::ReadCatalog(control, filter, kinds); });
}

base::StatusOr<std::optional<connector::CatalogTable>> MysqlSource::ReadTable(
    const model::TableName& name) {
  return WithControl([&](Connection& control) { return mysql::ReadTable(control, name); });
}

base::StatusOr<std::string> MysqlSource::Dialect() {
  return WithControl([&](Connection& control) -> base::StatusOr<std::string> {
    return std::string(DialectName(control.flavour()));
  });
}

base::StatusOr<std::vector<model::SchemaDefault>> MysqlSource::ReadSchemaDefaults(
    const connector::TableFilter& filter) {
  auto schemas = WithControl(mysql::ReadSchemaDefaults);
  if (schemas.ok()) {
    std::erase_if(*schemas,
                  [&](const auto& schema) { return !filter.some_of_schema(schema.schema); });
  }
  return schemas;
}

base::StatusOr<bool> MysqlSource::LogsWhatKeysDo() {
  return WithControl([&](Connection& control) -> base::StatusOr<bool> {
    GODWIT_ASSIGN_OR_RETURN(const Settings settings, ReadSettings(control));
    return mysql::LogsWhatKeysDo(settings);
  });
}

base::StatusOr<bool> MysqlSource::LogsWholeRows() {
  return WithControl([&](Connection& control) -> base::StatusOr<bool> {
    GODWIT_ASSIGN_OR_RETURN(const std::string image, control.Variable("binlog_row_image"));
    return image == "FULL";
  });
}

base::StatusOr<connector::TableDefinition> MysqlSource::ParseDefinition(
    const model::TableName& name, const std::string& statement) {
  return WithControl(
      [&](Connection& control) { return mysql::ParseTable(control.flavour(), name, statement); });
}

base::StatusOr<std::string> MysqlSource::GtidsAt(Connection& control, const std::string& file,
                                                 uint64_t offset) {
  if (control.is_mysql()) return std::string();
  return control.QueryValue(fmt::format("SELECT BINLOG_GTID_POS({}, {})", QuoteText(file), offset));
}

base::StatusOr<model::Position> MysqlSource::CurrentPosition() {
  return WithControl([&](Connection& control) -> base::StatusOr<model::Position> {
    GODWIT_ASSIGN_OR_RETURN(const LogEnd end, ReadLogEnd(control));
    GODWIT_ASSIGN_OR_RETURN(std::string gtids, GtidsAt(control, end.file, end.offset));
    return LogPosition{end.file, end.offset, std::move(gtids)}.ToPosition();
  });
}

base::StatusOr<model::Position> MysqlSource::StartPosition(const connector::TableFilter&) {
  return WithControl([&](Connection& control) -> base::StatusOr<model::Position> {
    LogPosition start;
    if (control.is_mysql()) {
      // In this order, so that what is executed goes as far as the file and offset at least.
      GODWIT_ASSIGN_OR_RETURN(const LogEnd end, ReadLogEnd(control));
      start = LogPosition{end.file, end.offset, ""};
      GODWIT_ASSIGN_OR_RETURN(start.gtids, ExecutedGtids(control));
    } else {
      GODWIT_ASSIGN_OR_RETURN(start, CommittedEnd().Find(control, waiting_is_cancelled_));
      GODWIT_ASSIGN_OR_RETURN(start.gtids, GtidsAt(control, start.file, start.offset));
    }
    GODWIT_RETURN_IF_ERROR(WaitForPrepared(control));
    model::Position position = start.ToPosition();
    relay_.Need(position);
    return position;
  });
}

base::StatusOr<model::Position> MysqlSource::ParsePosition(const std::string& gtid,
                                                           const std::string& file,
                                                           uint64_t offset) {
  return WithControl([&](Connection& control) -> base::StatusOr<model::Position> {
    if (!gtid.empty()) {
      GODWIT_ASSIGN_OR_RETURN(std::string set, CanonicalGtids(control.flavour(), gtid));
      return LogPosition{"", 0, std::move(set)}.ToPosition();
    }
    GODWIT_ASSIGN_OR_RETURN(std::string gtids, GtidsAt(control, file, offset));
    return LogPosition{file, offset, gtids}.ToPosition();
  });
}

base::StatusOr<std::vector<connector::KeyRange>> MysqlSource::PlanRanges(
    const connector::CatalogTable& table, int parts) {
  return WithControl([&](Connection& control) {
    return mysql::PlanRanges(control, *table.definition.table, parts);
  });
}

base::StatusOr<std::unique_ptr<connector::ChunkReader>> MysqlSource::OpenChunkReader(
    connector::RowFormat format, const model::Position& t0, const std::string& target) {
  GODWIT_ASSIGN_OR_RETURN(const LogPosition begin, LogPosition::Parse(t0));
  return std::unique_ptr<connector::ChunkReader>(std::make_unique<MysqlChunkReader>(
      server_, !begin.gtids.empty(), lock_turns_, format, FlavourOf(target), value_rules_));
}

base::StatusOr<std::unique_ptr<connector::RowReader>> MysqlSource::OpenRowReader(
    const std::string& other) {
  return std::unique_ptr<connector::RowReader>(
      std::make_unique<MysqlRowReader>(server_, "source", FlavourInFamily(other)));
}

base::StatusOr<std::unique_ptr<connector::ChangeStream>> MysqlSource::OpenChangeStream(
    const connector::StreamStart& start) {
  relay_.Need(start.after);
  GODWIT_ASSIGN_OR_RETURN(std::unique_ptr<connector::ChangeStream> stream,
                          BinlogStream::Open(server_, start, ReplicaId(task_), needs_statements_,
                                             relay_, other_readers_));
  return stream;
}

std::partial_ordering MysqlSource::Compare(const model::Position& a,
                                           const model::Position& b) const {
  return ComparePositions(a, b);
}

base::StatusOr<uint64_t> MysqlSource::LogBytesAfter(const model::Position& position) {
  GODWIT_ASSIGN_OR_RETURN(LogPosition from, LogPosition::Parse(position));
  return WithControl([&](Connection& control) -> base::StatusOr<uint64_t> {
    GODWIT_ASSIGN_OR_RETURN(std::vector<ResultRow> rows, control.Query("SHOW BINARY LOGS"));
    uint64_t bytes = 0;
    for (const ResultRow& row : rows) {
      const uint64_t number = LogPosition{row[0].value_or(""), 0, ""}.FileNumber();
      if (number < from.FileNumber()) continue;
      const uint64_t size = base::ParseInteger<uint64_t>(row[1].value_or("")).value_or(0);
      bytes += number == from.FileNumber() ? size - std::min(size, from.offset) : size;
    }
    return bytes;
  });
}

}  // namespace godwit::connectors::mysql
