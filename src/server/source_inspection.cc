#include "server/source_inspection.h"

#include <algorithm>
#include <map>

#include "pipeline/task_scope.h"
#include "server/connectors.h"

namespace godwit::server {
namespace {

// A task that has nothing but the source, with what `tables` lets through.
config::Task TaskOf(const config::SourceFile& source, config::TableFilter tables) {
  config::Task task;
  task.name = "source";
  task.source = source.endpoint;
  task.target = source.endpoint;  // of its family: nothing of it depends on another's
  task.slot_wal = source.slot_wal;
  task.streaming = source.streaming;
  task.tables = std::move(tables);
  task.large_objects = config::LargeObjects::kIgnore;
  return task;
}

base::StatusOr<connector::Catalog> ReadAll(const config::SourceFile& source) {
  GODWIT_ASSIGN_OR_RETURN(config::TablePattern all, config::TablePattern::Parse("*.*"));
  const config::Task task =
      TaskOf(source, config::TableFilter({std::move(all)}, {}, "", source.endpoint.scheme));
  GODWIT_ASSIGN_OR_RETURN(const auto connector, MakeSource(task));
  return connector->ReadCatalog(pipeline::FilterOf(task), {});
}

}  // namespace

base::StatusOr<connector::CheckReport> CheckSource(const config::SourceFile& source) {
  const config::Task task = TaskOf(source, config::TableFilter());
  GODWIT_ASSIGN_OR_RETURN(const auto connector, MakeSource(task));
  return connector->Check(pipeline::ScopeOf(task));
}

base::StatusOr<std::vector<std::string>> ExpectGoesOn(const config::SourceFile& source,
                                                      const std::string& task,
                                                      const connector::LogNeed& need) {
  std::vector<std::string> warnings;
  for (const config::Endpoint& host : source.endpoint.Each()) {
    config::Task one = TaskOf(source, config::TableFilter());
    one.name = task;
    one.source = host;
    GODWIT_ASSIGN_OR_RETURN(const auto connector, MakeSource(one));
    const base::Status goes_on = connector->Settle(need).status();
    if (goes_on.ok()) continue;
    const std::string what = fmt::format("task {}: {}", task, goes_on.message());
    if (!absl::IsUnavailable(goes_on)) return base::MakeStatus(goes_on.code(), "{}", what);
    warnings.push_back(what);
  }
  return warnings;
}

base::StatusOr<std::vector<SchemaOverview>> ListSchemas(const config::SourceFile& source) {
  GODWIT_ASSIGN_OR_RETURN(const connector::Catalog catalog, ReadAll(source));
  std::map<std::string, uint64_t> tables;
  for (const connector::CatalogSchema& schema : catalog.schemas) tables[schema.name];
  for (const connector::CatalogTable& table : catalog.tables) {
    ++tables[table.definition.table->name.schema];
  }
  std::vector<SchemaOverview> schemas;
  for (const auto& [name, count] : tables) schemas.push_back({name, count});
  return schemas;
}

base::StatusOr<std::vector<TableOverview>> ListTables(const config::SourceFile& source,
                                                      const std::string& schema) {
  GODWIT_ASSIGN_OR_RETURN(const connector::Catalog catalog, ReadAll(source));
  const auto is_it = [&](const auto& one) { return one.name == schema; };
  std::vector<TableOverview> tables;
  for (const connector::CatalogTable& table : catalog.tables) {
    const model::TableName& name = table.definition.table->name;
    if (name.schema != schema) continue;
    tables.push_back({name.table, table.estimated_rows, table.estimated_bytes});
  }
  if (tables.empty() && std::ranges::none_of(catalog.schemas, is_it)) {
    return base::NotFound("the source {} has no database or schema {} that its user can see",
                          source.name, schema);
  }
  std::ranges::sort(tables, {}, &TableOverview::name);
  return tables;
}

}  // namespace godwit::server
