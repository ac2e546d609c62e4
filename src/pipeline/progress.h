#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "connector/source.h"
#include "connector/task_state.h"
#include "model/position.h"
#include "pipeline/latency_histogram.h"
#include "pipeline/table_board.h"

namespace godwit::pipeline {

// What a run reports of itself while it goes on. Written by the pipeline's threads, read by whoever
// shows it. Thread-safe.
class Progress {
 public:
  // The copy.
  std::atomic<uint64_t> tables_total{0}, tables_done{0};
  std::atomic<uint64_t> rows_total_estimate{0}, bytes_total_estimate{0};
  std::atomic<uint64_t> rows_copied{0}, bytes_copied{0};  // committed, earlier runs included
  std::atomic<uint64_t> bytes_read{0};                    // of this run; moves within a chunk too
  std::atomic<uint64_t> tables_copied_again{0};           // because their definition changed
  std::atomic<uint64_t> source_locks{0};                  // for snapshots
  std::atomic<int64_t> longest_source_lock_us{0};
  std::atomic<uint64_t> copy_queue_bytes{0};  // read, and on their way to the target

  // The changes.
  std::atomic<uint64_t> transactions{0}, row_changes{0}, statements{0}, groups{0}, ddls{0},
      log_bytes{0};
  std::atomic<uint64_t> drifted_rows{0};
  std::atomic<uint64_t> ddls_not_executed{0};  // ignored, skipped or replaced
  // Rows that were not written, or not with all their values, since the target's table is another.
  std::atomic<uint64_t> rows_left_out{0}, rows_in_part{0};
  // Updates that were not made, as the row is not there before the log has come to where the source
  // had looked it up.
  std::atomic<uint64_t> updates_left_to_log{0};
  // Values written otherwise, as the target cannot hold them (on_unrepresentable); as of the end of
  // the last attempt.
  std::atomic<uint64_t> values_replaced{0};
  std::atomic<uint64_t> retries{0};
  std::atomic<int64_t> lag_us{
      -1};  // from commit on the source to commit on the target; -1: not known
  // When the oldest transaction that is being written was committed on the source, Unix
  // microseconds; 0: none is.
  std::atomic<int64_t> pending_since_us{0};
  std::atomic<int64_t> log_bytes_behind{-1};    // -1: not known
  std::atomic<uint64_t> change_queue_bytes{0};  // read of the log, and not written yet
  // When the last transaction that is on the target was committed on the source, Unix microseconds;
  // 0: not known.
  std::atomic<int64_t> applied_commit_us{0};
  // Of each group of transactions with changes: from the reading of its oldest one of the log to
  // the commit on the target.
  LatencyHistogram apply_latency;

  TableBoard tables;

  void EnterPhase(connector::TaskPhase phase) {
    std::lock_guard lock(mutex_);
    if (phase != phases_.back()) phases_.push_back(phase);
  }
  // The phases that the run has gone through, the one it is in last.
  std::vector<connector::TaskPhase> phases() const {
    std::lock_guard lock(mutex_);
    return phases_;
  }

  // How long a snapshot kept a table from being written; 0: it needed no lock.
  void NoteLock(std::chrono::microseconds locked) {
    if (locked.count() == 0) return;
    ++source_locks;
    int64_t longest = longest_source_lock_us;
    while (longest < locked.count() &&
           !longest_source_lock_us.compare_exchange_weak(longest, locked.count())) {
    }
  }

  void SetApplied(const model::Position& position) {
    std::lock_guard lock(mutex_);
    applied_ = position;
  }
  model::Position applied() const {
    std::lock_guard lock(mutex_);
    return applied_;
  }
  // What the source keeps of its log for the task, when it was last looked at.
  void SetLogHold(std::optional<connector::LogHold> hold) {
    std::lock_guard lock(mutex_);
    log_hold_ = std::move(hold);
  }
  std::optional<connector::LogHold> log_hold() const {
    std::lock_guard lock(mutex_);
    return log_hold_;
  }
  // The source's server that is read, and since when, in Unix microseconds; of an empty address:
  // none yet.
  struct Server {
    std::string address, identity;
    int64_t since_us = 0;
  };
  void SetServer(const std::string& address, const std::string& identity) {
    std::lock_guard lock(mutex_);
    if (server_.address == address && server_.identity == identity) return;
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    server_ = {address, identity,
               std::chrono::duration_cast<std::chrono::microseconds>(now).count()};
  }
  Server server() const {
    std::lock_guard lock(mutex_);
    return server_;
  }
  // A row of a table that is not written at all, or in part.
  void CountLeftOut(const model::TableName& table, bool whole) {
    ++(whole ? rows_left_out : rows_in_part);
    std::lock_guard lock(mutex_);
    ++left_out_[table];
  }
  // How many, by table.
  std::map<model::TableName, uint64_t> left_out() const {
    std::lock_guard lock(mutex_);
    return left_out_;
  }
  // Adds a thing worth telling: a retry and why, the first drift, a table copied again.
  void Note(std::string note) {
    std::lock_guard lock(mutex_);
    if (notes_.size() == kMostNotes) notes_.pop_front();
    notes_.push_back(std::move(note));
    ++noted_;
  }
  // How many notes there have been, and of those after the first `seen` the latest (a hundred at
  // most), in order.
  std::pair<uint64_t, std::vector<std::string>> NotesAfter(uint64_t seen) const {
    std::lock_guard lock(mutex_);
    const uint64_t fresh = std::min<uint64_t>(noted_ - std::min(seen, noted_), notes_.size());
    return {noted_, {notes_.end() - static_cast<std::ptrdiff_t>(fresh), notes_.end()}};
  }

 private:
  mutable std::mutex mutex_;
  std::vector<connector::TaskPhase> phases_{connector::TaskPhase::kPreparing};
  model::Position applied_;
  Server server_;
  std::optional<connector::LogHold> log_hold_;
  std::map<model::TableName, uint64_t> left_out_;
  static constexpr size_t kMostNotes = 100;
  std::deque<std::string> notes_;
  uint64_t noted_ = 0;
};

}  // namespace godwit::pipeline
