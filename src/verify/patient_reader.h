#pragma once

#include <absl/container/flat_hash_map.h>

#include <chrono>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "connector/row_reader.h"
#include "verify/digest.h"
#include "verify/verifier.h"

namespace godwit::verify {

// A row reader that waits out a server that is away, and gives what was read as digests. One
// thread; holds one connection. Once `stop` is asked for, everything is kCancelled.
class PatientReader {
 public:
  PatientReader(std::unique_ptr<connector::RowReader> reader, std::chrono::milliseconds retry_for,
                VerifyProgress& progress, std::stop_token stop);

  // A stretch of rows as one digest, in which their order counts.
  struct Stretch {
    Digest digest;
    connector::RowsEnd end;
  };
  base::StatusOr<Stretch> ReadStretch(const model::Table& table, const connector::KeyRange& range,
                                      uint64_t row_limit);

  // The rows of a stretch, by key.
  struct Page {
    std::vector<std::pair<std::string, Digest>> rows;
    connector::RowsEnd end;
  };
  base::StatusOr<Page> ReadPage(const model::Table& table, const connector::KeyRange& range,
                                uint64_t row_limit);

  // A row looked at closely.
  struct CloseRow {
    Digest digest;
    std::vector<uint64_t> columns;  // a hash of each value
    std::string text;               // RowText
  };
  // The rows with one of `keys`, by key. Without `closely`, digests only.
  using RowsByKey = absl::flat_hash_map<std::string, CloseRow>;
  base::StatusOr<RowsByKey> ReadKeys(const model::Table& table, std::span<const std::string> keys,
                                     bool closely);

  // All rows of a table, in any order. `begin` is called before the first row of each try: what was
  // seen before is void then.
  base::Status ReadAll(const model::Table& table, connector::RowDetail detail,
                       const std::function<void()>& begin, connector::RowVisitor& visitor);

 private:
  void Count(const connector::RowsEnd& end);

  std::unique_ptr<connector::RowReader> reader_;
  const std::chrono::milliseconds retry_for_;
  VerifyProgress& progress_;
  std::stop_token stop_;
  std::stop_callback<std::function<void()>> on_stop_;
};

}  // namespace godwit::verify
