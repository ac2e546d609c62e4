#include "connectors/mysql/log/log_place.h"

#include <algorithm>
#include <utility>

#include "connectors/mysql/log/event_role.h"

namespace godwit::connectors::mysql {
namespace {

constexpr uint64_t kRange = uint64_t{1} << 32;

// The first place from `from` on whose lower 32 bits these are.
uint64_t FirstFrom(uint64_t from, uint32_t low) {
  const uint64_t place = (from & ~(kRange - 1)) | low;
  return place < from ? place + kRange : place;
}

// The place nearest to `known` whose lower 32 bits these are.
uint64_t Nearest(uint64_t known, uint32_t low) {
  return FirstFrom(known < kRange / 2 ? 0 : known - kRange / 2, low);
}

}  // namespace

LogPlace::LogPlace(std::string file, uint64_t offset, Asked asked)
    : file_(std::move(file)),
      offset_(offset),
      event_start_(offset),
      start_(asked == Asked::kByOffset && offset < kRange ? 0 : offset),
      start_file_(file_),
      asked_(asked) {}

void LogPlace::Enter(std::string_view file, uint64_t offset) {
  file_ = std::string(file);
  offset_ = offset;
}

bool LogPlace::Advance(const wire::mysql::EventHeader& header) {
  event_start_ = offset_;
  const bool to_come = start_ != 0 && file_ == start_file_;
  const bool first_group = start_ != 0 && asked_ == Asked::kByGtid && OpensGroup(header.type);
  const bool ends_at_range = static_cast<uint32_t>(offset_ + header.event_size) == 0;
  if (!header.artificial() && (header.next_position != 0 || ends_at_range)) {
    // Offsets only grow within a file, and by less than 4 GiB with an event. But the server may
    // have passed over any number of 4 GiB before the first group, which is near to the start,
    // where nothing that was heard lies further on.
    offset_ = first_group && to_come ? Nearest(std::max(offset_, start_), header.next_position)
                                     : FirstFrom(offset_, header.next_position);
    event_start_ = offset_ - header.event_size;
  }
  if (first_group) start_ = 0;
  if (!to_come || asked_ == Asked::kByGtid) return true;
  if (event_start_ < start_) return false;
  start_ = 0;
  return true;
}

void LogPlace::Reach(uint64_t offset) { offset_ = std::max(offset_, offset); }

}  // namespace godwit::connectors::mysql
