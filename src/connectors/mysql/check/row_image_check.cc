#include "connectors/mysql/check/row_image_check.h"

#include <algorithm>
#include <map>

namespace godwit::connectors::mysql {
namespace {

using model::Table;

// Rows that follow a parent by columns which its row images need not have.
void AddFollowers(const connector::Catalog& catalog, std::vector<std::string>& lost) {
  std::map<model::TableName, const Table*> parents;
  for (const connector::CatalogTable& entry : catalog.tables)
    parents.emplace(entry.definition.table->name, entry.definition.table.get());
  for (const auto& [name, child] : parents) {
    for (const model::ForeignKey& key : child->foreign_keys) {
      const auto parent = parents.find(key.parent);
      if (!Acts(key) || parent == parents.end()) continue;
      const std::vector<int> identity = parent->second->RowIdentity();
      const bool logged = std::ranges::all_of(key.parent_columns, [&](const std::string& column) {
        const int c = parent->second->FindColumn(column);
        return std::ranges::find(identity, c) != identity.end();
      });
      if (logged) continue;
      lost.push_back(fmt::format("{}, whose rows {} follows by other columns than the primary key",
                                 key.parent.ToString(), name.ToString()));
    }
  }
}

}  // namespace

void CheckRowImage(const Connection& source, const Settings& settings,
                   const connector::Catalog& catalog, connector::CheckList& list) {
  constexpr std::string_view kName = "binlog_row_image";
  const std::string image = Setting(settings, kName);
  if (image == "FULL") return list.Pass(kName, image);
  std::vector<std::string> lost;
  if (!source.is_mysql()) {
    for (const connector::CatalogTable& entry : catalog.tables) {
      const Table& table = *entry.definition.table;
      if (table.system_versioned)
        lost.push_back(fmt::format("{}, which keeps history", table.name.ToString()));
    }
    if (image == "MINIMAL") AddFollowers(catalog, lost);
    if (Setting(settings, "binlog_annotate_row_events") == "OFF")
      lost.emplace_back("rows that a REPLACE may have changed (binlog_annotate_row_events is OFF)");
  }
  if (source.is_mysql() && image == "MINIMAL" &&
      Setting(settings, "binlog_row_value_options") == "PARTIAL_JSON") {
    for (const connector::CatalogTable& entry : catalog.tables) {
      const Table& table = *entry.definition.table;
      if (std::ranges::any_of(table.columns, [](const model::Column& column) {
            return column.kind == model::TypeKind::kJson;
          })) {
        lost.push_back(fmt::format("{}, of whose documents the log holds parts (PARTIAL_JSON)",
                                   table.name.ToString()));
      }
    }
  }
  if (lost.empty()) {
    return list.Pass(
        kName, fmt::format("{}: updates carry what has changed, and that is enough here", image));
  }
  list.Warn(
      kName,
      fmt::format("{}: the log leaves columns out, and some changes stop the task: those of {}",
                  image, connector::Enumerate(lost)),
      "SET GLOBAL binlog_row_image = 'FULL'; in the server's file too; sessions that are "
      "open keep the old one until they connect again");
}

}  // namespace godwit::connectors::mysql
