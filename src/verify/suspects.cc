#include "verify/suspects.h"

#include <algorithm>
#include <span>

#include "verify/patience.h"

namespace godwit::verify {
namespace {

using RowsByKey = PatientReader::RowsByKey;

// Keys asked for in one statement.
constexpr size_t kKeysAtOnce = 100;

std::optional<Digest> StateOf(const RowsByKey& rows, const std::string& key) {
  const auto row = rows.find(key);
  return row == rows.end() ? std::nullopt : std::optional(row->second.digest);
}

// Which columns' values differ.
std::vector<std::string> DifferingColumns(const model::Table& table,
                                          const PatientReader::CloseRow& ours,
                                          const PatientReader::CloseRow& theirs) {
  std::vector<std::string> names;
  for (size_t i = 0; i < ours.columns.size() && i < theirs.columns.size(); ++i) {
    if (ours.columns[i] != theirs.columns[i]) names.push_back(table.columns[i].name);
  }
  return names;
}

// Enters a row that stayed different.
void Convict(ComparedTable& table, const std::string& key, const RowsByKey& source,
             const RowsByKey& target) {
  const auto ours = source.find(key), theirs = target.find(key);
  RowSample sample;
  if (theirs == target.end()) {
    sample = {Difference::kMissing, ours->second.text, {}};
  } else if (ours == source.end()) {
    sample = {Difference::kExtra, theirs->second.text, {}};
  } else {
    sample = {Difference::kDifferent, ours->second.text,
              DifferingColumns(table.table(), ours->second, theirs->second)};
  }
  table.Add(sample.difference);
  table.AddSample(std::move(sample));
}

class Settler {
 public:
  Settler(PatientReader& source, PatientReader& target) : source_(source), target_(target) {}

  // One look at suspects of one table.
  base::Status Look(std::span<Suspect*> suspects, bool last) {
    ComparedTable& table = *suspects.front()->table;
    std::vector<std::string> keys;
    for (const Suspect* suspect : suspects) keys.push_back(suspect->key);
    // The source first: what it has now cannot be newer than what the target is then seen to have
    // got from it.
    auto source = source_.ReadKeys(table.table(), keys, last);
    if (!source.ok()) return FailedTable(table, source.status());
    auto target = target_.ReadKeys(table.table(), keys, last);
    if (!target.ok()) return FailedTable(table, target.status());
    for (Suspect* suspect : suspects) Judge(*suspect, *source, *target, last);
    return base::OkStatus();
  }

 private:
  // A table that is not what it was ends with that; any other error ends the comparison.
  static base::Status FailedTable(ComparedTable& table, const base::Status& status) {
    if (!absl::IsNotFound(status)) return status;
    table.Fail(fmt::format("it changed while it was compared: {}", status.message()));
    return base::OkStatus();
  }

  static void Judge(Suspect& suspect, const RowsByKey& source, const RowsByKey& target, bool last) {
    const std::optional<Digest> ours = StateOf(source, suspect.key),
                                theirs = StateOf(target, suspect.key);
    auto& states = suspect.source_states;
    const bool moves = !states.empty() && states.back() != ours;
    if (states.empty() || moves) states.push_back(ours);
    if (std::find(states.begin(), states.end(), theirs) != states.end()) {
      suspect.settled = true;
      if (theirs) suspect.table->AddEqual(1);
    } else if (last && moves) {
      suspect.table->AddUnsettled(1);
    } else if (last) {
      Convict(*suspect.table, suspect.key, source, target);
    }
  }

  PatientReader& source_;
  PatientReader& target_;
};

}  // namespace

std::vector<Suspect> SuspectList::Add(ComparedTable& table, std::string key) {
  std::lock_guard lock(mutex_);
  // A state or two will be remembered of each.
  bytes_ += key.capacity() + sizeof(Suspect) + 4 * sizeof(Digest);
  suspects_.push_back({&table, std::move(key), {}, false});
  if (bytes_ < most_bytes_) return {};
  bytes_ = 0;
  return std::exchange(suspects_, {});
}

std::vector<Suspect> SuspectList::TakeAll() {
  std::lock_guard lock(mutex_);
  bytes_ = 0;
  return std::exchange(suspects_, {});
}

base::Status Settle(std::vector<Suspect> suspects,
                    const std::vector<std::chrono::milliseconds>& patience, PatientReader& source,
                    PatientReader& target, const std::stop_token& stop) {
  std::stable_sort(suspects.begin(), suspects.end(), [](const Suspect& a, const Suspect& b) {
    return std::less<>()(a.table, b.table);
  });
  Settler settler(source, target);
  for (size_t look = 0; look < patience.size(); ++look) {
    std::vector<Suspect*> open;
    for (Suspect& suspect : suspects) {
      if (!suspect.settled && !suspect.table->failed()) open.push_back(&suspect);
    }
    if (open.empty()) return base::OkStatus();
    if (!SleepFor(patience[look], stop)) return base::Cancelled("the comparison was stopped");
    for (size_t begin = 0; begin < open.size();) {
      size_t end = begin + 1;
      while (end < open.size() && end - begin < kKeysAtOnce &&
             open[end]->table == open[begin]->table)
        ++end;
      GODWIT_RETURN_IF_ERROR(
          settler.Look(std::span(open).subspan(begin, end - begin), look + 1 == patience.size()));
      begin = end;
    }
  }
  return base::OkStatus();
}

}  // namespace godwit::verify
