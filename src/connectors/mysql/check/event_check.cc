#include "connectors/mysql/check/event_check.h"

#include <algorithm>
#include <map>

#include "connectors/mysql/literal.h"

namespace godwit::connectors::mysql {
namespace {

using connector::CheckResult;
using model::TableName;

void CheckRunning(Connection& target, const connector::Catalog& catalog,
                  connector::CheckList& list) {
  auto rows = target.Query(
      "SELECT event_schema, event_name FROM information_schema.events WHERE status = 'ENABLED' AND "
      "@@global.event_scheduler = 'ON'");
  if (!rows.ok()) return list.Unknown("events", rows.status());
  std::vector<std::string> running;
  std::string first;
  for (const ResultRow& row : *rows) {
    const TableName name{row[0].value_or(""), row[1].value_or("")};
    const bool ours = std::any_of(catalog.schemas.begin(), catalog.schemas.end(),
                                  [&](const auto& schema) { return schema.name == name.schema; });
    if (!ours) continue;
    if (first.empty()) first = QuoteName(name);
    running.push_back(name.ToString());
  }
  list.Offenders("events", CheckResult::kWarn, running, "none runs in the task's schemas",
                 "they run in the task's schemas, and may change its rows",
                 fmt::format("ALTER EVENT {} DISABLE; until the cut-over", first));
}

// Events keep the zone that their times are in by name.
void CheckZones(Connection& target, const Settings& settings, const connector::Catalog& catalog,
                connector::CheckList& list) {
  constexpr std::string_view kName = "time zones of events";
  std::map<std::string, std::vector<std::string>> by_zone;
  for (const connector::CatalogObject& object : catalog.objects) {
    if (object.kind == connector::ObjectKind::kEvent)
      by_zone[object.time_zone].push_back(TableName{object.schema, object.name}.ToString());
  }
  if (by_zone.empty()) return;
  std::vector<std::string> unknown;
  for (const auto& [zone, events] : by_zone) {
    const auto there = target.QueryValue(
        fmt::format("SELECT CONVERT_TZ('2001-01-01', '+00:00', {}) IS NOT NULL", QuoteText(zone)));
    if (!there.ok()) return list.Unknown(kName, there.status());
    if (*there != "1")
      unknown.push_back(fmt::format("{} (of {})", zone, connector::Enumerate(events)));
  }
  if (!unknown.empty()) {
    return list.Fail(kName, "the target does not know " + connector::Enumerate(unknown),
                     "mysql_tzinfo_to_sql /usr/share/zoneinfo | mysql mysql; on the target");
  }
  constexpr std::string_view kSystem = "system_time_zone";
  const std::string here = Setting(catalog.settings, kSystem), there = Setting(settings, kSystem);
  const auto of_system = by_zone.find("SYSTEM");
  if (of_system == by_zone.end() || here == there)
    return list.Pass(kName, "the target knows them all");
  list.Warn(
      kName,
      fmt::format("SYSTEM is {} on the source and {} on the target, so that their times may be "
                  "others there: {}",
                  here, there, connector::Enumerate(of_system->second)),
      "give the target's machine the source's zone, or ALTER these events on the source in a "
      "session that has a time_zone by name");
}

}  // namespace

void CheckEvents(Connection& target, const Settings& settings, const connector::Catalog& catalog,
                 connector::CheckList& list) {
  CheckRunning(target, catalog, list);
  CheckZones(target, settings, catalog, list);
}

}  // namespace godwit::connectors::mysql
