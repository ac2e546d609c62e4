#include "cluster/view.h"

namespace godwit::cluster {
namespace {

template <typename Map>
auto* Find(Map& map, std::string_view name) {
  const auto it = map.find(name);
  return it == map.end() ? nullptr : &it->second;
}

}  // namespace

void View::Reset(const store::Snapshot& snapshot) {
  *this = View();
  for (const store::Entry& entry : snapshot.entries) Apply(entry, false);
  revision_ = snapshot.revision;
}

void View::Apply(const std::vector<store::Watch::Change>& changes, store::Revision revision) {
  for (const auto& [entry, is_gone] : changes) Apply(entry, is_gone);
  revision_ = revision;
}

const View::Source* View::FindSource(std::string_view name) const { return Find(sources_, name); }
const View::Worker* View::FindWorker(std::string_view name) const { return Find(workers_, name); }
const Known<TaskRecord>* View::FindTask(std::string_view name) const { return Find(tasks_, name); }

template <typename Record>
bool View::Set(Maybe<Record>& place, const store::Entry& entry, bool is_gone) {
  if (!unreadable_.empty()) unreadable_.erase(entry.key);
  place.reset();
  if (is_gone) return true;
  base::StatusOr<Record> record = FromJson<Record>(entry.key, entry.value);
  if (!record.ok()) {
    unreadable_[entry.key] = std::string(record.status().message());
    return false;
  }
  place = {*std::move(record), entry.changed, entry.lease};
  return true;
}

template <typename Record>
void View::SetNamed(std::map<std::string, Known<Record>, std::less<>>& places,
                    std::string_view name, const store::Entry& entry, bool is_gone) {
  Maybe<Record> place;
  Set(place, entry, is_gone);
  if (place) {
    places.insert_or_assign(std::string(name), *std::move(place));
  } else if (const auto it = places.find(name); it != places.end()) {
    places.erase(it);
  }
}

void View::Apply(const store::Entry& entry, bool is_gone) {
  const Key key = ParseKey(entry.key);
  switch (key.kind) {
    case Key::Kind::kOther:
      return;
    case Key::Kind::kLeader:
      Set(leader_, entry, is_gone);
      return;
    case Key::Kind::kOperation:
      Set(operations_, entry, is_gone);
      return;
    case Key::Kind::kEra:
      Set(era_, entry, is_gone);
      return;
    case Key::Kind::kTask:
      SetNamed(tasks_, key.name, entry, is_gone);
      return;
    case Key::Kind::kMaster:
      SetNamed(masters_, key.name, entry, is_gone);
      return;
    case Key::Kind::kWorker:
    case Key::Kind::kAlive:
      ApplyToWorker(key, entry, is_gone);
      return;
    default:
      ApplyToSource(key, entry, is_gone);
  }
}

void View::ApplyToWorker(const Key& key, const store::Entry& entry, bool is_gone) {
  const std::string name(key.name);
  Worker& worker = WorkerCalled(name);
  if (key.kind == Key::Kind::kWorker) {
    Set(worker.record, entry, is_gone);
  } else if (Set(worker.alive, entry, is_gone); true) {
    for (const std::string& source : worker.bound) List(sources_.at(source));
  }
  List(worker);
  DropIfEmpty(name);
}

void View::ApplyToSource(const Key& key, const store::Entry& entry, bool is_gone) {
  const std::string name(key.name);
  Source& source = sources_[name];
  source.name = name;

  // The worker that a value named, and the one that it names now, know of it.
  const auto link = [&](const std::string& worker_name, std::set<std::string> Worker::*sources,
                        bool is_added) {
    if (worker_name.empty()) return;
    Worker& worker = WorkerCalled(worker_name);
    if (is_added) {
      (worker.*sources).insert(name);
    } else {
      (worker.*sources).erase(name);
    }
    List(worker);
    if (!is_added) DropIfEmpty(worker_name);
  };
  const auto link_all = [&](bool is_added) {
    if (key.kind == Key::Kind::kBound && source.binding) {
      link(source.binding->record.worker, &Worker::bound, is_added);
      link(source.binding->record.next, &Worker::coming, is_added);
    } else if (key.kind == Key::Kind::kHeld && source.held) {
      link(source.held->record.worker, &Worker::holds, is_added);
    }
  };

  link_all(false);
  bool is_readable = true;
  switch (key.kind) {
    case Key::Kind::kSource:
      is_readable = Set(source.config, entry, is_gone);
      break;
    case Key::Kind::kBound:
      is_readable = Set(source.binding, entry, is_gone);
      break;
    case Key::Kind::kHeld:
      is_readable = Set(source.held, entry, is_gone);
      break;
    case Key::Kind::kRelayStage:
      is_readable = Set(source.relay, entry, is_gone);
      break;
    default: {
      const std::string task(key.task);
      Subtask& subtask = source.subtasks[task];
      if (key.kind == Key::Kind::kSubtask) {
        is_readable = Set(subtask.config, entry, is_gone);
      } else if (key.kind == Key::Kind::kSubtaskStage) {
        is_readable = Set(subtask.stage, entry, is_gone);
      } else {
        Set(subtask.state, entry, is_gone);  // only told of: nothing hangs on it
      }
      if (!subtask.config && !subtask.stage && !subtask.state && is_readable)
        source.subtasks.erase(task);
    }
  }
  link_all(true);
  if (is_readable) {
    source.unreadable.erase(entry.key);
  } else {
    source.unreadable.insert(entry.key);
  }
  List(source);
  if (!source.config && !source.binding && !source.held && !source.relay &&
      source.subtasks.empty() && source.unreadable.empty()) {
    listed_sources_.erase(name);
    sources_.erase(name);
  }
}

View::Worker& View::WorkerCalled(const std::string& name) {
  Worker& worker = workers_[name];
  worker.name = name;
  return worker;
}

void View::List(const Source& source) {
  Listed& listed = listed_sources_[source.name];
  if (listed.waiting) waiting_.erase({*listed.waiting, source.name});
  if (listed.is_unsettled) unsettled_.erase(source.name);
  listed = {};
  // As long as somebody has it, it is up to him to let go of it, or to his lease to end.
  if (source.held || !source.unreadable.empty()) return;
  const bool is_wanted = source.IsWanted();
  if (source.IsBound()) {
    const Binding& binding = source.binding->record;
    const Worker* worker = FindWorker(binding.worker);
    listed.is_unsettled =
        !is_wanted || !binding.next.empty() || !worker || !worker->Lives(binding.lease);
  } else if (is_wanted) {
    listed.waiting = source.binding ? source.binding->changed : source.config->changed;
  } else {
    listed.is_unsettled = source.binding.has_value();
  }
  if (listed.waiting) waiting_.emplace(*listed.waiting, source.name);
  if (listed.is_unsettled) unsettled_.insert(source.name);
}

void View::List(const Worker& worker) {
  Listed& listed = listed_workers_[worker.name];
  if (listed.free_worker) free_workers_.erase({*listed.free_worker, worker.name});
  listed = {};
  const int room = worker.IsAlive() ? worker.record->record.slots - worker.Load() : 0;
  if (room > 0) {
    listed.free_worker = worker.Load();
    free_workers_.emplace(worker.Load(), worker.name);
  }
  if (room < 0) {
    overbooked_.insert(worker.name);
  } else {
    overbooked_.erase(worker.name);
  }
}

void View::DropIfEmpty(const std::string& name) {
  const Worker& worker = workers_.at(name);
  if (worker.record || worker.alive || !worker.bound.empty() || !worker.coming.empty() ||
      !worker.holds.empty()) {
    return;
  }
  listed_workers_.erase(name);
  workers_.erase(name);
}

}  // namespace godwit::cluster
