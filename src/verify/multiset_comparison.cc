#include "verify/multiset_comparison.h"

#include <algorithm>
#include <bit>
#include <thread>
#include <utility>

#include "verify/patience.h"
#include "verify/row_text.h"

namespace godwit::verify {
namespace {

using connector::ComparedRow;
using connector::RowDetail;

// Of the memory, an eighth is for the sums of both sides, and as much as this for each row that is
// counted: its entries in hash tables that may be half empty.
constexpr size_t kBytesPerCountedRow = 256;
// Passes over a table in search of the rows that differ. More are needed only where a great part of
// a large table does, and then a part of them tells enough.
constexpr size_t kMostPasses = 8;
// Rows that are noted down, to be shown.
constexpr size_t kMostTexts = 100;
// Rows that are counted again; where more differ, they are not just on their way.
constexpr size_t kMostRecounted = 20'000;

// `buckets` is a power of two.
size_t BucketOf(const Digest& digest, size_t buckets) { return digest.high & (buckets - 1); }

template <typename Use>
class Visitor : public connector::RowVisitor {
 public:
  explicit Visitor(Use use) : use_(std::move(use)) {}
  void Visit(const ComparedRow& row) override { use_(row, DigestOf(row.bytes)); }

 private:
  Use use_;
};

}  // namespace

base::Status MultisetComparison::Compare(ComparedTable& table) {
  base::Status status = CompareRows(table);
  if (!absl::IsNotFound(status)) return status;
  table.Fail(fmt::format("it changed while it was compared: {}", status.message()));
  return base::OkStatus();
}

base::StatusOr<std::vector<MultisetComparison::Bucket>> MultisetComparison::SumUp(
    const model::Table& table, PatientReader& reader) const {
  const size_t count =
      std::bit_floor(std::clamp<size_t>(memory_bytes_ / 8 / (2 * sizeof(Bucket)), 1 << 8, 1 << 20));
  std::vector<Bucket> buckets;
  Visitor visitor([&](const ComparedRow&, const Digest& digest) {
    Bucket& bucket = buckets[BucketOf(digest, count)];
    ++bucket.rows;
    bucket.sum.low += digest.low;
    bucket.sum.high += digest.high;
  });
  GODWIT_RETURN_IF_ERROR(reader.ReadAll(
      table, RowDetail::kBytes, [&] { buckets.assign(count, {}); }, visitor));
  return buckets;
}

std::vector<MultisetComparison::Pass> MultisetComparison::PlanPasses(
    const std::vector<Bucket>& source, const std::vector<Bucket>& target) const {
  const uint64_t most_rows = memory_bytes_ / kBytesPerCountedRow;
  std::vector<Pass> passes;
  for (size_t i = 0; i < source.size(); ++i) {
    if (source[i].rows == target[i].rows && source[i].sum == target[i].sum) continue;
    const uint64_t rows = source[i].rows + target[i].rows;
    if (passes.empty() || (passes.back().rows + rows > most_rows && passes.size() <= kMostPasses)) {
      passes.push_back({std::vector<bool>(source.size()), 0, 0});
    }
    passes.back().buckets[i] = true;
    passes.back().rows += rows;
    passes.back().source_rows += source[i].rows;
  }
  return passes;
}

base::StatusOr<MultisetComparison::Surplus> MultisetComparison::Count(
    const model::Table& table, const std::vector<bool>& buckets) {
  Surplus ours, theirs;
  for (auto [reader, counts] : {std::pair(&source_, &ours), std::pair(&target_, &theirs)}) {
    Visitor visitor([&, counts = counts](const ComparedRow&, const Digest& digest) {
      if (buckets[BucketOf(digest, buckets.size())]) ++(*counts)[digest];
    });
    GODWIT_RETURN_IF_ERROR(reader->ReadAll(
        table, RowDetail::kBytes, [counts = counts] { counts->clear(); }, visitor));
  }
  for (const auto& [digest, rows] : theirs) ours[digest] -= rows;
  absl::erase_if(ours, [](const auto& entry) { return entry.second == 0; });
  return ours;
}

base::Status MultisetComparison::Recount(const model::Table& table, Surplus& surplus,
                                         absl::flat_hash_map<Digest, std::string>& texts) {
  Surplus ours = surplus, theirs = surplus;
  for (auto [reader, counts] : {std::pair(&source_, &ours), std::pair(&target_, &theirs)}) {
    const auto begin = [counts = counts] {
      for (auto& [digest, rows] : *counts) rows = 0;
    };
    Visitor visitor([&, counts = counts](const ComparedRow& row, const Digest& digest) {
      const auto entry = counts->find(digest);
      if (entry == counts->end()) return;
      ++entry->second;
      if (texts.size() < kMostTexts && !texts.contains(digest))
        texts.emplace(digest, RowText(table, row.values));
    });
    GODWIT_RETURN_IF_ERROR(reader->ReadAll(table, RowDetail::kKeyAndValues, begin, visitor));
  }
  for (auto& [digest, rows] : surplus) rows = ours[digest] - theirs[digest];
  absl::erase_if(surplus, [](const auto& entry) { return entry.second == 0; });
  return base::OkStatus();
}

base::Status MultisetComparison::CompareRows(ComparedTable& table) {
  base::StatusOr<std::vector<Bucket>> source;
  std::jthread summing([&] { source = SumUp(table.table(), source_); });
  base::StatusOr<std::vector<Bucket>> target = SumUp(table.table(), target_);
  summing.join();
  GODWIT_RETURN_IF_ERROR(source.status());
  GODWIT_RETURN_IF_ERROR(target.status());
  uint64_t rows = 0;
  for (const Bucket& bucket : *source) rows += bucket.rows;
  progress_.rows += rows;

  uint64_t missing = 0, left_out = 0;
  auto enter = [&](int64_t surplus) {
    const auto count = static_cast<uint64_t>(surplus > 0 ? surplus : -surplus);
    if (surplus > 0) missing += count;
    table.Add(surplus > 0 ? Difference::kMissing : Difference::kExtra, count);
  };
  Surplus doubtful;
  size_t pass_number = 0;
  for (const Pass& pass : PlanPasses(*source, *target)) {
    if (++pass_number > kMostPasses) {
      table.AddLeftOut(pass.rows);
      left_out = pass.source_rows;
      break;
    }
    GODWIT_ASSIGN_OR_RETURN(Surplus found, Count(table.table(), pass.buckets));
    progress_.differing_rows += found.size();
    for (const auto& [digest, surplus] : found) {
      if (doubtful.size() < kMostRecounted)
        doubtful.emplace(digest, surplus);
      else
        enter(surplus);
    }
  }
  absl::flat_hash_map<Digest, std::string> texts;
  for (size_t look = 0; look < patience_.size() && !doubtful.empty(); ++look) {
    const Surplus before = doubtful;
    if (!SleepFor(patience_[look], stop_)) return base::Cancelled("the comparison was stopped");
    GODWIT_RETURN_IF_ERROR(Recount(table.table(), doubtful, texts));
    if (doubtful == before) break;  // nothing is on its way
  }
  for (const auto& [digest, surplus] : doubtful) {
    enter(surplus);
    if (const auto text = texts.find(digest); text != texts.end()) {
      table.AddSample({surplus > 0 ? Difference::kMissing : Difference::kExtra, text->second, {}});
    }
  }
  table.AddEqual(rows - std::min(rows, missing + left_out));
  return base::OkStatus();
}

}  // namespace godwit::verify
