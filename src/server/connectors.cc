#include "server/connectors.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "connectors/mysql/destination.h"
#include "connectors/mysql/relay/departed_relay.h"
#include "connectors/mysql/relay/relay.h"
#include "connectors/mysql/source.h"
#include "connectors/postgres/destination.h"
#include "connectors/postgres/log/spill_file.h"
#include "connectors/postgres/source.h"

namespace godwit::server {
namespace {

bool IsMysqlFamily(const config::Endpoint& endpoint) {
  return endpoint.scheme == "mysql" || endpoint.scheme == "mariadb";
}

std::optional<std::string> SpillFolder(const config::StreamingOptions& streaming) {
  if (!streaming.on) return std::nullopt;
  return streaming.spill_dir.empty() ? connectors::postgres::DefaultSpillFolder()
                                     : streaming.spill_dir;
}

// Of a PostgreSQL server, to which it says what its tables are.
config::Endpoint WithPartitions(config::Endpoint endpoint, const config::Task& task) {
  endpoint.by_leaf = task.partitions == config::Partitions::kLeaf;
  return endpoint;
}

std::optional<connectors::postgres::CaptureScope> CaptureScopeOf(const config::Task& task) {
  if (task.ddl.capture != config::DdlCapture::kTrigger) return std::nullopt;
  connectors::postgres::CaptureScope scope;
  for (const config::TablePattern& pattern : task.tables.include())
    scope.include.push_back(pattern.text());
  for (const config::TablePattern& pattern : task.tables.exclude())
    scope.exclude.push_back(pattern.text());
  scope.by_leaf = task.partitions == config::Partitions::kLeaf;
  return scope;
}

// By connector::Unfit.
connector::ValueRules::Actions UnfitActions(const config::Task& task) {
  const config::UnrepresentableOptions& options = task.on_unrepresentable;
  connector::ValueRules::Actions actions;
  std::ranges::transform(std::array{options.zero_byte, options.invalid_text, options.invalid_date,
                                    options.out_of_range},
                         actions.begin(), [](config::Unrepresentable action) {
                           return static_cast<connector::UnfitAction>(action);
                         });
  return actions;
}

}  // namespace

base::StatusOr<std::unique_ptr<connector::Source>> MakeSource(
    const config::Task& task, const std::shared_ptr<connector::Relay>& relay) {
  if (task.source.scheme == "postgres") {
    return std::unique_ptr<connector::Source>(
        std::make_unique<connectors::postgres::PostgresSource>(
            WithPartitions(task.source, task), task.name, SpillFolder(task.streaming),
            /*tells_next_values=*/IsMysqlFamily(task.target),
            task.without_identity == config::WithoutIdentity::kFull
                ? connectors::postgres::MissingIdentity::kSetFull
                : connectors::postgres::MissingIdentity::kRefuse,
            CaptureScopeOf(task)));
  }
  if (!IsMysqlFamily(task.source))
    return base::InvalidArgument("source: no connector for {}://", task.source.scheme);
  return std::unique_ptr<connector::Source>(std::make_unique<connectors::mysql::MysqlSource>(
      task.source, task.name, /*tells_next_values=*/!IsMysqlFamily(task.target), UnfitActions(task),
      std::static_pointer_cast<connectors::mysql::MysqlRelay>(relay)));
}

base::StatusOr<std::shared_ptr<connector::Relay>> MakeRelay(const config::Endpoint& source,
                                                            const std::string& name,
                                                            const config::RelayOptions& options) {
  if (!IsMysqlFamily(source))
    return base::InvalidArgument("source: no relay for {}://", source.scheme);
  return std::shared_ptr<connector::Relay>(std::make_shared<connectors::mysql::MysqlRelay>(
      source, name, options.dir, connector::RelayLimits{options.keep, options.max_size}));
}

base::Status DeleteRelay(const std::string& folder) {
  return connectors::mysql::DeleteRelay(folder);
}

base::StatusOr<std::unique_ptr<connector::Destination>> MakeDestination(const config::Task& task) {
  if (task.target.scheme == "postgres") {
    return std::unique_ptr<connector::Destination>(
        std::make_unique<connectors::postgres::PostgresDestination>(
            WithPartitions(task.target, task), task.meta_schema, task.name, task.casts,
            UnfitActions(task)));
  }
  if (!IsMysqlFamily(task.target))
    return base::InvalidArgument("target: no connector for {}://", task.target.scheme);
  return std::unique_ptr<connector::Destination>(
      std::make_unique<connectors::mysql::MysqlDestination>(
          task.target, task.meta_schema, task.name, task.casts, UnfitActions(task)));
}

}  // namespace godwit::server
