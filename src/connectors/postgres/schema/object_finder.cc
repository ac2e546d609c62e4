#include "connectors/postgres/schema/object_finder.h"

#include <absl/algorithm/container.h>

#include <set>

#include "connectors/postgres/definition/catalog_sql.h"
#include "connectors/postgres/schema/routine_reader.h"

namespace godwit::connectors::postgres {
namespace {

using connector::CatalogObject;
using connector::ObjectKind;

// The lists give oid, schema and name, in the order in which things were made, then schema and name
// that the filter decides by. {0}: the system's are left out; {1}: extensions' are.
constexpr std::string_view kViewList = R"(
SELECT c.oid, n.nspname, c.relname, n.nspname, c.relname
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('v', 'm') AND {0} AND {1} ORDER BY c.oid)";
// {2}: the sequences of columns.
constexpr std::string_view kSequenceList = R"(
SELECT c.oid, n.nspname, c.relname, n.nspname, c.relname
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind = 'S' AND {0} AND {1}
   AND c.oid NOT IN (SELECT q.seqid FROM ({2}) q WHERE q.owned) ORDER BY c.oid)";
// {2}: the kinds.
constexpr std::string_view kRelationList = R"(
SELECT c.oid, n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ({2}) AND {3} AND {0} AND {1})";
// What is on a partition goes with the root, or, by leaf, with itself ({2}).
constexpr std::string_view kStatisticsList = R"(
SELECT s.oid, sn.nspname, s.stxname, rn.nspname, r.relname
  FROM pg_statistic_ext s
  JOIN pg_namespace sn ON sn.oid = s.stxnamespace
  JOIN pg_class c ON c.oid = s.stxrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_class r ON r.oid = CASE WHEN {2} THEN pg_partition_root(c.oid)::oid ELSE c.oid END
  JOIN pg_namespace rn ON rn.oid = r.relnamespace
 WHERE c.relkind IN ('r', 'p', 'm') AND {0} AND {1} ORDER BY s.oid)";
// With the table that it is on. {2}: those that partitions have from their roots are left out; {3}:
// as {2} of kStatisticsList.
constexpr std::string_view kTriggerList = R"(
SELECT t.oid, n.nspname, t.tgname, rn.nspname, r.relname, c.relname
  FROM pg_trigger t
  JOIN pg_class c ON c.oid = t.tgrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_class r ON r.oid = CASE WHEN {3} THEN pg_partition_root(c.oid)::oid ELSE c.oid END
  JOIN pg_namespace rn ON rn.oid = r.relnamespace
 WHERE c.relkind IN ('r', 'p', 'v') AND NOT t.tgisinternal AND {2} AND {0} AND {1} ORDER BY t.oid)";
constexpr int kWithTriggerParents = 130000;
// What waits until partitioned tables are put together: these, and the views that are made of them.
// With whether it is such a table.
constexpr std::string_view kMadeLast = R"(
WITH RECURSIVE late(oid) AS (
  SELECT c.oid FROM pg_class c WHERE c.relkind = 'p'
   UNION
  SELECT w.ev_class
    FROM late JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = late.oid
                              AND d.classid = 'pg_rewrite'::regclass
    JOIN pg_rewrite w ON w.oid = d.objid)
SELECT n.nspname, c.relname, c.relkind = 'p', c.oid
  FROM late JOIN pg_class c ON c.oid = late.oid JOIN pg_namespace n ON n.oid = c.relnamespace)";
// Above these tables, {0}: oids.
constexpr std::string_view kParents = R"(
SELECT DISTINCT a.relid::oid FROM unnest({0}) t(oid)
 CROSS JOIN LATERAL pg_partition_ancestors(t.oid) a(relid) WHERE a.relid <> t.oid)";
// {0}: how routines are called. Those that a type has made, extensions', and Godwit's own
// (ddl_capture) are left out.
constexpr std::string_view kRoutineList = R"(
SELECT p.oid, n.nspname, {0}, n.nspname, p.proname
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
 WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND NOT (n.nspname ~ '^godwit_' AND p.proname = 'capture_ddl')
   AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass
                      AND d.objid = p.oid AND d.deptype IN ('e', 'i'))
 ORDER BY p.oid)";

// {0}, {1}, {2}: the oids of relations, routines and triggers. What is part of a relation
// (defaults, constraints, indexes, rules, partitions) or of a type needs on its behalf. Other
// relations, and triggers by way of their constraints, are not gone into. {3} and {4}: as {0} and
// {1} of the lists.
constexpr std::string_view kDependencies = R"(
WITH RECURSIVE roots(classid, objid) AS (
  SELECT 'pg_class'::regclass::oid, unnest({0})
   UNION ALL
  SELECT 'pg_proc'::regclass::oid, unnest({1})
   UNION ALL
  SELECT 'pg_trigger'::regclass::oid, unnest({2})),
needed(classid, objid) AS (
  SELECT classid, objid FROM roots
   UNION
  SELECT x.classid, x.objid
    FROM needed
    CROSS JOIN LATERAL (
      SELECT d.refclassid AS classid, d.refobjid AS objid
        FROM pg_depend d
       WHERE d.classid = needed.classid AND d.objid = needed.objid
       UNION ALL
      SELECT d.classid, d.objid
        FROM pg_depend d
       WHERE d.refclassid = needed.classid AND d.refobjid = needed.objid
         AND d.deptype IN ('a', 'i')
         AND d.classid IN ('pg_class'::regclass, 'pg_attrdef'::regclass,
                           'pg_constraint'::regclass, 'pg_rewrite'::regclass,
                           'pg_type'::regclass)) x
   WHERE x.classid <> 'pg_trigger'::regclass
     AND NOT (x.classid = 'pg_class'::regclass AND x.objid <> ALL({0}) AND EXISTS (
     SELECT FROM pg_class o WHERE o.oid = x.objid AND NOT o.relispartition
        AND o.relkind IN ('r', 'p', 'v', 'm', 'f')))),
tied(classid, objid) AS (
  SELECT 'pg_class'::regclass::oid, c.oid
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND {3} AND {4}
   UNION
  SELECT d.classid, d.objid
    FROM tied JOIN pg_depend d ON d.refclassid = tied.classid AND d.refobjid = tied.objid
   WHERE d.classid IN ('pg_proc'::regclass, 'pg_type'::regclass))
)";
// The rest of queries that begin with kDependencies. {0}: extensions' are left out.
constexpr std::string_view kTypeList = R"(
SELECT t.oid, n.nspname, t.typname FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
  LEFT JOIN pg_class c ON c.oid = t.typrelid
 WHERE t.oid IN (SELECT objid FROM needed WHERE classid = 'pg_type'::regclass)
   AND (t.typtype IN ('e', 'd', 'r') OR t.typtype = 'c' AND c.relkind = 'c')
   AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND {0} ORDER BY t.oid)";
constexpr std::string_view kExtensionList = R"(
SELECT x.oid, n.nspname, x.extname FROM pg_extension x JOIN pg_namespace n ON n.oid = x.extnamespace
 WHERE x.oid IN (SELECT objid FROM needed WHERE classid = 'pg_extension'::regclass)
   AND x.extname <> 'plpgsql' ORDER BY x.oid)";
constexpr std::string_view kNeededRoutines = R"(
SELECT q.objid, EXISTS (SELECT FROM tied WHERE tied.classid = q.classid AND tied.objid = q.objid)
  FROM needed q WHERE q.classid = 'pg_proc'::regclass)";

bool IsReadByNeed(ObjectKind kind) {
  return kind == ObjectKind::kType || kind == ObjectKind::kExtension ||
         kind == ObjectKind::kTableRoutine;
}

// Until partitioned tables are put together. Triggers are made last anyway.
bool MayWait(ObjectKind kind) {
  return kind == ObjectKind::kView || kind == ObjectKind::kStatistics;
}

std::vector<std::string> OidsOf(const std::vector<FoundObject>& found) {
  std::vector<std::string> oids;
  for (const FoundObject& one : found) oids.push_back(one.oid);
  return oids;
}

class Finder {
 public:
  Finder(Connection& connection, const connector::TableFilter& filter,
         const std::vector<ObjectKind>& kinds)
      : connection_(connection), filter_(filter), kinds_(kinds) {}

  base::StatusOr<std::vector<FoundObject>> Find() {
    GODWIT_RETURN_IF_ERROR(FindMadeLast());
    const std::string of_no_extension = fmt::format(kOfNoExtension, "c", "pg_class");
    const std::string_view own_triggers =
        connection_.server_version() >= kWithTriggerParents ? "t.tgparentid = 0" : "true";
    const std::string_view of_root = connection_.by_leaf() ? "false" : "c.relispartition";
    GODWIT_ASSIGN_OR_RETURN(
        const std::vector<FoundObject> triggers,
        List(ObjectKind::kTrigger,
             fmt::format(kTriggerList, kOfUsers, of_no_extension, own_triggers, of_root)));
    GODWIT_RETURN_IF_ERROR(FindNeeded(triggers));
    GODWIT_RETURN_IF_ERROR(
        Add(ObjectKind::kSequence,
            fmt::format(kSequenceList, kOfUsers, of_no_extension, kColumnSequences)));
    GODWIT_RETURN_IF_ERROR(
        Add(ObjectKind::kView, fmt::format(kViewList, kOfUsers, of_no_extension)));
    GODWIT_RETURN_IF_ERROR(Add(ObjectKind::kStatistics,
                               fmt::format(kStatisticsList, kOfUsers, of_no_extension, of_root)));
    found_.insert(found_.end(), triggers.begin(), triggers.end());
    return std::move(found_);
  }

 private:
  bool Asks(ObjectKind kind) const { return absl::c_linear_search(kinds_, kind); }

  // By leaf: what comes with partitioned tables.
  base::Status FindMadeLast() {
    if (!connection_.by_leaf()) return base::OkStatus();
    GODWIT_ASSIGN_OR_RETURN(const std::vector<std::string> oids,
                            RelationOids(connection_, filter_, "'r'"));
    const std::set<std::string> of_task(oids.begin(), oids.end());
    GODWIT_ASSIGN_OR_RETURN(const std::vector<ResultRow> rows, connection_.Query(kMadeLast));
    for (const ResultRow& row : rows) {
      const model::TableName name{TextOf(row[0]), TextOf(row[1])};
      made_last_.insert(name);
      if (of_task.contains(TextOf(row[3])))
        put_together_.insert(name);
      else if (FlagOf(row[2]))
        never_made_.insert(name);
    }
    return base::OkStatus();
  }

  // Of a kind, with what it is decided by: its own name, or its table's.
  bool Chosen(ObjectKind kind, const model::TableName& by) const {
    if (kind == ObjectKind::kRoutine || kind == ObjectKind::kSequence)
      return filter_.table(by.schema, by.table);
    if (never_made_.contains(by)) return false;
    if (!put_together_.contains(by) && !filter_.table(by.schema, by.table)) return false;
    return Asks(MayWait(kind) && made_last_.contains(by) ? ObjectKind::kPartitioned : kind);
  }

  // Nothing where the kind is not asked for.
  base::StatusOr<std::vector<FoundObject>> List(ObjectKind kind, const std::string& query) {
    std::vector<FoundObject> found;
    if (!Asks(kind) && !(MayWait(kind) && Asks(ObjectKind::kPartitioned))) return found;
    GODWIT_ASSIGN_OR_RETURN(const std::vector<ResultRow> rows, connection_.Query(query));
    for (const ResultRow& row : rows) {
      if (!Chosen(kind, {TextOf(row[3]), TextOf(row[4])})) continue;
      FoundObject& one = found.emplace_back(FoundObject{TextOf(row[0]), {.kind = kind}});
      one.object.schema = TextOf(row[1]);
      one.object.name = TextOf(row[2]);
      if (row.size() > 5) one.object.table = TextOf(row[5]);
      one.object.before_tables = kind == ObjectKind::kSequence;
    }
    return found;
  }

  base::Status Add(ObjectKind kind, const std::string& query) {
    GODWIT_ASSIGN_OR_RETURN(const std::vector<FoundObject> found, List(kind, query));
    found_.insert(found_.end(), found.begin(), found.end());
    return base::OkStatus();
  }

  // Extensions, types and routines.
  base::Status FindNeeded(const std::vector<FoundObject>& triggers) {
    const bool of_tables = absl::c_any_of(kinds_, IsReadByNeed);
    if (!of_tables && !Asks(ObjectKind::kRoutine) && !Asks(ObjectKind::kTrigger))
      return base::OkStatus();
    std::vector<std::string> relations;
    if (of_tables) {
      GODWIT_ASSIGN_OR_RETURN(relations, RelationOids(connection_, filter_, "'r', 'p', 'v', 'm'"));
    }
    const std::string all_routines = fmt::format(kRoutineList, kRoutineName);
    GODWIT_ASSIGN_OR_RETURN(const std::vector<FoundObject> routines,
                            List(ObjectKind::kRoutine, all_routines));
    const std::string begin = WithDependencies(relations, OidsOf(routines), OidsOf(triggers));
    // What triggers alone need was made with the tables.
    const bool any_serves = !of_tables && !Asks(ObjectKind::kRoutine);
    GODWIT_RETURN_IF_ERROR(
        AddNeeded(ObjectKind::kExtension, begin + std::string(kExtensionList), any_serves));
    GODWIT_RETURN_IF_ERROR(AddNeeded(
        ObjectKind::kType,
        begin + fmt::format(kTypeList, fmt::format(kOfNoExtension, "t", "pg_type")), any_serves));
    return AddRoutines(begin, all_routines, OidsOf(routines), any_serves);
  }

  base::Status AddNeeded(ObjectKind kind, const std::string& query, bool any_serves) {
    GODWIT_ASSIGN_OR_RETURN(const std::vector<ResultRow> rows, connection_.Query(query));
    for (const ResultRow& row : rows) {
      CatalogObject object{.kind = kind, .schema = TextOf(row[1]), .name = TextOf(row[2])};
      object.before_tables = true;
      object.any_serves = any_serves;
      found_.push_back({TextOf(row[0]), std::move(object)});
    }
    return base::OkStatus();
  }

  // The routines asked for, and those that are needed.
  base::Status AddRoutines(const std::string& begin, const std::string& all,
                           const std::vector<std::string>& asked, bool any_serves) {
    GODWIT_ASSIGN_OR_RETURN(const std::vector<ResultRow> needed,
                            connection_.Query(begin + std::string(kNeededRoutines)));
    std::map<std::string, bool> tied;  // by oid
    for (const ResultRow& row : needed) tied[TextOf(row[0])] = FlagOf(row[1]);
    const std::set<std::string> asked_for(asked.begin(), asked.end());
    GODWIT_ASSIGN_OR_RETURN(const std::vector<ResultRow> rows, connection_.Query(all));
    for (const ResultRow& row : rows) {
      const auto found = tied.find(TextOf(row[0]));
      if (found == tied.end()) continue;
      const bool by_need = !asked_for.contains(found->first);
      CatalogObject object{.kind = by_need ? ObjectKind::kTableRoutine : ObjectKind::kRoutine,
                           .schema = TextOf(row[1]),
                           .name = TextOf(row[2])};
      object.before_tables = !found->second;
      object.any_serves = any_serves && by_need;
      found_.push_back({found->first, std::move(object)});
    }
    return base::OkStatus();
  }

  Connection& connection_;
  const connector::TableFilter& filter_;
  const std::vector<ObjectKind>& kinds_;
  std::vector<FoundObject> found_;
  // By leaf: partitioned tables, and views that are made of them; of the former those that have
  // leaves of the task, and the others.
  std::set<model::TableName> made_last_, put_together_, never_made_;
};

}  // namespace

base::StatusOr<std::vector<FoundObject>> FindObjects(Connection& connection,
                                                     const connector::TableFilter& filter,
                                                     const std::vector<ObjectKind>& kinds) {
  return Finder(connection, filter, kinds).Find();
}

base::StatusOr<std::vector<std::string>> RelationOids(Connection& connection,
                                                      const connector::TableFilter& filter,
                                                      std::string_view kinds) {
  GODWIT_ASSIGN_OR_RETURN(
      const std::vector<ResultRow> rows,
      connection.Query(
          fmt::format(kRelationList, kOfUsers, fmt::format(kOfNoExtension, "c", "pg_class"), kinds,
                      connection.by_leaf() ? "c.relkind <> 'p'" : "NOT c.relispartition")));
  std::vector<std::string> oids;
  for (const ResultRow& row : rows) {
    if (filter.table(TextOf(row[1]), TextOf(row[2]))) oids.push_back(TextOf(row[0]));
  }
  if (!connection.by_leaf()) return oids;
  GODWIT_ASSIGN_OR_RETURN(const std::vector<ResultRow> parents,
                          connection.Query(fmt::format(kParents, OidArray(oids))));
  for (const ResultRow& row : parents) oids.push_back(TextOf(row[0]));
  return oids;
}

std::string WithDependencies(const std::vector<std::string>& relations,
                             const std::vector<std::string>& routines,
                             const std::vector<std::string>& triggers) {
  return fmt::format(kDependencies, OidArray(relations), OidArray(routines), OidArray(triggers),
                     kOfUsers, fmt::format(kOfNoExtension, "c", "pg_class"));
}

}  // namespace godwit::connectors::postgres
