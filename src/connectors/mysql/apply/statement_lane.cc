#include "connectors/mysql/apply/statement_lane.h"

namespace godwit::connectors::mysql {
namespace {

constexpr size_t kWaitingBytes = 1024 * 1024;  // of statements: one or two

}  // namespace

StatementLane::StatementLane(Execute execute)
    : execute_(std::move(execute)), items_(kWaitingBytes), thread_([this] { Work(); }) {}

StatementLane::~StatementLane() { Drain().IgnoreError(); }

base::Status StatementLane::Put(const RowStatement& statement, const model::Table& table) {
  const size_t bytes = statement.sql.size() + (statement.bound ? statement.bound->bytes : 0);
  return items_.Push({statement, &table}, bytes) ? base::OkStatus() : Drain();
}

base::Status StatementLane::Drain() {
  items_.Close();
  if (thread_.joinable()) thread_.join();
  return status_;
}

void StatementLane::Work() {
  while (std::optional<Item> item = items_.Pop()) {
    status_ = execute_(item->statement, *item->table);
    if (status_.ok()) continue;
    items_.Close();
    return;
  }
}

}  // namespace godwit::connectors::mysql
