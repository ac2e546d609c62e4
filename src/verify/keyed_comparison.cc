#include "verify/keyed_comparison.h"

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <limits>
#include <thread>

#include "base/channel.h"

namespace godwit::verify {
namespace {

using connector::KeyRange;

constexpr uint64_t kStretchBytes = 8 * 1024 * 1024;
constexpr uint64_t kMostStretchRows = 100'000;
constexpr uint64_t kPageRows = 1000;
constexpr uint64_t kNoLimit = std::numeric_limits<uint64_t>::max();
// With so many rows proved to differ in a table, its other differences are counted at first sight.
constexpr uint64_t kBeyondHope = 1000;

// A stretch of the source, and where it is.
struct SourceStretch {
  KeyRange range;
  PatientReader::Stretch read;
};

uint64_t StretchRows(const ComparedTable& table) {
  return std::clamp<uint64_t>(kStretchBytes / std::max<uint64_t>(table.row_bytes, 1), 1,
                              kMostStretchRows);
}

// The part of a range that a read of it, limited in rows, has covered.
KeyRange Covered(const KeyRange& range, const connector::RowsEnd& end) {
  return {range.after, end.range_done ? range.upto : end.cursor};
}

}  // namespace

base::Status KeyedComparison::Compare(ComparedTable& table, const KeyRange& range) {
  if (table.failed()) return base::OkStatus();
  base::Status status = CompareStretches(table, range);
  if (!absl::IsNotFound(status)) return status;
  table.Fail(fmt::format("it changed while it was compared: {}", status.message()));
  return base::OkStatus();
}

base::Status KeyedComparison::CompareStretches(ComparedTable& table, const KeyRange& range) {
  // While the target reads one stretch, the source reads the next.
  base::Channel<base::StatusOr<SourceStretch>> stretches(1);
  std::jthread reading([&] {
    KeyRange rest = range;
    while (true) {
      auto read = ahead_.ReadStretch(table.table(), rest, StretchRows(table));
      if (!read.ok()) {
        stretches.Push(read.status(), 1);
        return;
      }
      const connector::RowsEnd& end = read->end;
      if (end.rows > 0) table.row_bytes = std::max<uint64_t>(end.bytes / end.rows, 1);
      const bool done = end.range_done;
      SourceStretch stretch{Covered(rest, end), *std::move(read)};
      rest.after = stretch.range.upto;
      if (!stretches.Push(std::move(stretch), 1) || done) return;
    }
  });
  base::Status status;
  for (bool done = false; !done && status.ok();) {
    base::StatusOr<SourceStretch> source = *stretches.Pop();
    status = source.status();
    if (!status.ok()) break;
    done = source->read.end.range_done;
    progress_.rows += source->read.end.rows;
    auto target = target_.ReadStretch(table.table(), source->range, kNoLimit);
    status = target.status();
    if (!status.ok()) break;
    if (source->read.end.rows == target->end.rows && source->read.digest == target->digest) {
      table.AddEqual(target->end.rows);
    } else {
      status = CompareRows(table, source->range);
    }
  }
  stretches.Close();
  return status;
}

base::Status KeyedComparison::CompareRows(ComparedTable& table, const KeyRange& range) {
  for (KeyRange rest = range;;) {
    GODWIT_ASSIGN_OR_RETURN(PatientReader::Page source,
                            source_.ReadPage(table.table(), rest, kPageRows));
    absl::flat_hash_map<std::string, Digest> ours;
    for (auto& [key, digest] : source.rows) ours.emplace(std::move(key), digest);
    const KeyRange covered = Covered(rest, source.end);
    for (KeyRange target_rest = covered;;) {
      GODWIT_ASSIGN_OR_RETURN(PatientReader::Page target,
                              target_.ReadPage(table.table(), target_rest, kPageRows));
      uint64_t equal = 0;
      for (auto& [key, digest] : target.rows) {
        const auto row = ours.find(key);
        if (row == ours.end()) {
          GODWIT_RETURN_IF_ERROR(Note(table, Difference::kExtra, std::move(key)));
          continue;
        }
        const bool same = row->second == digest;
        ours.erase(row);
        if (same)
          ++equal;
        else
          GODWIT_RETURN_IF_ERROR(Note(table, Difference::kDifferent, std::move(key)));
      }
      table.AddEqual(equal);
      if (target.end.range_done) break;
      target_rest.after = target.end.cursor;
    }
    for (const auto& [key, digest] : ours)
      GODWIT_RETURN_IF_ERROR(Note(table, Difference::kMissing, key));
    if (source.end.range_done) return base::OkStatus();
    rest.after = source.end.cursor;
  }
}

base::Status KeyedComparison::Note(ComparedTable& table, Difference difference, std::string key) {
  ++progress_.differing_rows;
  if (table.differing() >= kBeyondHope) {
    table.Add(difference);
    return base::OkStatus();
  }
  std::vector<Suspect> batch = suspects_.Add(table, std::move(key));
  if (batch.empty()) return base::OkStatus();
  return Settle(std::move(batch), patience_, source_, target_, stop_);
}

}  // namespace godwit::verify
