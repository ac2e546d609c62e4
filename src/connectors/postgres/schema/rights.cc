#include "connectors/postgres/schema/rights.h"

#include <absl/algorithm/container.h>
#include <spdlog/spdlog.h>

#include <array>

#include "connector/check_list.h"
#include "connectors/postgres/definition/catalog_sql.h"
#include "connectors/postgres/definition/definition.h"
#include "connectors/postgres/schema/object_finder.h"
#include "connectors/postgres/schema/routine_reader.h"

namespace godwit::connectors::postgres {
namespace {

using connector::CatalogObject;
using connector::ObjectKind;

constexpr std::string_view kPublic = "PUBLIC";

// The relations themselves, their partitions and the sequences of their columns. {0}: their oids;
// {1}: the columns' sequences; {2}: whether partitions are part of tables.
constexpr std::string_view kRelations = R"(
SELECT unnest({0})
 UNION
SELECT p.relid::oid FROM pg_class c CROSS JOIN LATERAL pg_partition_tree(c.oid) p
 WHERE c.oid = ANY({0}) AND c.relkind = 'p' AND {2}
 UNION
SELECT q.seqid FROM ({1}) q WHERE q.relid = ANY({0}))";

// Who may do what, by steps: what is on schemas comes first, as owners have to be allowed to make
// something there. A sequence that belongs to a column follows its table's owner; owners that each
// server has by itself are none of a user's. {0}: the relations' oids; {1}: the routines'; {2}: how
// routines are called.
constexpr std::string_view kRights = R"(
WITH rel AS (
  SELECT c.oid, n.nspname, c.relname, c.relkind, c.relowner, c.relacl, c.relnamespace,
         EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
                    AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0
                    AND d.deptype IN ('a', 'i') AND c.relkind = 'S') AS of_column
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = ANY({0})),
proc AS (
  -- Of SECURITY DEFINER also what is so by default: on the target nobody may call it at first.
  SELECT n.nspname, {2} AS name, p.proowner, p.pronamespace,
         CASE WHEN p.prosecdef THEN coalesce(p.proacl, acldefault('f', p.proowner))
              ELSE p.proacl END AS proacl
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE p.oid = ANY({1})),
schema AS (
  SELECT n.nspname, n.nspowner, n.nspacl FROM pg_namespace n
   WHERE n.oid IN (SELECT relnamespace FROM rel UNION SELECT pronamespace FROM proc)),
granted(step, thing, owner, acl, columns) AS (
  SELECT 1, format('SCHEMA %I', nspname), nspowner, nspacl, '' FROM schema
   UNION ALL
  SELECT 3, format('%s %I.%I', CASE relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END,
                   nspname, relname), relowner, relacl, '' FROM rel
   UNION ALL
  SELECT 4, format('TABLE %I.%I', nspname, relname), relowner, a.attacl, format(' (%I)', a.attname)
    FROM rel JOIN pg_attribute a ON a.attrelid = rel.oid AND NOT a.attisdropped
   WHERE a.attacl IS NOT NULL
   UNION ALL
  SELECT 5, format('ROUTINE %I.%s', nspname, name), proowner, proacl, '' FROM proc),
owned(thing, owner) AS (
  SELECT format('SCHEMA %I', nspname), nspowner FROM schema
   UNION ALL
  SELECT format('%s %I.%I', CASE relkind WHEN 'S' THEN 'SEQUENCE' WHEN 'v' THEN 'VIEW'
                            WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'TABLE' END, nspname, relname),
         relowner FROM rel WHERE NOT of_column
   UNION ALL
  SELECT format('ROUTINE %I.%s', nspname, name), proowner FROM proc),
given(step, role, text, owns) AS (
  SELECT g.step, coalesce(r.rolname, 'PUBLIC'),
         format('GRANT %s ON %s TO %s%s',
                string_agg(x.privilege_type || g.columns, ', ' ORDER BY x.privilege_type), g.thing,
                coalesce(quote_ident(r.rolname), 'PUBLIC'),
                CASE WHEN x.is_grantable THEN ' WITH GRANT OPTION' END), false
    FROM granted g CROSS JOIN LATERAL aclexplode(g.acl) x LEFT JOIN pg_roles r ON r.oid = x.grantee
   WHERE x.grantee <> g.owner AND (x.grantee = 0 OR r.oid IS NOT NULL)
   -- A right that targets before PostgreSQL 17 do not know has a statement of its own.
   GROUP BY g.step, g.thing, g.columns, r.rolname, x.is_grantable, x.privilege_type = 'MAINTAIN'
   UNION ALL
  SELECT 2, r.rolname, format('ALTER %s OWNER TO %I', o.thing, r.rolname), true
    FROM owned o JOIN pg_roles r ON r.oid = o.owner
   -- public belongs to who has made the cluster (10), to the database's owner in later versions.
   WHERE r.rolname !~ '^pg_' AND NOT (o.owner = 10 AND o.thing = 'SCHEMA public')
   UNION ALL
  SELECT 5, 'PUBLIC', format('REVOKE ALL ON ROUTINE %I.%s FROM PUBLIC', nspname, name), false
    FROM proc WHERE proacl IS NOT NULL
     AND NOT EXISTS (SELECT FROM aclexplode(proacl) x WHERE x.grantee = 0))
SELECT least(step, 3), role, text, owns FROM given 
 -- An owner needs CREATE on the schema of what it is given.
 ORDER BY least(step, 3), role, step, text NOT LIKE 'ALTER SCHEMA %', text)";

// {0}: the numbers.
constexpr std::string_view kLargeObjectRights = R"(
WITH large AS (SELECT oid, lomowner, lomacl FROM pg_largeobject_metadata WHERE oid = ANY({0}))
SELECT '1', r.rolname, format('ALTER LARGE OBJECT %s OWNER TO %I', l.oid, r.rolname), true
  FROM large l JOIN pg_roles r ON r.oid = l.lomowner WHERE r.rolname !~ '^pg_'
 UNION ALL
SELECT '2', coalesce(r.rolname, 'PUBLIC'),
       format('GRANT %s ON LARGE OBJECT %s TO %s%s',
              string_agg(x.privilege_type, ', ' ORDER BY x.privilege_type), l.oid,
              coalesce(quote_ident(r.rolname), 'PUBLIC'),
              CASE WHEN x.is_grantable THEN ' WITH GRANT OPTION' END), false
  FROM large l CROSS JOIN LATERAL aclexplode(l.lomacl) x LEFT JOIN pg_roles r ON r.oid = x.grantee
 WHERE x.grantee <> l.lomowner AND (x.grantee = 0 OR r.oid IS NOT NULL)
 GROUP BY l.oid, r.rolname, x.is_grantable
 ORDER BY 1, 2, 3)";

constexpr const char* kBetween = ";\n";  // statements

// One for each step and role, of rows of step, role, statement and whether that is about an owner.
std::vector<CatalogObject> ByRole(const std::vector<ResultRow>& rows) {
  std::vector<CatalogObject> rights;
  std::string step;
  for (const ResultRow& row : rows) {
    const std::string role = TextOf(row[1]);
    if (rights.empty() || step != TextOf(row[0]) || rights.back().name != role) {
      step = TextOf(row[0]);
      rights.push_back({.kind = ObjectKind::kRights, .name = role});
      rights.back().dialect = kDialect;
    }
    std::string& text = FlagOf(row[3]) ? rights.back().statement : rights.back().after;
    if (!text.empty()) text += kBetween;
    text += TextOf(row[2]);
  }
  return rights;
}

// What is there on the source may not be here.
bool IsMissing(std::string_view state) {
  constexpr std::array<std::string_view, 5> kStates = {"42P01", "42703", "42704", "42883", "3F000"};
  return absl::c_linear_search(kStates, state);
}

// The server takes a GRANT by a role that may not give all of it on, and gives less.
std::string WhatWasNotGiven(Connection& target) {
  std::string all;
  for (const ServerWarning& warning : target.TakeWarnings()) {
    if (warning.state == "01007" || warning.state == "01006")
      all += (all.empty() ? "" : "; ") + warning.message;
  }
  return all;
}

base::Status GiveEach(Connection& target, std::string_view text,
                      std::vector<std::string>& left_out) {
  const std::vector<std::string> statements = RightsFor(target.server_version(), text, left_out);
  if (statements.empty()) return base::OkStatus();
  target.TakeWarnings();
  // Mostly nothing is amiss.
  const base::Status all = target.Execute(absl::StrJoin(statements, kBetween)).status();
  if (absl::IsUnavailable(all) || absl::IsCancelled(all)) return all;
  if (const std::string amiss = WhatWasNotGiven(target); all.ok() && amiss.empty()) return all;
  for (const std::string& statement : statements) {
    const base::Status given = target.Execute(statement).status();
    std::string why = WhatWasNotGiven(target);
    if (!given.ok()) {
      if (!IsMissing(target.last_state())) return given;
      why = std::string(given.message());
    }
    if (!why.empty()) left_out.push_back(fmt::format("{} ({})", statement, why));
  }
  return base::OkStatus();
}

}  // namespace

base::StatusOr<std::vector<CatalogObject>> ReadRights(Connection& connection,
                                                      const connector::TableFilter& filter,
                                                      const std::vector<ObjectKind>& kinds) {
  std::vector<ObjectKind> found_by = {ObjectKind::kTableRoutine};
  for (const ObjectKind kind :
       {ObjectKind::kRoutine, ObjectKind::kTrigger, ObjectKind::kSequence}) {
    if (absl::c_linear_search(kinds, kind)) found_by.push_back(kind);
  }
  GODWIT_ASSIGN_OR_RETURN(const std::vector<FoundObject> found,
                          FindObjects(connection, filter, found_by));
  GODWIT_ASSIGN_OR_RETURN(const std::vector<std::string> tables,
                          RelationOids(connection, filter, "'r', 'p', 'v', 'm'"));
  GODWIT_ASSIGN_OR_RETURN(const std::vector<ResultRow> parts,
                          connection.Query(fmt::format(kRelations, OidArray(tables),
                                                       kColumnSequences, !connection.by_leaf())));
  std::vector<std::string> relations, routines;
  for (const ResultRow& row : parts) relations.push_back(TextOf(row[0]));
  for (const FoundObject& one : found) {
    const ObjectKind kind = one.object.kind;
    if (kind == ObjectKind::kSequence) relations.push_back(one.oid);
    if (kind == ObjectKind::kRoutine || kind == ObjectKind::kTableRoutine)
      routines.push_back(one.oid);
  }
  GODWIT_ASSIGN_OR_RETURN(const std::vector<ResultRow> rows,
                          connection.Query(fmt::format(kRights, OidArray(relations),
                                                       OidArray(routines), kRoutineName)));
  return ByRole(rows);
}

base::StatusOr<std::vector<CatalogObject>> ReadLargeObjectRights(
    Connection& connection, const std::vector<std::string>& numbers) {
  GODWIT_ASSIGN_OR_RETURN(const std::vector<ResultRow> rows,
                          connection.Query(fmt::format(kLargeObjectRights, OidArray(numbers))));
  return ByRole(rows);
}

base::StatusOr<RoleState> ReadRole(Connection& target, const std::string& role) {
  // From PostgreSQL 16 on a member need not be allowed to.
  constexpr int kHasSetRights = 160000;
  if (role == kPublic) return RoleState{.exists = true};
  const Parameter parameters[] = {role};
  GODWIT_ASSIGN_OR_RETURN(
      const std::vector<ResultRow> rows,
      target.Query(
          fmt::format("SELECT pg_has_role(oid, 'USAGE') AND pg_has_role(oid, '{}') FROM pg_roles "
                      "WHERE rolname = $1",
                      target.server_version() >= kHasSetRights ? "SET" : "MEMBER"),
          parameters));
  if (rows.empty()) return RoleState{};
  return RoleState{.exists = true, .may_own = FlagOf(rows[0][0])};
}

base::Status GiveRights(Connection& target, const CatalogObject& rights,
                        std::vector<std::string>& left_out) {
  GODWIT_ASSIGN_OR_RETURN(const RoleState role, ReadRole(target, rights.name));
  if (!role.exists) return base::OkStatus();
  if (role.may_own) GODWIT_RETURN_IF_ERROR(GiveEach(target, rights.statement, left_out));
  return GiveEach(target, rights.after, left_out);
}

void WarnOfRights(const std::vector<std::string>& left_out) {
  if (left_out.empty()) return;
  spdlog::warn(
      "target: {} statements about rights and owners could not be done, or not in full: {}",
      left_out.size(), connector::Enumerate(left_out));
}

std::vector<std::string> RightsFor(int server_version, std::string_view text,
                                   std::vector<std::string>& left_out) {
  constexpr int kHasMaintain = 170000;
  std::vector<std::string> statements;
  const auto add = [&](std::string_view statement) {
    while (statement.starts_with('\n')) statement.remove_prefix(1);
    if (statement.empty()) return;
    if (server_version < kHasMaintain && statement.starts_with("GRANT MAINTAIN ON "))
      left_out.push_back(fmt::format("{} (the target has no such right)", statement));
    else
      statements.emplace_back(statement);
  };
  bool quoted = false;  // within a name, which may hold anything
  size_t begin = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') quoted = !quoted;
    if (text[i] != ';' || quoted) continue;
    add(text.substr(begin, i - begin));
    begin = i + 1;
  }
  add(text.substr(begin));
  return statements;
}

}  // namespace godwit::connectors::postgres
