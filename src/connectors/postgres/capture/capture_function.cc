#include "connectors/postgres/capture/capture_function.h"

#include <absl/strings/str_join.h>

#include "connectors/postgres/definition/catalog_sql.h"
#include "connectors/postgres/definition/definition_reader.h"
#include "connectors/postgres/sql_text.h"

namespace godwit::connectors::postgres {
namespace {

// What fails within must not be an error of the command: it becomes a message that says so. What is
// in @...@ is replaced. A table that comes into the task goes into the publication here, as only
// within this transaction, which has the table for itself, no row can be missed.
constexpr std::string_view kBody = R"(
DECLARE
  godwit_touched oid[];
  godwit_made oid[];
  godwit_added oid[];
  godwit_roots oid[];
  godwit_relations oid[];
  godwit_dropped json;
  godwit_one record;
  godwit_failed text;
BEGIN
  BEGIN
    IF TG_EVENT = 'table_rewrite' THEN
      godwit_touched := ARRAY[pg_event_trigger_table_rewrite_oid()];
    ELSIF TG_EVENT = 'sql_drop' THEN
      SELECT json_agg(json_build_object('type', d.object_type, 'oid', d.objid::int8,
                                        'schema', d.schema_name, 'name', d.object_name))
        INTO godwit_dropped
        FROM pg_event_trigger_dropped_objects() d
       WHERE NOT d.is_temporary AND d.object_type IN ('table', 'index');
      SELECT array_agg(DISTINCT c.oid) INTO godwit_touched
        FROM pg_event_trigger_dropped_objects() d
        JOIN pg_namespace n ON n.nspname = d.address_names[1]
        JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = d.address_names[2]
       WHERE NOT d.is_temporary
         AND d.object_type IN ('table column', 'table constraint', 'default value');
    ELSE
      SELECT array_agg(DISTINCT d.objid) INTO godwit_made
        FROM pg_event_trigger_ddl_commands() d
       WHERE d.classid = 'pg_class'::regclass AND d.command_tag = 'CREATE TABLE'
         AND d.object_type = 'table';
      WITH command AS (SELECT d.classid, d.objid FROM pg_event_trigger_ddl_commands() d)
      SELECT array_agg(DISTINCT t.relid) INTO godwit_touched FROM (
        SELECT d.objid AS relid FROM command d WHERE d.classid = 'pg_class'::regclass
         UNION ALL
        SELECT i.indrelid FROM command d JOIN pg_index i ON i.indexrelid = d.objid
         WHERE d.classid = 'pg_class'::regclass
         UNION ALL
        SELECT p.refobjid FROM command d
          JOIN pg_depend p ON p.classid = 'pg_class'::regclass AND p.objid = d.objid
         WHERE d.classid = 'pg_class'::regclass AND p.refclassid = 'pg_class'::regclass
           AND p.deptype IN ('a', 'i') AND p.refobjsubid > 0
         UNION ALL
        SELECT a.adrelid FROM command d
          JOIN pg_depend p ON p.classid = 'pg_attrdef'::regclass AND p.refobjid = d.objid
          JOIN pg_attrdef a ON a.oid = p.objid
         WHERE d.classid = 'pg_class'::regclass AND p.refclassid = 'pg_class'::regclass
         UNION ALL
        SELECT k.conrelid FROM command d JOIN pg_constraint k ON k.oid = d.objid
         WHERE d.classid = 'pg_constraint'::regclass
         UNION ALL
        SELECT a.adrelid FROM command d JOIN pg_attrdef a ON a.oid = d.objid
         WHERE d.classid = 'pg_attrdef'::regclass
         UNION ALL
        SELECT r.oid FROM command d JOIN pg_class r ON r.relnamespace = d.objid
         WHERE d.classid = 'pg_namespace'::regclass
         UNION ALL
        SELECT a.attrelid FROM command d
          JOIN pg_type y ON y.oid = d.objid OR y.typelem = d.objid
          JOIN pg_attribute a ON a.atttypid = y.oid AND NOT a.attisdropped
         WHERE d.classid = 'pg_type'::regclass) t;
    END IF;
    @ROOTS@
      JOIN pg_namespace n ON n.oid = r.relnamespace
     WHERE @PUBLISHED@ OR (@MATCHES@);
    IF TG_EVENT = 'table_rewrite' THEN
      IF godwit_roots IS NOT NULL THEN
        PERFORM pg_logical_emit_message(true, @PREFIX@, convert_to(json_build_object(
          'event', TG_EVENT, 'tag', TG_TAG, 'query', left(current_query(), 4000),
          'rewritten', to_json(godwit_roots::int8[]),
          'reason', pg_event_trigger_table_rewrite_reason())::text, 'UTF8'));
        PERFORM pg_logical_emit_message(true, @PREFIX@ || '.', '');
      END IF;
      RETURN;
    END IF;
    IF godwit_roots IS NULL AND godwit_dropped IS NULL THEN
      RETURN;
    END IF;
    FOR godwit_one IN
      SELECT r.oid, r.relkind, n.nspname, r.relname
        FROM pg_class r JOIN pg_namespace n ON n.oid = r.relnamespace
       WHERE r.oid = ANY(godwit_roots) AND r.relpersistence = 'p' AND (@MATCHES@)
         AND TG_EVENT = 'ddl_command_end' AND NOT (@PUBLISHED@)
         AND (r.relreplident = 'f' AND r.relkind = 'r' AND @UPDATED_WHOLE@
              OR EXISTS (SELECT FROM pg_index i WHERE i.indrelid = r.oid AND i.indisvalid
                            AND NOT i.indisexclusion
                            AND NOT EXISTS (SELECT FROM pg_attribute g
                                             WHERE g.attrelid = r.oid AND g.attgenerated <> ''
                                               AND g.attnum = ANY((i.indkey::int2[])[0:i.indnkeyatts - 1]))
                            AND (r.relreplident = 'd' AND i.indisprimary AND i.indimmediate
                                 -- That of a partitioned table is not its partitions'.
                                 OR r.relreplident = 'i' AND i.indisreplident AND r.relkind = 'r')))
    LOOP
      EXECUTE format('ALTER PUBLICATION %I ADD TABLE %s%I.%I', @PUBLICATION@,
                     CASE godwit_one.relkind WHEN 'r' THEN 'ONLY ' ELSE '' END,
                     godwit_one.nspname, godwit_one.relname);
      godwit_added := godwit_added || godwit_one.oid;
    END LOOP;
    -- pg_partition_tree would lock them all until the command's transaction ends.
    WITH RECURSIVE tree(oid) AS (
      SELECT u.oid FROM unnest(godwit_roots) u(oid)
       UNION
      SELECT h.inhrelid FROM tree t JOIN pg_inherits h ON h.inhparent = t.oid
        JOIN pg_class c ON c.oid = h.inhrelid AND c.relispartition)
    SELECT array_agg(t.oid) INTO godwit_relations FROM tree t;
    PERFORM pg_logical_emit_message(true, @PREFIX@, convert_to(json_build_object(
      'event', TG_EVENT, 'tag', TG_TAG, 'query', left(current_query(), 4000),
      'made', to_json(godwit_made::int8[]), 'added', to_json(godwit_added::int8[]),
      'dropped', godwit_dropped,
      'published', (SELECT json_agg(r.oid::int8) FROM pg_class r
                     WHERE r.oid = ANY(godwit_roots) AND @PUBLISHED@),
      'missing', (SELECT json_agg(json_build_array(
                           CASE WHEN @OF_ROOT@ THEN pg_partition_root(c.oid)::oid::int8 ELSE c.oid::int8 END,
                           a.attname, (a.attmissingval::text::text[])[1]))
                    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
                   WHERE a.attrelid = ANY(godwit_relations) AND a.attnum > 0 AND a.atthasmissing
                     AND NOT a.attisdropped),
      'tables', (@TABLES@),
      'partitions', (@PARTITIONS@),
      'columns', (@COLUMNS@),
      'constraints', (@CONSTRAINTS@),
      'indexes', (@INDEXES@))::text, 'UTF8'));
    PERFORM pg_logical_emit_message(true, @PREFIX@ || '.', '');
    RETURN;
  EXCEPTION WHEN OTHERS THEN
    godwit_failed := SQLERRM;
  END;
  RAISE WARNING 'godwit could not capture this command, and will ask its operator about it: %', godwit_failed;
  PERFORM pg_logical_emit_message(true, @PREFIX@, convert_to(json_build_object(
    'event', 'unknown', 'tag', TG_TAG, 'query', left(current_query(), 4000), 'error', godwit_failed)::text, 'UTF8'));
  PERFORM pg_logical_emit_message(true, @PREFIX@ || '.', '');
EXCEPTION WHEN OTHERS THEN
  RAISE WARNING 'godwit could not capture this command: %', SQLERRM;
END
)";

// The tables (r) that have to do with what was touched: those that it is part of, ...
constexpr std::string_view kRoots = R"(SELECT array_agg(DISTINCT r.oid) INTO godwit_roots
      FROM unnest(godwit_touched) u(relid)
      JOIN pg_class c ON c.oid = u.relid AND c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
      JOIN pg_class r ON r.oid = CASE WHEN c.relispartition THEN pg_partition_root(c.oid) ELSE c.oid END)";
// ... or, by leaf, those that are part of it.
constexpr std::string_view kLeaves = R"(WITH RECURSIVE tree(oid) AS (
      SELECT u.relid FROM unnest(godwit_touched) u(relid)
       UNION
      SELECT h.inhrelid FROM tree t JOIN pg_inherits h ON h.inhparent = t.oid
        JOIN pg_class c ON c.oid = h.inhrelid AND c.relispartition)
    SELECT array_agg(DISTINCT r.oid) INTO godwit_roots
      FROM tree t JOIN pg_class r ON r.oid = t.oid AND r.relkind = 'r' AND r.relpersistence <> 't')";

// As WhyNotPublished says.
constexpr int kRefusesGenerated = 180000;
constexpr std::string_view kNotGenerated =
    "NOT EXISTS (SELECT FROM pg_attribute g WHERE g.attrelid = r.oid AND g.attgenerated <> '')";

// As those of Godwit's own sessions, so that texts of the catalogue come out the same.
constexpr std::string_view kSettings =
    "SET search_path = pg_catalog, pg_temp SET TimeZone = 'UTC' SET DateStyle = 'ISO, MDY' "
    "SET IntervalStyle = 'postgres' SET extra_float_digits = 3 SET bytea_output = 'hex' "
    "SET xmloption = 'content' SET xmlbinary = 'base64' SET standard_conforming_strings = on "
    "SET row_security = off SET quote_all_identifiers = off SET array_nulls = on "
    // Another's ALTER PUBLICATION is not waited for: that is told as a command not captured.
    "SET lock_timeout = '2s'";

// The rows of a query as JSON objects, whose fields are in the order of its columns.
std::string Rows(const std::string& query, int columns) {
  std::string names;
  for (int i = 0; i < columns; ++i) names += fmt::format("{}c{}", i == 0 ? "" : ", ", i);
  return fmt::format("SELECT json_agg(q) FROM ({}) q({})", query, names);
}
constexpr int kTableColumns = 11, kPartitionColumns = 13, kColumnColumns = 22,
              kConstraintColumns = 13, kIndexColumns = 10;

std::string Replaced(std::string text,
                     const std::vector<std::pair<std::string_view, std::string>>& words) {
  for (const auto& [word, by] : words) {
    for (size_t at = text.find(word); at != std::string::npos; at = text.find(word, at)) {
      text.replace(at, word.size(), by);
      at += by.size();
    }
  }
  return text;
}

// A glob as a regular expression of PostgreSQL's.
std::string GlobExpression(std::string_view glob) {
  std::string expression = "^";
  for (const char c : glob) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' ||
                       static_cast<unsigned char>(c) >= 0x80;
    if (c == '*')
      expression += ".*";
    else if (c == '?')
      expression += '.';
    else
      expression += plain ? std::string(1, c) : std::string("\\") + c;
  }
  return expression + "$";
}

std::string PatternCondition(std::string_view pattern, std::string_view schema,
                             std::string_view name) {
  if (pattern.starts_with('~')) {
    return fmt::format("{} || '.' || {} ~ {}", schema, name,
                       QuoteText(fmt::format("^(?:{})$", pattern.substr(1))));
  }
  const size_t dot = pattern.find('.');
  return fmt::format("{} ~ {} AND {} ~ {}", schema,
                     QuoteText(GlobExpression(pattern.substr(0, dot))), name,
                     QuoteText(GlobExpression(pattern.substr(dot + 1))));
}

std::string AnyOf(const std::vector<std::string>& patterns, std::string_view schema,
                  std::string_view name) {
  if (patterns.empty()) return "false";
  return absl::StrJoin(patterns, " OR ", [&](std::string* out, const std::string& pattern) {
    *out += "(" + PatternCondition(pattern, schema, name) + ")";
  });
}

}  // namespace

std::string MatchCondition(const CaptureScope& scope, std::string_view schema,
                           std::string_view name) {
  return fmt::format("({}) AND NOT ({})", AnyOf(scope.include, schema, name),
                     AnyOf(scope.exclude, schema, name));
}

std::string CaptureFunctionBody(const std::string& publication, const std::string& prefix,
                                const CaptureScope& scope, int server_version) {
  const std::string matches =
      Replaced(std::string(kOfUsers), {{"c.relpersistence", "r.relpersistence"}}) + " AND " +
      MatchCondition(scope, "n.nspname", "r.relname");
  const std::string published = fmt::format(
      "EXISTS (SELECT FROM pg_publication_rel pr JOIN pg_publication pb ON pb.oid = pr.prpubid "
      "WHERE pb.pubname = {} AND pr.prrelid = r.oid)",
      QuoteText(publication));
  const std::string roots = "godwit_roots", relations = "godwit_relations";
  return Replaced(
      std::string(kBody),
      {{"@ROOTS@", std::string(scope.by_leaf ? kLeaves : kRoots)},
       {"@OF_ROOT@", scope.by_leaf ? "false" : "c.relispartition"},
       {"@MATCHES@", matches},
       {"@PUBLISHED@", published},
       {"@UPDATED_WHOLE@",
        server_version >= kRefusesGenerated ? std::string(kNotGenerated) : "true"},
       {"@PREFIX@", QuoteText(prefix)},
       {"@PUBLICATION@", QuoteText(publication)},
       {"@TABLES@",
        Rows(TablesQuery("AND c.oid = ANY(godwit_roots)", scope.by_leaf), kTableColumns)},
       {"@PARTITIONS@", Rows(PartitionsQuery(roots), kPartitionColumns)},
       {"@COLUMNS@", Rows(ColumnsQuery(roots, server_version), kColumnColumns)},
       {"@CONSTRAINTS@", Rows(ConstraintsQuery(relations, scope.by_leaf), kConstraintColumns)},
       {"@INDEXES@", Rows(IndexesQuery(relations, server_version, scope.by_leaf), kIndexColumns)}});
}

std::string CreateCaptureFunction(const std::string& function, const std::string& publication,
                                  const std::string& prefix, const CaptureScope& scope,
                                  int server_version) {
  return fmt::format(
      "CREATE OR REPLACE FUNCTION {}() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER {} "
      "AS {}",
      function, kSettings,
      QuoteText(CaptureFunctionBody(publication, prefix, scope, server_version)));
}

}  // namespace godwit::connectors::postgres
