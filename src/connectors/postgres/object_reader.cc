#include "connectors/postgres/object_reader.h"

#include <absl/algorithm/container.h>

#include "connectors/postgres/catalog_sql.h"
#include "connectors/postgres/definition.h"
#include "connectors/postgres/sql_text.h"

namespace godwit::connectors::postgres {
namespace {

using connector::CatalogObject;
using connector::ObjectKind;
using model::TableName;

// The lists give oid, schema and name, in the order in which things were made.
// {0}: the system's are left out; {1}: extensions' are.
constexpr std::string_view kViewList = R"(
SELECT c.oid, n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('v', 'm') AND {0} AND {1} ORDER BY c.oid)";
// {2}: the sequences of columns.
constexpr std::string_view kSequenceList = R"(
SELECT c.oid, n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind = 'S' AND {0} AND {1}
   AND c.oid NOT IN (SELECT q.seqid FROM ({2}) q WHERE q.owned) ORDER BY c.oid)";
constexpr std::string_view kRelationList = R"(
SELECT c.oid, n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'p', 'v', 'm') AND NOT c.relispartition AND {0} AND {1})";

// What relations ({0}: their oids) need, and what that needs in turn. What is part of a relation
// (defaults, constraints, indexes, rules, partitions) or of a type needs on its behalf. Other
// relations are not gone into.
constexpr std::string_view kNeeded = R"(
WITH RECURSIVE needed(classid, objid) AS (
  SELECT 'pg_class'::regclass::oid, unnest({0})
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
   WHERE NOT (x.classid = 'pg_class'::regclass AND x.objid <> ALL({0}) AND EXISTS (
     SELECT FROM pg_class o WHERE o.oid = x.objid AND NOT o.relispartition
        AND o.relkind IN ('r', 'p', 'v', 'm', 'f'))))
)";
// After kNeeded. {0}: extensions' are left out.
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

// Descriptions give the statement, and what belongs into `after`. {0}: the oid. QuoteName and
// QuoteText of C++ are format's %I and %L here.
constexpr std::string_view kView = R"(
SELECT format('CREATE %s %I.%I', CASE c.relkind WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'VIEW' END,
              n.nspname, c.relname),
       to_json(c.reloptions), rtrim(pg_get_viewdef(c.oid), ';'), c.relkind = 'm',
       (SELECT string_agg(';' || chr(10) || pg_get_indexdef(i.indexrelid), '' ORDER BY i.indexrelid)
          FROM pg_index i WHERE i.indrelid = c.oid AND i.indisvalid),
       CASE WHEN c.relkind = 'm' AND c.relispopulated
            THEN format('REFRESH MATERIALIZED VIEW %I.%I', n.nspname, c.relname) END,
       (SELECT string_agg(CASE WHEN m.objsubid = 0
                 THEN format('COMMENT ON %s %I.%I IS %L', CASE c.relkind WHEN 'm'
                             THEN 'MATERIALIZED VIEW' ELSE 'VIEW' END,
                             n.nspname, c.relname, m.description)
                 ELSE format('COMMENT ON COLUMN %I.%I.%I IS %L', n.nspname, c.relname, a.attname,
                             m.description) END, ';' || chr(10) ORDER BY m.objsubid)
          FROM pg_description m
          LEFT JOIN pg_attribute a ON a.attrelid = m.objoid AND a.attnum = m.objsubid
         WHERE m.objoid = c.oid AND m.classoid = 'pg_class'::regclass)
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = {0})";

// {1}: what makes it.
constexpr std::string_view kSequence = R"(
SELECT format('CREATE SEQUENCE %I.%I AS %s ', n.nspname, c.relname, format_type(sq.seqtypid, NULL))
         || {1}
  FROM pg_sequence sq JOIN pg_class c ON c.oid = sq.seqrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = {0})";

// {1}: the name of a range's multirange.
constexpr std::string_view kType = R"(
SELECT CASE t.typtype
  WHEN 'e' THEN
    format('CREATE TYPE %I.%I AS ENUM (%s)', n.nspname, t.typname,
           (SELECT string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder)
              FROM pg_enum e WHERE e.enumtypid = t.oid))
  WHEN 'd' THEN
    format('CREATE DOMAIN %I.%I AS %s%s%s%s%s', n.nspname, t.typname,
           format_type(t.typbasetype, t.typtypmod),
           (SELECT format(' COLLATE %I.%I', cn.nspname, co.collname)
              FROM pg_collation co JOIN pg_namespace cn ON cn.oid = co.collnamespace
              JOIN pg_type bt ON bt.oid = t.typbasetype AND bt.typcollation <> t.typcollation
             WHERE co.oid = t.typcollation),
           ' DEFAULT ' || coalesce(pg_get_expr(t.typdefaultbin, 0), quote_literal(t.typdefault)),
           CASE WHEN t.typnotnull THEN ' NOT NULL' END,
           (SELECT string_agg(format(' CONSTRAINT %I %s', con.conname,
                                     pg_get_constraintdef(con.oid)), '' ORDER BY con.conname)
              FROM pg_constraint con
             WHERE con.contypid = t.oid AND con.contype = 'c' AND con.convalidated))
      || coalesce((SELECT string_agg(format(';%sALTER DOMAIN %I.%I ADD CONSTRAINT %I %s', chr(10),
                                     n.nspname, t.typname, con.conname,
                                     pg_get_constraintdef(con.oid)), '' ORDER BY con.conname)
              FROM pg_constraint con
             WHERE con.contypid = t.oid AND con.contype = 'c' AND NOT con.convalidated), '')
  WHEN 'c' THEN
    format('CREATE TYPE %I.%I AS (%s)', n.nspname, t.typname,
           (SELECT string_agg(format('%I %s%s', a.attname, format_type(a.atttypid, a.atttypmod),
                     (SELECT format(' COLLATE %I.%I', cn.nspname, co.collname)
                        FROM pg_collation co JOIN pg_namespace cn ON cn.oid = co.collnamespace
                        JOIN pg_type bt ON bt.oid = a.atttypid
                       WHERE co.oid = a.attcollation AND bt.typcollation <> a.attcollation)),
                   ', ' ORDER BY a.attnum)
              FROM pg_attribute a
             WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped))
  WHEN 'r' THEN
    (SELECT format('CREATE TYPE %I.%I AS RANGE (SUBTYPE = %s%s%s%s%s%s)', n.nspname, t.typname,
              format_type(r.rngsubtype, NULL),
              CASE WHEN NOT oc.opcdefault
                   THEN format(', SUBTYPE_OPCLASS = %I.%I', ocn.nspname, oc.opcname) END,
              (SELECT format(', COLLATION = %I.%I', cn.nspname, co.collname)
                 FROM pg_collation co JOIN pg_namespace cn ON cn.oid = co.collnamespace
                 JOIN pg_type st ON st.oid = r.rngsubtype AND st.typcollation <> r.rngcollation
                WHERE co.oid = r.rngcollation),
              CASE WHEN r.rngcanonical <> 0 THEN ', CANONICAL = ' || r.rngcanonical::regproc::text END,
              CASE WHEN r.rngsubdiff <> 0 THEN ', SUBTYPE_DIFF = ' || r.rngsubdiff::regproc::text END,
              {1})
       FROM pg_range r JOIN pg_opclass oc ON oc.oid = r.rngsubopc
       JOIN pg_namespace ocn ON ocn.oid = oc.opcnamespace
      WHERE r.rngtypid = t.oid)
  END,
  (SELECT format('COMMENT ON TYPE %I.%I IS %L', n.nspname, t.typname, m.description)
     FROM pg_description m
    WHERE m.objoid = t.oid AND m.classoid = 'pg_type'::regclass AND m.objsubid = 0)
  FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.oid = {0})";
constexpr std::string_view kMultirange = R"((
  SELECT format(', MULTIRANGE_TYPE_NAME = %I.%I', mn.nspname, mt.typname)
    FROM pg_type mt JOIN pg_namespace mn ON mn.oid = mt.typnamespace WHERE mt.oid = r.rngmultitypid))";
constexpr int kWithMultiranges = 140000;

constexpr std::string_view kExtension = R"(
SELECT format('CREATE EXTENSION %I WITH SCHEMA %I', x.extname, n.nspname)
  FROM pg_extension x JOIN pg_namespace n ON n.oid = x.extnamespace WHERE x.oid = {0})";

// The statements that give sequences the values that they have here.
base::StatusOr<std::vector<std::string>> ValuesOf(Connection& connection,
                                                  const std::vector<TableName>& sequences) {
  constexpr size_t kAtOnce = 200;
  std::vector<std::string> statements(sequences.size());
  for (size_t begin = 0; begin < sequences.size(); begin += kAtOnce) {
    std::string query;
    for (size_t i = begin; i < std::min(begin + kAtOnce, sequences.size()); ++i) {
      query += fmt::format("{}SELECT {}, last_value, is_called FROM {}",
                           i == begin ? "" : " UNION ALL ", i, QuoteName(sequences[i]));
    }
    GODWIT_ASSIGN_OR_RETURN(const std::vector<ResultRow> rows, connection.Query(query));
    for (const ResultRow& row : rows) {
      const size_t i = NumberOf(row[0]);
      statements[i] = fmt::format("SELECT pg_catalog.setval({}::pg_catalog.regclass, {}, {})",
                                  QuoteText(QuoteName(sequences[i])), TextOf(row[1]),
                                  FlagOf(row[2]) ? "true" : "false");
    }
  }
  return statements;
}

// Fills in all but kind, schema and name.
base::Status Describe(Connection& connection, const std::string& oid, CatalogObject& object) {
  const auto ask = [&](const std::string& query) { return connection.QueryRow(query); };
  object.dialect = kDialect;
  switch (object.kind) {
    case ObjectKind::kView: {
      GODWIT_ASSIGN_OR_RETURN(const ResultRow row, ask(fmt::format(kView, oid)));
      object.statement = TextOf(row[0]) + WithOptions(TextsOf(row[1])) + " AS\n" + TextOf(row[2]);
      if (FlagOf(row[3])) object.statement += "\n  WITH NO DATA" + TextOf(row[4]);
      object.after = TextOf(row[5]);
      if (!object.after.empty() && row[6]) object.after += ";\n";
      object.after += TextOf(row[6]);
      break;
    }
    case ObjectKind::kSequence: {
      GODWIT_ASSIGN_OR_RETURN(const ResultRow row,
                              ask(fmt::format(kSequence, oid, kSequenceOptions)));
      object.statement = TextOf(row[0]);
      GODWIT_ASSIGN_OR_RETURN(std::vector<std::string> values,
                              ValuesOf(connection, {{object.schema, object.name}}));
      object.after = std::move(values.front());
      break;
    }
    case ObjectKind::kType: {
      const bool multiranges = connection.server_version() >= kWithMultiranges;
      GODWIT_ASSIGN_OR_RETURN(
          const ResultRow row,
          ask(fmt::format(kType, oid, multiranges ? kMultirange : std::string_view("NULL"))));
      object.statement = TextOf(row[0]);
      object.after = TextOf(row[1]);
      break;
    }
    case ObjectKind::kExtension: {
      GODWIT_ASSIGN_OR_RETURN(const ResultRow row, ask(fmt::format(kExtension, oid)));
      object.statement = TextOf(row[0]);
      break;
    }
    case ObjectKind::kTrigger:
    case ObjectKind::kRoutine:
    case ObjectKind::kEvent:
    case ObjectKind::kTableSequence:
      break;
  }
  if (!object.statement.empty()) return base::OkStatus();
  return base::Aborted("{}: {}.{} was dropped while its definition was read", connection.side(),
                       object.schema, object.name);
}

// Of all tables and views that the filter lets through.
base::StatusOr<std::string> NeededBy(Connection& connection, const connector::TableFilter& filter) {
  GODWIT_ASSIGN_OR_RETURN(
      const std::vector<ResultRow> rows,
      connection.Query(
          fmt::format(kRelationList, kOfUsers, fmt::format(kOfNoExtension, "c", "pg_class"))));
  std::vector<std::string> oids;
  for (const ResultRow& row : rows) {
    if (filter.table(TextOf(row[1]), TextOf(row[2]))) oids.push_back(TextOf(row[0]));
  }
  return fmt::format(kNeeded, OidArray(oids));
}

// What there is of a kind: oid, schema, name. `needed`: kNeeded, for kinds that are read by need.
std::string ListOf(ObjectKind kind, const std::string& needed) {
  const std::string of_no_extension = fmt::format(kOfNoExtension, "c", "pg_class");
  switch (kind) {
    case ObjectKind::kView:
      return fmt::format(kViewList, kOfUsers, of_no_extension);
    case ObjectKind::kSequence:
      return fmt::format(kSequenceList, kOfUsers, of_no_extension, kColumnSequences);
    case ObjectKind::kType:
      return needed + fmt::format(kTypeList, fmt::format(kOfNoExtension, "t", "pg_type"));
    case ObjectKind::kExtension:
      return needed + std::string(kExtensionList);
    case ObjectKind::kTrigger:
    case ObjectKind::kRoutine:
    case ObjectKind::kEvent:
    case ObjectKind::kTableSequence:
      break;
  }
  return "";
}

bool IsReadByNeed(ObjectKind kind) {
  return kind == ObjectKind::kType || kind == ObjectKind::kExtension;
}

// Where one is looked up by its name: {0} and {1} are schema and name as texts.
std::string_view LookUpOf(ObjectKind kind) {
  switch (kind) {
    case ObjectKind::kView:
      return "SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
             "WHERE c.relkind IN ('v', 'm') AND n.nspname = $1 AND c.relname = $2";
    case ObjectKind::kSequence:
      return "SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
             "WHERE c.relkind = 'S' AND n.nspname = $1 AND c.relname = $2";
    case ObjectKind::kType:
      return "SELECT t.oid FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace LEFT JOIN "
             "pg_class c ON c.oid = t.typrelid WHERE (t.typtype IN ('e', 'd', 'r') OR c.relkind = "
             "'c') AND n.nspname = $1 AND t.typname = $2";
    case ObjectKind::kExtension:
      return "SELECT x.oid FROM pg_extension x WHERE $1::text IS NOT NULL AND x.extname = $2";
    case ObjectKind::kTrigger:
    case ObjectKind::kRoutine:
    case ObjectKind::kEvent:
    case ObjectKind::kTableSequence:
      break;
  }
  return "";
}

base::Status AddTableSequences(Connection& connection, const connector::TableFilter& filter,
                               std::vector<CatalogObject>& objects) {
  GODWIT_ASSIGN_OR_RETURN(
      const std::vector<ResultRow> rows,
      connection.Query(
          fmt::format(kRelationList, kOfUsers, fmt::format(kOfNoExtension, "c", "pg_class"))));
  std::vector<TableName> names;
  for (const ResultRow& row : rows) {
    TableName name{TextOf(row[1]), TextOf(row[2])};
    if (filter.table(name.schema, name.table)) names.push_back(std::move(name));
  }
  if (names.empty()) return base::OkStatus();
  GODWIT_ASSIGN_OR_RETURN(std::vector<std::string> values, SequenceValues(connection, names));
  for (std::string& value : values) {
    objects.push_back({.kind = ObjectKind::kTableSequence,
                       .schema = names.front().schema,
                       .name = names.front().table,
                       .after = std::move(value),
                       .dialect = std::string(kDialect)});
  }
  return base::OkStatus();
}

// What has to be there comes first.
constexpr ObjectKind kInOrder[] = {ObjectKind::kExtension, ObjectKind::kType, ObjectKind::kSequence,
                                   ObjectKind::kView};

}  // namespace

base::StatusOr<std::vector<CatalogObject>> ReadObjects(Connection& connection,
                                                       const connector::TableFilter& filter,
                                                       const std::vector<ObjectKind>& kinds) {
  std::vector<CatalogObject> objects;
  std::string needed;
  if (absl::c_any_of(kinds, IsReadByNeed)) {
    GODWIT_ASSIGN_OR_RETURN(needed, NeededBy(connection, filter));
  }
  for (const ObjectKind kind : kInOrder) {
    if (!absl::c_linear_search(kinds, kind)) continue;
    GODWIT_ASSIGN_OR_RETURN(const std::vector<ResultRow> rows,
                            connection.Query(ListOf(kind, needed)));
    for (const ResultRow& row : rows) {
      CatalogObject object{.kind = kind, .schema = TextOf(row[1]), .name = TextOf(row[2])};
      if (!IsReadByNeed(kind) && !filter.table(object.schema, object.name)) continue;
      GODWIT_RETURN_IF_ERROR(Describe(connection, TextOf(row[0]), object));
      objects.push_back(std::move(object));
    }
  }
  if (absl::c_linear_search(kinds, ObjectKind::kTableSequence))
    GODWIT_RETURN_IF_ERROR(AddTableSequences(connection, filter, objects));
  return objects;
}

base::StatusOr<std::optional<CatalogObject>> ReadObject(Connection& connection, ObjectKind kind,
                                                        const std::string& schema,
                                                        const std::string& name) {
  const std::string_view query = LookUpOf(kind);
  if (query.empty()) return std::optional<CatalogObject>();
  const Parameter parameters[] = {schema, name};
  GODWIT_ASSIGN_OR_RETURN(const std::vector<ResultRow> rows, connection.Query(query, parameters));
  if (rows.empty()) return std::optional<CatalogObject>();
  CatalogObject object{.kind = kind, .schema = schema, .name = name};
  GODWIT_RETURN_IF_ERROR(Describe(connection, TextOf(rows[0][0]), object));
  return std::optional<CatalogObject>(std::move(object));
}

base::StatusOr<std::vector<std::string>> SequenceValues(Connection& connection,
                                                        const std::vector<TableName>& names) {
  if (names.empty()) return std::vector<std::string>();
  const std::string list = absl::StrJoin(names, ", ", [](std::string* out, const TableName& name) {
    *out += fmt::format("({}, {})", QuoteText(name.schema), QuoteText(name.table));
  });
  GODWIT_ASSIGN_OR_RETURN(
      const std::vector<ResultRow> rows,
      connection.Query(fmt::format(
          "SELECT DISTINCT sn.nspname, sc.relname FROM ({}) q JOIN pg_class c ON c.oid = q.relid "
          "JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_class sc ON sc.oid = q.seqid JOIN "
          "pg_namespace sn ON sn.oid = sc.relnamespace WHERE (n.nspname, c.relname) IN (VALUES {}) "
          "ORDER BY 1, 2",
          kColumnSequences, list)));
  std::vector<TableName> sequences;
  for (const ResultRow& row : rows) sequences.push_back({TextOf(row[0]), TextOf(row[1])});
  return ValuesOf(connection, sequences);
}

}  // namespace godwit::connectors::postgres
