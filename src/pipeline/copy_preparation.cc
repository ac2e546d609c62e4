#include "pipeline/copy_preparation.h"

#include <algorithm>
#include <utility>

#include "pipeline/copy_order.h"
#include "pipeline/kept_tables.h"

namespace godwit::pipeline {
namespace {

using connector::TableStage;
using connector::TableState;
using model::TableName;

bool HasProgress(const TableState& state) {
  if (state.stage == TableStage::kCopied || state.stage == TableStage::kStreaming) return true;
  return std::any_of(
      state.ranges.begin(), state.ranges.end(),
      [](const connector::RangeState& range) { return range.done || !range.cursor.empty(); });
}

class Preparation {
 public:
  Preparation(connector::Source& source, connector::Destination& destination,
              const connector::TableFilter& filter, TaskTables& tables, Progress& progress)
      : source_(source),
        destination_(destination),
        filter_(filter),
        tables_(tables),
        progress_(progress) {}

  base::Status Run() {
    for (const TableState& state : tables_.StateList()) {
      if (IsToBeMade(state) && state.definition.empty()) GODWIT_RETURN_IF_ERROR(Read(state));
    }
    while (true) {
      const std::set<TableName> anew = CopiedAnew();
      if (anew.empty()) break;
      for (const TableName& name : anew) GODWIT_RETURN_IF_ERROR(CopyAnew(name));
    }
    return changed_.empty() ? base::OkStatus() : destination_.SaveTables(changed_);
  }

 private:
  // As it is now; its copy will have all that the log says of it before that.
  base::Status Read(TableState state) {
    GODWIT_ASSIGN_OR_RETURN(std::optional<connector::CatalogTable> now,
                            source_.ReadTable(state.name));
    if (!now) {
      // The position is taken before the table is looked for once more: were it made anew before
      // that, it would be found, and were it made after, the log would say so from there on.
      GODWIT_ASSIGN_OR_RETURN(state.low, source_.CurrentPosition());
      GODWIT_ASSIGN_OR_RETURN(now, source_.ReadTable(state.name));
    }
    if (now) {
      if (std::exchange(state.kept, false))
        GODWIT_RETURN_IF_ERROR(ExpectDropped(destination_, state.name, ""));
      GODWIT_RETURN_IF_ERROR(RefuseKeysFromOutside(source_, filter_, *now->definition.table));
      state.low = {};
      state.definition = now->definition.statement;
      changed_.push_back(state);
      tables_.PutTable(std::move(state), now->definition.table);
      return base::OkStatus();
    }
    progress_.Note(fmt::format("{}: it was gone from the source before it could be copied",
                               state.name.ToString()));
    if (state.stage == TableStage::kCreating) {
      GODWIT_RETURN_IF_ERROR(destination_.DropTable(state.name));
    }
    state.stage = TableStage::kDropped;
    changed_.push_back(state);
    tables_.PutState(std::move(state));
    return base::OkStatus();
  }

  std::set<TableName> CopiedAnew() const {
    std::set<TableName> anew;
    auto state = [&](const TableName& name) -> const TableState& {
      return tables_.states().at(name);
    };
    // What a key does to a table would be missed while its parent is not followed, or has not the
    // rows that it does it through.
    for (const auto& [parent, children] : CopiedAfter(tables_)) {
      if (!IsToBeMade(state(parent))) continue;
      for (const TableName& child : children) {
        if (HasProgress(state(child))) anew.insert(child);
      }
    }
    for (const std::set<TableName>& circle : Circles(tables_)) {
      const bool whole = std::all_of(circle.begin(), circle.end(), [&](const TableName& name) {
        return state(name).stage == TableStage::kCopied ||
               state(name).stage == TableStage::kStreaming || AllRangesDone(state(name));
      });
      if (whole) continue;
      for (const TableName& name : circle) {
        // A table of a circle is read in one range.
        const bool in_ranges =
            state(name).stage == TableStage::kCopying && state(name).ranges.size() > 1;
        if (in_ranges || HasProgress(state(name))) anew.insert(name);
      }
    }
    return anew;
  }

  static bool AllRangesDone(const TableState& state) {
    return state.stage == TableStage::kCopying &&
           std::all_of(state.ranges.begin(), state.ranges.end(),
                       [](const connector::RangeState& range) { return range.done; });
  }

  base::Status CopyAnew(const TableName& name) {
    const TableState& before = tables_.states().at(name);
    if (before.kept) {
      GODWIT_RETURN_IF_ERROR(ExpectDropped(
          destination_, name, ", because tables that its foreign keys act over have changed"));
    }
    if (before.stage != TableStage::kCopying) {
      progress_.Note(fmt::format(
          "{}: it is copied again, together with tables whose keys act on it", name.ToString()));
    }
    TableState state;
    state.name = name;
    state.stage = TableStage::kCreating;
    state.definition = before.definition;
    changed_.push_back(state);
    tables_.PutState(std::move(state));
    return base::OkStatus();
  }

  connector::Source& source_;
  connector::Destination& destination_;
  const connector::TableFilter& filter_;
  TaskTables& tables_;
  Progress& progress_;
  std::vector<TableState> changed_;
};

}  // namespace

base::Status PrepareCopies(connector::Source& source, connector::Destination& destination,
                           const connector::TableFilter& filter, TaskTables& tables,
                           Progress& progress) {
  return Preparation(source, destination, filter, tables, progress).Run();
}

void ForgetGone(const connector::Catalog& catalog, TaskTables& tables) {
  std::set<TableName> there;
  for (const connector::CatalogTable& table : catalog.tables)
    there.insert(table.definition.table->name);
  for (TableState state : tables.StateList()) {
    if (!IsToBeMade(state) || there.contains(state.name)) continue;
    state.definition.clear();
    tables.PutState(std::move(state));
  }
}

std::vector<connector::CatalogSchema> SchemasToCopyInto(const connector::Catalog& catalog,
                                                        const TaskTables& tables) {
  std::set<std::string> wanted;
  for (const auto& [name, state] : tables.states()) {
    if (IsToBeMade(state)) wanted.insert(name.schema);
  }
  std::vector<connector::CatalogSchema> schemas = catalog.schemas;
  std::erase_if(schemas, [&](const auto& schema) { return !wanted.contains(schema.name); });
  return schemas;
}

TableSizes SizesToCopy(const connector::Catalog& catalog, const TaskTables& tables,
                       Progress& progress) {
  TableSizes sizes;
  uint64_t rows = 0, bytes = 0;
  for (const connector::CatalogTable& table : catalog.tables) {
    const model::TableName& name = table.definition.table->name;
    const auto state = tables.states().find(name);
    if (state == tables.states().end() || state->second.stage == TableStage::kStreaming) continue;
    rows += table.estimated_rows, bytes += table.estimated_bytes;
    sizes[name] = table.estimated_bytes;
    progress.tables.Estimate(name, table.estimated_rows);
  }
  progress.rows_total_estimate = rows;
  progress.bytes_total_estimate = bytes;
  return sizes;
}

}  // namespace godwit::pipeline
