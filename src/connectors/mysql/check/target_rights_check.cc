#include "connectors/mysql/check/target_rights_check.h"

#include <absl/algorithm/container.h>

#include <set>

#include "connectors/mysql/check/grants.h"
#include "connectors/mysql/literal.h"

namespace godwit::connectors::mysql {
namespace {

using connector::CatalogObject;
using connector::ObjectKind;

std::vector<std::string> NeededFor(ObjectKind kind) {
  switch (kind) {
    case ObjectKind::kView:
      return {"CREATE VIEW", "SHOW VIEW"};
    case ObjectKind::kTrigger:
      return {"TRIGGER"};
    case ObjectKind::kRoutine:
      return {"CREATE ROUTINE", "ALTER ROUTINE"};
    case ObjectKind::kEvent:
      return {"EVENT"};
    case ObjectKind::kSequence:
    case ObjectKind::kType:
    case ObjectKind::kExtension:
    case ObjectKind::kTableSequence:
    case ObjectKind::kTableRoutine:
    case ObjectKind::kStatistics:
    case ObjectKind::kPartitioned:
    case ObjectKind::kRights:
      return {};
  }
  return {};
}

// `user`@`host` of DEFINER=..., as 'user'@'host'; empty where there is none.
std::string DefinerOf(const std::string& statement) {
  constexpr std::string_view kWord = "DEFINER=`";
  const size_t begin = statement.find(kWord);
  if (begin == std::string::npos) return "";
  const size_t user = begin + kWord.size(), middle = statement.find("`@`", user);
  const size_t end = middle == std::string::npos ? middle : statement.find('`', middle + 3);
  if (end == std::string::npos) return "";  // a role, or the name holds quotes
  return QuoteText(statement.substr(user, middle - user)) + "@" +
         QuoteText(statement.substr(middle + 3, end - middle - 3));
}

void CheckDefiners(Connection& target, const std::set<std::string>& definers,
                   connector::CheckList& list) {
  constexpr std::string_view kName = "definers";
  if (definers.empty()) return;
  const std::string remedy =
      "CREATE USER them on the target, with the rights they have on the source";
  const std::string more = target.is_mysql() ? "; GRANT SYSTEM_USER ON *.* to the user in the url "
                                               "where one of them has it, as root does"
                                             : "";
  auto accounts = target.Query("SELECT user, host FROM mysql.user");
  if (!accounts.ok()) {
    return list.Warn(
        kName,
        fmt::format(
            "this user cannot see whether the target has the accounts that objects run as: {}",
            connector::Enumerate({definers.begin(), definers.end()})),
        "if not, " + remedy + more);
  }
  std::set<std::string> missing = definers;
  for (const ResultRow& row : *accounts)
    missing.erase(QuoteText(row[0].value_or("")) + "@" + QuoteText(row[1].value_or("")));
  list.Offenders(kName, connector::CheckResult::kWarn, {missing.begin(), missing.end()},
                 "all exist on the target",
                 "views or other objects run as accounts that the target has not", remedy);
}

// MySQL asks for more where such an account is as mighty as an administrator's, or is not there; as
// far as this user can see.
void NeedForDefiners(Connection& target, const std::set<std::string>& definers,
                     MissingGrants& missing) {
  auto accounts = target.Query(
      "SELECT user, host, EXISTS (SELECT 1 FROM mysql.global_grants g WHERE g.user = u.user AND "
      "g.host = u.host AND g.priv = 'SYSTEM_USER') FROM mysql.user u");
  if (!accounts.ok()) return;
  std::set<std::string> unknown = definers;
  bool mighty = false;
  for (const ResultRow& row : *accounts) {
    const bool meant =
        unknown.erase(QuoteText(row[0].value_or("")) + "@" + QuoteText(row[1].value_or(""))) > 0;
    mighty = mighty || (meant && row[2] == "1");
  }
  if (mighty) missing.NeedGlobally({"SYSTEM_USER"});
  if (!unknown.empty()) missing.NeedGlobally({"ALLOW_NONEXISTENT_DEFINER"});
}

// A server with a log takes triggers from SUPER users alone, and functions that say what they do.
void CheckCreators(const Grants& grants, const Settings& settings,
                   const connector::Catalog& catalog, connector::CheckList& list) {
  constexpr std::string_view kName = "log_bin_trust_function_creators";
  if (Setting(settings, "log_bin") != "ON" || Setting(settings, kName) == "ON") return;
  auto refused = [&](const CatalogObject& object) {
    if (object.kind == ObjectKind::kTrigger) return !grants.Has("SUPER");
    if (object.kind != ObjectKind::kRoutine ||
        object.statement.find(" FUNCTION ") > object.statement.find('('))
      return false;
    return absl::c_none_of(
        std::initializer_list<const char*>{"DETERMINISTIC", "NO SQL", "READS SQL DATA"},
        [&](const char* word) { return object.statement.find(word) != std::string::npos; });
  };
  std::vector<std::string> names;
  for (const CatalogObject& object : catalog.objects) {
    if (refused(object)) names.push_back(object.schema + "." + object.name);
  }
  if (names.empty()) return;
  list.Fail(kName,
            "OFF: the target, which writes a log, refuses to create " + connector::Enumerate(names),
            fmt::format("SET GLOBAL {} = ON; on the target", kName));
}

bool KeepsHistory(const connector::Catalog& catalog, const std::string& schema) {
  return absl::c_any_of(catalog.tables, [&](const connector::CatalogTable& table) {
    return table.definition.table->system_versioned &&
           (schema.empty() || table.definition.table->name.schema == schema);
  });
}

// The schemas of tables that keys refer to: MySQL asks for a right on these, checks or none.
std::set<std::string> SchemasOfParents(const connector::Catalog& catalog) {
  std::set<std::string> schemas;
  for (const connector::CatalogTable& table : catalog.tables) {
    for (const model::ForeignKey& key : table.definition.table->foreign_keys)
      schemas.insert(key.parent.schema);
  }
  return schemas;
}

// History is made with the source's times by sessions whose clock is set.
void CheckClock(const Grants& grants, const Settings& settings, const connector::Catalog& catalog,
                connector::CheckList& list) {
  constexpr std::string_view kName = "secure_timestamp";
  if (!KeepsHistory(catalog, "")) return;
  const std::string value = Setting(settings, kName);
  if (value == "NO" || (value == "SUPER" && grants.Has("BINLOG REPLAY")))
    return list.Pass(kName, value);
  list.Fail(kName,
            fmt::format("{}: the times of system-versioned rows cannot be what they are on the "
                        "source",
                        value),
            "start the target with secure_timestamp=NO, or with SUPER and GRANT BINLOG REPLAY ON "
            "*.* to the user, for the time of the migration");
}

}  // namespace

void CheckTargetRights(Connection& target, const Settings& settings, const std::string& meta_schema,
                       const connector::Catalog& catalog, connector::CheckList& list) {
  constexpr std::string_view kName = "grants";
  auto grants = Grants::Read(target);
  if (!grants.ok()) return list.Unknown(kName, grants.status());
  auto account = CurrentAccount(target);
  if (!account.ok()) return list.Unknown(kName, account.status());
  MissingGrants missing(*grants, *account);
  // The last two: marks are renamed and dropped (ddl_traces.h), and an earlier state is altered.
  missing.NeedIn(meta_schema, {"SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "DROP", "ALTER"});
  std::set<std::string> definers, of_parents;
  if (target.is_mysql()) of_parents = SchemasOfParents(catalog);
  for (const connector::CatalogSchema& schema : catalog.schemas) {
    std::vector<std::string> needed = {"SELECT", "INSERT", "UPDATE", "DELETE",
                                       "CREATE", "DROP",   "ALTER",  "INDEX"};
    if (!target.is_mysql() && KeepsHistory(catalog, schema.name))
      needed.emplace_back("DELETE HISTORY");
    if (of_parents.erase(schema.name) > 0) needed.emplace_back("REFERENCES");
    std::set<std::string> of_objects;
    for (const CatalogObject& object : catalog.objects) {
      if (object.schema != schema.name) continue;
      for (std::string& privilege : NeededFor(object.kind)) of_objects.insert(std::move(privilege));
      if (std::string definer = DefinerOf(object.statement); !definer.empty())
        definers.insert(std::move(definer));
    }
    needed.insert(needed.end(), of_objects.begin(), of_objects.end());
    missing.NeedIn(schema.name, needed);
  }
  for (const std::string& schema : of_parents) missing.NeedIn(schema, {"REFERENCES"});
  // To see whether one that is there is the same: others' routines are shown to nobody else.
  const bool routines = absl::c_any_of(
      catalog.objects, [](const auto& object) { return object.kind == ObjectKind::kRoutine; });
  if (routines && target.is_mysql()) missing.NeedGlobally({"SHOW_ROUTINE"});
  if (routines && !target.is_mysql()) missing.NeedOn({"mysql", "proc"}, "SELECT");
  definers.erase(*account);
  if (!definers.empty() && !grants->Has("SUPER")) {
    missing.NeedGlobally({target.is_mysql() ? "SET_ANY_DEFINER" : "SET USER"});
    if (target.is_mysql()) NeedForDefiners(target, definers, missing);
  }
  if (missing.empty())
    list.Pass(kName, fmt::format("{} has the rights that are needed", *account));
  else
    list.Fail(kName, missing.Finding(), missing.Remedy());
  CheckDefiners(target, definers, list);
  CheckCreators(*grants, settings, catalog, list);
  if (!target.is_mysql()) CheckClock(*grants, settings, catalog, list);
}

base::StatusOr<bool> IsExemptFromReadOnly(Connection& target) {
  GODWIT_ASSIGN_OR_RETURN(Grants grants, Grants::Read(target));
  return grants.Has(target.is_mysql() ? "CONNECTION_ADMIN" : "READ_ONLY ADMIN");
}

}  // namespace godwit::connectors::mysql
