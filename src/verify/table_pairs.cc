#include "verify/table_pairs.h"

#include <algorithm>
#include <map>

#include "connector/canonical_row.h"

namespace godwit::verify {
namespace {

std::string ColumnText(const model::Column& column) {
  std::string text = fmt::format("`{}` {}", column.name, column.type_text);
  if (!column.collation.empty()) text += " collate " + column.collation;
  return text;
}

bool SameValues(const model::Column& a, const model::Column& b) {
  return a.name == b.name && a.kind == b.kind && a.charset == b.charset &&
         a.collation == b.collation && a.labels == b.labels;
}

// `table` with its columns in the order of `order`, where it has the same ones: a server of another
// family may put new ones at the end alone.
model::Table InOrderOf(const model::Table& order, const model::Table& table) {
  model::Table sorted = table;
  sorted.columns.clear();
  std::vector<int> places(table.columns.size(), -1);
  for (const model::Column& column : order.columns) {
    const int found = table.FindColumn(column.name);
    if (found < 0) return table;
    places[static_cast<size_t>(found)] = static_cast<int>(sorted.columns.size());
    sorted.columns.push_back(table.columns[static_cast<size_t>(found)]);
  }
  if (sorted.columns.size() != table.columns.size()) return table;
  const auto move = [&](std::vector<int>& columns) {
    for (int& column : columns) column = places[static_cast<size_t>(column)];
  };
  move(sorted.primary_key);
  for (model::Key& key : sorted.unique_keys) move(key.columns);
  return sorted;
}

TableReport Unpaired(const model::TableName& name, TableResult result, std::string problem) {
  TableReport report;
  report.name = name;
  report.result = result;
  report.problem = std::move(problem);
  return report;
}

}  // namespace

std::string DefinitionDifference(const model::Table& source, const model::Table& target) {
  for (size_t i = 0; i < std::max(source.columns.size(), target.columns.size()); ++i) {
    if (i >= target.columns.size())
      return fmt::format("the target lacks column `{}`", source.columns[i].name);
    if (i >= source.columns.size())
      return fmt::format("the source lacks column `{}`", target.columns[i].name);
    if (!SameValues(source.columns[i], target.columns[i])) {
      return fmt::format("column {} is {} on the source and {} on the target", i + 1,
                         ColumnText(source.columns[i]), ColumnText(target.columns[i]));
    }
  }
  // The same index has to give the same order on both sides.
  const bool same_key = source.primary_key == target.primary_key &&
                        (!source.primary_key.empty() || source.RowIdentity().empty() ||
                         source.unique_keys == target.unique_keys);
  if (!same_key || source.RowIdentity() != target.RowIdentity()) {
    return "the key that identifies a row is another on the target";
  }
  return "";
}

model::TablePtr AsCompared(const model::TablePtr& source, const model::Table& here,
                           const model::TablePtr& target) {
  const bool of_target = source->cells_are_text && !here.cells_are_text;
  const model::TablePtr& compared = of_target ? target : source;
  if (connector::SortsAlike(*source, here)) return compared;
  model::Table keyless = *compared;
  keyless.primary_key.clear();
  keyless.unique_keys.clear();
  return std::make_shared<const model::Table>(std::move(keyless));
}

base::StatusOr<TablePairs> PairTables(connector::Source& source,
                                      connector::Destination& destination,
                                      const connector::TableFilter& filter) {
  GODWIT_ASSIGN_OR_RETURN(connector::Catalog catalog, source.ReadCatalog(filter, {}));
  GODWIT_ASSIGN_OR_RETURN(std::vector<connector::CatalogTable> target_tables,
                          destination.ReadTables(filter));
  std::map<model::TableName, model::TablePtr> targets;
  for (const connector::CatalogTable& table : target_tables)
    targets[table.definition.table->name] = table.definition.table;

  TablePairs pairs;
  for (connector::CatalogTable& table : catalog.tables) {
    const model::TableName& name = table.definition.table->name;
    const auto target = targets.find(name);
    if (target == targets.end()) {
      pairs.others.push_back(
          Unpaired(name, TableResult::kMissing, "the target does not have the table"));
      continue;
    }
    auto here = destination.TableHere(table.definition);
    if (!here.ok() && !absl::IsFailedPrecondition(here.status())) return here.status();
    const bool foreign =
        here.ok() && (*here)->cells_are_text != table.definition.table->cells_are_text;
    if (foreign)
      target->second = std::make_shared<model::Table>(InOrderOf(**here, *target->second));
    std::string difference = here.ok() ? DefinitionDifference(**here, *target->second)
                                       : std::string(here.status().message());
    if (here.ok())
      table.definition.table = AsCompared(table.definition.table, **here, target->second);
    targets.erase(target);
    if (difference.empty()) {
      pairs.tables.push_back(std::move(table));
    } else {
      pairs.others.push_back(Unpaired(name, TableResult::kNotComparable, std::move(difference)));
    }
  }
  for (const auto& [name, table] : targets) {
    pairs.others.push_back(
        Unpaired(name, TableResult::kExtra, "the source does not have the table"));
  }
  return pairs;
}

}  // namespace godwit::verify
