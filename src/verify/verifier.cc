#include "verify/verifier.h"

#include <algorithm>
#include <deque>
#include <mutex>
#include <thread>

#include "verify/keyed_comparison.h"
#include "verify/multiset_comparison.h"
#include "verify/patience.h"
#include "verify/suspects.h"
#include "verify/table_pairs.h"

namespace godwit::verify {
namespace {

class Verifier {
 public:
  Verifier(connector::Source& source, connector::Destination& destination,
           const connector::TableFilter& filter, const VerifyOptions& options,
           VerifyProgress& progress, std::stop_token stop)
      : source_(source),
        destination_(destination),
        filter_(filter),
        options_(options),
        progress_(progress),
        suspects_(options.memory_bytes / 4),
        on_stop_(std::move(stop), [this] { stop_.request_stop(); }) {
    if (options_.patience.empty()) options_.patience.emplace_back(0);
  }

  base::StatusOr<VerifyReport> Run() {
    GODWIT_ASSIGN_OR_RETURN(TablePairs pairs, PairPatiently());
    GODWIT_RETURN_IF_ERROR(Plan(pairs.tables));
    {
      std::vector<std::jthread> lanes;
      lanes.reserve(static_cast<size_t>(options_.threads));
      for (int i = 0; i < options_.threads; ++i)
        lanes.emplace_back([this] { NoteStatus(RunLane()); });
    }
    NoteStatus(SettleRest());
    GODWIT_RETURN_IF_ERROR(status_);
    VerifyReport report{std::move(pairs.others)};
    for (const ComparedTable& table : tables_) report.tables.push_back(table.Report());
    std::sort(report.tables.begin(), report.tables.end(),
              [](const TableReport& a, const TableReport& b) { return a.name < b.name; });
    return report;
  }

 private:
  struct Work {
    ComparedTable* table;
    connector::KeyRange range;
  };

  template <typename Call>
  auto Patiently(Call call) -> decltype(call()) {
    return CallPatiently(options_.retry_for, stop_.get_token(), progress_.trouble, std::move(call));
  }

  // What a DDL has made on one side only may be on its way to the other.
  base::StatusOr<TablePairs> PairPatiently() {
    const auto pair = [&] { return PairTables(source_, destination_, filter_); };
    GODWIT_ASSIGN_OR_RETURN(TablePairs pairs, Patiently(pair));
    for (size_t look = 0; look < options_.patience.size() && !pairs.others.empty(); ++look) {
      if (!SleepFor(options_.patience[look], stop_.get_token()))
        return base::Cancelled("the comparison was stopped");
      GODWIT_ASSIGN_OR_RETURN(pairs, Patiently(pair));
    }
    return pairs;
  }

  // Large tables first, so that the end does not wait for one.
  base::Status Plan(std::vector<connector::CatalogTable>& tables) {
    if (stop_.stop_requested()) return base::Cancelled("the comparison was stopped");
    std::sort(tables.begin(), tables.end(),
              [](const connector::CatalogTable& a, const connector::CatalogTable& b) {
                return a.estimated_bytes > b.estimated_bytes;
              });
    for (const connector::CatalogTable& table : tables) {
      ComparedTable& compared = tables_.emplace_back(
          table.definition.table,
          table.estimated_bytes / std::max<uint64_t>(table.estimated_rows, 1) + 16,
          options_.samples);
      GODWIT_ASSIGN_OR_RETURN(std::vector<connector::KeyRange> ranges, Patiently([&] {
                                return source_.PlanRanges(table, options_.threads);
                              }));
      compared.ranges_left = ranges.size();
      for (connector::KeyRange& range : ranges) work_.push_back({&compared, std::move(range)});
      progress_.rows_total_estimate += table.estimated_rows;
    }
    progress_.tables_total = tables_.size();
    return base::OkStatus();
  }

  std::optional<Work> NextWork() {
    std::lock_guard lock(mutex_);
    if (work_.empty() || stop_.stop_requested()) return std::nullopt;
    Work work = std::move(work_.front());
    work_.pop_front();
    return work;
  }

  // The first error ends all lanes.
  void NoteStatus(const base::Status& status) {
    if (status.ok()) return;
    {
      std::lock_guard lock(mutex_);
      if (status_.ok()) status_ = status;
    }
    stop_.request_stop();
  }

  base::StatusOr<std::unique_ptr<PatientReader>> OpenReader(bool of_source) {
    GODWIT_ASSIGN_OR_RETURN(const std::string other,
                            of_source ? destination_.Dialect() : source_.Dialect());
    GODWIT_ASSIGN_OR_RETURN(
        std::unique_ptr<connector::RowReader> reader,
        of_source ? source_.OpenRowReader(other) : destination_.OpenRowReader(other));
    return std::make_unique<PatientReader>(std::move(reader), options_.retry_for, progress_,
                                           stop_.get_token());
  }

  base::Status RunLane() {
    GODWIT_ASSIGN_OR_RETURN(std::unique_ptr<PatientReader> ahead, OpenReader(true));
    GODWIT_ASSIGN_OR_RETURN(std::unique_ptr<PatientReader> source, OpenReader(true));
    GODWIT_ASSIGN_OR_RETURN(std::unique_ptr<PatientReader> target, OpenReader(false));
    KeyedComparison keyed(*ahead, *source, *target, suspects_, options_.patience, progress_,
                          stop_.get_token());
    MultisetComparison multiset(*source, *target, options_.memory_bytes / 2, options_.patience,
                                progress_, stop_.get_token());
    while (std::optional<Work> work = NextWork()) {
      ComparedTable& table = *work->table;
      if (table.table().RowIdentity().empty()) {
        std::lock_guard lock(multiset_mutex_);
        GODWIT_RETURN_IF_ERROR(multiset.Compare(table));
      } else {
        GODWIT_RETURN_IF_ERROR(keyed.Compare(table, work->range));
      }
      if (--table.ranges_left == 0) ++progress_.tables_done;
    }
    return stop_.stop_requested() ? base::Cancelled("the comparison was stopped")
                                  : base::OkStatus();
  }

  base::Status SettleRest() {
    std::vector<Suspect> rest = suspects_.TakeAll();
    if (rest.empty() || stop_.stop_requested()) return base::OkStatus();
    GODWIT_ASSIGN_OR_RETURN(std::unique_ptr<PatientReader> source, OpenReader(true));
    GODWIT_ASSIGN_OR_RETURN(std::unique_ptr<PatientReader> target, OpenReader(false));
    return Settle(std::move(rest), options_.patience, *source, *target, stop_.get_token());
  }

  connector::Source& source_;
  connector::Destination& destination_;
  const connector::TableFilter& filter_;
  VerifyOptions options_;
  VerifyProgress& progress_;
  std::stop_source stop_;  // the caller's, or an error
  SuspectList suspects_;
  std::deque<ComparedTable> tables_;
  std::mutex multiset_mutex_;  // one table without a key at a time has the memory
  std::mutex mutex_;           // of what follows
  std::deque<Work> work_;
  base::Status status_;
  std::stop_callback<std::function<void()>> on_stop_;
};

}  // namespace

base::StatusOr<VerifyReport> Verify(connector::Source& source, connector::Destination& destination,
                                    const connector::TableFilter& filter,
                                    const VerifyOptions& options, VerifyProgress& progress,
                                    std::stop_token stop) {
  return Verifier(source, destination, filter, options, progress, std::move(stop)).Run();
}

}  // namespace godwit::verify
