#include "connectors/postgres/schema/trigger_reader.h"

#include <fmt/format.h>

namespace godwit::connectors::postgres {
namespace {

// What a trigger that is made is not by itself; alters those of partitions as well.
// {0}: the trigger's row; {1} and {2}: those of its table and schema.
constexpr std::string_view kState = R"(
format(';%sALTER TABLE %I.%I %s TRIGGER %I', chr(10), {2}.nspname, {1}.relname,
       CASE {0}.tgenabled WHEN 'D' THEN 'DISABLE' WHEN 'A' THEN 'ENABLE ALWAYS'
                          WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'ENABLE' END, {0}.tgname))";

// {0}: the oid; {1}: kState; {2}: kPartitions.
constexpr std::string_view kTrigger = R"(
SELECT pg_get_triggerdef(t.oid) || CASE WHEN t.tgenabled = 'O' THEN '' ELSE {1} END || {2},
       (SELECT format('COMMENT ON TRIGGER %I ON %I.%I IS %L', t.tgname, n.nspname, c.relname,
                      m.description)
          FROM pg_description m WHERE m.objoid = t.oid AND m.classoid = 'pg_trigger'::regclass)
  FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace WHERE t.oid = {0})";

// Of partitions on which it fires at other times. {0}: kState.
constexpr std::string_view kPartitions = R"(coalesce((
  WITH RECURSIVE part(oid, tgrelid, tgname, tgenabled) AS (
    SELECT p.oid, p.tgrelid, p.tgname, p.tgenabled FROM pg_trigger p WHERE p.tgparentid = t.oid
     UNION ALL
    SELECT p.oid, p.tgrelid, p.tgname, p.tgenabled
      FROM part JOIN pg_trigger p ON p.tgparentid = part.oid)
  SELECT string_agg({0}, '' ORDER BY pn.nspname, pc.relname)
    FROM part JOIN pg_class pc ON pc.oid = part.tgrelid
    JOIN pg_namespace pn ON pn.oid = pc.relnamespace WHERE part.tgenabled <> t.tgenabled), ''))";
constexpr int kWithParents = 130000;

}  // namespace

std::string_view TriggerLookUp() {
  return "SELECT t.oid FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n "
         "ON n.oid = c.relnamespace WHERE NOT t.tgisinternal AND n.nspname = $1 AND t.tgname = $2 "
         "AND c.relname = $3";
}

std::string TriggerDescription(const std::string& oid, int server_version) {
  const std::string partitions =
      server_version >= kWithParents
          ? fmt::format(kPartitions, fmt::format(kState, "part", "pc", "pn"))
          : "''";
  return fmt::format(kTrigger, oid, fmt::format(kState, "t", "c", "n"), partitions);
}

}  // namespace godwit::connectors::postgres
