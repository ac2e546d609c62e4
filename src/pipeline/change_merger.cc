#include "pipeline/change_merger.h"

#include <set>

#include "pipeline/cascade_reach.h"

namespace godwit::pipeline {
namespace {

using connector::ApplyMode;
using connector::ForeignKeyGraph;
using model::ChangeEvent;
using model::ChangeKind;
using model::Row;

bool Equal(Row a, Row b) { return std::equal(a.begin(), a.end(), b.begin(), b.end()); }

bool Equal(Row a, Row b, const std::vector<int>& columns) {
  return std::all_of(columns.begin(), columns.end(),
                     [&](int c) { return a[static_cast<size_t>(c)] == b[static_cast<size_t>(c)]; });
}

bool Same(const ForeignKeyGraph* a, const ForeignKeyGraph* b) {
  if (a == nullptr || b == nullptr) return a == b;
  return std::equal(a->children.begin(), a->children.end(), b->children.begin(), b->children.end(),
                    [](const auto& left, const auto& right) {
                      return left.first == right.first &&
                             std::equal(left.second.begin(), left.second.end(),
                                        right.second.begin(), right.second.end(),
                                        [](const auto& one, const auto& other) {
                                          return one.child == other.child && one.key == other.key;
                                        });
                    });
}

}  // namespace

// A segment has one graph: what cascaded before must not reach tables that have only now joined the
// keys, whose copy has it already.
void ChangeMerger::SetGraph(std::shared_ptr<const ForeignKeyGraph> graph) {
  if (!cascades_.empty() && !Same(graph_.get(), graph.get())) CloseSegment();
  graph_ = std::move(graph);
}

ChangeMerger::TableRun& ChangeMerger::RunOf(const model::TablePtr& table) {
  if (last_run_ != nullptr && last_run_->table == table) return *last_run_;
  TableRun*& known = run_of_[table.get()];
  if (known != nullptr) return *(last_run_ = known);
  auto run = std::make_unique<TableRun>();
  run->table = table;
  run->in_order = table->ChangesInOrder();
  run->identity = table->RowIdentity();
  std::set<int> unique;
  for (const model::Key& key : table->unique_keys) {
    unique.insert(key.columns.begin(), key.columns.end());
    if (!key.has_expression) continue;
    for (size_t i = 0; i < table->columns.size(); ++i) unique.insert(static_cast<int>(i));
  }
  for (int c : run->identity) unique.erase(c);
  run->unique_columns.assign(unique.begin(), unique.end());
  if (std::ranges::any_of(table->columns, &model::Column::left_out)) {
    for (size_t i = 0; i < table->columns.size(); ++i) {
      if (!table->columns[i].left_out) run->compared.push_back(static_cast<int>(i));
    }
  }
  runs_.push_back(std::move(run));
  return *(last_run_ = known = runs_.back().get());
}

void ChangeMerger::Remove(TableRun& run, Row before) {
  auto [it, is_new] = run.index.try_emplace(RowKey{before.data(), &run.identity}, run.net.size());
  if (is_new)
    run.net.push_back({before.data(), before, {}});
  else
    run.net[it->second].after = {};
}

void ChangeMerger::Put(TableRun& run, Row after) {
  auto [it, is_new] = run.index.try_emplace(RowKey{after.data(), &run.identity}, run.net.size());
  if (is_new)
    run.net.push_back({after.data(), {}, after});
  else
    run.net[it->second].after = after;
}

void ChangeMerger::Change(TableRun& run, Row before, Row after) {
  if (!Equal(before, after, run.identity)) {
    Remove(run, before);
    Put(run, after);
    return;
  }
  auto [it, is_new] = run.index.try_emplace(RowKey{before.data(), &run.identity}, run.net.size());
  if (is_new)
    run.net.push_back({before.data(), before, after});
  else
    run.net[it->second].after = after;
}

base::StatusOr<bool> ChangeMerger::ReachesOthers(const ChangeEvent& event) const {
  if (graph_ == nullptr || !event.keys_act || event.kind == ChangeKind::kInsert) return false;
  auto edges = graph_->children.find(event.table->name);
  if (edges == graph_->children.end()) return false;
  bool reaches = false;
  for (const auto& edge : edges->second) {
    const bool deleted = event.kind == ChangeKind::kDelete;
    if (!Acts(deleted ? edge.key.on_delete : edge.key.on_update)) continue;
    for (const std::string& name : edge.key.parent_columns) {
      const auto c = static_cast<size_t>(std::max(event.table->FindColumn(name), 0));
      if (!deleted && event.before[c] == event.after[c]) continue;
      reaches = true;
      if (event.before[c].kind() != model::CellKind::kAbsent) continue;
      return base::FailedPrecondition(
          "table {}: a row image lacks column {}, by which rows of {} follow this one: which they "
          "are is not known; set binlog_row_image=FULL for the sessions that write to the table, "
          "and copy anew with `godwit run --restart`",
          event.table->name.ToString(), name, edge.child->name.ToString());
    }
  }
  return reaches;
}

// A segment's cascades are applied before its other changes: what those have touched so far must
// not be among what the cascade reaches.
void ChangeMerger::AddCascade(const ChangeEvent& event, const model::TablePtr& table) {
  std::set<model::TableName> reached;
  AddDescendants(*graph_, table->name, reached);
  if (std::any_of(runs_.begin(), runs_.end(),
                  [&](const auto& run) { return reached.contains(run->table->name); })) {
    CloseSegment();
  }
  if (cascades_.empty() || cascades_.back().parent != table) cascades_.push_back({table, {}});
  // Of a deleted row that leaves history, `after` is its last version.
  cascades_.back().rows.push_back(
      {event.before, event.kind == ChangeKind::kDelete ? Row() : event.after});
}

base::Status ChangeMerger::AddToPart(TableRun& run, const ChangeEvent& event) {
  if (run.partial == nullptr) {
    run.partial = std::make_unique<PartialRun>(*run.table, mode_, run.net);
    run.index.clear();
    run.net.clear();
  }
  Standing standing{.exact = mode_ == ApplyMode::kStrict};
  if (!standing.exact && standing_ != nullptr) standing = standing_(run.table->name);
  run.unique_keys_wait = standing.unique_keys_wait;
  const uint64_t left_before = run.partial->left_to_log();
  base::Status added = run.partial->Add(event, {standing.exact, standing.looked_up});
  left_to_log_ += run.partial->left_to_log() - left_before;
  return added;
}

base::Status ChangeMerger::Add(const ChangeEvent& event, const model::TablePtr& table) {
  ++rows_;
  if (event.kind == ChangeKind::kTruncate) {
    if (!runs_.empty() || !cascades_.empty()) CloseSegment();
    truncated_.push_back(
        {table, event.partition == nullptr ? model::TableName() : *event.partition});
    return base::OkStatus();
  }
  GODWIT_ASSIGN_OR_RETURN(const bool reaches, ReachesOthers(event));
  if (reaches) AddCascade(event, table);
  TableRun& run = RunOf(table);
  if (run.in_order) {
    run.ordered.push_back({event.before, event.after});
    run.lacks_columns = run.lacks_columns || event.partial;
    return base::OkStatus();
  }
  if (event.partial || run.partial != nullptr) return AddToPart(run, event);
  switch (event.kind) {
    case ChangeKind::kInsert:
      Put(run, event.after);
      break;
    case ChangeKind::kDelete:
      Remove(run, event.before);
      break;
    default:
      Change(run, event.before, event.after);
      break;
  }
  return base::OkStatus();
}

base::Status ChangeMerger::AddUnwritten(const ChangeEvent& event, const model::TablePtr& table) {
  if (event.kind == ChangeKind::kTruncate) return base::OkStatus();
  GODWIT_ASSIGN_OR_RETURN(const bool reaches, ReachesOthers(event));
  if (!reaches) return base::OkStatus();
  ++rows_;
  AddCascade(event, table);
  return base::OkStatus();
}

connector::TableChanges ChangeMerger::NetEffect(TableRun& run) const {
  connector::TableChanges changes;
  changes.table = run.table;
  changes.ordered = std::move(run.ordered);
  changes.partial = run.lacks_columns;
  changes.unique_keys_wait = run.unique_keys_wait;
  if (run.partial != nullptr) run.partial->NetEffect(changes);
  for (const NetChange& net : run.net) {
    if (mode_ == ApplyMode::kIdempotent) {
      if (net.after.empty())
        changes.deletes.emplace_back(net.key, run.table->columns.size());
      else
        changes.inserts.push_back(net.after);
    } else if (net.before.empty()) {
      if (!net.after.empty()) changes.inserts.push_back(net.after);
    } else if (net.after.empty()) {
      changes.deletes.push_back(net.before);
    } else if (!Equal(net.before, net.after, run.unique_columns)) {
      changes.deletes.push_back(net.before);
      changes.inserts.push_back(net.after);
    } else if (run.compared.empty() ? !Equal(net.before, net.after)
                                    : !Equal(net.before, net.after, run.compared)) {
      changes.updates.push_back({net.before, net.after});
    }
  }
  return changes;
}

void ChangeMerger::CloseSegment() {
  if (runs_.empty() && cascades_.empty() && truncated_.empty()) return;
  connector::ChangeSegment& segment = closed_.emplace_back();
  segment.truncated = std::move(truncated_);
  segment.cascades = std::move(cascades_);
  segment.graph = graph_;
  for (const auto& run : runs_) {
    segment.tables.push_back(NetEffect(*run));
    if (run->partial != nullptr) segment.memory.push_back(run->partial->memory());
  }
  truncated_.clear();
  cascades_.clear();
  runs_.clear();
  run_of_.clear();
  last_run_ = nullptr;
}

std::vector<connector::ChangeSegment> ChangeMerger::Take() {
  CloseSegment();
  rows_ = 0;
  return std::exchange(closed_, {});
}

}  // namespace godwit::pipeline
