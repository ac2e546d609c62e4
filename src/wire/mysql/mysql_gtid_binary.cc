// GTID sets in their binary form, which mysql_gtid.h describes.
#include <algorithm>

#include "wire/mysql/mysql_gtid.h"
#include "wire/mysql/serialization.h"

namespace godwit::wire::mysql {
namespace {

constexpr size_t kUuidBytes = 16;
constexpr size_t kIntervalBytes = 16;
constexpr uint64_t kTaggedForm = 1;

void AppendU64(std::string& out, uint64_t value) {
  for (int shift = 0; shift < 64; shift += 8) out += static_cast<char>(value >> shift & 0xff);
}

bool ReadSource(base::ByteReader& reader, bool tagged, MysqlGtidSet::Source& source) {
  const std::string_view uuid = reader.Bytes(kUuidBytes);
  std::ranges::copy(uuid, source.uuid.bytes.begin());
  if (tagged) source.tag = reader.Bytes(ReadVarlen(reader));
  const uint64_t count = reader.U64();
  if (reader.failed() || count > reader.remaining() / kIntervalBytes || !ValidTag(source.tag))
    return false;
  source.intervals.reserve(count);
  for (uint64_t i = 0; i < count; ++i) {
    const uint64_t first = reader.U64();
    const uint64_t end = reader.U64();
    if (first == 0 || end <= first || end > kMostGno + 1) return false;
    source.intervals.push_back({first, end - 1});
  }
  return true;
}

}  // namespace

bool ValidTag(std::string_view tag) {
  const auto is_letter = [](char c) { return c == '_' || (c >= 'a' && c <= 'z'); };
  return tag.size() <= kMostTagSize && (tag.empty() || is_letter(tag.front())) &&
         std::ranges::all_of(tag, [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

base::StatusOr<MysqlGtidSet> MysqlGtidSet::Decode(std::string_view bytes) {
  base::ByteReader reader(bytes);
  uint64_t count = reader.U64();
  const bool tagged = count >> 56 == kTaggedForm;
  bool well = !reader.failed();
  if (tagged) {
    well = well && (count & 0xff) == kTaggedForm;
    count = count << 8 >> 16;
  }
  // Each takes a UUID and a number of intervals at least.
  well = well && count <= reader.remaining() / (kUuidBytes + 8);
  std::vector<Source> sources;
  for (uint64_t i = 0; well && i < count; ++i)
    well = ReadSource(reader, tagged, sources.emplace_back());
  if (!well || reader.remaining() > 0)
    return base::DataLoss("a GTID set of {} bytes is malformed", bytes.size());
  return Normalized(std::move(sources));
}

std::string MysqlGtidSet::Encode() const {
  const bool with_tags = tagged();
  std::string out;
  AppendU64(out,
            with_tags ? kTaggedForm << 56 | sources_.size() << 8 | kTaggedForm : sources_.size());
  for (const Source& source : sources_) {
    out.append(source.uuid.bytes.begin(), source.uuid.bytes.end());
    if (with_tags) {
      AppendSmallVarlen(out, source.tag.size());
      out += source.tag;
    }
    AppendU64(out, source.intervals.size());
    for (const Interval& interval : source.intervals) {
      AppendU64(out, interval.first);
      AppendU64(out, interval.last + 1);
    }
  }
  return out;
}

}  // namespace godwit::wire::mysql
