#include "connectors/postgres/schema/routine_reader.h"

#include <fmt/format.h>

namespace godwit::connectors::postgres {
namespace {

// The server has no function that writes an aggregate: as pg_dump does it. What an aggregate may do
// with its state in the end is said where it is not what one of its kind does unasked.
// {0}: the oid; {1}: how it is called.
constexpr std::string_view kRoutine = R"(
SELECT CASE WHEN p.prokind <> 'a' THEN rtrim(pg_get_functiondef(p.oid), chr(10)) ELSE
  (SELECT format('CREATE OR REPLACE AGGREGATE %I.%I(%s) (', n.nspname, p.proname,
                 CASE WHEN p.pronargs = 0 THEN '*' ELSE pg_get_function_arguments(p.oid) END)
       || concat_ws(', ',
            format('SFUNC = %s', a.aggtransfn),
            format('STYPE = %s', format_type(a.aggtranstype, NULL)),
            CASE WHEN a.aggtransspace <> 0 THEN format('SSPACE = %s', a.aggtransspace) END,
            'INITCOND = ' || quote_literal(a.agginitval),
            CASE WHEN a.aggfinalfn <> 0 THEN format('FINALFUNC = %s', a.aggfinalfn) END,
            CASE WHEN a.aggfinalextra THEN 'FINALFUNC_EXTRA' END,
            CASE WHEN a.aggfinalfn <> 0 AND a.aggfinalmodify <> k.modify
                 THEN 'FINALFUNC_MODIFY = ' || CASE a.aggfinalmodify WHEN 'r' THEN 'READ_ONLY'
                      WHEN 's' THEN 'SHAREABLE' ELSE 'READ_WRITE' END END,
            CASE WHEN a.aggcombinefn <> 0 THEN format('COMBINEFUNC = %s', a.aggcombinefn) END,
            CASE WHEN a.aggserialfn <> 0 THEN format('SERIALFUNC = %s', a.aggserialfn) END,
            CASE WHEN a.aggdeserialfn <> 0 THEN format('DESERIALFUNC = %s', a.aggdeserialfn) END,
            CASE WHEN a.aggmtransfn <> 0 THEN format('MSFUNC = %s', a.aggmtransfn) END,
            CASE WHEN a.aggminvtransfn <> 0 THEN format('MINVFUNC = %s', a.aggminvtransfn) END,
            CASE WHEN a.aggmtransfn <> 0
                 THEN format('MSTYPE = %s', format_type(a.aggmtranstype, NULL)) END,
            CASE WHEN a.aggmtransspace <> 0 THEN format('MSSPACE = %s', a.aggmtransspace) END,
            'MINITCOND = ' || quote_literal(a.aggminitval),
            CASE WHEN a.aggmfinalfn <> 0 THEN format('MFINALFUNC = %s', a.aggmfinalfn) END,
            CASE WHEN a.aggmfinalextra THEN 'MFINALFUNC_EXTRA' END,
            CASE WHEN a.aggmfinalfn <> 0 AND a.aggmfinalmodify <> k.modify
                 THEN 'MFINALFUNC_MODIFY = ' || CASE a.aggmfinalmodify WHEN 'r' THEN 'READ_ONLY'
                      WHEN 's' THEN 'SHAREABLE' ELSE 'READ_WRITE' END END,
            (SELECT format('SORTOP = OPERATOR(%I.%s)', o_n.nspname, o.oprname)
               FROM pg_operator o JOIN pg_namespace o_n ON o_n.oid = o.oprnamespace
              WHERE o.oid = a.aggsortop),
            CASE WHEN a.aggkind = 'h' THEN 'HYPOTHETICAL' END,
            CASE p.proparallel WHEN 's' THEN 'PARALLEL = SAFE'
                               WHEN 'r' THEN 'PARALLEL = RESTRICTED' END)
       || ')'
     FROM pg_aggregate a
     CROSS JOIN LATERAL (SELECT CASE a.aggkind WHEN 'n' THEN 'r' ELSE 'w' END::"char") k(modify)
    WHERE a.aggfnoid = p.oid) END,
  (SELECT format('COMMENT ON ROUTINE %I.%s IS %L', n.nspname, {1}, m.description)
     FROM pg_description m WHERE m.objoid = p.oid AND m.classoid = 'pg_proc'::regclass),
  p.prosecdef
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE p.oid = {0})";

}  // namespace

std::string RoutineLookUp() {
  return fmt::format(
      "SELECT p.oid FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = "
      "$1 AND {} = $2",
      kRoutineName);
}

std::string RoutineDescription(const std::string& oid) {
  return fmt::format(kRoutine, oid, kRoutineName);
}

}  // namespace godwit::connectors::postgres
