#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "connector/row_reader.h"

namespace godwit::verify {

using Values = std::vector<std::optional<std::string>>;

// A table in memory, as one side of a comparison has it. Its first column is the key, a number; the
// fake table without a key has rows in `loose` instead.
struct FakeSide {
  std::map<int64_t, Values> rows;  // without the key
  std::vector<Values> loose;
  // Called before each read; an error is what the read returns, after it has visited half of its
  // rows.
  std::function<base::Status(int read)> before_read = [](int) { return base::OkStatus(); };
  int reads = 0;
};

// The fake table `t (id BIGINT PRIMARY KEY, name TEXT, note TEXT)`, or the same without the key.
model::TablePtr FakeTable(bool with_key);

class FakeReader : public connector::RowReader {
 public:
  explicit FakeReader(FakeSide* side) : side_(side) {}

  base::StatusOr<connector::RowsEnd> Read(const model::Table& table,
                                          const connector::KeyRange& range, uint64_t row_limit,
                                          connector::RowDetail detail,
                                          connector::RowVisitor& visitor) override;
  base::Status ReadKeys(const model::Table& table, std::span<const std::string> keys,
                        connector::RowVisitor& visitor) override;
  void Cancel() override {}

 private:
  FakeSide* side_;
};

}  // namespace godwit::verify
