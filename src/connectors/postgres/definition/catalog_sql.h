#pragma once

#include <absl/strings/str_join.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/postgres/connection/connection.h"
#include "model/table.h"

// What queries of pg_catalog have in common, and what is made of their rows. Names are found there
// without being qualified, as sessions have an empty search_path.
namespace godwit::connectors::postgres {

// Of a relation `c` in a schema `n`: it is neither the system's nor temporary.
inline constexpr std::string_view kOfUsers =
    "c.relpersistence <> 't' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'";

// Of an object `{0}`.oid of the catalogue `{1}`: it belongs to no extension, which makes its own.
inline constexpr std::string_view kOfNoExtension =
    "NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = '{1}'::regclass AND e.objid = {0}.oid "
    "AND e.deptype = 'e')";

// The sequence of each column that has one: relid, attnum, seqid, and whether the column owns it.
// Of several that of the identity comes first, then the one that the default counts with.
// (Sequences that a column owns besides are objects of their own.)
inline constexpr std::string_view kColumnSequences = R"(
  SELECT DISTINCT ON (u.relid, u.attnum) u.relid, u.attnum, u.seqid, u.owned
    FROM (SELECT p.relid, p.attnum, p.seqid, bool_or(p.deptype = 'i') AS of_identity,
                 bool_or(p.deptype = 'n') AS counts, bool_or(p.deptype <> 'n') AS owned
            FROM (SELECT d.refobjid AS relid, d.refobjsubid AS attnum, d.objid AS seqid, d.deptype
                    FROM pg_depend d JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S'
                   WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass
                     AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0
                   UNION ALL
                  SELECT ad.adrelid, ad.adnum, d.refobjid, 'n'
                    FROM pg_attrdef ad
                    JOIN pg_depend d ON d.classid = 'pg_attrdef'::regclass AND d.objid = ad.oid
                                    AND d.refclassid = 'pg_class'::regclass
                    JOIN pg_class s ON s.oid = d.refobjid AND s.relkind = 'S') p
           GROUP BY p.relid, p.attnum, p.seqid) u
   ORDER BY u.relid, u.attnum, u.of_identity DESC, u.counts DESC, u.owned DESC, u.seqid)";

// What makes the sequence whose row of pg_sequence is `sq`, but for its type.
inline constexpr std::string_view kSequenceOptions =
    "format('START WITH %s INCREMENT BY %s MINVALUE %s MAXVALUE %s CACHE %s %s', sq.seqstart, "
    "sq.seqincrement, sq.seqmin, sq.seqmax, sq.seqcache, CASE WHEN sq.seqcycle THEN 'CYCLE' ELSE "
    "'NO CYCLE' END)";

// '{1,2,3}'::oid[]
inline std::string OidArray(const std::vector<std::string>& oids) {
  return "'{" + absl::StrJoin(oids, ",") + "}'::oid[]";
}

// Fields of rows; what is NULL is empty, 0 or false.
inline std::string TextOf(const std::optional<std::string>& field) { return field.value_or(""); }
inline bool FlagOf(const std::optional<std::string>& field) { return field == "t"; }
inline char CharOf(const std::optional<std::string>& field) {
  return field && !field->empty() ? field->front() : '\0';
}
uint64_t NumberOf(const std::optional<std::string>& field);
// Of a JSON array of texts.
std::vector<std::string> TextsOf(const std::optional<std::string>& field);

// "WITH (fillfactor='70')" of storage parameters as pg_class.reloptions has them, with a blank
// before it; empty when there are none.
std::string WithOptions(const std::vector<std::string>& options);

}  // namespace godwit::connectors::postgres
