#include "wire/postgres/snapshot.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "base/text.h"

namespace godwit::wire::postgres {
namespace {

// Takes what is before the next `end`, and the end; all that is left when there is none.
std::string_view TakeUntil(std::string_view& text, char end) {
  const size_t size = std::min(text.find(end), text.size());
  const std::string_view taken = text.substr(0, size);
  text.remove_prefix(std::min(size + 1, text.size()));
  return taken;
}

}  // namespace

FullXid FullXidNear(uint32_t xid, FullXid near) {
  const auto ahead = static_cast<int32_t>(xid - static_cast<uint32_t>(near));
  const FullXid distance = ahead < 0 ? -static_cast<int64_t>(ahead) : ahead;
  if (ahead >= 0) return near + distance;
  // Nothing was before the first epoch.
  return distance <= near ? near - distance : xid;
}

bool Snapshot::Sees(FullXid xid) const {
  if (xid < xmin) return true;
  return xid < xmax && !std::ranges::binary_search(running, xid);
}

bool Snapshot::SeesAllOf(const Snapshot& other) const {
  if (std::ranges::any_of(running, [&](FullXid xid) { return other.Sees(xid); })) return false;
  if (other.xmax <= xmax) return true;
  // Of those that are too late for this one, the other must see none either: all are running there.
  const auto late = std::ranges::lower_bound(other.running, xmax);
  return static_cast<FullXid>(other.running.end() - late) == other.xmax - xmax;
}

std::string Snapshot::ToString() const {
  return fmt::format("{}:{}:{}", xmin, xmax, fmt::join(running, ","));
}

std::optional<Snapshot> ParseSnapshot(std::string_view text) {
  if (std::ranges::count(text, ':') != 2) return std::nullopt;
  const auto xmin = base::ParseInteger<FullXid>(TakeUntil(text, ':'));
  const auto xmax = base::ParseInteger<FullXid>(TakeUntil(text, ':'));
  if (!xmin || !xmax || *xmin == 0 || *xmax == 0 || text.ends_with(',')) return std::nullopt;
  Snapshot snapshot{.xmin = *xmin, .xmax = std::max(*xmin, *xmax)};
  while (!text.empty()) {
    const auto xid = base::ParseInteger<FullXid>(TakeUntil(text, ','));
    const FullXid least = snapshot.running.empty() ? *xmin : snapshot.running.back() + 1;
    if (!xid || *xid < least || *xid >= *xmax) return std::nullopt;
    snapshot.running.push_back(*xid);
  }
  return snapshot;
}

}  // namespace godwit::wire::postgres
