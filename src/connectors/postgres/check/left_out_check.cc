#include "connectors/postgres/check/left_out_check.h"

#include <absl/algorithm/container.h>

#include <set>

#include "connectors/postgres/definition/catalog_sql.h"
#include "connectors/postgres/schema/object_finder.h"
#include "connectors/postgres/schema/routine_reader.h"

namespace godwit::connectors::postgres {
namespace {

constexpr std::string_view kYourself = "create them on the target yourself, after the copy";

using connector::CheckList;
using connector::CheckResult;
using connector::CheckScope;
using connector::ObjectKind;

// A kind of which nothing is migrated. The query gives schema and table that the filter decides by,
// nothing for what belongs to the whole database, and what is to be shown.
struct LeftOut {
  const char* name;
  const char* query;
  const char* finding;
  const char* remedy;
};

constexpr const char* kByHand =
    "bring them over by hand where they are needed (pg_dump --schema-only)";

constexpr LeftOut kLeftOut[] = {
    {"rules",
     "SELECT n.nspname, c.relname, format('%I ON %I.%I', w.rulename, n.nspname, c.relname) FROM "
     "pg_rewrite w JOIN pg_class c ON c.oid = w.ev_class JOIN pg_namespace n ON n.oid = "
     "c.relnamespace WHERE w.rulename <> '_RETURN' ORDER BY 3",
     "rules of tables and views are not migrated", kByHand},
    {"row security",
     "SELECT n.nspname, c.relname, format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN "
     "pg_namespace n ON n.oid = c.relnamespace WHERE c.relrowsecurity OR EXISTS (SELECT FROM "
     "pg_policy p WHERE p.polrelid = c.oid) ORDER BY 3",
     "the target shows all rows to whoever may read the table: row security and policies are not "
     "migrated",
     "bring them over by hand before applications are let in"},
    {"inheritance",
     "SELECT n.nspname, c.relname, format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN "
     "pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r' AND NOT c.relispartition AND "
     "EXISTS (SELECT FROM pg_inherits h WHERE h.inhrelid = c.oid) ORDER BY 3",
     "tables are migrated each with its own rows, and that they inherit is not",
     "ALTER TABLE ... INHERIT on the target after the cut-over"},
    {"NOT NULL",
     "SELECT n.nspname, c.relname, format('%I ON %I.%I', k.conname, n.nspname, c.relname) FROM "
     "pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = "
     "c.relnamespace WHERE k.contype = 'n' AND k.connoinherit AND k.convalidated ORDER BY 3",
     "NOT NULL constraints are migrated without their NO INHERIT",
     "ALTER TABLE ... ALTER CONSTRAINT ... NO INHERIT on the target, if another table is to "
     "inherit from it"},
    {"foreign tables",
     "SELECT n.nspname, c.relname, format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN "
     "pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'f' ORDER BY 3",
     "foreign tables are not migrated", kByHand},
    {"publications",
     "SELECT schemaname, tablename, quote_ident(pubname) FROM pg_publication_tables WHERE pubname "
     "!~ '^godwit_' ORDER BY 3",
     "publications are not migrated", kByHand},
    {"event triggers",
     "SELECT NULL, NULL, quote_ident(t.evtname) FROM pg_event_trigger t WHERE t.evtname "
     "!~ '^gw_(end|drp|rwr)_' AND NOT EXISTS (SELECT "
     "FROM pg_depend e WHERE e.classid = 'pg_event_trigger'::regclass AND e.objid = t.oid AND "
     "e.deptype = 'e') ORDER BY 3",
     "event triggers of the database are not migrated", kByHand},
};

// Of what is migrated. The owner is who reads for the task where nobody else has anything to do
// with it.
constexpr const char* kRoles = R"(
SELECT n.nspname, c.relname, quote_ident(pg_get_userbyid(c.relowner))
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S') AND pg_get_userbyid(c.relowner) <> CURRENT_USER
 UNION
SELECT n.nspname, c.relname,
       CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(g.grantee)) END
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  CROSS JOIN LATERAL aclexplode(c.relacl) g
 WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S') AND g.grantee <> c.relowner
 ORDER BY 3)";

// Those that no column takes its values from, which would bring them along.
constexpr std::string_view kSequences = R"(
SELECT n.nspname, c.relname, format('%I.%I', n.nspname, c.relname)
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind = 'S' AND {0} AND {1} AND c.oid NOT IN (SELECT q.seqid FROM ({2}) q) ORDER BY 3)";

// After WithDependencies.
constexpr std::string_view kTiedRoutines = R"(
SELECT NULL, NULL, format('%I.%s', n.nspname, {0})
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
 WHERE p.oid IN (SELECT objid FROM needed WHERE classid = 'pg_proc'::regclass)
   AND p.oid IN (SELECT objid FROM tied WHERE classid = 'pg_proc'::regclass)
   AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass
                      AND d.objid = p.oid AND d.deptype = 'e') ORDER BY 3)";
// The oids of what servers are made with are below 16384.
constexpr const char* kUnknownKinds = R"(
SELECT NULL, NULL, pg_describe_object(q.classid, q.objid, 0)
  FROM needed q
 WHERE q.objid >= 16384
   AND (q.classid IN ('pg_collation'::regclass, 'pg_operator'::regclass, 'pg_opclass'::regclass,
                      'pg_opfamily'::regclass, 'pg_conversion'::regclass, 'pg_ts_config'::regclass,
                      'pg_ts_dict'::regclass, 'pg_ts_parser'::regclass, 'pg_ts_template'::regclass,
                      'pg_cast'::regclass, 'pg_am'::regclass, 'pg_language'::regclass)
        OR q.classid = 'pg_type'::regclass AND EXISTS (
             SELECT FROM pg_type t WHERE t.oid = q.objid AND t.typtype = 'b' AND t.typcategory <> 'A'))
   AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = q.classid AND e.objid = q.objid
                      AND e.deptype = 'e')
 ORDER BY 3)";

bool Asks(const CheckScope& scope, ObjectKind kind) {
  return absl::c_linear_search(scope.objects, kind);
}

// Each once, in the query's order.
base::StatusOr<std::vector<std::string>> NamesOf(Connection& source, const CheckScope& scope,
                                                 const std::string& query) {
  GODWIT_ASSIGN_OR_RETURN(const std::vector<ResultRow> rows, source.Query(query));
  std::vector<std::string> names;
  for (const ResultRow& row : rows) {
    if (row[0] && !scope.filter.table(*row[0], TextOf(row[1]))) continue;
    if (names.empty() || names.back() != TextOf(row[2])) names.push_back(TextOf(row[2]));
  }
  return names;
}

// Tells how many there are, and the names of the first.
void Report(std::string_view name, CheckResult result,
            const base::StatusOr<std::vector<std::string>>& names, std::string_view finding,
            std::string remedy, CheckList& list) {
  if (!names.ok()) return list.Unknown(name, names.status());
  if (names->empty()) return;
  std::string shown =
      fmt::format("{} ({}): {}", finding, names->size(), connector::Enumerate(*names));
  if (result == CheckResult::kFail)
    list.Fail(name, std::move(shown), std::move(remedy));
  else
    list.Warn(name, std::move(shown), std::move(remedy));
}

// Of one kind, whether they are migrated or not.
base::StatusOr<std::vector<FoundObject>> Find(Connection& source, const CheckScope& scope,
                                              ObjectKind kind) {
  GODWIT_ASSIGN_OR_RETURN(std::vector<FoundObject> found,
                          FindObjects(source, scope.filter, {kind}));
  std::erase_if(found, [&](const FoundObject& one) { return one.object.kind != kind; });
  return found;
}

// Routines, triggers and sequences that `objects` does not ask for.
base::Status CheckUnasked(Connection& source, const CheckScope& scope, bool to_others,
                          CheckList& list) {
  std::string finding, words;
  const auto left_behind = [&](std::string_view word, const std::vector<std::string>& names) {
    if (names.empty()) return;
    finding += fmt::format("{}{} {} ({})", finding.empty() ? "not migrated: " : ", ", names.size(),
                           word, connector::Enumerate(names));
    words += (words.empty() ? "" : ", ") + std::string(word);
  };
  if (!Asks(scope, ObjectKind::kTrigger)) {
    GODWIT_ASSIGN_OR_RETURN(const std::vector<FoundObject> triggers,
                            Find(source, scope, ObjectKind::kTrigger));
    std::vector<std::string> names;
    for (const FoundObject& one : triggers) {
      names.push_back(
          fmt::format("{} ON {}.{}", one.object.name, one.object.schema, one.object.table));
    }
    left_behind("triggers", names);
  }
  if (!Asks(scope, ObjectKind::kRoutine)) {
    GODWIT_ASSIGN_OR_RETURN(const std::vector<FoundObject> routines,
                            Find(source, scope, ObjectKind::kRoutine));
    std::vector<ObjectKind> needing = {ObjectKind::kTableRoutine};
    if (Asks(scope, ObjectKind::kTrigger)) needing.push_back(ObjectKind::kTrigger);
    std::vector<FoundObject> needed;
    if (!to_others) {
      GODWIT_ASSIGN_OR_RETURN(needed, FindObjects(source, scope.filter, needing));
    }
    std::set<std::string> migrated;
    for (const FoundObject& one : needed) {
      if (one.object.kind == ObjectKind::kTableRoutine) migrated.insert(one.oid);
    }
    std::vector<std::string> names;
    for (const FoundObject& one : routines) {
      if (!migrated.contains(one.oid)) names.push_back(one.object.schema + "." + one.object.name);
    }
    left_behind("routines", names);
  }
  if (!Asks(scope, ObjectKind::kSequence)) {
    GODWIT_ASSIGN_OR_RETURN(
        const std::vector<std::string> names,
        NamesOf(source, scope,
                fmt::format(kSequences, kOfUsers, fmt::format(kOfNoExtension, "c", "pg_class"),
                            kColumnSequences)));
    left_behind("sequences", names);
  }
  if (finding.empty()) return base::OkStatus();
  list.Warn("other objects", finding,
            to_others ? std::string(kYourself)
                      : fmt::format("say `objects: [{}]` in the task file, or create them on the "
                                    "target yourself",
                                    words));
  return base::OkStatus();
}

// What is needed and cannot be made, and routines that would run as another role.
base::Status CheckNeeded(Connection& source, const CheckScope& scope, CheckList& list) {
  std::vector<ObjectKind> kinds = {ObjectKind::kTableRoutine};
  if (Asks(scope, ObjectKind::kRoutine)) kinds.push_back(ObjectKind::kRoutine);
  if (Asks(scope, ObjectKind::kTrigger)) kinds.push_back(ObjectKind::kTrigger);
  GODWIT_ASSIGN_OR_RETURN(const std::vector<FoundObject> found,
                          FindObjects(source, scope.filter, kinds));
  std::vector<std::string> routines, triggers;
  for (const FoundObject& one : found) {
    const ObjectKind kind = one.object.kind;
    if (kind == ObjectKind::kTrigger) triggers.push_back(one.oid);
    if (kind == ObjectKind::kRoutine || kind == ObjectKind::kTableRoutine)
      routines.push_back(one.oid);
  }
  GODWIT_ASSIGN_OR_RETURN(const std::vector<std::string> tables,
                          RelationOids(source, scope.filter, "'r', 'p'"));
  GODWIT_ASSIGN_OR_RETURN(const std::vector<std::string> relations,
                          RelationOids(source, scope.filter, "'r', 'p', 'v', 'm'"));
  Report("routines of tables", CheckResult::kFail,
         NamesOf(source, scope,
                 WithDependencies(tables, {}, {}) + fmt::format(kTiedRoutines, kRoutineName)),
         "defaults, checks, generated columns or indexes call routines that are themselves made of "
         "tables or views, so that neither can be made first",
         "take the calls out until the cut-over is done, write the routine's body as a text ($$ "
         "... $$) that names no table's row as a type, or leave the tables out with "
         "`tables.exclude`",
         list);
  Report("needed objects", CheckResult::kWarn,
         NamesOf(source, scope, WithDependencies(relations, routines, triggers) + kUnknownKinds),
         "tables, views, routines or triggers need what is not migrated",
         "make it on the target first; else the run stops where it is missing", list);
  if (Asks(scope, ObjectKind::kRights)) return base::OkStatus();
  Report("security definer", CheckResult::kWarn,
         NamesOf(source, scope,
                 fmt::format("SELECT NULL, NULL, format('%I.%s', n.nspname, {}) FROM pg_proc p "
                             "JOIN pg_namespace n ON n.oid = p.pronamespace WHERE p.prosecdef AND "
                             "p.oid = ANY({}) ORDER BY 3",
                             kRoutineName, OidArray(routines))),
         "routines that run with the rights of their owner (SECURITY DEFINER) belong on the target "
         "to the role that Godwit logs in as",
         "say `objects: [rights]`, or ALTER ROUTINE ... OWNER TO on the target", list);
  return base::OkStatus();
}

}  // namespace

void CheckLeftOut(Connection& source, const CheckScope& scope, bool to_others, CheckList& list) {
  list.Unknown("other objects", CheckUnasked(source, scope, to_others, list));
  // What of a table calls routines is translated, or left out, which the target's items say.
  if (!to_others) list.Unknown("needed objects", CheckNeeded(source, scope, list));
  for (const LeftOut& kind : kLeftOut) {
    Report(kind.name, CheckResult::kWarn, NamesOf(source, scope, kind.query), kind.finding,
           kind.remedy, list);
  }
  if (Asks(scope, ObjectKind::kRights)) return;
  Report("owners and rights", CheckResult::kWarn, NamesOf(source, scope, kRoles),
         "what is made belongs to the role that Godwit logs in as: owners and rights are not "
         "migrated, of roles",
         to_others ? "grant them on the target yourself"
                   : "say `objects: [rights]`, or grant them on the target yourself",
         list);
}

}  // namespace godwit::connectors::postgres
