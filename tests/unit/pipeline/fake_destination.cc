#include "fake_destination.h"

#include <algorithm>
#include <sstream>

namespace godwit::pipeline::testing {

using connector::TableState;
using connector::TaskState;

namespace {

Values Decode(const std::string& line) {
  Values row;
  std::istringstream fields(line);
  for (std::string field; std::getline(fields, field, '\t');)
    row.push_back(field == "\\N" ? Value() : Value(field));
  return row;
}

}  // namespace

// Works on a copy of the database, which a commit makes the database.
class FakeDestination::Applier : public connector::ChangeApplier {
 public:
  explicit Applier(FakeDestination& to) : to_(to), epoch_(to.state_.epoch) {}

  base::StatusOr<connector::ApplyResult> Apply(const connector::ChangeSegment& segment,
                                               connector::ApplyMode mode) override {
    std::lock_guard lock(to_.mutex_);
    GODWIT_RETURN_IF_ERROR(to_.At("apply"));
    if (!open_) open_ = to_.database_;
    const bool unique =
        std::all_of(segment.tables.begin(), segment.tables.end(),
                    [&](const auto& t) { return to_.unique_.contains(t.table->name); });
    auto result = ApplySegment(*open_, segment, mode, unique);
    if (result.ok()) drifted_ += result->drifted_rows;
    applied_.push_back({segment, mode, unique});
    return result;
  }

  // Other parts have been committed meanwhile: what was applied is done again on what they left.
  base::Status CommitPart(const connector::OpenGroup& group, int part) override {
    std::lock_guard lock(to_.mutex_);
    GODWIT_RETURN_IF_ERROR(to_.At("commit part"));
    if (epoch_ != to_.state_.epoch) return base::Aborted("another run has taken over");
    for (const Applied& applied : applied_) {
      GODWIT_RETURN_IF_ERROR(
          ApplySegment(to_.database_, applied.segment, applied.mode, applied.unique).status());
    }
    connector::OpenGroup& open =
        to_.state_.open_group ? *to_.state_.open_group : to_.state_.open_group.emplace();
    open.upto = group.upto;
    open.parts = group.parts;
    open.division = group.division;
    if (!open.done.insert(part).second) return base::Internal("part {} came twice", part);
    to_.drifted_rows += drifted_;
    Rollback();
    // Only a lost connection may hide that it is in.
    return to_.At("committed part").ok() ? base::OkStatus() : base::Unavailable("gone");
  }

  base::Status Commit(const model::Position& position, int64_t commit_time_us) override {
    std::lock_guard lock(to_.mutex_);
    GODWIT_RETURN_IF_ERROR(to_.At("commit"));
    if (epoch_ != to_.state_.epoch) return base::Aborted("another run has taken over");
    if (open_) to_.database_ = *std::exchange(open_, std::nullopt);
    to_.drifted_rows += drifted_;
    Rollback();
    to_.state_.open_group.reset();
    to_.state_.applied = position;
    to_.state_.applied_commit_us = commit_time_us;
    to_.Committed(position);
    return to_.At("committed");
  }
  void Rollback() override {
    open_.reset();
    applied_.clear();
    drifted_ = 0;
  }
  void Cancel() override {}

 private:
  struct Applied {
    connector::ChangeSegment segment;
    connector::ApplyMode mode;
    bool unique;
  };

  FakeDestination& to_;
  const uint64_t epoch_;
  std::optional<Database> open_;
  std::vector<Applied> applied_;
  uint64_t drifted_ = 0;
};

class FakeDestination::Writer : public connector::ChunkWriter {
 public:
  explicit Writer(FakeDestination& to) : to_(to), epoch_(to.state_.epoch) {}

  base::Status Write(const model::TablePtr& table, connector::ChunkPlace place,
                     connector::RowBlockSource& blocks) override {
    if (place.new_table) GODWIT_RETURN_IF_ERROR(ExpectNew(table->name));
    while (true) {
      GODWIT_ASSIGN_OR_RETURN(std::optional<connector::RowBlock> block, blocks.Take());
      if (!block) return base::OkStatus();
      std::lock_guard lock(to_.mutex_);
      GODWIT_RETURN_IF_ERROR(to_.At("chunk.write"));
      std::istringstream lines(block->bytes);
      for (std::string line; std::getline(lines, line);) rows_.push_back(Decode(line));
    }
  }

  base::Status Commit(const connector::ChunkRecord& record) override {
    std::lock_guard lock(to_.mutex_);
    GODWIT_RETURN_IF_ERROR(to_.At("chunk.commit"));
    if (epoch_ != to_.state_.epoch) return base::Aborted("another run has taken over");
    TableState& table = to_.tables_.at(record.table);
    connector::RangeState& range = table.ranges.at(static_cast<size_t>(record.range));
    if (range.done) return base::Internal("the range had been done");
    if (!record.end.cursor.empty()) range.cursor = record.end.cursor;
    range.done = record.end.outcome == connector::ChunkOutcome::kRangeDone;
    range.rows += record.end.rows;
    range.bytes += record.end.bytes;
    if (range.low.empty()) range.low = record.end.low;
    range.high = record.end.high;
    Rows& rows = to_.database_.at(record.table);
    rows.insert(rows_.begin(), rows_.end());
    rows_.clear();
    const model::TablePtr definition = to_.log_.Table(table.definition);
    if (!definition->primary_key.empty() && HasDuplicates(rows, definition->primary_key))
      return base::Internal("a row was copied twice");
    return to_.At("chunk.committed");
  }
  void Rollback() override { rows_.clear(); }
  void Cancel() override {}

 private:
  base::Status ExpectNew(const model::TableName& name) {
    std::lock_guard lock(to_.mutex_);
    const TableState& table = to_.tables_.at(name);
    if (table.kept || table.ranges.size() != 1 || !to_.database_.at(name).empty())
      return base::Internal("{} is no new table", name.ToString());
    return base::OkStatus();
  }

  FakeDestination& to_;
  const uint64_t epoch_;
  std::vector<Values> rows_;
};

Database FakeDestination::database() const {
  std::lock_guard lock(mutex_);
  return database_;
}

TaskState FakeDestination::state() const {
  std::lock_guard lock(mutex_);
  TaskState state = state_;
  for (const auto& [name, table] : tables_) state.tables.push_back(table);
  return state;
}

void FakeDestination::SetState(TaskState state, Database database) {
  std::lock_guard lock(mutex_);
  PutTables(state.tables);
  for (const TableState& table : state.tables) unique_.insert(table.name);
  state_ = std::move(state);
  state_.tables.clear();
  database_ = std::move(database);
}

base::Status FakeDestination::At(std::string_view place) {
  return fault ? fault(place) : base::OkStatus();
}

void FakeDestination::PutTables(const std::vector<TableState>& tables) {
  for (const TableState& table : tables) {
    if (table.stage == connector::TableStage::kRemoved)
      tables_.erase(table.name);
    else
      tables_[table.name] = table;
  }
}

void FakeDestination::Committed(const model::Position& position) {
  done.push_back("commit " + position.text);
  if (on_commit && !position.empty()) on_commit(NumberOf(position), database_);
}

std::vector<connector::RowFormat> FakeDestination::row_formats() const {
  return {connector::RowFormat::kMysqlLoadText};
}

base::StatusOr<std::optional<TaskState>> FakeDestination::LoadState() {
  const uint64_t epoch = state().epoch;
  if (epoch == 0) return std::optional<TaskState>();
  return std::optional<TaskState>(state());
}

base::StatusOr<TaskState> FakeDestination::Claim(uint64_t generation) {
  {
    std::lock_guard lock(mutex_);
    GODWIT_RETURN_IF_ERROR(At("claim"));
    ++state_.epoch;
    done.push_back(generation == 0 ? "claim" : "claim as " + std::to_string(generation));
  }
  return state();
}

base::StatusOr<std::optional<TaskState>> FakeDestination::ClaimIfKnown(uint64_t generation) {
  if (state().epoch != 0) return Claim(generation);
  std::lock_guard lock(mutex_);
  GODWIT_RETURN_IF_ERROR(At("claim"));
  return std::optional<TaskState>();
}

base::StatusOr<connector::Forgotten> FakeDestination::Forget() {
  std::lock_guard lock(mutex_);
  GODWIT_RETURN_IF_ERROR(At("forget"));
  done.emplace_back("forget");
  connector::Forgotten forgotten;
  if (state_.epoch != 0) forgotten.removed.emplace_back("the state");
  state_ = {};
  tables_.clear();
  return forgotten;
}

base::Status FakeDestination::SaveHead(const TaskState& state) {
  std::lock_guard lock(mutex_);
  GODWIT_RETURN_IF_ERROR(At("save"));
  const uint64_t epoch = state_.epoch;
  state_ = state;
  state_.tables.clear();
  state_.epoch = epoch;
  done.push_back(std::string("phase ") + ToString(state.phase));
  return base::OkStatus();
}

base::Status FakeDestination::SaveServer(const TaskState& state) {
  std::lock_guard lock(mutex_);
  GODWIT_RETURN_IF_ERROR(At("save"));
  state_.server = state.server;
  state_.t0 = state.t0;
  state_.applied = state.applied;
  state_.copy_end = state.copy_end;
  state_.catalog_read = state.catalog_read;
  if (!state.pending_ddl) state_.pending_ddl.reset();
  PutTables(state.tables);
  return base::OkStatus();
}

base::Status FakeDestination::SaveTables(const std::vector<TableState>& tables) {
  std::lock_guard lock(mutex_);
  GODWIT_RETURN_IF_ERROR(At("save"));
  PutTables(tables);
  return base::OkStatus();
}

base::Status FakeDestination::CreateSchemas(const std::vector<connector::CatalogSchema>&) {
  return base::OkStatus();
}

base::StatusOr<connector::TablePlan> FakeDestination::PlanTable(const connector::TableDefinition&,
                                                                const connector::Catalog&,
                                                                connector::IfExists) {
  return connector::TablePlan{};
}

base::StatusOr<bool> FakeDestination::NeedsCreating(const connector::TableDefinition& table,
                                                    connector::IfExists if_exists) {
  std::lock_guard lock(mutex_);
  if (!database_.contains(table.table->name)) return true;
  if (if_exists == connector::IfExists::kError)
    return base::FailedPrecondition("{} is there already", table.table->name.ToString());
  return if_exists == connector::IfExists::kReplace;
}

base::StatusOr<bool> FakeDestination::HasTable(const model::TableName& name) {
  std::lock_guard lock(mutex_);
  return database_.contains(name);
}

base::Status FakeDestination::CreateTable(const connector::TableDefinition& table) {
  std::lock_guard lock(mutex_);
  GODWIT_RETURN_IF_ERROR(At("create"));
  database_[table.table->name].clear();
  unique_.erase(table.table->name);
  done.push_back("create " + table.table->name.table);
  return base::OkStatus();
}

base::Status FakeDestination::DropTable(const model::TableName& name) {
  std::lock_guard lock(mutex_);
  database_.erase(name);
  done.push_back("drop " + name.table);
  return base::OkStatus();
}

base::Status FakeDestination::FinishTable(const connector::TableDefinition& table,
                                          connector::UniqueKeys unique_keys) {
  std::lock_guard lock(mutex_);
  GODWIT_RETURN_IF_ERROR(At("create"));
  if (unique_keys == connector::UniqueKeys::kLeaveOut) return base::OkStatus();
  const model::TableName& name = table.table->name;
  for (const model::Key& key : table.table->unique_keys) {
    if (HasDuplicates(database_.at(name), key.columns))
      return absl::AlreadyExistsError("duplicates in " + name.ToString());
  }
  unique_.insert(name);
  done.push_back("finish " + name.table);
  return base::OkStatus();
}

base::Status FakeDestination::CreateForeignKeys(
    const std::vector<connector::TableDefinition>& tables) {
  std::lock_guard lock(mutex_);
  std::string names;
  for (const auto& table : tables) names += " " + table.table->name.table;
  done.push_back("foreign keys" + names);
  return base::OkStatus();
}

base::Status FakeDestination::CreateObjects(const std::vector<connector::CatalogObject>&,
                                            connector::IfExists) {
  std::lock_guard lock(mutex_);
  done.emplace_back("objects");
  return base::OkStatus();
}

base::Status FakeDestination::DropObjects(const std::vector<connector::CatalogObject>&) {
  return base::OkStatus();
}

base::StatusOr<connector::DdlOutcome> FakeDestination::ApplyDdl(
    const model::DdlChange& ddl, const model::Position& position, int64_t commit_time_us,
    const std::vector<TableState>& tables, const connector::DdlOrder&) {
  std::lock_guard lock(mutex_);
  GODWIT_RETURN_IF_ERROR(At("ddl"));
  if (auto effect = log_.effects().find(ddl.statement); effect != log_.effects().end())
    effect->second(database_);
  PutTables(tables);
  for (const TableState& table : tables) unique_.insert(table.name);
  if (!position.empty()) {
    state_.applied = position;
    state_.applied_commit_us = commit_time_us;
  }
  done.push_back("ddl " + ddl.statement);
  Committed(position);
  return connector::DdlOutcome::kExecuted;
}

base::StatusOr<std::unique_ptr<connector::ChunkWriter>> FakeDestination::OpenChunkWriter(
    connector::RowFormat) {
  return std::make_unique<Writer>(*this);
}

base::StatusOr<std::unique_ptr<connector::ChangeApplier>> FakeDestination::OpenApplier(bool) {
  return std::make_unique<Applier>(*this);
}

base::StatusOr<std::vector<connector::CatalogTable>> FakeDestination::ReadTables(
    const connector::TableFilter&) {
  return std::vector<connector::CatalogTable>();
}

base::StatusOr<std::unique_ptr<connector::RowReader>> FakeDestination::OpenRowReader(
    const std::string&) {
  return base::Unimplemented("the fake compares nothing");
}

}  // namespace godwit::pipeline::testing
