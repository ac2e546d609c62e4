#include "connectors/mysql/log_place.h"

#include <algorithm>
#include <utility>

namespace godwit::connectors::mysql {
namespace {

using wire::mysql::EventType;

constexpr uint64_t kRange = uint64_t{1} << 32;

bool OpensGroup(EventType type) {
  return type == EventType::kMariadbGtid || type == EventType::kGtid ||
         type == EventType::kAnonymousGtid || type == EventType::kGtidTagged;
}

}  // namespace

LogPlace::LogPlace(std::string file, uint64_t offset, Asked asked)
    : file_(std::move(file)),
      offset_(offset),
      event_start_(offset),
      far_start_(offset < kRange ? 0 : offset),
      start_file_(file_),
      asked_(asked) {}

void LogPlace::Enter(std::string_view file, uint64_t offset) {
  file_ = std::string(file);
  offset_ = offset;
  if (file_ != start_file_) far_start_ = 0;
}

bool LogPlace::Advance(const wire::mysql::EventHeader& header) {
  event_start_ = offset_;
  // The server has passed over an unknown number of 4 GiB; no group that it sends lies before.
  if (far_start_ != 0 && asked_ == Asked::kByGtid && OpensGroup(header.type))
    offset_ = std::exchange(far_start_, 0);
  const bool ends_at_range = static_cast<uint32_t>(offset_ + header.event_size) == 0;
  if (!header.artificial() && (header.next_position != 0 || ends_at_range)) {
    // Offsets only grow within a file, and by less than 4 GiB with an event.
    uint64_t offset = (offset_ & ~(kRange - 1)) | header.next_position;
    if (offset < offset_) offset += kRange;
    offset_ = offset;
    event_start_ = offset - header.event_size;
  }
  if (far_start_ == 0 || asked_ == Asked::kByGtid) return true;
  if (event_start_ < far_start_) return false;
  far_start_ = 0;
  return true;
}

void LogPlace::Reach(uint64_t offset) { offset_ = std::max(offset_, offset); }

}  // namespace godwit::connectors::mysql
