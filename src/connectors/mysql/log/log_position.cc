#include "connectors/mysql/log/log_position.h"

#include <absl/strings/str_split.h>

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "wire/mysql/mysql_gtid.h"

namespace godwit::connectors::mysql {
namespace {

using wire::mysql::MysqlGtidSet;

// "file:offset"
std::optional<XaPlace> ParsePlace(const std::string& text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string::npos) return std::nullopt;
  const auto offset = base::ParseInteger<uint64_t>(std::string_view(text).substr(colon + 1));
  if (!offset) return std::nullopt;
  return XaPlace{text.substr(0, colon), *offset};
}

uint64_t NumberOf(const std::string& file) {
  const size_t dot = file.rfind('.');
  if (dot == std::string::npos) return 0;
  return base::ParseInteger<uint64_t>(std::string_view(file).substr(dot + 1)).value_or(0);
}

// Nothing where the two are to be told apart by file and offset.
std::optional<std::partial_ordering> CompareSets(const LogPosition& a, const LogPosition& b) {
  if (!a.file.empty() && !b.file.empty()) return std::nullopt;
  if (a.gtids.empty() || b.gtids.empty()) return std::nullopt;
  auto left = MysqlGtidSet::Parse(a.gtids), right = MysqlGtidSet::Parse(b.gtids);
  if (!left.ok() || !right.ok()) return std::nullopt;
  if (!a.file.empty())
    return right->Contains(*left) ? std::partial_ordering::less : std::partial_ordering::greater;
  if (!b.file.empty())
    return left->Contains(*right) ? std::partial_ordering::greater : std::partial_ordering::less;
  return left->Compare(*right);
}

}  // namespace

model::Position LogPosition::ToPosition() const {
  std::string text = fmt::format("{}:{}", file, offset);
  if (!gtids.empty() || !prepared.empty() || !shadows.empty()) text += ";" + gtids;
  char before = ';';
  for (const auto& [name, place] : prepared) {
    text += fmt::format("{}{}@{}:{}", before, name, place.file, place.offset);
    before = ',';
  }
  if (!shadows.empty()) text += (prepared.empty() ? ";;" : ";") + shadows;
  return {std::move(text)};
}

base::StatusOr<LogPosition> LogPosition::Parse(const model::Position& position) {
  const std::vector<std::string> parts = absl::StrSplit(position.text, ';');
  LogPosition result;
  std::optional<XaPlace> place = ParsePlace(parts[0]);
  bool good = place.has_value() && parts.size() <= 4;
  if (good) {
    result.file = std::move(place->file);
    result.offset = place->offset;
  }
  if (parts.size() > 1) result.gtids = parts[1];
  if (parts.size() > 3) result.shadows = parts[3], good = good && !parts[3].empty();
  if (parts.size() > 2 && !(parts[2].empty() && parts.size() > 3)) {
    const std::vector<std::string> entries = absl::StrSplit(parts[2], ',');
    for (const std::string& entry : entries) {
      const size_t at = entry.find('@');
      place = at == std::string::npos ? std::nullopt : ParsePlace(entry.substr(at + 1));
      good = good && place.has_value();
      if (place) result.prepared[entry.substr(0, at)] = *std::move(place);
    }
  }
  if (!good) {
    return base::InvalidArgument("'{}' is no binlog position (file:offset[;gtids])", position.text);
  }
  return result;
}

uint64_t LogPosition::FileNumber() const { return NumberOf(file); }

std::vector<std::string> LogPosition::FilesNeeded() const {
  std::vector<std::string> files = {file};
  for (const auto& [name, place] : prepared) files.push_back(place.file);
  std::sort(files.begin(), files.end(),
            [](const std::string& a, const std::string& b) { return NumberOf(a) < NumberOf(b); });
  files.erase(std::unique(files.begin(), files.end()), files.end());
  return files;
}

std::partial_ordering ComparePositions(const model::Position& a, const model::Position& b) {
  auto left = LogPosition::Parse(a), right = LogPosition::Parse(b);
  if (!left.ok() || !right.ok()) return std::partial_ordering::unordered;
  if (auto order = CompareSets(*left, *right)) return *order;
  return std::pair(left->FileNumber(), left->offset) <=>
         std::pair(right->FileNumber(), right->offset);
}

}  // namespace godwit::connectors::mysql
