#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "connector/destination.h"
#include "connector/source.h"
#include "model_database.h"

// A source and a target in memory. Positions are numbers: the nth transaction ends at "n".
namespace godwit::pipeline::testing {

model::Position PositionOf(uint64_t n);
uint64_t NumberOf(const model::Position& position);

// Asked at each named place of a fake; an error is what happens there. From any thread, one at a
// time.
using Fault = std::function<base::Status(std::string_view place)>;

// What a source has committed, and what it looked like after each commit. Not thread-safe.
class Log {
 public:
  struct RowEvent {
    model::ChangeKind kind;
    model::TablePtr table;
    Values before, after;
    bool keys_act;
  };
  struct Transaction {
    std::vector<RowEvent> rows;
    std::shared_ptr<const model::DdlChange> ddl;  // then there are no rows
  };

  // A table that is there from the start.
  void AddTable(model::Table table, const Rows& rows = {});

  // Changes of the open transaction, foreign keys acting as they would. False, and nothing done,
  // where a key forbids it. Commit gives the number of the transaction.
  bool Insert(const std::string& table, const Values& row);
  bool Update(const std::string& table, const Values& before, const Values& after);
  bool Delete(const std::string& table, const Values& row);
  void KeysAct(bool act) { keys_act_ = act; }
  uint64_t Commit();

  // A statement on `table`: the definition that it leaves (nothing: dropped), and what it does to
  // the rows.
  uint64_t Ddl(const std::string& statement, const std::string& table,
               std::optional<model::Table> after, const std::function<void(Rows&)>& rows = {});
  uint64_t ViewStatement(std::string statement);

  uint64_t end() const { return transactions_.size(); }
  const Transaction& transaction(uint64_t n) const { return transactions_[n - 1]; }
  const Database& state(uint64_t n) const { return states_[n]; }
  // The tables' definitions after transaction n; by statement.
  const std::map<model::TableName, std::string>& definitions(uint64_t n) const {
    return definitions_[n];
  }
  model::TablePtr Table(const std::string& statement) const { return tables_.at(statement); }
  const std::map<std::string, std::function<void(Database&)>>& effects() const { return effects_; }
  const Database& now() const { return now_; }

 private:
  bool Do(model::ChangeKind kind, const std::string& table, Values before, Values after);
  model::TablePtr Current(const std::string& table) const;

  std::map<std::string, model::TablePtr> tables_;
  std::vector<Database> states_{1};
  std::vector<std::map<model::TableName, std::string>> definitions_{1};
  std::vector<Transaction> transactions_;
  std::map<std::string, std::function<void(Database&)>> effects_;  // of a statement, on any end
  Transaction open_;
  Database now_;
  bool keys_act_ = true;
};

// Reads a log, of which only what has been committed up to `now` is there yet. Thread-safe.
class FakeSource : public connector::Source {
 public:
  FakeSource(const Log& log, uint64_t seed, uint64_t now);

  // Places: "stream.open", "stream.next", "chunk.read", "chunk.rows", "catalog", and where it keeps
  // its log for the task, "log.hold" and "log.release".
  Fault fault;
  size_t most_events = 6;    // of a batch
  size_t event_bytes = 100;  // what an event is said to cost
  uint64_t growth = 2;       // how much the log may grow at each call
  int rows_per_chunk = 2;
  bool inexact_tokens = false;                 // of chunks that need no exact one
  std::vector<connector::StreamStart> opened;  // streams so far

  connector::CheckReport Check(const connector::CheckScope&) override { return {}; }
  std::vector<connector::RowFormat> row_formats() const override;
  base::StatusOr<connector::Catalog> ReadCatalog(
      const connector::TableFilter& filter,
      const std::vector<connector::ObjectKind>& kinds) override;
  base::StatusOr<std::optional<connector::CatalogTable>> ReadTable(
      const model::TableName& name) override;
  base::StatusOr<std::string> Dialect() override { return std::string("fake"); }
  base::StatusOr<std::vector<model::SchemaDefault>> ReadSchemaDefaults(
      const connector::TableFilter&) override;
  base::StatusOr<bool> LogsWholeRows() override { return true; }
  base::StatusOr<bool> LogsWhatKeysDo() override { return false; }
  base::StatusOr<connector::TableDefinition> ParseDefinition(const model::TableName& name,
                                                             const std::string& statement) override;
  base::StatusOr<model::Position> CurrentPosition() override;
  base::StatusOr<model::Position> StartPosition(const connector::TableFilter&) override {
    return CurrentPosition();
  }
  base::StatusOr<std::optional<connector::LogHold>> ReadLogHold() override;
  base::Status ReleaseLog() override;
  base::StatusOr<model::Position> ParsePosition(const std::string& gtid, const std::string& file,
                                                uint64_t offset) override;
  base::StatusOr<std::vector<connector::KeyRange>> PlanRanges(const connector::CatalogTable& table,
                                                              int parts) override;
  base::StatusOr<std::unique_ptr<connector::ChunkReader>> OpenChunkReader(
      connector::RowFormat format, const model::Position& t0, const std::string& target) override;
  base::StatusOr<std::unique_ptr<connector::RowReader>> OpenRowReader(
      const std::string& other) override;
  base::StatusOr<std::unique_ptr<connector::ChangeStream>> OpenChangeStream(
      const connector::StreamStart& start) override;
  std::partial_ordering Compare(const model::Position& a, const model::Position& b) const override;
  base::StatusOr<uint64_t> LogBytesAfter(const model::Position& position) override;

  // What it keeps of its log for the task; at first nothing.
  void SetLogHold(std::optional<connector::LogHold> hold);
  bool holds_log();

  // For the readers and streams.
  base::Status At(std::string_view place);
  uint64_t Grow();  // how far the log goes now, a little later than before
  void GrowToEnd();
  uint64_t now();
  size_t Random(size_t below);
  const Log& log() const { return log_; }

 private:
  const Log& log_;
  mutable std::mutex mutex_;
  std::mt19937_64 random_;
  std::optional<connector::LogHold> hold_;
  uint64_t now_;
};

}  // namespace godwit::pipeline::testing
