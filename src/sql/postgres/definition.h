#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "model/table.h"

// What PostgreSQL's catalogue says of a table. The server has no statement that tells it all, so
// that a definition is kept as a document (JSON; docs/formats.md), from which it is read again and
// from which the statements are written that make the table.
namespace godwit::sql::postgres {

// How definitions name their dialect (connector::TableDefinition::dialect).
inline constexpr std::string_view kDialect = "postgresql";

struct ColumnDefinition {
  std::string name;
  int number = 0;    // pg_attribute.attnum on the server that it was read from: a column that is
                     // dropped and made anew has another
  std::string type;  // as format_type writes it, qualified where it is not built in:
                     // "numeric(10,2)", "shop.mood", "integer[]"
  uint32_t type_oid = 0;  // on the server that it was read from
  int32_t type_modifier = -1;
  char type_class = 'b';            // pg_type.typtype, of a domain that of its base: b, c, e, r, m
  char type_category = 'U';         // pg_type.typcategory
  std::string base_type;            // of a domain: the type below all domains, as `type`
  std::vector<std::string> labels;  // of an enum, in its order
  bool not_null = false;
  std::string default_value;  // pg_get_expr; of a generated column its expression; empty: none
  char generated = 0;         // 's': stored, 'v': virtual (PostgreSQL 18); 0: not generated
  char identity = 0;          // 'a': always, 'd': by default; 0: none
  // Of identity columns, and of those whose default counts (serial) or that own a sequence.
  model::TableName sequence;
  bool sequence_owned = false;  // by this column: it goes when the column goes
  // What makes the sequence: "START WITH 1 INCREMENT BY 1 ...", after "AS bigint" where it is not
  // an identity's.
  std::string sequence_options;
  std::string collation;    // qualified and quoted, where it is not the type's own; else empty
  char storage = 0;         // where it is not the type's own; else 0
  std::string compression;  // "pglz" or "lz4"; empty: the server's default
  std::string comment;
  bool operator==(const ColumnDefinition&) const = default;
};

struct ConstraintDefinition {
  std::string name;
  model::TableName table;  // the partition that alone has it; empty: the table
  // p(rimary), u(nique), f(oreign), c(heck), x (exclusion); n(ot null) where it is NOT VALID
  // (PostgreSQL 18): all others are in ColumnDefinition::not_null.
  char kind = 'c';
  std::string definition;  // pg_get_constraintdef
  std::vector<std::string> columns;
  bool deferrable = false;
  // Of a foreign key.
  model::TableName parent;
  std::vector<std::string> parent_columns;
  char on_delete = 'a', on_update = 'a';  // pg_constraint.confdeltype: a, r, c, n, d
  bool validated = true;
  std::string comment;
  bool operator==(const ConstraintDefinition&) const = default;
};

// An index that no constraint stands for.
struct IndexDefinition {
  std::string name;
  model::TableName table;  // the partition that alone has it; empty: the table
  std::string definition;  // pg_get_indexdef
  bool unique = false;
  bool partial = false;  // it has a WHERE
  bool has_expression = false;
  bool nulls_not_distinct = false;   // PostgreSQL 15
  std::vector<std::string> columns;  // key columns, without expressions and INCLUDE
  bool clustered = false;
  std::string comment;
  bool operator==(const IndexDefinition&) const = default;
};

struct PartitionDefinition {
  model::TableName name;
  model::TableName parent;
  std::string bound;            // "FOR VALUES FROM (1) TO (10)", "DEFAULT"
  std::string key;              // "RANGE (id)" where it is partitioned itself; empty: a leaf
  char replica_identity = 'd';  // as of Definition
  bool unlogged = false;        // or foreign: the log does not have its rows
  uint32_t oid = 0;             // on the server that it was read from, by which the log names it
  std::vector<std::string> options;
  bool operator==(const PartitionDefinition&) const = default;
};

struct Definition {
  model::TableName name;
  uint32_t oid = 0;  // as of PartitionDefinition
  bool unlogged = false;
  std::string partition_key;                      // "RANGE (id)"; empty: not partitioned
  std::vector<PartitionDefinition> partitions;    // all generations, parents first
  std::vector<ColumnDefinition> columns;          // in the order of attnum
  std::vector<ConstraintDefinition> constraints;  // by name
  std::vector<IndexDefinition> indexes;           // by name
  char replica_identity = 'd';                    // d(efault), n(othing), f(ull), i(ndex)
  std::string replica_index;                      // of 'i'
  std::vector<std::string> options;               // storage parameters: "fillfactor=70"
  std::string comment;
  // What the table is to become once a transaction is applied of which not all could be done before
  // its rows: a document of its own; empty: it is all there. And where that one's commit begins,
  // and its time on the source (Unix microseconds).
  std::string later;
  uint64_t later_than = 0;
  int64_t later_commit_us = 0;
  bool operator==(const Definition&) const = default;
};

std::string ToJson(const Definition& definition);
// kDataLoss: it is not what ToJson writes.
base::StatusOr<Definition> FromJson(std::string_view text);

// The table as rows see it. Values of all types travel as the text that PostgreSQL writes.
model::Table ToTable(const Definition& definition);

}  // namespace godwit::sql::postgres
