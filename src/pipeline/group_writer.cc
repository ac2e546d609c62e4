#include "pipeline/group_writer.h"

#include <algorithm>
#include <chrono>
#include <set>

#include "pipeline/group_parts.h"

namespace godwit::pipeline {
namespace {

constexpr size_t kLeastRowsOfPart = 2;  // fewer are written sooner than divided
constexpr int kMostTries = 20;          // of a part that others are in the way of

// What is in of a group that an earlier run has begun counts only if the parts are the same.
base::Status CheckDivision(const ChangeGroup& group) {
  if (group.begun->division == 0) return base::OkStatus();
  if (group.begun->division == FingerprintOfDivision(group.segments)) return base::OkStatus();
  std::set<model::TableName> names;
  for (const connector::ChangeSegment& segment : group.segments) {
    for (const connector::TableChanges& changes : segment.tables) names.insert(changes.table->name);
  }
  std::string tables;
  for (const model::TableName& name : names)
    tables += (tables.empty() ? "" : ", ") + name.ToString();
  return base::FailedPrecondition(
      "some parts of the group of changes up to {} are on the target and some are not, and how it "
      "was divided cannot be told any more, as columns or keys of a table have been changed on the "
      "target since, or another version of Godwit divided it. Put them back as they were (the "
      "group is about {}), or run the version that began the group, or copy anew with `godwit run "
      "--restart`",
      group.begun->upto.text, tables);
}

}  // namespace

GroupWriter::GroupWriter(std::vector<std::unique_ptr<connector::ChangeApplier>> appliers,
                         Progress& progress, std::function<void()> written)
    : appliers_(std::move(appliers)),
      progress_(progress),
      written_(std::move(written)),
      thread_([this](std::stop_token stop) { Work(stop); }) {}

GroupWriter::~GroupWriter() {
  thread_.request_stop();
  thread_.join();
}

base::Status GroupWriter::Put(ChangeGroup group) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return (!next_ && !writing_) || !status_.ok(); });
  GODWIT_RETURN_IF_ERROR(status_);
  next_ = std::move(group);
  changed_.notify_all();
  return base::OkStatus();
}

base::Status GroupWriter::Drain() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return (!next_ && !writing_) || !status_.ok(); });
  return status_;
}

void GroupWriter::Cancel() {
  for (const std::unique_ptr<connector::ChangeApplier>& applier : appliers_) applier->Cancel();
}

base::Status GroupWriter::status() const {
  std::lock_guard lock(mutex_);
  return status_;
}

bool GroupWriter::idle() const {
  std::lock_guard lock(mutex_);
  return !next_ && !writing_;
}

void GroupWriter::Work(std::stop_token stop) {
  while (true) {
    std::optional<ChangeGroup> group;
    {
      std::unique_lock lock(mutex_);
      if (!changed_.wait(lock, stop, [this] { return next_.has_value(); })) return;
      group = std::exchange(next_, std::nullopt);
      writing_ = true;
      changed_.notify_all();
    }
    base::Status status = Write(*group);
    group.reset();
    const bool failed = !status.ok();
    {
      std::lock_guard lock(mutex_);
      writing_ = false;
      status_ = std::move(status);
      changed_.notify_all();
    }
    written_();
    if (failed) return;
  }
}

base::Status GroupWriter::Write(const ChangeGroup& group) {
  if (group.first_commit_us > 0) progress_.pending_since_us = group.first_commit_us;
  if (group.begun) {
    // As it was divided then, so that what is in is known.
    GODWIT_RETURN_IF_ERROR(CheckDivision(group));
    GODWIT_RETURN_IF_ERROR(WriteParts(group, *group.begun));
  } else if (Divides(group)) {
    GODWIT_RETURN_IF_ERROR(WriteParts(group, {.upto = group.last_commit,
                                              .parts = static_cast<int>(appliers_.size()),
                                              .division = FingerprintOfDivision(group.segments)}));
  } else {
    GODWIT_RETURN_IF_ERROR(WriteWhole(group));
  }
  progress_.row_changes += group.rows;
  progress_.tables.Applied(group.segments);
  in_pieces_ = group.position.empty();
  if (in_pieces_) return base::OkStatus();
  GODWIT_RETURN_IF_ERROR(appliers_.front()->Commit(group.position, group.commit_time_us));
  progress_.transactions += group.transactions;
  ++progress_.groups;
  progress_.SetApplied(group.position);
  progress_.pending_since_us = 0;
  if (group.read_at) {
    progress_.apply_latency.Add(std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::steady_clock::now() - *group.read_at));
  }
  if (group.commit_time_us > 0) {
    const auto now = std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::system_clock::now().time_since_epoch());
    progress_.lag_us = std::max<int64_t>(0, now.count() - group.commit_time_us);
    progress_.applied_commit_us = group.commit_time_us;
  }
  return base::OkStatus();
}

bool GroupWriter::Divides(const ChangeGroup& group) const {
  return appliers_.size() > 1 && group.rows >= kLeastRowsOfPart * appliers_.size() && !in_pieces_ &&
         !group.position.empty() && group.mode == connector::ApplyMode::kStrict &&
         std::ranges::all_of(group.segments, [](const connector::ChangeSegment& segment) {
           return segment.truncated.empty();
         });
}

base::Status GroupWriter::WriteWhole(const ChangeGroup& group) {
  GODWIT_ASSIGN_OR_RETURN(const std::vector<connector::ApplyResult> results,
                          Apply(*appliers_.front(), group.segments, group.mode));
  Count(results);
  return base::OkStatus();
}

base::StatusOr<std::vector<connector::ApplyResult>> GroupWriter::Apply(
    connector::ChangeApplier& applier, const std::vector<connector::ChangeSegment>& segments,
    connector::ApplyMode mode) {
  std::vector<connector::ApplyResult> results;
  for (const connector::ChangeSegment& segment : segments) {
    base::StatusOr<connector::ApplyResult> result = applier.Apply(segment, mode);
    if (!result.ok()) {
      applier.Rollback();
      if (!absl::IsNotFound(result.status())) return result.status();
      return base::FailedPrecondition(
          "{}, while the changes after {} were written; where a table that the task has made has "
          "gone from the target, copy anew with `godwit run --restart`",
          result.status().message(), progress_.applied().text);
    }
    results.push_back(*std::move(result));
  }
  return results;
}

// More parts than appliers, where an earlier run had more, take turns.
base::Status GroupWriter::WriteParts(const ChangeGroup& group,
                                     const connector::OpenGroup& division) {
  const std::vector<std::vector<connector::ChangeSegment>> divided =
      DivideByConflict(group.segments, division.parts);
  std::vector<base::Status> statuses(appliers_.size());
  {
    std::vector<std::jthread> lanes;
    for (size_t lane = 0; lane < appliers_.size(); ++lane) {
      lanes.emplace_back([&, lane] {
        for (size_t part = lane; part < divided.size() && statuses[lane].ok();
             part += appliers_.size()) {
          const auto number = static_cast<int>(part);
          if (division.done.contains(number)) continue;
          statuses[lane] = WritePart(*appliers_[lane], group.mode, divided[part], division, number);
        }
      });
    }
  }
  for (base::Status& status : statuses) GODWIT_RETURN_IF_ERROR(std::move(status));
  return base::OkStatus();
}

base::Status GroupWriter::WritePart(connector::ChangeApplier& applier, connector::ApplyMode mode,
                                    const std::vector<connector::ChangeSegment>& changes,
                                    const connector::OpenGroup& group, int part) {
  for (int tries = 1;; ++tries) {
    base::StatusOr<std::vector<connector::ApplyResult>> results = Apply(applier, changes, mode);
    base::Status status = results.status();
    if (status.ok()) {
      status = applier.CommitPart(group, part);
      if (!status.ok()) applier.Rollback();
    }
    if (status.ok()) Count(*results);
    if (!absl::IsAborted(status) || tries == kMostTries) return status;
  }
}

void GroupWriter::Count(const std::vector<connector::ApplyResult>& results) {
  for (const connector::ApplyResult& result : results) {
    progress_.statements += result.statements;
    if (result.drifted_rows == 0) continue;
    progress_.drifted_rows += result.drifted_rows;
    progress_.Note("drift on the target: " + result.drift);
  }
}

}  // namespace godwit::pipeline
