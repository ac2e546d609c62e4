#include "pipeline/fitted_tables.h"

#include <absl/strings/str_join.h>

#include <algorithm>
#include <set>

#include "pipeline/cascade_reach.h"

namespace godwit::pipeline {

using connector::TableState;
using connector::TargetForm;

namespace {

// Whether an update changes what `table`, the source's with columns left out, is written with.
bool ChangesWritten(const model::Table& table, const model::ChangeEvent& event) {
  for (size_t i = 0; i < table.columns.size(); ++i) {
    const model::Column& column = table.columns[i];
    if (!column.left_out && !column.generated && event.before[i] != event.after[i]) return true;
  }
  return false;
}

// The source's table as it would be on the target; its own where that could not hold it, as where
// it is the column that the target was not given.
base::StatusOr<model::TablePtr> AsOnTarget(base::StatusOr<model::TablePtr> here,
                                           const model::TablePtr& source) {
  if (here.ok() && (*here)->columns.size() == source->columns.size()) return here;
  if (here.ok() || absl::IsFailedPrecondition(here.status())) return source;
  return here;
}

base::StatusOr<FittedTable> FitTo(const model::Table& there,
                                  const connector::TableDefinition& definition,
                                  connector::Destination& destination, Progress& progress) {
  const model::TablePtr& source = definition.table;
  GODWIT_ASSIGN_OR_RETURN(const model::TablePtr here,
                          AsOnTarget(destination.TableHere(definition), source));
  base::StatusOr<FittedTable> fitted = FitTable(source, *here, there);
  if (!fitted.ok() || fitted->needed_by_insert.empty()) return fitted;
  // A statement of the log may have said the same default in other words than the server does.
  base::StatusOr<model::TablePtr> written = destination.TableWithDefaultsHere(definition);
  if (written.ok()) {
    GODWIT_ASSIGN_OR_RETURN(const model::TablePtr told, AsOnTarget(std::move(written), source));
    return FitTable(source, *told, there);
  }
  if (absl::IsUnavailable(written.status())) return written.status();
  progress.Note(
      fmt::format("{}: the target does not tell how it writes the defaults of columns, so "
                  "that those in other words count as others: {}",
                  source->name.ToString(), written.status().message()));
  return fitted;
}

}  // namespace

base::Status FittedTables::Refresh(TaskTables& tables, connector::Destination& destination,
                                   Progress& progress) {
  std::map<model::TableName, FittedTable> before = std::exchange(tables_, {});
  last_source_ = nullptr;
  last_fitted_ = nullptr;
  std::map<model::TableName, TableState> asked;
  for (const auto& [name, state] : tables.states()) {
    if (state.form != TargetForm::kAsDefined && !state.definition.empty()) asked[name] = state;
  }
  // While a tool has such a table aside no rows come, but statements about it do.
  std::set<model::TableName> aside;
  for (const auto& [name, state] : tables.aside()) {
    if (state.form == TargetForm::kMayLack) aside.insert(name);
  }
  if (asked.empty() && aside.empty()) return base::OkStatus();
  GODWIT_ASSIGN_OR_RETURN(
      const std::vector<connector::CatalogTable> there,
      destination.ReadTables(
          {[&](std::string_view schema, std::string_view table) {
             const model::TableName name{std::string(schema), std::string(table)};
             return asked.contains(name) || aside.contains(name);
           },
           [](std::string_view) { return true; }, [](std::string_view) { return false; }}));
  std::map<model::TableName, model::TablePtr> found;
  for (const connector::CatalogTable& table : there)
    found[table.definition.table->name] = table.definition.table;
  for (const model::TableName& name : aside) {
    if (!found.contains(name)) tables_[name] = {};
  }
  for (auto& [name, state] : asked) {
    const auto known = before.find(name);
    const auto table = found.find(name);
    if (table == found.end()) {
      if (state.form != TargetForm::kMayLack) {
        return base::FailedPrecondition(
            "table {}: the target has no such table, after a DDL that was not executed there as it "
            "stood (`godwit ddl` lists those). Make it there by hand, or leave it out with "
            "`tables.exclude`, and run again",
            name.ToString());
      }
      if (known == before.end() || known->second.table != nullptr) {
        progress.Note(fmt::format(
            "{}: the target has no such table, as the DDL that makes it was not executed there: "
            "its rows are left out",
            name.ToString()));
      }
      tables_[name] = {};
      continue;
    }
    GODWIT_ASSIGN_OR_RETURN(FittedTable fitted,
                            FitTo(*table->second, tables.Definition(name), destination, progress));
    if (fitted.same) {
      state.form = TargetForm::kAsDefined;
      tables.states().at(name).form = state.form;
      continue;
    }
    if (!fitted.left_out.empty() &&
        (known == before.end() || known->second.left_out != fitted.left_out)) {
      progress.Note(fmt::format("{}: the target's table lacks {}: the values are left out",
                                name.ToString(), absl::StrJoin(fitted.left_out, ", ")));
    }
    tables_[name] = std::move(fitted);
  }
  return base::OkStatus();
}

const FittedTable* FittedTables::Find(const model::TableName& name) const {
  const auto found = tables_.find(name);
  return found == tables_.end() ? nullptr : &found->second;
}

bool FittedTables::IsMissing(const model::TableName& name) const {
  const FittedTable* fitted = Find(name);
  return fitted != nullptr && fitted->table == nullptr;
}

bool FittedTables::IsFollowed(const connector::ForeignKeyGraph& graph,
                              const model::TableName& name) const {
  std::set<model::TableName> followers;
  AddDescendants(graph, name, followers);
  return !std::ranges::all_of(followers, [&](const auto& follower) { return IsMissing(follower); });
}

base::StatusOr<FittedTables::Change> FittedTables::Take(const model::ChangeEvent& event,
                                                        const model::ChangeBatch& batch,
                                                        Progress& progress) {
  if (last_source_.get() != event.table) {
    last_source_ = *std::find_if(batch.tables.begin(), batch.tables.end(),
                                 [&](const auto& table) { return table.get() == event.table; });
    last_fitted_ = Find(last_source_->name);
  }
  if (last_fitted_ == nullptr) return Change{&last_source_, true};
  const FittedTable& fitted = *last_fitted_;
  const bool missing = fitted.table == nullptr;
  if (missing || !fitted.left_out.empty()) progress.CountLeftOut(event.table->name, missing);
  if (missing) return Change{&last_source_, false};
  if (event.partial) GODWIT_RETURN_IF_ERROR(CheckPartial(fitted, event));
  const bool all_left_out = !fitted.left_out.empty() && event.kind == model::ChangeKind::kUpdate &&
                            !ChangesWritten(*fitted.table, event);
  return Change{&fitted.table, !all_left_out};
}

bool FittedTables::ConcernsOnlyMissing(const model::DdlChange& ddl,
                                       const TaskTables& tables) const {
  bool some = false;
  for (const model::DdlChange::Effect& effect : ddl.effects) {
    // The target has no shadows at all.
    const auto aside = tables.aside().find(effect.table);
    if (aside != tables.aside().end() && aside->second.stage == connector::TableStage::kShadow)
      continue;
    if (!IsMissing(effect.table) || !effect.renamed_from.table.empty()) return false;
    some = true;
  }
  return some;
}

std::shared_ptr<const connector::ForeignKeyGraph> FittedTables::Fit(
    std::shared_ptr<const connector::ForeignKeyGraph> graph) const {
  if (tables_.empty() || graph == nullptr) return graph;
  auto fitted = std::make_shared<connector::ForeignKeyGraph>();
  for (const auto& [parent, edges] : graph->children) {
    for (const auto& edge : edges) {
      const FittedTable* child = Find(edge.child->name);
      const bool missing = IsMissing(edge.child->name);
      if (missing && !IsFollowed(*graph, edge.child->name)) continue;
      fitted->children[parent].push_back(
          {child == nullptr || missing ? edge.child : child->table, edge.key, missing});
    }
  }
  return fitted->children.empty() ? nullptr : fitted;
}

}  // namespace godwit::pipeline
