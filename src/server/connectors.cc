#include "server/connectors.h"

#include "connectors/mysql/destination.h"
#include "connectors/mysql/source.h"
#include "connectors/postgres/destination.h"
#include "connectors/postgres/source.h"

namespace godwit::server {
namespace {

bool IsMysqlFamily(const config::Endpoint& endpoint) {
  return endpoint.scheme == "mysql" || endpoint.scheme == "mariadb";
}

}  // namespace

base::StatusOr<std::unique_ptr<connector::Source>> MakeSource(const config::Task& task) {
  if (task.source.scheme == "postgres") {
    return std::unique_ptr<connector::Source>(
        std::make_unique<connectors::postgres::PostgresSource>(task.source, task.name));
  }
  if (!IsMysqlFamily(task.source))
    return base::InvalidArgument("source: no connector for {}://", task.source.scheme);
  return std::unique_ptr<connector::Source>(
      std::make_unique<connectors::mysql::MysqlSource>(task.source, task.name));
}

base::StatusOr<std::unique_ptr<connector::Destination>> MakeDestination(const config::Task& task) {
  if (task.target.scheme == "postgres") {
    return std::unique_ptr<connector::Destination>(
        std::make_unique<connectors::postgres::PostgresDestination>(task.target, task.meta_schema,
                                                                    task.name));
  }
  if (!IsMysqlFamily(task.target))
    return base::InvalidArgument("target: no connector for {}://", task.target.scheme);
  return std::unique_ptr<connector::Destination>(
      std::make_unique<connectors::mysql::MysqlDestination>(task.target, task.meta_schema,
                                                            task.name));
}

}  // namespace godwit::server
