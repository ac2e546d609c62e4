#include "wire/mysql/mysql_gtid.h"

#include <algorithm>
#include <tuple>

namespace godwit::wire::mysql {
namespace {

using Interval = MysqlGtidSet::Interval;
using Source = MysqlGtidSet::Source;
using Intervals = std::vector<Interval>;

auto KeyOf(const Source& source) { return std::tie(source.uuid, source.tag); }

auto Find(auto& sources, const Uuid& uuid, const std::string& tag) {
  return std::lower_bound(
      sources.begin(), sources.end(), std::tie(uuid, tag),
      [](const Source& source, const auto& key) { return KeyOf(source) < key; });
}

// Puts an interval that begins at or after the last one's beginning behind the others.
void Append(Intervals& intervals, const Interval& next) {
  if (!intervals.empty() && next.first <= intervals.back().last + 1) {
    intervals.back().last = std::max(intervals.back().last, next.last);
  } else {
    intervals.push_back(next);
  }
}

Intervals Union(const Intervals& a, const Intervals& b) {
  Intervals all;
  all.reserve(a.size() + b.size());
  auto left = a.begin();
  auto right = b.begin();
  while (left != a.end() || right != b.end()) {
    bool take_left = right == b.end() || (left != a.end() && left->first < right->first);
    Append(all, take_left ? *left++ : *right++);
  }
  return all;
}

Intervals Difference(const Intervals& a, const Intervals& b) {
  Intervals rest;
  auto without = b.begin();
  for (Interval piece : a) {
    while (without != b.end() && without->last < piece.first) ++without;
    for (auto cut = without; cut != b.end() && cut->first <= piece.last; ++cut) {
      if (cut->first > piece.first) rest.push_back({piece.first, cut->first - 1});
      piece.first = cut->last + 1;
    }
    if (piece.first <= piece.last) rest.push_back(piece);
  }
  return rest;
}

Intervals Intersection(const Intervals& a, const Intervals& b) {
  Intervals common;
  auto left = a.begin();
  auto right = b.begin();
  while (left != a.end() && right != b.end()) {
    Interval both{std::max(left->first, right->first), std::min(left->last, right->last)};
    if (both.first <= both.last) common.push_back(both);
    (left->last < right->last ? left : right)++;
  }
  return common;
}

// The first interval that ends at or after `gno`.
auto FindInterval(auto& intervals, uint64_t gno) {
  return std::lower_bound(intervals.begin(), intervals.end(), gno,
                          [](const Interval& interval, uint64_t g) { return interval.last < g; });
}

void AddNumber(Intervals& intervals, uint64_t gno) {
  if (!intervals.empty() && intervals.back().last + 1 == gno) {
    intervals.back().last = gno;
    return;
  }
  auto at = FindInterval(intervals, gno);
  if (at != intervals.end() && at->first <= gno) return;
  const bool after = at != intervals.begin() && std::prev(at)->last + 1 == gno;
  const bool before = at != intervals.end() && at->first == gno + 1;
  if (after && before) {
    std::prev(at)->last = at->last;
    intervals.erase(at);
  } else if (after) {
    std::prev(at)->last = gno;
  } else if (before) {
    at->first = gno;
  } else {
    intervals.insert(at, {gno, gno});
  }
}

bool ContainsAll(const Intervals& all, const Intervals& some) {
  return std::ranges::all_of(some, [&all](const Interval& interval) {
    auto at = FindInterval(all, interval.first);
    return at != all.end() && at->first <= interval.first && interval.last <= at->last;
  });
}

}  // namespace

std::string Uuid::ToString() const {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += kDigits[bytes[i] >> 4];
    text += kDigits[bytes[i] & 15];
  }
  return text;
}

MysqlGtidSet MysqlGtidSet::Normalized(std::vector<Source> sources) {
  std::stable_sort(sources.begin(), sources.end(),
                   [](const Source& a, const Source& b) { return KeyOf(a) < KeyOf(b); });
  MysqlGtidSet set;
  for (Source& source : sources) {
    if (source.intervals.empty()) continue;
    if (set.sources_.empty() || KeyOf(set.sources_.back()) != KeyOf(source)) {
      set.sources_.push_back(std::move(source));
    } else {
      Intervals& into = set.sources_.back().intervals;
      into.insert(into.end(), source.intervals.begin(), source.intervals.end());
    }
  }
  for (Source& source : set.sources_) {
    Intervals unsorted = std::move(source.intervals);
    std::ranges::sort(unsorted, {}, &Interval::first);
    source.intervals.clear();
    for (const Interval& interval : unsorted) Append(source.intervals, interval);
  }
  return set;
}

void MysqlGtidSet::Add(const MysqlGtid& gtid) {
  if (gtid.gno == 0 || gtid.gno > kMostGno) return;
  auto at = Find(sources_, gtid.uuid, gtid.tag);
  if (at == sources_.end() || at->uuid != gtid.uuid || at->tag != gtid.tag)
    at = sources_.insert(at, {gtid.uuid, gtid.tag, {}});
  AddNumber(at->intervals, gtid.gno);
}

// Goes through the sources of both sets in order: those of one side alone are kept or not, those of
// both combined.
template <typename Combine>
void MysqlGtidSet::CombineEach(const MysqlGtidSet& other, bool keep_mine, bool take_theirs,
                               Combine combine) {
  std::vector<Source> result;
  auto mine = sources_.begin();
  auto theirs = other.sources_.begin();
  while (mine != sources_.end() || theirs != other.sources_.end()) {
    if (theirs == other.sources_.end() ||
        (mine != sources_.end() && KeyOf(*mine) < KeyOf(*theirs))) {
      if (keep_mine) result.push_back(std::move(*mine));
      ++mine;
    } else if (mine == sources_.end() || KeyOf(*theirs) < KeyOf(*mine)) {
      if (take_theirs) result.push_back(*theirs);
      ++theirs;
    } else {
      Intervals both = combine(mine->intervals, theirs->intervals);
      if (!both.empty()) result.push_back({mine->uuid, std::move(mine->tag), std::move(both)});
      ++mine, ++theirs;
    }
  }
  sources_ = std::move(result);
}

void MysqlGtidSet::Union(const MysqlGtidSet& other) {
  if (&other != this) CombineEach(other, true, true, mysql::Union);
}

void MysqlGtidSet::Subtract(const MysqlGtidSet& other) {
  if (&other == this) return sources_.clear();
  CombineEach(other, true, false, Difference);
}

void MysqlGtidSet::Intersect(const MysqlGtidSet& other) {
  if (&other != this) CombineEach(other, false, false, Intersection);
}

bool MysqlGtidSet::Contains(const MysqlGtid& gtid) const {
  auto at = Find(sources_, gtid.uuid, gtid.tag);
  if (at == sources_.end() || at->uuid != gtid.uuid || at->tag != gtid.tag) return false;
  auto interval = FindInterval(at->intervals, gtid.gno);
  return interval != at->intervals.end() && interval->first <= gtid.gno;
}

bool MysqlGtidSet::Contains(const MysqlGtidSet& other) const {
  return std::ranges::all_of(other.sources_, [this](const Source& source) {
    auto at = Find(sources_, source.uuid, source.tag);
    return at != sources_.end() && KeyOf(*at) == KeyOf(source) &&
           ContainsAll(at->intervals, source.intervals);
  });
}

std::partial_ordering MysqlGtidSet::Compare(const MysqlGtidSet& other) const {
  const bool here = Contains(other);
  const bool there = other.Contains(*this);
  if (here && there) return std::partial_ordering::equivalent;
  if (here) return std::partial_ordering::greater;
  if (there) return std::partial_ordering::less;
  return std::partial_ordering::unordered;
}

uint64_t MysqlGtidSet::Count() const {
  uint64_t count = 0;
  for (const Source& source : sources_) {
    for (const Interval& interval : source.intervals) {
      const uint64_t size = interval.last - interval.first + 1;
      count = size > UINT64_MAX - count ? UINT64_MAX : count + size;
    }
  }
  return count;
}

bool MysqlGtidSet::tagged() const {
  return std::ranges::any_of(sources_, [](const Source& source) { return !source.tag.empty(); });
}

}  // namespace godwit::wire::mysql
