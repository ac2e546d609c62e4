#include "wire/mysql/gtid.h"

#include <algorithm>
#include <charconv>

namespace godwit::wire::mysql {
namespace {

std::string_view Trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\n')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\n')) text.remove_suffix(1);
  return text;
}

// Reads a number from the front of `text`, up to and with `end` (or to the end of the text where
// `end` is 0).
template <typename T>
bool TakeNumber(std::string_view& text, char end, T& value) {
  auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return false;
  text.remove_prefix(static_cast<size_t>(stop - text.data()));
  if (end == 0) return text.empty();
  if (!text.starts_with(end)) return false;
  text.remove_prefix(1);
  return true;
}

auto LowerBound(auto& gtids, uint32_t domain) {
  return std::lower_bound(gtids.begin(), gtids.end(), domain,
                          [](const MariadbGtid& gtid, uint32_t d) { return gtid.domain < d; });
}

}  // namespace

base::StatusOr<MariadbGtid> MariadbGtid::Parse(std::string_view text) {
  MariadbGtid gtid;
  std::string_view rest = Trim(text);
  if (!TakeNumber(rest, '-', gtid.domain) || !TakeNumber(rest, '-', gtid.server) ||
      !TakeNumber(rest, 0, gtid.seq)) {
    return base::InvalidArgument(
        "\"{}\" is not a GTID: domain-server-sequence expected, as in 0-1-100", text);
  }
  return gtid;
}

std::string MariadbGtid::ToString() const { return fmt::format("{}-{}-{}", domain, server, seq); }

base::StatusOr<MariadbGtidSet> MariadbGtidSet::Parse(std::string_view text) {
  MariadbGtidSet set;
  std::string_view rest = Trim(text);
  while (!rest.empty()) {
    size_t comma = rest.find(',');
    GODWIT_ASSIGN_OR_RETURN(MariadbGtid gtid, MariadbGtid::Parse(rest.substr(0, comma)));
    if (set.Find(gtid.domain) != nullptr) {
      return base::InvalidArgument("\"{}\" is not a GTID position: domain {} is there twice", text,
                                   gtid.domain);
    }
    set.Update(gtid);
    if (comma == rest.npos) break;
    rest.remove_prefix(comma + 1);
    if (rest.empty())
      return base::InvalidArgument("\"{}\" is not a GTID position: it ends with a comma", text);
  }
  return set;
}

std::string MariadbGtidSet::ToString() const {
  std::string text;
  for (const MariadbGtid& gtid : gtids_) {
    if (!text.empty()) text += ',';
    text += gtid.ToString();
  }
  return text;
}

void MariadbGtidSet::Update(const MariadbGtid& gtid) {
  auto at = LowerBound(gtids_, gtid.domain);
  if (at != gtids_.end() && at->domain == gtid.domain) {
    *at = gtid;
  } else {
    gtids_.insert(at, gtid);
  }
}

void MariadbGtidSet::Union(const MariadbGtidSet& other) {
  for (const MariadbGtid& gtid : other.gtids_) {
    if (!Contains(gtid)) Update(gtid);
  }
}

void MariadbGtidSet::Intersect(const MariadbGtidSet& other) {
  std::erase_if(gtids_,
                [&](const MariadbGtid& gtid) { return other.Find(gtid.domain) == nullptr; });
  for (MariadbGtid& gtid : gtids_) {
    const MariadbGtid& theirs = *other.Find(gtid.domain);
    if (theirs.seq < gtid.seq) gtid = theirs;
  }
}

void MariadbGtidSet::Subtract(const MariadbGtidSet& other) {
  std::erase_if(gtids_, [&](const MariadbGtid& gtid) { return other.Contains(gtid); });
}

const MariadbGtid* MariadbGtidSet::Find(uint32_t domain) const {
  auto at = LowerBound(gtids_, domain);
  return at != gtids_.end() && at->domain == domain ? &*at : nullptr;
}

bool MariadbGtidSet::Contains(const MariadbGtid& gtid) const {
  const MariadbGtid* mine = Find(gtid.domain);
  return mine != nullptr && mine->seq >= gtid.seq;
}

bool MariadbGtidSet::Contains(const MariadbGtidSet& other) const {
  return std::ranges::all_of(other.gtids_,
                             [this](const MariadbGtid& gtid) { return Contains(gtid); });
}

std::partial_ordering MariadbGtidSet::Compare(const MariadbGtidSet& other) const {
  bool here = Contains(other);
  bool there = other.Contains(*this);
  if (here && there) return std::partial_ordering::equivalent;
  if (here) return std::partial_ordering::greater;
  if (there) return std::partial_ordering::less;
  return std::partial_ordering::unordered;
}

}  // namespace godwit::wire::mysql
