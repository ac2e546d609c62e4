#include "connectors/postgres/position.h"

namespace godwit::connectors::postgres {

using wire::postgres::Lsn;

model::Position LogPosition::ToPosition() const {
  std::string text = wire::postgres::LsnText(lsn);
  if (snapshot) text += " " + snapshot->ToString();
  return {std::move(text)};
}

base::StatusOr<LogPosition> LogPosition::Parse(const model::Position& position) {
  const std::string_view text = position.text;
  const size_t blank = text.find(' ');
  const std::optional<Lsn> lsn = wire::postgres::ParseLsn(text.substr(0, blank));
  if (!lsn) return base::InvalidArgument("'{}' is no position of PostgreSQL's log", text);
  LogPosition parsed{*lsn, std::nullopt};
  if (blank == std::string_view::npos) return parsed;
  parsed.snapshot = wire::postgres::ParseSnapshot(text.substr(blank + 1));
  if (!parsed.snapshot) return base::InvalidArgument("'{}' holds no snapshot", text);
  return parsed;
}

std::partial_ordering ComparePositions(const model::Position& a, const model::Position& b) {
  const auto left = LogPosition::Parse(a), right = LogPosition::Parse(b);
  if (!left.ok() || !right.ok()) return std::partial_ordering::unordered;
  if (!left->snapshot || !right->snapshot) return left->lsn <=> right->lsn;
  const bool sees_right = left->snapshot->SeesAllOf(*right->snapshot);
  const bool sees_left = right->snapshot->SeesAllOf(*left->snapshot);
  if (sees_left && sees_right) return std::partial_ordering::equivalent;
  if (!sees_left && !sees_right) return std::partial_ordering::unordered;
  return sees_left ? std::partial_ordering::less : std::partial_ordering::greater;
}

Lsn WithoutPageHeader(Lsn insert_position) {
  constexpr Lsn kPage = 8192, kShortHeader = 24, kLongHeader = 40;
  const Lsn offset = insert_position % kPage;
  return offset == kShortHeader || offset == kLongHeader ? insert_position - offset
                                                         : insert_position;
}

}  // namespace godwit::connectors::postgres
