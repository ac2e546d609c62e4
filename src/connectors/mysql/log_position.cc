#include "connectors/mysql/log_position.h"

#include <utility>

#include "base/text.h"
#include "wire/mysql/mysql_gtid.h"

namespace godwit::connectors::mysql {
namespace {

using wire::mysql::MysqlGtidSet;

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
  if (!gtids.empty()) text += ";" + gtids;
  return {std::move(text)};
}

base::StatusOr<LogPosition> LogPosition::Parse(const model::Position& position) {
  std::string_view text = position.text;
  LogPosition result;
  if (const size_t semicolon = text.find(';'); semicolon != std::string_view::npos) {
    result.gtids = text.substr(semicolon + 1);
    text = text.substr(0, semicolon);
  }
  const size_t colon = text.rfind(':');
  const std::optional<uint64_t> offset = colon == std::string_view::npos
                                             ? std::nullopt
                                             : base::ParseInteger<uint64_t>(text.substr(colon + 1));
  if (!offset) {
    return base::InvalidArgument("'{}' is no binlog position (file:offset[;gtids])", position.text);
  }
  result.file = text.substr(0, colon);
  result.offset = *offset;
  return result;
}

uint64_t LogPosition::FileNumber() const {
  const size_t dot = file.rfind('.');
  if (dot == std::string::npos) return 0;
  return base::ParseInteger<uint64_t>(std::string_view(file).substr(dot + 1)).value_or(0);
}

std::partial_ordering ComparePositions(const model::Position& a, const model::Position& b) {
  auto left = LogPosition::Parse(a), right = LogPosition::Parse(b);
  if (!left.ok() || !right.ok()) return std::partial_ordering::unordered;
  if (auto order = CompareSets(*left, *right)) return *order;
  return std::pair(left->FileNumber(), left->offset) <=>
         std::pair(right->FileNumber(), right->offset);
}

}  // namespace godwit::connectors::mysql
