#include "connectors/postgres/copy/binary_types.h"

#include <absl/algorithm/container.h>

#include <cstdint>

namespace godwit::connectors::postgres {
namespace {

// Numbers of types that are built in, which are the same on all servers (pg_type.dat), each with
// that of its arrays.
//
// Left out, as they travel as text: what stands for the number of something else (regclass and its
// like); money, whose digits after the point are a setting; "char", whose bytes need not be text;
// xml, which declares an encoding; and what tables hardly ever have.
//
// Arrays and composite types tell the numbers of the types in them, so that those of types that
// were made on the server are text as well. Domains are text as the type under them is not known
// here, but for those of enumerations.
constexpr uint32_t kBinary[] = {
    16,   1000,                         // boolean
    17,   1001,                         // bytea
    19,   1003,                         // name
    20,   1016,                         // bigint
    21,   1005,                         // smallint
    23,   1007,                         // integer
    25,   1009,                         // text
    26,   1028,                         // oid
    114,  199,                          // json
    600,  1017, 601,  1018, 602, 1019,  // point, lseg, path
    603,  1020, 604,  1027, 628, 629,   // box, polygon, line
    718,  719,                          // circle
    650,  651,  869,  1041,             // cidr, inet
    829,  1040, 774,  775,              // macaddr, macaddr8
    700,  1021, 701,  1022,             // real, double precision
    1042, 1014,                         // character
    1043, 1015,                         // character varying
    1082, 1182,                         // date
    1083, 1183, 1266, 1270,             // time without and with time zone
    1114, 1115, 1184, 1185,             // timestamp without and with time zone
    1560, 1561, 1562, 1563,             // bit, bit varying
    1700, 1231,                         // numeric
    2950, 2951,                         // uuid
    3220, 3221,                         // pg_lsn
    3614, 3643,                         // tsvector
    3802, 3807,                         // jsonb
    3904, 3905, 3926, 3927,             // int4range, int8range
    3906, 3907,                         // numrange
    3908, 3909, 3910, 3911,             // tsrange, tstzrange
    3912, 3913,                         // daterange
};
constexpr uint32_t kInterval = 1186, kIntervals = 1187;
// From here on there is an infinite one, whose bytes older servers take for a number of days.
constexpr int kHasInfiniteInterval = 170000;

bool IsBinary(const ColumnDefinition& column, int source_version) {
  if (column.type_class == 'e') return true;  // its label
  if (column.type_oid == kInterval || column.type_oid == kIntervals)
    return source_version < kHasInfiniteInterval;
  return absl::c_linear_search(kBinary, column.type_oid);
}

}  // namespace

bool HasBinaryRows(const Definition& definition, int source_version) {
  return absl::c_all_of(definition.columns, [&](const ColumnDefinition& column) {
    return column.generated != 0 || IsBinary(column, source_version);
  });
}

}  // namespace godwit::connectors::postgres
