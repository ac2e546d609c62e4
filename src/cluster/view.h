#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cluster/keys.h"
#include "cluster/records.h"
#include "store/store.h"

namespace godwit::cluster {

// What is known of a key: its value, and by which transaction and with which lease it was written.
template <typename Record>
struct Known {
  Record record;
  store::Revision changed = 0;
  store::LeaseId lease = store::kNoLease;
};
template <typename Record>
using Maybe = std::optional<Known<Record>>;

// For a condition that the key is still as it was when it was looked at.
template <typename Record>
store::Revision Changed(const Maybe<Record>& known) {
  return known ? known->changed : 0;
}

// All that the store has, as it was at one revision: taken from a snapshot and kept up to date by a
// watch, with what the scheduler and the workers ask of it at hand, so that what a change costs
// does not depend on how much there is. What it gives out is valid until it changes. Not
// thread-safe.
class View {
 public:
  struct Subtask {
    Maybe<SubtaskRecord> config;
    Maybe<ExpectedStage> stage;
    Maybe<SubtaskState> state;
  };
  struct Source {
    std::string name;
    Maybe<SourceRecord> config;
    Maybe<Binding> binding;
    Maybe<Held> held;
    Maybe<ExpectedStage> relay;
    std::map<std::string, Subtask, std::less<>> subtasks;  // by task
    std::set<std::string> unreadable;  // keys; while there is one, nobody runs it

    // Whether a worker is to run it.
    bool IsWanted() const { return config && config->record.is_enabled && unreadable.empty(); }
    bool IsBound() const { return binding && !binding->record.worker.empty(); }
  };
  struct Worker {
    std::string name;
    Maybe<WorkerRecord> record;
    Maybe<Alive> alive;
    std::set<std::string> bound;   // sources that are bound to it
    std::set<std::string> coming;  // bound to others that are to let go of them for it
    std::set<std::string> holds;

    int Load() const { return static_cast<int>(bound.size() + coming.size()); }
    bool IsAlive() const { return record && alive; }
    bool Lives(store::LeaseId lease) const { return alive && alive->lease == lease; }
  };

  void Reset(const store::Snapshot& snapshot);
  // What a watch has told of, and its revision.
  void Apply(const std::vector<store::Watch::Change>& changes, store::Revision revision);

  store::Revision revision() const { return revision_; }
  const Maybe<LeaderRecord>& leader() const { return leader_; }
  const Maybe<OperationCount>& operations() const { return operations_; }
  const Maybe<Era>& era() const { return era_; }
  // Those that live.
  const std::map<std::string, Known<MasterRecord>, std::less<>>& masters() const {
    return masters_;
  }
  const std::map<std::string, Source, std::less<>>& sources() const { return sources_; }
  const std::map<std::string, Worker, std::less<>>& workers() const { return workers_; }
  const std::map<std::string, Known<TaskRecord>, std::less<>>& tasks() const { return tasks_; }
  const Source* FindSource(std::string_view name) const;
  const Worker* FindWorker(std::string_view name) const;
  const Known<TaskRecord>* FindTask(std::string_view name) const;
  // Why values cannot be read, by key.
  const std::map<std::string, std::string, std::less<>>& unreadable() const { return unreadable_; }

  // Sources that wait for a worker, the longest waiting first.
  const std::set<std::pair<store::Revision, std::string>>& waiting() const { return waiting_; }
  // Sources whose binding must change and may, as nobody holds them.
  const std::set<std::string>& unsettled() const { return unsettled_; }
  // Living workers with a free slot and their load, the least loaded first.
  const std::set<std::pair<int, std::string>>& free_workers() const { return free_workers_; }
  // Living workers to whom more is bound than they have slots.
  const std::set<std::string>& overbooked() const { return overbooked_; }

 private:
  struct Listed {
    std::optional<store::Revision> waiting;
    bool is_unsettled = false;
    std::optional<int> free_worker;
  };

  void Apply(const store::Entry& entry, bool is_gone);
  void ApplyToSource(const Key& key, const store::Entry& entry, bool is_gone);
  void ApplyToWorker(const Key& key, const store::Entry& entry, bool is_gone);
  // False: it cannot be read.
  template <typename Record>
  void SetNamed(std::map<std::string, Known<Record>, std::less<>>& places, std::string_view name,
                const store::Entry& entry, bool is_gone);
  template <typename Record>
  bool Set(Maybe<Record>& place, const store::Entry& entry, bool is_gone);

  Worker& WorkerCalled(const std::string& name);
  // Adds the source to the lists that it belongs to by now, and takes it from the others.
  void List(const Source& source);
  void List(const Worker& worker);
  void DropIfEmpty(const std::string& worker);

  store::Revision revision_ = 0;
  Maybe<LeaderRecord> leader_;
  Maybe<OperationCount> operations_;
  Maybe<Era> era_;
  std::map<std::string, Known<MasterRecord>, std::less<>> masters_;
  std::map<std::string, Source, std::less<>> sources_;
  std::map<std::string, Worker, std::less<>> workers_;
  std::map<std::string, Known<TaskRecord>, std::less<>> tasks_;
  std::map<std::string, std::string, std::less<>> unreadable_;

  std::set<std::pair<store::Revision, std::string>> waiting_;
  std::set<std::string> unsettled_;
  std::set<std::pair<int, std::string>> free_workers_;
  std::set<std::string> overbooked_;
  std::map<std::string, Listed, std::less<>> listed_sources_, listed_workers_;
};

}  // namespace godwit::cluster
