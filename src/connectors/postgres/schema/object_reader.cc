#include "connectors/postgres/schema/object_reader.h"

#include <absl/algorithm/container.h>

#include "connectors/postgres/definition/catalog_sql.h"
#include "connectors/postgres/definition/definition.h"
#include "connectors/postgres/schema/object_finder.h"
#include "connectors/postgres/schema/partition_trees.h"
#include "connectors/postgres/schema/rights.h"
#include "connectors/postgres/schema/routine_reader.h"
#include "connectors/postgres/schema/trigger_reader.h"
#include "connectors/postgres/schema/type_reader.h"
#include "connectors/postgres/sql_text.h"

namespace godwit::connectors::postgres {
namespace {

using connector::CatalogObject;
using connector::ObjectKind;
using model::TableName;

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

// {1}: how much is to be looked at for it; below 0: what the server finds right.
constexpr std::string_view kStatistics = R"(
SELECT pg_get_statisticsobjdef(s.oid),
       concat_ws(';' || chr(10),
         CASE WHEN {1} >= 0
              THEN format('ALTER STATISTICS %I.%I SET STATISTICS %s', n.nspname, s.stxname, {1}) END,
         (SELECT format('COMMENT ON STATISTICS %I.%I IS %L', n.nspname, s.stxname, m.description)
            FROM pg_description m
           WHERE m.objoid = s.oid AND m.classoid = 'pg_statistic_ext'::regclass))
  FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace WHERE s.oid = {0})";
constexpr int kWithStatisticsTargets = 130000;

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
      // Of a table that was made since the task began there is none on the target.
      statements[i] = fmt::format(
          "SELECT pg_catalog.setval(s, {}, {}) FROM (SELECT pg_catalog.to_regclass({}) AS s) AS q "
          "WHERE s IS NOT NULL",
          TextOf(row[1]), FlagOf(row[2]) ? "true" : "false", QuoteText(QuoteName(sequences[i])));
    }
  }
  return statements;
}

// For kinds that are described by one query; empty: it is not one of these.
std::string DescriptionOf(const Connection& connection, ObjectKind kind, const std::string& oid) {
  const int version = connection.server_version();
  switch (kind) {
    case ObjectKind::kSequence:
      return fmt::format(kSequence, oid, kSequenceOptions);
    case ObjectKind::kType:
      return TypeDescription(oid, version);
    case ObjectKind::kExtension:
      return ExtensionDescription(oid);
    case ObjectKind::kRoutine:
    case ObjectKind::kTableRoutine:
      return RoutineDescription(oid);
    case ObjectKind::kTrigger:
      return TriggerDescription(oid, version);
    case ObjectKind::kStatistics:
      return fmt::format(
          kStatistics, oid,
          version >= kWithStatisticsTargets ? "coalesce(s.stxstattarget, -1)" : "-1");
    case ObjectKind::kView:
    case ObjectKind::kEvent:
    case ObjectKind::kTableSequence:
    case ObjectKind::kPartitioned:
    case ObjectKind::kRights:
      break;
  }
  return "";
}

base::Status DescribeView(Connection& connection, const std::string& oid, CatalogObject& object) {
  GODWIT_ASSIGN_OR_RETURN(const ResultRow row, connection.QueryRow(fmt::format(kView, oid)));
  object.statement = TextOf(row[0]) + WithOptions(TextsOf(row[1])) + " AS\n" + TextOf(row[2]);
  if (FlagOf(row[3])) object.statement += "\n  WITH NO DATA" + TextOf(row[4]);
  object.after = TextOf(row[5]);
  if (!object.after.empty() && row[6]) object.after += ";\n";
  object.after += TextOf(row[6]);
  return base::OkStatus();
}

// Fills in the statement and what belongs to it.
base::Status Describe(Connection& connection, const std::string& oid, CatalogObject& object) {
  object.dialect = kDialect;
  if (object.kind == ObjectKind::kView) {
    GODWIT_RETURN_IF_ERROR(DescribeView(connection, oid, object));
  } else if (const std::string query = DescriptionOf(connection, object.kind, oid);
             !query.empty()) {
    GODWIT_ASSIGN_OR_RETURN(const ResultRow row, connection.QueryRow(query));
    object.statement = TextOf(row[0]);
    if (row.size() > 1) object.after = TextOf(row[1]);
    if (row.size() > 2) object.guarded = FlagOf(row[2]);
  }
  if (object.statement.empty()) {
    return base::Aborted("{}: {}.{} was dropped while its definition was read", connection.side(),
                         object.schema, object.name);
  }
  if (object.kind != ObjectKind::kSequence) return base::OkStatus();
  GODWIT_ASSIGN_OR_RETURN(std::vector<std::string> values,
                          ValuesOf(connection, {{object.schema, object.name}}));
  object.after = std::move(values.front());
  return base::OkStatus();
}

// Where one is looked up: $1 and $2 are schema and name, of a trigger $3 is its table.
std::string LookUpOf(ObjectKind kind) {
  switch (kind) {
    case ObjectKind::kView:
      return "SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
             "WHERE c.relkind IN ('v', 'm') AND n.nspname = $1 AND c.relname = $2";
    case ObjectKind::kSequence:
      return "SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
             "WHERE c.relkind = 'S' AND n.nspname = $1 AND c.relname = $2";
    case ObjectKind::kStatistics:
      return "SELECT s.oid FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace "
             "WHERE n.nspname = $1 AND s.stxname = $2";
    case ObjectKind::kType:
      return std::string(TypeLookUp());
    case ObjectKind::kExtension:
      return std::string(ExtensionLookUp());
    case ObjectKind::kRoutine:
    case ObjectKind::kTableRoutine:
      return RoutineLookUp();
    case ObjectKind::kTrigger:
      return std::string(TriggerLookUp());
    case ObjectKind::kEvent:
    case ObjectKind::kTableSequence:
    case ObjectKind::kPartitioned:
    case ObjectKind::kRights:
      break;
  }
  return "";
}

// All with the name of some table, by which nothing is decided.
base::Status AddTableSequences(Connection& connection, const connector::TableFilter& filter,
                               std::vector<CatalogObject>& objects) {
  GODWIT_ASSIGN_OR_RETURN(const std::vector<std::string> oids,
                          RelationOids(connection, filter, "'r', 'p'"));
  if (oids.empty()) return base::OkStatus();
  GODWIT_ASSIGN_OR_RETURN(
      const std::vector<ResultRow> rows,
      connection.Query(fmt::format("SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace "
                                   "n ON n.oid = c.relnamespace WHERE c.oid = ANY({})",
                                   OidArray(oids))));
  std::vector<TableName> names;
  for (const ResultRow& row : rows) names.push_back({TextOf(row[0]), TextOf(row[1])});
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

}  // namespace

base::StatusOr<std::vector<CatalogObject>> ReadObjects(Connection& connection,
                                                       const connector::TableFilter& filter,
                                                       const std::vector<ObjectKind>& kinds) {
  GODWIT_ASSIGN_OR_RETURN(std::vector<FoundObject> found, FindObjects(connection, filter, kinds));
  const bool rights_follow = absl::c_linear_search(kinds, ObjectKind::kRights);
  std::vector<CatalogObject> objects;
  if (absl::c_linear_search(kinds, ObjectKind::kPartitioned)) {
    GODWIT_ASSIGN_OR_RETURN(objects, ReadTrees(connection, filter));
  }
  for (FoundObject& one : found) {
    GODWIT_RETURN_IF_ERROR(Describe(connection, one.oid, one.object));
    one.object.guarded = one.object.guarded && rights_follow;
    objects.push_back(std::move(one.object));
  }
  if (absl::c_linear_search(kinds, ObjectKind::kTableSequence))
    GODWIT_RETURN_IF_ERROR(AddTableSequences(connection, filter, objects));
  if (rights_follow) {
    GODWIT_ASSIGN_OR_RETURN(std::vector<CatalogObject> rights,
                            ReadRights(connection, filter, kinds));
    std::ranges::move(rights, std::back_inserter(objects));
  }
  return objects;
}

base::StatusOr<std::optional<CatalogObject>> ReadSame(Connection& connection,
                                                      const CatalogObject& wanted) {
  const std::string query = LookUpOf(wanted.kind);
  if (query.empty()) return std::optional<CatalogObject>();
  std::vector<Parameter> parameters = {wanted.schema, wanted.name};
  if (wanted.kind == ObjectKind::kTrigger) parameters.emplace_back(wanted.table);
  GODWIT_ASSIGN_OR_RETURN(const std::vector<ResultRow> rows, connection.Query(query, parameters));
  if (rows.empty()) return std::optional<CatalogObject>();
  CatalogObject object{.kind = wanted.kind, .schema = wanted.schema, .name = wanted.name};
  object.table = wanted.table;
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
