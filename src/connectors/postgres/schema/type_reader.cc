#include "connectors/postgres/schema/type_reader.h"

#include <fmt/format.h>

namespace godwit::connectors::postgres {
namespace {

// {0}: the oid; {1}: the name of a range's multirange.
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

}  // namespace

std::string_view TypeLookUp() {
  return "SELECT t.oid FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace LEFT JOIN "
         "pg_class c ON c.oid = t.typrelid WHERE (t.typtype IN ('e', 'd', 'r') OR c.relkind = 'c') "
         "AND n.nspname = $1 AND t.typname = $2";
}

std::string TypeDescription(const std::string& oid, int server_version) {
  const bool multiranges = server_version >= kWithMultiranges;
  return fmt::format(kType, oid, multiranges ? kMultirange : std::string_view("NULL"));
}

std::string_view ExtensionLookUp() {
  return "SELECT x.oid FROM pg_extension x WHERE $1::text IS NOT NULL AND x.extname = $2";
}

std::string ExtensionDescription(const std::string& oid) { return fmt::format(kExtension, oid); }

}  // namespace godwit::connectors::postgres
