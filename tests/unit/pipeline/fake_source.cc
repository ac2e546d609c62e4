#include <algorithm>
#include <charconv>
#include <condition_variable>
#include <deque>
#include <new>

#include "fakes.h"

namespace godwit::pipeline::testing {
namespace {

using connector::ChunkEnd;
using connector::ChunkOutcome;
using model::ChangeEvent;
using model::ChangeKind;

// The fake's notation of a key.
std::string KeyOf(const Values& row, const std::vector<int>& identity) {
  std::string key;
  for (const Value& value : At(row, identity)) key += value.value_or("") + "/";
  return key;
}

std::string Encode(const Values& row) {
  std::string line;
  for (const Value& value : row) line += value ? *value + "\t" : "\\N\t";
  return line + "\n";
}

class FakeChunkReader : public connector::ChunkReader {
 public:
  explicit FakeChunkReader(FakeSource& source) : source_(source) {}

  base::StatusOr<ChunkEnd> Read(const connector::TableDefinition& table,
                                const connector::KeyRange& range,
                                std::optional<uint64_t> byte_limit,
                                connector::RowBlockSink& sink) override {
    GODWIT_RETURN_IF_ERROR(source_.At("chunk.read"));
    // A source is free to know only between which two positions a chunk was read.
    const bool exact =
        held_ || !byte_limit || table.table->RowIdentity().empty() || !source_.inexact_tokens;
    ChunkEnd end;
    if (!exact) end.low = PositionOf(source_.Grow());
    const uint64_t now = held_ ? *held_ : source_.Grow();
    if (exact) end.low = PositionOf(now);
    end.high = exact ? end.low : PositionOf(source_.Grow());
    const auto& definitions = source_.log().definitions(now);
    const auto definition = definitions.find(table.table->name);
    if (definition == definitions.end() || definition->second != table.statement) {
      end.outcome =
          definition == definitions.end() ? ChunkOutcome::kTableGone : ChunkOutcome::kTableChanged;
      return end;
    }
    const std::vector<int> identity = table.table->RowIdentity();
    std::map<std::string, Values> sorted;
    for (const Values& row : source_.log().state(now).at(table.table->name)) {
      std::string key =
          identity.empty() ? std::to_string(100'000 + sorted.size()) : KeyOf(row, identity);
      if (key > range.after && (range.upto.empty() || key <= range.upto)) sorted[key] = row;
    }
    const bool whole = identity.empty() || !byte_limit;
    end.outcome = ChunkOutcome::kRangeDone;
    for (const auto& [key, row] : sorted) {
      if (!whole && end.rows == static_cast<uint64_t>(source_.rows_per_chunk)) {
        end.outcome = ChunkOutcome::kMore;
        break;
      }
      connector::RowBlock block{Encode(row), 1, 0};
      end.bytes += block.bytes.size();
      ++end.rows;
      if (!identity.empty()) end.cursor = key;
      GODWIT_RETURN_IF_ERROR(source_.At("chunk.rows"));
      if (!sink.Put(std::move(block))) return base::Cancelled("the writer has gone");
    }
    return end;
  }
  base::Status HoldSnapshot(const std::vector<model::TableName>&) override {
    held_ = source_.Grow();
    return base::OkStatus();
  }
  base::Status ReleaseSnapshot() override {
    held_.reset();
    return base::OkStatus();
  }
  void Cancel() override {}

 private:
  FakeSource& source_;
  std::optional<uint64_t> held_;
};

class FakeStream : public connector::ChangeStream {
 public:
  FakeStream(FakeSource& source, const connector::StreamStart& start)
      : source_(source), next_(NumberOf(start.after) + 1) {
    for (const connector::TrackedTable& table : start.tables)
      from_[table.name] = table.from.empty() ? 0 : NumberOf(table.from);
  }

  base::StatusOr<std::unique_ptr<model::ChangeBatch>> Next(
      std::chrono::milliseconds wait) override {
    if (base::Status status = source_.At("stream.next"); !status.ok()) return status;
    const uint64_t now = source_.Grow();
    while (next_ <= now && pending_.size() < 2 * source_.most_events) Queue(next_++);
    if (pending_.empty()) {
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, std::min(wait, std::chrono::milliseconds(5)),
                        [&] { return cancelled_; });
      if (cancelled_) return base::Cancelled("the stream was cancelled");
      return nullptr;
    }
    auto batch = std::make_unique<model::ChangeBatch>();
    size_t count = 1 + source_.Random(source_.most_events);
    for (; count > 0 && !pending_.empty(); --count) {
      Emit(pending_.front(), *batch);
      pending_.pop_front();
    }
    batch->bytes = batch->log_bytes = batch->events.size() * source_.event_bytes;
    return batch;
  }

  void Cancel() override {
    std::lock_guard lock(mutex_);
    cancelled_ = true;
    changed_.notify_all();
  }

 private:
  struct Pending {
    ChangeEvent event;
    const Log::RowEvent* row = nullptr;
  };

  // The table's copy has what happens up to here.
  bool LeftOut(const model::TableName& table, uint64_t n) const {
    auto from = from_.find(table);
    return from != from_.end() && n <= from->second;
  }

  void Queue(uint64_t n) {
    const Log::Transaction& transaction = source_.log().transaction(n);
    ChangeEvent end;
    end.position = PositionOf(n);
    end.commit_time_us = static_cast<int64_t>(n);
    end.kind = ChangeKind::kCommit;
    if (transaction.ddl != nullptr) {
      const auto& effects = transaction.ddl->effects;
      const bool known =
          !effects.empty() && std::all_of(effects.begin(), effects.end(),
                                          [&](const auto& e) { return LeftOut(e.table, n); });
      end.kind = known ? ChangeKind::kHeartbeat : ChangeKind::kDdl;
      if (!known) end.ddl = transaction.ddl;
      pending_.push_back({end});
      return;
    }
    ChangeEvent begin;
    begin.kind = ChangeKind::kBegin;
    begin.position = PositionOf(n - 1);
    pending_.push_back({begin});
    for (const Log::RowEvent& row : transaction.rows) {
      if (LeftOut(row.table->name, n)) continue;
      ChangeEvent event;
      event.kind = row.kind;
      event.table = row.table.get();
      event.keys_act = row.keys_act;
      pending_.push_back({event, &row});
    }
    pending_.push_back({end});
  }

  static void Emit(const Pending& pending, model::ChangeBatch& batch) {
    ChangeEvent& event = batch.events.emplace_back(pending.event);
    if (pending.row == nullptr) return;
    if (!pending.row->before.empty()) event.before = Keep(pending.row->before, batch.arena);
    if (!pending.row->after.empty()) event.after = Keep(pending.row->after, batch.arena);
    batch.tables.push_back(pending.row->table);
  }

  FakeSource& source_;
  uint64_t next_;
  std::map<model::TableName, uint64_t> from_;
  std::deque<Pending> pending_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool cancelled_ = false;
};

}  // namespace

model::Position PositionOf(uint64_t n) { return {std::to_string(n)}; }

uint64_t NumberOf(const model::Position& position) {
  uint64_t n = 0;
  std::from_chars(position.text.data(), position.text.data() + position.text.size(), n);
  return n;
}

FakeSource::FakeSource(const Log& log, uint64_t seed, uint64_t now)
    : log_(log), random_(seed), now_(now) {}

base::Status FakeSource::At(std::string_view place) {
  std::lock_guard lock(mutex_);
  return fault ? fault(place) : base::OkStatus();
}

uint64_t FakeSource::Grow() {
  const size_t more = Random(growth + 1);
  std::lock_guard lock(mutex_);
  return now_ = std::min<uint64_t>(now_ + more, log_.end());
}

void FakeSource::GrowToEnd() {
  std::lock_guard lock(mutex_);
  now_ = log_.end();
}

uint64_t FakeSource::now() {
  std::lock_guard lock(mutex_);
  return now_;
}

size_t FakeSource::Random(size_t below) {
  std::lock_guard lock(mutex_);
  return random_() % below;
}

std::vector<connector::RowFormat> FakeSource::row_formats() const {
  return {connector::RowFormat::kMysqlLoadText};
}

base::StatusOr<connector::Catalog> FakeSource::ReadCatalog(
    const connector::TableFilter& filter, const std::vector<connector::ObjectKind>&) {
  GODWIT_RETURN_IF_ERROR(At("catalog"));
  connector::Catalog catalog;
  for (const auto& [name, statement] : log_.definitions(now())) {
    if (filter.table(name.schema, name.table))
      catalog.tables.push_back({{log_.Table(statement), statement}, 1, 1});
  }
  return catalog;
}

base::StatusOr<std::optional<connector::CatalogTable>> FakeSource::ReadTable(
    const model::TableName& name) {
  const auto& definitions = log_.definitions(now());
  auto it = definitions.find(name);
  if (it == definitions.end()) return std::optional<connector::CatalogTable>();
  return connector::CatalogTable{{log_.Table(it->second), it->second}, 1, 1};
}

base::StatusOr<connector::TableDefinition> FakeSource::ParseDefinition(
    const model::TableName&, const std::string& statement) {
  return connector::TableDefinition{log_.Table(statement), statement, "fake"};
}

base::StatusOr<std::vector<model::SchemaDefault>> FakeSource::ReadSchemaDefaults(
    const connector::TableFilter&) {
  return std::vector<model::SchemaDefault>();
}

base::StatusOr<model::Position> FakeSource::CurrentPosition() { return PositionOf(Grow()); }

base::StatusOr<std::optional<connector::LogHold>> FakeSource::ReadLogHold() {
  if (holds_log()) GODWIT_RETURN_IF_ERROR(At("log.hold"));
  std::lock_guard lock(mutex_);
  return hold_;
}

base::Status FakeSource::ReleaseLog() {
  if (holds_log()) GODWIT_RETURN_IF_ERROR(At("log.release"));
  SetLogHold({});
  return base::OkStatus();
}

void FakeSource::SetLogHold(std::optional<connector::LogHold> hold) {
  std::lock_guard lock(mutex_);
  hold_ = std::move(hold);
}

bool FakeSource::holds_log() {
  std::lock_guard lock(mutex_);
  return hold_.has_value();
}

base::StatusOr<model::Position> FakeSource::ParsePosition(const std::string& gtid,
                                                          const std::string&, uint64_t) {
  return model::Position{gtid};
}

base::StatusOr<std::vector<connector::KeyRange>> FakeSource::PlanRanges(
    const connector::CatalogTable& table, int parts) {
  const std::vector<int> identity = table.definition.table->RowIdentity();
  std::vector<connector::KeyRange> ranges(1);
  if (identity.empty()) return ranges;
  const Database& state = log_.state(now());
  auto rows = state.find(table.definition.table->name);
  if (rows == state.end()) return ranges;
  std::set<std::string> keys;
  for (const Values& row : rows->second) keys.insert(KeyOf(row, identity));
  for (const std::string& key : keys) {
    if (static_cast<int>(ranges.size()) == parts) break;
    if (Random(2) == 0) continue;
    ranges.back().upto = key;
    ranges.push_back({key, ""});
  }
  return ranges;
}

base::StatusOr<std::unique_ptr<connector::ChunkReader>> FakeSource::OpenChunkReader(
    connector::RowFormat, const model::Position&, const std::string&) {
  return std::make_unique<FakeChunkReader>(*this);
}

base::StatusOr<std::unique_ptr<connector::RowReader>> FakeSource::OpenRowReader(
    const std::string&) {
  return base::Unimplemented("the fake compares nothing");
}

base::StatusOr<std::unique_ptr<connector::ChangeStream>> FakeSource::OpenChangeStream(
    const connector::StreamStart& start) {
  GODWIT_RETURN_IF_ERROR(At("stream.open"));
  std::lock_guard lock(mutex_);
  opened.push_back(start);
  return std::make_unique<FakeStream>(*this, start);
}

std::partial_ordering FakeSource::Compare(const model::Position& a,
                                          const model::Position& b) const {
  return NumberOf(a) <=> NumberOf(b);
}

base::StatusOr<uint64_t> FakeSource::LogBytesAfter(const model::Position& position) {
  return 100 * (log_.end() - std::min(log_.end(), NumberOf(position)));
}

}  // namespace godwit::pipeline::testing
