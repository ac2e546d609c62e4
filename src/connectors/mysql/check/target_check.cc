#include "connectors/mysql/check/target_check.h"

#include <algorithm>

#include "base/text.h"
#include "connector/check_list.h"
#include "connectors/mysql/catalog.h"
#include "connectors/mysql/check/event_check.h"
#include "connectors/mysql/check/server_check.h"
#include "connectors/mysql/check/target_rights_check.h"
#include "connectors/mysql/check/target_room_check.h"
#include "connectors/mysql/check/target_tables_check.h"
#include "connectors/mysql/check/translation_check.h"
#include "connectors/mysql/connection/server_settings.h"
#include "connectors/mysql/schema/target_definition.h"
#include "connectors/mysql/state/state_tables.h"

namespace godwit::connectors::mysql {
namespace {

using connector::CheckScope;

constexpr uint64_t kMib = 1ull << 20;
// Bulk statements have about half a MiB, and whatever one row has more.
constexpr uint64_t kLeastPacket = 4 * kMib;

std::string Both(const Settings& source, const Settings& target, std::string_view name) {
  return fmt::format("{} on the source, {} on the target", Setting(source, name),
                     Setting(target, name));
}

// A setting that is of no matter when it is the same, and else is `finding`.
void CheckSame(const Settings& source, const Settings& target, std::string_view name,
               std::string_view finding, connector::CheckList& list) {
  const std::string wanted = Setting(source, name), has = Setting(target, name);
  if (wanted == has || wanted.empty())
    return list.Pass(name, has.empty() ? "not set" : has + " on both");
  list.Warn(
      name, fmt::format("{}: {}", Both(source, target, name), finding),
      fmt::format("SET GLOBAL {} = '{}'; on the target, in the server's file too", name, wanted));
}

// Dropping and creating tables would hit the source's own.
void CheckOtherServer(const Settings& source, const Settings& target, connector::CheckList& list) {
  const bool same = std::ranges::all_of(
      std::initializer_list<const char*>{"hostname", "port", "datadir", "server_id"},
      [&](const char* name) { return Setting(source, name) == Setting(target, name); });
  const std::string where =
      fmt::format("{}:{}", Setting(target, "hostname"), Setting(target, "port"));
  if (!same) return list.Pass("another server", where);
  list.Fail("another server", where + " is the source itself",
            "mind the target's url in the task file");
}

void CheckReadOnly(Connection& target, const Settings& settings, connector::CheckList& list) {
  constexpr std::string_view kName = "read_only";
  if (Setting(settings, "super_read_only") == "ON") {  // MySQL
    return list.Fail(kName, "super_read_only is ON: the target takes no writes of any user",
                     "SET GLOBAL super_read_only = OFF, read_only = OFF; on the target");
  }
  if (Setting(settings, "read_only") == "OFF") return list.Pass(kName, "OFF");
  auto exempt = IsExemptFromReadOnly(target);
  if (!exempt.ok()) return list.Unknown(kName, exempt.status());
  const std::string remedy = "SET GLOBAL read_only = OFF; on the target";
  if (!*exempt) return list.Fail(kName, "ON: the target takes no writes of this user", remedy);
  list.Warn(kName, "ON: the target takes writes of this user all the same",
            "see that the target is the one that is meant; " + remedy);
}

void CheckStateFormat(Connection& target, const std::string& schema, connector::CheckList& list) {
  constexpr std::string_view kName = "state";
  const auto format = ReadStateFormat(target, schema);
  if (absl::IsFailedPrecondition(format.status())) {
    return list.Fail(kName, std::string(format.status().message()),
                     "run the later version, or give the task another `meta_schema`");
  }
  if (!format.ok()) return list.Unknown(kName, format.status());
  if (!*format) return list.Pass(kName, "none yet");
  std::string text = fmt::format("in format {}", **format);
  if (**format < kStateFormat)
    text += fmt::format(", which a run brings up to {} (ALTER on {})", kStateFormat, schema);
  list.Pass(kName, std::move(text));
}

void CheckLocalInfile(const Settings& settings, connector::CheckList& list) {
  if (Setting(settings, "local_infile") == "ON") return list.Pass("local_infile", "ON");
  list.Warn("local_infile", "OFF: rows are written by INSERT, which is slower than LOAD DATA",
            "SET GLOBAL local_infile = ON; on the target, for the time of the copy");
}

void CheckPacket(const Settings& source, const Settings& target, connector::CheckList& list) {
  constexpr std::string_view kName = "max_allowed_packet";
  const uint64_t wanted = NumberSetting(source, kName), has = NumberSetting(target, kName);
  const std::string remedy = fmt::format("SET GLOBAL max_allowed_packet = {}; on the target",
                                         std::max({wanted, has, 16 * kMib}));
  if (has < kLeastPacket)
    return list.Fail(kName, fmt::format("{} bytes, too few for bulk statements", has), remedy);
  if (has >= wanted) return list.Pass(kName, fmt::format("{} MiB", has / kMib));
  list.Warn(
      kName,
      fmt::format("{} MiB, but the source takes rows of up to {} MiB", has / kMib, wanted / kMib),
      remedy);
}

void CheckLogFormat(const Settings& settings, connector::CheckList& list) {
  if (Setting(settings, "log_bin") != "ON")
    return list.Pass("binlog_format", "the target writes no log");
  const std::string format = Setting(settings, "binlog_format");
  if (format != "STATEMENT") return list.Pass("binlog_format", format);
  list.Warn(
      "binlog_format",
      "STATEMENT: what comes of a statement on replicas of the target is not sure to be the same",
      "SET GLOBAL binlog_format = 'ROW'; on the target");
}

// Names that the target takes for one.
void CheckNames(const Settings& source, const Settings& target, const connector::Catalog& catalog,
                connector::CheckList& list) {
  constexpr std::string_view kName = "lower_case_table_names";
  const std::string has = Setting(target, kName);
  if (has == "0" || has == Setting(source, kName))
    return list.Pass(kName, Both(source, target, kName));
  auto lower = [](std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), base::ToLowerAscii);
    return text;
  };
  std::map<std::string, std::string> first;
  std::vector<std::string> colliding, folded;
  for (const connector::CatalogTable& table : catalog.tables) {
    const std::string name = table.definition.table->name.ToString();
    auto [other, is_new] = first.emplace(lower(name), name);
    if (!is_new) colliding.push_back(other->second + " and " + name);
    if (lower(name) != name) folded.push_back(name);
  }
  const std::string remedy =
      "create the target anew with lower_case_table_names=0, or rename the tables on the source";
  if (!colliding.empty())
    return list.Fail(
        kName,
        fmt::format("{}: the target takes for one: {}", has, connector::Enumerate(colliding)),
        remedy);
  list.Offenders(kName, connector::CheckResult::kWarn, folded,
                 fmt::format("{} on the target; all names are in lower case", has),
                 fmt::format("{} on the target, which writes in lower case", has), remedy);
}

// What changes the meaning of definitions, or of what applications do after the cut-over.
void CheckAlike(const Settings& source, const Settings& target, connector::CheckList& list) {
  CheckSame(source, target, "sql_mode",
            "Godwit sets its own for its sessions, but applications will find another", list);
  CheckSame(source, target, "explicit_defaults_for_timestamp",
            "TIMESTAMP columns of the same definition come out different", list);
  CheckSame(source, target, "innodb_strict_mode",
            "a definition that the source takes may be refused", list);
  // A zone of SYSTEM is the one of the machine.
  auto zone = [](const Settings& settings) {
    const std::string name = Setting(settings, "time_zone");
    return name == "SYSTEM" ? fmt::format("SYSTEM ({})", Setting(settings, "system_time_zone"))
                            : name;
  };
  if (zone(source) == zone(target))
    return list.Pass("time_zone", zone(target) + " on both; Godwit's sessions are in UTC");
  list.Warn("time_zone",
            fmt::format("{} on the source, {} on the target: Godwit's sessions are in UTC, but "
                        "applications will see "
                        "TIMESTAMPs in another zone",
                        zone(source), zone(target)),
            "SET GLOBAL time_zone on the target to the source's zone, in the server's file too");
}

std::string_view CalledOf(std::string_view dialect) {
  if (!FlavourInFamily(dialect)) return "PostgreSQL";
  return dialect == DialectName(sql::Flavour::kMySql) ? "MySQL" : "MariaDB";
}

// Which kinds of server the two are, and what becomes of definitions where they are two.
void CheckKind(const Connection& target, const connector::Catalog& catalog, std::string_view source,
               connector::CheckList& list) {
  constexpr std::string_view kName = "kind of server";
  const std::string_view own = DialectName(target.flavour());
  list.Pass(kName,
            own == source
                ? fmt::format("{} on both sides", CalledOf(own))
                : fmt::format("{} on the source, {} on the target: definitions are translated",
                              CalledOf(source), CalledOf(own)));
  CheckTranslation(target, catalog, source, list);
}

}  // namespace

connector::CheckReport CheckTarget(Connection& target, const StateStore& store,
                                   const CheckScope& scope, const connector::Catalog& catalog,
                                   std::string_view source) {
  connector::CheckList list("target");
  auto settings = ReadSettings(target);
  if (!settings.ok()) {
    list.Unknown("connection", settings.status());
    return list.Take();
  }
  CheckServer(target, list);
  CheckTargetRights(target, *settings, store.schema(), catalog, list);
  CheckStateFormat(target, store.schema(), list);
  CheckReadOnly(target, *settings, list);
  CheckLocalInfile(*settings, list);
  CheckLogFormat(*settings, list);
  CheckPacket(catalog.settings, *settings, list);
  if (!catalog.settings.empty()) {
    CheckOtherServer(catalog.settings, *settings, list);
    CheckNames(catalog.settings, *settings, catalog, list);
    Settings wanted = catalog.settings;
    if (auto mode = wanted.find("sql_mode");
        mode != wanted.end() && !catalog.tables.empty() && IsTranslated(target, source))
      mode->second = TranslateSqlModes(mode->second, target.flavour());
    CheckAlike(wanted, *settings, list);
  } else if (!catalog.tables.empty()) {  // of another family, where names differ by case
    CheckNames({{"lower_case_table_names", "0"}}, *settings, catalog, list);
  }
  if (catalog.tables.empty()) return list.Take();  // not known, which is reported of the source
  CheckKind(target, catalog, source, list);
  CheckTargetTables(target, store, scope, catalog, source, list);
  CheckEvents(target, *settings, catalog, list);
  CheckRoom(target, *settings, scope, catalog, list);
  return list.Take();
}

}  // namespace godwit::connectors::mysql
