#include "connectors/postgres/definition/definition_reader.h"

#include <map>

#include "connectors/postgres/definition/catalog_sql.h"

namespace godwit::connectors::postgres {
namespace {

using model::TableName;

// {0}: the oids of partitioned tables. Parents come before what they are divided into.
constexpr std::string_view kPartitions = R"(
WITH RECURSIVE tree(root, relid, parent, level) AS (
  SELECT h.inhparent, h.inhrelid, h.inhparent, 1
    FROM pg_inherits h JOIN pg_class c ON c.oid = h.inhrelid AND c.relispartition
   WHERE h.inhparent = ANY({0})
   UNION ALL
  SELECT t.root, h.inhrelid, h.inhparent, t.level + 1
    FROM tree t JOIN pg_inherits h ON h.inhparent = t.relid
    JOIN pg_class c ON c.oid = h.inhrelid AND c.relispartition)
SELECT t.root, t.relid, n.nspname, c.relname, pn.nspname, pc.relname,
       pg_get_expr(c.relpartbound, c.oid), pg_get_partkeydef(c.oid), c.relreplident,
       to_json(array_cat(c.reloptions, ARRAY(SELECT 'toast.' || o FROM unnest(tc.reloptions) o))),
       CASE WHEN c.relkind = 'p' THEN 0 ELSE greatest(c.reltuples, 0)::int8 END,
       c.relpages + coalesce(tc.relpages, 0), c.relpersistence <> 'p' OR c.relkind = 'f'
  FROM tree t
  JOIN pg_class c ON c.oid = t.relid JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_class pc ON pc.oid = t.parent JOIN pg_namespace pn ON pn.oid = pc.relnamespace
  LEFT JOIN pg_class tc ON tc.oid = c.reltoastrelid
 ORDER BY t.root, t.level, n.nspname, c.relname)";

// {0}: the roots' oids; {1}: a column's compression; {2}: the columns' sequences; {3}: what makes
// them. A NOT NULL that need not hold for all rows (PostgreSQL 18) is among the constraints.
constexpr std::string_view kColumns = R"(
SELECT a.attrelid, a.attname, format_type(a.atttypid, a.atttypmod), a.atttypid, a.atttypmod,
       b.typtype, b.typcategory,
       a.attnotnull AND NOT EXISTS (
         SELECT FROM pg_constraint nn WHERE nn.conrelid = a.attrelid AND nn.contype = 'n'
            AND nn.conkey = ARRAY[a.attnum] AND NOT nn.convalidated),
       pg_get_expr(d.adbin, d.adrelid), a.attgenerated,
       -- A partition's is the root's, which counts for all (PostgreSQL 17).
       CASE WHEN EXISTS (SELECT FROM pg_class p WHERE p.oid = a.attrelid AND p.relispartition)
            THEN '' ELSE a.attidentity END,
       CASE WHEN a.attcollation <> t.typcollation THEN
         (SELECT format('%I.%I', cn.nspname, co.collname)
            FROM pg_collation co JOIN pg_namespace cn ON cn.oid = co.collnamespace
           WHERE co.oid = a.attcollation) END,
       CASE WHEN a.attstorage <> t.typstorage THEN a.attstorage END, {1},
       col_description(a.attrelid, a.attnum), sn.nspname, sc.relname, q.owned,
       CASE WHEN a.attidentity = '' THEN 'AS ' || format_type(sq.seqtypid, NULL) || ' ' ELSE '' END
         || {3}, a.attnum,
       CASE WHEN t.typtype = 'd' THEN format_type(b.oid, b.modifier) END,
       CASE WHEN b.typtype = 'e' THEN (SELECT json_agg(e.enumlabel ORDER BY e.enumsortorder)
                                         FROM pg_enum e WHERE e.enumtypid = b.oid) END
  FROM pg_attribute a
  JOIN pg_type t ON t.oid = a.atttypid
  CROSS JOIN LATERAL (
    WITH RECURSIVE base(oid, typtype, typcategory, typbasetype, typtypmod, modifier) AS (
      SELECT t.oid, t.typtype, t.typcategory, t.typbasetype, t.typtypmod, a.atttypmod
       UNION ALL
      SELECT n.oid, n.typtype, n.typcategory, n.typbasetype, n.typtypmod, base.typtypmod
        FROM base JOIN pg_type n ON n.oid = base.typbasetype WHERE base.typtype = 'd')
    SELECT oid, typtype, typcategory, modifier FROM base WHERE typtype <> 'd') b
  LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  LEFT JOIN ({2}) q ON q.relid = a.attrelid AND q.attnum = a.attnum AND q.relid = ANY({0})
  LEFT JOIN pg_sequence sq ON sq.seqrelid = q.seqid
  LEFT JOIN pg_class sc ON sc.oid = q.seqid
  LEFT JOIN pg_namespace sn ON sn.oid = sc.relnamespace
 WHERE a.attrelid = ANY({0}) AND a.attnum > 0 AND NOT a.attisdropped
 ORDER BY a.attrelid, a.attnum)";

// {0}: the oids of all relations; {1}: what is left out.
constexpr std::string_view kConstraints = R"(
SELECT con.conrelid, con.conname, con.contype, pg_get_constraintdef(con.oid),
       (SELECT json_agg(a.attname ORDER BY k.ord)
          FROM unnest(con.conkey) WITH ORDINALITY k(attnum, ord)
          JOIN pg_attribute a ON a.attrelid = con.conrelid AND a.attnum = k.attnum),
       con.condeferrable, pn.nspname, pc.relname,
       (SELECT json_agg(a.attname ORDER BY k.ord)
          FROM unnest(con.confkey) WITH ORDINALITY k(attnum, ord)
          JOIN pg_attribute a ON a.attrelid = con.confrelid AND a.attnum = k.attnum),
       con.confdeltype, con.confupdtype, con.convalidated,
       obj_description(con.oid, 'pg_constraint')
  FROM pg_constraint con
  JOIN pg_class c ON c.oid = con.conrelid
  LEFT JOIN pg_class pc ON pc.oid = con.confrelid
  LEFT JOIN pg_namespace pn ON pn.oid = pc.relnamespace
 WHERE con.conrelid = ANY({0})
   AND (con.contype IN ('p', 'u', 'f', 'c', 'x') OR con.contype = 'n' AND NOT con.convalidated)
   AND NOT ({1})
 ORDER BY con.conrelid, con.conname)";

// What a partition has from its parent; and rows of pg_constraint that stand for a partition of the
// table that a foreign key refers to.
constexpr std::string_view kNotOfPartition =
    "con.conparentid <> 0 OR c.relispartition AND con.contype IN ('c', 'n') AND con.coninhcount > "
    "0";
// The latter alone, and keys that refer to partitioned tables, which are none by leaf.
constexpr std::string_view kNotOfLeaf =
    "coalesce(pc.relkind = 'p', false) OR EXISTS (SELECT FROM pg_constraint up WHERE up.oid = "
    "con.conparentid AND "
    "up.conrelid = con.conrelid)";

// {0}: the oids of all relations; {1}: whether NULL equals NULL; {2}: more conditions. Indexes that
// the server does not use, as their building has failed, are left out.
constexpr std::string_view kIndexes = R"(
SELECT i.indrelid, ic.relname, pg_get_indexdef(i.indexrelid), i.indisunique,
       i.indpred IS NOT NULL, i.indexprs IS NOT NULL, {1},
       (SELECT json_agg(a.attname ORDER BY k.ord)
          FROM unnest(i.indkey::int2[]) WITH ORDINALITY k(attnum, ord)
          JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
         WHERE k.ord <= i.indnkeyatts),
       i.indisclustered, obj_description(i.indexrelid, 'pg_class')
  FROM pg_index i
  JOIN pg_class ic ON ic.oid = i.indexrelid
 WHERE i.indrelid = ANY({0}) AND i.indisvalid
   AND NOT EXISTS (SELECT FROM pg_constraint con
                    WHERE con.conindid = i.indexrelid AND con.contype IN ('p', 'u', 'x')){2}
 ORDER BY i.indrelid, ic.relname)";
// Those that a partition has from its parent are left out.
constexpr std::string_view kOwnIndexes = R"(
   AND NOT EXISTS (SELECT FROM pg_inherits h JOIN pg_index p ON p.indexrelid = h.inhparent
                    WHERE h.inhrelid = i.indexrelid AND p.indisvalid))";

constexpr size_t kTypeParts = 20;  // in kColumns

constexpr int kWithCompression = 140000, kWithNullsNotDistinct = 150000;

// {0}: the system's are left out; {1}: extensions' are; {2}: more conditions; {3}: the kinds.
constexpr std::string_view kTables = R"(
SELECT c.oid, n.nspname, c.relname, c.relpersistence = 'u', pg_get_partkeydef(c.oid),
       c.relreplident,
       (SELECT ic.relname FROM pg_index i JOIN pg_class ic ON ic.oid = i.indexrelid
         WHERE i.indrelid = c.oid AND i.indisreplident AND c.relreplident = 'i'),
       to_json(array_cat(c.reloptions, ARRAY(SELECT 'toast.' || o FROM unnest(tc.reloptions) o))),
       obj_description(c.oid, 'pg_class'),
       CASE WHEN c.relkind = 'p' THEN 0 ELSE greatest(c.reltuples, 0)::int8 END,
       c.relpages + coalesce(tc.relpages, 0)
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_class tc ON tc.oid = c.reltoastrelid
 WHERE {3} AND {0} AND {1} {2}
 ORDER BY n.nspname, c.relname)";

// Fills in what one query each tells of all tables.
class Reading {
 public:
  Reading(std::string_view side, std::vector<ReadTable>& tables) : side_(side), tables_(tables) {
    for (ReadTable& table : tables_) {
      at_[table.oid] = {&table, {}};
      relations_.push_back(table.oid);
    }
  }

  const std::vector<std::string>& relations() const { return relations_; }

  // To be called first.
  base::Status TakePartitions(const std::vector<ResultRow>& rows) {
    for (const ResultRow& row : rows) {
      GODWIT_ASSIGN_OR_RETURN(const Place* const root, PlaceOf(row, "a partition"));
      ReadTable& table = *root->table;
      PartitionDefinition& partition = table.definition.partitions.emplace_back();
      partition.name = {TextOf(row[2]), TextOf(row[3])};
      partition.parent = {TextOf(row[4]), TextOf(row[5])};
      partition.oid = static_cast<uint32_t>(NumberOf(row[1]));
      partition.bound = TextOf(row[6]);
      if (partition.bound.empty()) return Gone(partition.name.ToString());
      partition.key = TextOf(row[7]);
      partition.replica_identity = CharOf(row[8]);
      partition.options = TextsOf(row[9]);
      table.rows += NumberOf(row[10]);
      table.pages += NumberOf(row[11]);
      partition.unlogged = FlagOf(row[12]);
      at_[TextOf(row[1])] = {&table, partition.name};
      relations_.push_back(TextOf(row[1]));
    }
    return base::OkStatus();
  }

  base::Status TakeColumns(const std::vector<ResultRow>& rows) {
    for (const ResultRow& row : rows) {
      GODWIT_ASSIGN_OR_RETURN(const Place* const place, PlaceOf(row, "a column"));
      ColumnDefinition& column = place->table->definition.columns.emplace_back();
      column.name = TextOf(row[1]);
      column.type = TextOf(row[2]);
      column.type_oid = static_cast<uint32_t>(NumberOf(row[3]));
      column.type_modifier = std::atoi(TextOf(row[4]).c_str());
      column.type_class = CharOf(row[5]);
      column.type_category = CharOf(row[6]);
      column.not_null = FlagOf(row[7]);
      column.default_value = TextOf(row[8]);
      column.generated = CharOf(row[9]);
      column.identity = CharOf(row[10]);
      column.collation = TextOf(row[11]);
      column.storage = CharOf(row[12]);
      column.compression = TextOf(row[13]);
      column.comment = TextOf(row[14]);
      column.sequence = {TextOf(row[15]), TextOf(row[16])};
      column.sequence_owned = FlagOf(row[17]);
      column.sequence_options = TextOf(row[18]);
      column.number = static_cast<int>(NumberOf(row[19]));
      // A message in the log may be of before these were read.
      if (row.size() <= kTypeParts) continue;
      column.base_type = TextOf(row[kTypeParts]);
      column.labels = TextsOf(row[kTypeParts + 1]);
    }
    return base::OkStatus();
  }

  base::Status TakeConstraints(const std::vector<ResultRow>& rows) {
    for (const ResultRow& row : rows) {
      GODWIT_ASSIGN_OR_RETURN(const Place* const place, PlaceOf(row, "a constraint"));
      ConstraintDefinition& constraint = place->table->definition.constraints.emplace_back();
      constraint.name = TextOf(row[1]);
      constraint.table = place->partition;
      constraint.kind = CharOf(row[2]);
      constraint.definition = TextOf(row[3]);
      if (constraint.definition.empty()) return Gone("constraint " + constraint.name);
      constraint.columns = TextsOf(row[4]);
      constraint.deferrable = FlagOf(row[5]);
      constraint.comment = TextOf(row[12]);
      constraint.validated = FlagOf(row[11]);
      if (constraint.kind != 'f') continue;
      constraint.parent = {TextOf(row[6]), TextOf(row[7])};
      constraint.parent_columns = TextsOf(row[8]);
      constraint.on_delete = CharOf(row[9]);
      constraint.on_update = CharOf(row[10]);
    }
    return base::OkStatus();
  }

  base::Status TakeIndexes(const std::vector<ResultRow>& rows) {
    for (const ResultRow& row : rows) {
      GODWIT_ASSIGN_OR_RETURN(const Place* const place, PlaceOf(row, "an index"));
      IndexDefinition& index = place->table->definition.indexes.emplace_back();
      index.name = TextOf(row[1]);
      index.table = place->partition;
      index.definition = TextOf(row[2]);
      if (index.definition.empty()) return Gone("index " + index.name);
      index.unique = FlagOf(row[3]);
      index.partial = FlagOf(row[4]);
      index.has_expression = FlagOf(row[5]);
      index.nulls_not_distinct = FlagOf(row[6]);
      index.columns = TextsOf(row[7]);
      index.clustered = FlagOf(row[8]);
      index.comment = TextOf(row[9]);
    }
    return base::OkStatus();
  }

 private:
  // Where what is read of a relation goes.
  struct Place {
    ReadTable* table = nullptr;
    TableName partition;  // empty: the table itself
  };

  // Of the relation that a row begins with. `part`: what the row tells of.
  base::StatusOr<const Place*> PlaceOf(const ResultRow& row, std::string_view part) const {
    const auto of = at_.find(TextOf(row[0]));
    if (of == at_.end()) return Gone(fmt::format("what {} is of", part));
    return &of->second;
  }

  // Something was dropped while it was read.
  base::Status Gone(const std::string& what) const {
    return base::Aborted("{}: {} was dropped while its definition was read", side_, what);
  }

  const std::string_view side_;
  std::vector<ReadTable>& tables_;
  std::map<std::string, Place> at_;  // by oid
  std::vector<std::string> relations_;
};

}  // namespace

std::string TablesQuery(std::string_view condition, bool by_leaf) {
  return fmt::format(
      kTables, kOfUsers, fmt::format(kOfNoExtension, "c", "pg_class"), condition,
      by_leaf ? "c.relkind = 'r'" : "c.relkind IN ('r', 'p') AND NOT c.relispartition");
}

std::string PartitionsQuery(std::string_view tables) { return fmt::format(kPartitions, tables); }

std::string ColumnsQuery(std::string_view tables, int server_version) {
  const std::string_view compression =
      server_version >= kWithCompression
          ? "CASE a.attcompression WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END"
          : "NULL";
  return fmt::format(kColumns, tables, compression, kColumnSequences, kSequenceOptions);
}

std::string ConstraintsQuery(std::string_view relations, bool by_leaf) {
  return fmt::format(kConstraints, relations, by_leaf ? kNotOfLeaf : kNotOfPartition);
}

std::string IndexesQuery(std::string_view relations, int server_version, bool by_leaf) {
  return fmt::format(kIndexes, relations,
                     server_version >= kWithNullsNotDistinct ? "i.indnullsnotdistinct" : "false",
                     by_leaf ? "" : kOwnIndexes);
}

ReadTable ToReadTable(const ResultRow& row) {
  ReadTable table;
  table.oid = TextOf(row[0]);
  table.definition.name = {TextOf(row[1]), TextOf(row[2])};
  table.definition.oid = static_cast<uint32_t>(NumberOf(row[0]));
  table.definition.unlogged = FlagOf(row[3]);
  table.definition.partition_key = TextOf(row[4]);
  table.definition.replica_identity = CharOf(row[5]);
  table.definition.replica_index = TextOf(row[6]);
  table.definition.options = TextsOf(row[7]);
  table.definition.comment = TextOf(row[8]);
  table.rows = NumberOf(row[9]);
  table.pages = NumberOf(row[10]);
  return table;
}

namespace {

// What `write` makes a query of, for relations with these numbers. One table is asked about for
// each of its chunks; many are planned with their number in view.
template <typename Write>
base::StatusOr<std::vector<ResultRow>> QueryOf(Connection& connection, bool is_one,
                                               const std::vector<std::string>& oids, Write write) {
  if (!is_one) return connection.Query(write(OidArray(oids)));
  const std::string list = "{" + absl::StrJoin(oids, ",") + "}";
  const Parameter parameter = list;
  return connection.QueryPrepared(write("$1::oid[]"), {&parameter, 1});
}

}  // namespace

base::Status ReadParts(Connection& connection, std::vector<ReadTable>& tables, bool by_leaf) {
  if (tables.empty()) return base::OkStatus();
  const bool is_one = tables.size() == 1;
  Reading reading(connection.side(), tables);
  const int version = connection.server_version();
  std::vector<std::string> partitioned;
  for (const ReadTable& table : tables) {
    if (!table.definition.partition_key.empty()) partitioned.push_back(table.oid);
  }
  const std::vector<std::string> roots = reading.relations();
  std::vector<ResultRow> rows;
  if (!partitioned.empty()) {
    GODWIT_ASSIGN_OR_RETURN(rows, QueryOf(connection, is_one, partitioned, PartitionsQuery));
    GODWIT_RETURN_IF_ERROR(reading.TakePartitions(rows));
  }
  GODWIT_ASSIGN_OR_RETURN(rows, QueryOf(connection, is_one, roots, [&](std::string_view of) {
                            return ColumnsQuery(of, version);
                          }));
  GODWIT_RETURN_IF_ERROR(reading.TakeColumns(rows));
  GODWIT_ASSIGN_OR_RETURN(
      rows, QueryOf(connection, is_one, reading.relations(),
                    [&](std::string_view of) { return ConstraintsQuery(of, by_leaf); }));
  GODWIT_RETURN_IF_ERROR(reading.TakeConstraints(rows));
  GODWIT_ASSIGN_OR_RETURN(
      rows, QueryOf(connection, is_one, reading.relations(),
                    [&](std::string_view of) { return IndexesQuery(of, version, by_leaf); }));
  return reading.TakeIndexes(rows);
}

base::StatusOr<std::vector<Definition>> Assemble(std::string_view side,
                                                 const DefinitionRows& rows) {
  std::vector<ReadTable> tables;
  for (const ResultRow& row : rows.tables) tables.push_back(ToReadTable(row));
  Reading reading(side, tables);
  GODWIT_RETURN_IF_ERROR(reading.TakePartitions(rows.partitions));
  GODWIT_RETURN_IF_ERROR(reading.TakeColumns(rows.columns));
  GODWIT_RETURN_IF_ERROR(reading.TakeConstraints(rows.constraints));
  GODWIT_RETURN_IF_ERROR(reading.TakeIndexes(rows.indexes));
  std::vector<Definition> definitions;
  definitions.reserve(tables.size());
  for (ReadTable& table : tables) definitions.push_back(std::move(table.definition));
  return definitions;
}

}  // namespace godwit::connectors::postgres
