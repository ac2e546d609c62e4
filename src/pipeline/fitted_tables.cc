#include "pipeline/fitted_tables.h"

#include <absl/strings/str_join.h>

#include <algorithm>
#include <set>

#include "pipeline/fitted_table.h"

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

}  // namespace

base::Status FittedTables::Refresh(TaskTables& tables, connector::Destination& destination,
                                   Progress& progress) {
  std::map<model::TableName, Entry> before = std::exchange(entries_, {});
  last_source_ = last_table_ = nullptr;
  last_entry_ = nullptr;
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
    if (!found.contains(name)) entries_[name] = {};
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
      entries_[name] = {};
      continue;
    }
    GODWIT_ASSIGN_OR_RETURN(FittedTable fitted,
                            FitTable(tables.Definition(name).table, *table->second));
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
    entries_[name] = {std::move(fitted.table), std::move(fitted.left_out)};
  }
  return base::OkStatus();
}

const FittedTables::Entry* FittedTables::Find(const model::TableName& name) const {
  const auto found = entries_.find(name);
  return found == entries_.end() ? nullptr : &found->second;
}

const model::TablePtr& FittedTables::Take(const model::ChangeEvent& event,
                                          const model::ChangeBatch& batch, Progress& progress) {
  if (last_source_.get() != event.table) {
    last_source_ = *std::find_if(batch.tables.begin(), batch.tables.end(),
                                 [&](const auto& table) { return table.get() == event.table; });
    last_entry_ = Find(last_source_->name);
    last_table_ = last_entry_ == nullptr ? last_source_ : last_entry_->table;
  }
  if (last_entry_ == nullptr) return last_table_;
  const bool missing = last_table_ == nullptr;
  if (!missing && last_entry_->left_out.empty()) return last_table_;
  progress.CountLeftOut(event.table->name, missing);
  if (missing || event.kind != model::ChangeKind::kUpdate) return last_table_;
  return ChangesWritten(*last_table_, event) ? last_table_ : none_;
}

bool FittedTables::ConcernsOnlyMissing(const model::DdlChange& ddl,
                                       const TaskTables& tables) const {
  bool some = false;
  for (const model::DdlChange::Effect& effect : ddl.effects) {
    // The target has no shadows at all.
    const auto aside = tables.aside().find(effect.table);
    if (aside != tables.aside().end() && aside->second.stage == connector::TableStage::kShadow)
      continue;
    const Entry* entry = Find(effect.table);
    if (entry == nullptr || entry->table != nullptr || !effect.renamed_from.table.empty())
      return false;
    some = true;
  }
  return some;
}

std::shared_ptr<const connector::ForeignKeyGraph> FittedTables::Fit(
    std::shared_ptr<const connector::ForeignKeyGraph> graph) const {
  if (entries_.empty() || graph == nullptr) return graph;
  auto fitted = std::make_shared<connector::ForeignKeyGraph>();
  for (const auto& [parent, edges] : graph->children) {
    for (const auto& edge : edges) {
      const Entry* entry = Find(edge.child->name);
      if (entry == nullptr)
        fitted->children[parent].push_back(edge);
      else if (entry->table != nullptr)
        fitted->children[parent].push_back({entry->table, edge.key});
    }
  }
  return fitted->children.empty() ? nullptr : fitted;
}

}  // namespace godwit::pipeline
