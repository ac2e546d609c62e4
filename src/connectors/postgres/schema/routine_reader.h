#pragma once

#include <string>
#include <string_view>

// What is asked of the catalogue about functions, procedures and aggregates. Names are found there
// without being qualified, as sessions have an empty search_path.
namespace godwit::connectors::postgres {

// How the routine `p` of pg_proc is called among those of its schema, quoted where it has to be:
// f(integer, shop.color[]).
inline constexpr std::string_view kRoutineName =
    "format('%I(%s)', p.proname, oidvectortypes(p.proargtypes))";

// Gives the oid of the one whose schema is $1 and that is called $2.
std::string RoutineLookUp();

// Gives the statement that makes it, or puts it in place of one with the same arguments and result,
// what is to be said of it then, and whether it is SECURITY DEFINER.
std::string RoutineDescription(const std::string& oid);

}  // namespace godwit::connectors::postgres
