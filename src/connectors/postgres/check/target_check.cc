#include "connectors/postgres/check/target_check.h"

#include "connector/check_list.h"
#include "connectors/postgres/apply/absent_keys.h"
#include "connectors/postgres/catalog.h"
#include "connectors/postgres/check/object_check.h"
#include "connectors/postgres/check/server_check.h"
#include "connectors/postgres/check/version_check.h"
#include "connectors/postgres/copy/large_object_writer.h"
#include "connectors/postgres/schema/schema_writer.h"
#include "connectors/postgres/sql_text.h"

namespace godwit::connectors::postgres {
namespace {

using connector::CheckList;
using connector::CheckResult;

// From here on rights to set a parameter can be granted.
constexpr int kHasParameterRights = 150000;

void CheckWritable(Connection& target, CheckList& list) {
  constexpr std::string_view kName = "writable";
  const auto recovering = target.QueryValue("SELECT pg_catalog.pg_is_in_recovery()");
  if (!recovering.ok()) return list.Unknown(kName, recovering.status());
  if (*recovering == "t")
    return list.Fail(kName, "the server is a standby", "name the primary in the url");
  list.Pass(kName, "yes");
}

// Under whatever names the two are reached.
void CheckOther(Connection& target, const connector::Catalog& catalog, CheckList& list) {
  constexpr std::string_view kName = "another database";
  const auto identity = ReadIdentity(target);
  if (!identity.ok()) return list.Unknown(kName, identity.status());
  const auto source = catalog.settings.find(std::string(kIdentity));
  if (source != catalog.settings.end() && source->second == *identity) {
    return list.Fail(kName, "it is the source's own database",
                     "name another server or database in `target.url`");
  }
  list.Pass(kName, "than the source's");
}

void CheckRights(Connection& target, CheckList& list) {
  constexpr std::string_view kName = "rights";
  const auto row = target.QueryRow(
      "SELECT CURRENT_USER, pg_catalog.has_database_privilege(pg_catalog.current_database(), "
      "'CREATE')");
  if (!row.ok()) return list.Unknown(kName, row.status());
  const std::string user = QuoteName((*row)[0].value_or(""));
  if ((*row)[1] != "t") {
    return list.Fail(
        kName, user + " may not create schemas in the database",
        fmt::format("GRANT CREATE ON DATABASE {} TO {}", QuoteName(target.database()), user));
  }
  list.Pass(kName, user + " has the rights that are needed");
}

// Whether triggers and foreign keys can be kept from acting on what is written, in one way or the
// other.
void CheckHoldingBack(Connection& target, const connector::CheckScope& scope,
                      const connector::Catalog& catalog, const std::set<model::TableName>& own,
                      CheckList& list) {
  constexpr std::string_view kName = "triggers";
  const auto held = MayHoldKeysBack(target);
  if (!held.ok()) return list.Unknown(kName, held.status());
  if (*held) return list.Pass(kName, "they and foreign keys can be held back");
  std::vector<Definition> tables;
  for (const connector::CatalogTable& table : catalog.tables) {
    auto definition = FromJson(table.definition.statement);
    const bool made_anew = scope.copies && scope.resume_at.empty() &&
                           (scope.if_exists == connector::IfExists::kReplace ||
                            (definition.ok() && own.contains(definition->name)));
    if (definition.ok() && !made_anew) tables.push_back(*std::move(definition));
  }
  auto acting = FindActing(target, tables);
  if (!acting.ok()) return list.Unknown(kName, acting.status());
  // Of a task that has begun, which of them are its own the run knows.
  if (scope.resume_at.empty()) {
    const auto keys = FindStrangeKeys(target, tables);
    if (!keys.ok()) return list.Unknown(kName, keys.status());
    acting->insert(acting->end(), keys->begin(), keys->end());
  }
  // Dropped before anything is written, and made again in the end.
  for (const connector::CatalogObject& object : catalog.objects) {
    if (object.kind == connector::ObjectKind::kTrigger)
      std::erase(*acting,
                 fmt::format("trigger {} on {}.{}", object.name, object.schema, object.table));
  }
  const auto user = target.QueryValue("SELECT pg_catalog.quote_ident(CURRENT_USER)");
  if (!user.ok()) return list.Unknown(kName, user.status());
  const std::string way_out =
      target.server_version() >= kHasParameterRights
          ? "let a superuser GRANT SET ON PARAMETER session_replication_role TO " + *user
          : "let the url name a superuser";
  if (!acting->empty()) {
    return list.Fail(kName,
                     "the role may not set session_replication_role, so that these would act on "
                     "what is written: " +
                         connector::Enumerate(*acting),
                     "disable the triggers and drop the keys until the cut-over, or " + way_out);
  }
  list.Warn(kName,
            "the role may not set session_replication_role: foreign keys are made only when a run "
            "ends with all applied, and taken away when it goes on",
            "if they should be there all the time, " + way_out);
}

void CheckTables(Connection& target, const connector::CheckScope& scope,
                 const connector::Catalog& catalog, DifferenceText difference,
                 const std::set<model::TableName>& own, CheckList& list) {
  constexpr std::string_view kName = "tables";
  const bool replaces = scope.if_exists == connector::IfExists::kReplace;
  std::vector<std::string> there, in_the_way;
  for (const connector::CatalogTable& table : catalog.tables) {
    const auto definition = FromJson(table.definition.statement);
    if (!definition.ok() || own.contains(definition->name)) continue;
    const auto has = HasTable(target, definition->name);
    if (!has.ok()) return list.Unknown(kName, has.status());
    if (*has) there.push_back(definition->name.ToString());
    const auto create = NeedsCreating(
        target, *definition,
        replaces ? connector::IfExists::kReplace : connector::IfExists::kAppend, difference);
    if (absl::IsUnavailable(create.status())) return list.Unknown(kName, create.status());
    if (!create.ok()) in_the_way.emplace_back(create.status().message());
  }
  if (!in_the_way.empty()) {
    return list.Fail(
        kName,
        in_the_way.front() +
            (in_the_way.size() > 1 ? fmt::format(" (and {} more)", in_the_way.size() - 1) : ""),
        "`godwit plan` shows all that is in the way");
  }
  if (there.empty()) return list.Pass(kName, "nothing is in the way");
  switch (scope.if_exists) {
    case connector::IfExists::kError:
      return list.Fail(kName, "they exist already: " + connector::Enumerate(there),
                       "drop them, or say `target: {if_exists: append}` (keep their rows) or "
                       "`replace` (drop them) in the task file");
    case connector::IfExists::kAppend:
      return list.Warn(kName, "rows are added to those of: " + connector::Enumerate(there),
                       "see that no row of theirs has the key of one of the source");
    case connector::IfExists::kReplace:
      return list.Warn(kName, "these are dropped: " + connector::Enumerate(there),
                       "see that they are not needed");
  }
}

void CheckLargeObjects(Connection& target, const StateStore& store, bool known,
                       const connector::CheckScope& scope, CheckList& list) {
  constexpr std::string_view kName = "large objects";
  const auto others = CountOtherLargeObjects(target, store, known);
  if (!others.ok()) return list.Unknown(kName, others.status());
  if (*others == 0) return list.Pass(kName, "none of another origin");
  const bool replaces = scope.if_exists == connector::IfExists::kReplace;
  list.Warn(kName, fmt::format("the database has {} of another origin", *others),
            replaces ? "see that they are not needed: those whose numbers the source uses too are "
                       "overwritten"
                     : "drop those that nobody needs: the run stops at one whose number the source "
                       "uses too, and which differs");
}

}  // namespace

base::StatusOr<connector::CheckReport> CheckTarget(Connection& target, const StateStore& store,
                                                   const connector::CheckScope& scope,
                                                   const connector::Catalog& catalog,
                                                   DifferenceText difference) {
  CheckList list("target");
  CheckServer(target, list);
  CheckWritable(target, list);
  CheckOther(target, catalog, list);
  CheckRights(target, list);
  const auto state = store.Load(target);
  if (!state.ok()) {
    list.Unknown("tables", state.status());
    return list.Take();
  }
  std::set<model::TableName> own;
  if (*state) own = connector::OwnTables(**state, true);
  CheckHoldingBack(target, scope, catalog, own, list);
  // Those of a task that has begun are its own.
  if (scope.copies && scope.resume_at.empty()) {
    CheckVersions(target.server_version(), catalog, list);
    CheckTables(target, scope, catalog, difference, own, list);
    CheckObjects(target, scope, catalog, list);
  }
  if (scope.large_objects == connector::LargeObjectChoice::kCopy)
    CheckLargeObjects(target, store, state->has_value(), scope, list);
  CheckFiring(target, scope, catalog, own, list);
  CheckRoles(target, catalog, list);
  return list.Take();
}

}  // namespace godwit::connectors::postgres
