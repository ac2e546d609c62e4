#pragma once

#include <functional>
#include <thread>

#include "base/channel.h"
#include "base/status.h"
#include "connectors/mysql/apply/row_statements.h"
#include "model/table.h"

namespace godwit::connectors::mysql {

// Executes statements in order on a thread of its own, so that the next one is built while the
// server is at the one before. Put and Drain belong to one thread.
class StatementLane {
 public:
  using Execute = std::function<base::Status(const RowStatement&, const model::Table&)>;

  // `execute` is called by the lane's thread until Drain or the destructor has returned.
  explicit StatementLane(Execute execute);
  ~StatementLane();

  // Waits while there is enough to do already. The first error of any statement so far: nothing
  // is executed after it. `table` lives until Drain.
  base::Status Put(const RowStatement& statement, const model::Table& table);
  // Waits until all is executed. The first error. Nothing can be put afterwards.
  base::Status Drain();

 private:
  struct Item {
    RowStatement statement;
    const model::Table* table;
  };
  void Work();

  const Execute execute_;
  base::Channel<Item> items_;
  base::Status status_;  // of the thread; read once items_ was closed by it, or it has ended
  std::jthread thread_;
};

}  // namespace godwit::connectors::mysql
