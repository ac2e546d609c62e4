#include "connectors/postgres/log/replica_identity.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "connectors/postgres/definition/catalog_sql.h"
#include "connectors/postgres/sql_text.h"

namespace godwit::connectors::postgres {
namespace {

// Whether what an index was named for is still there.
bool HasIndex(const Definition& table, const std::string& name) {
  return std::ranges::find(table.constraints, name, &ConstraintDefinition::name) !=
             table.constraints.end() ||
         std::ranges::find(table.indexes, name, &IndexDefinition::name) != table.indexes.end();
}

// A partition's keys are those of its table, or its own; that they are there at all is what counts.
// The target finds no row by a period that must not overlap others.
bool IsIdentified(const Definition& table, char identity) {
  if (identity == 'd') {
    return std::ranges::any_of(table.constraints, [](const ConstraintDefinition& one) {
      return one.kind == 'p' && !one.deferrable &&
             one.definition.find(" WITHOUT OVERLAPS") == std::string::npos;
    });
  }
  return identity == 'f' || identity == 'i';
}

constexpr int kPublishesPartitioned = 130000;
// From here on the server refuses updates of rows that are told apart by what is in no log.
constexpr int kRefusesGenerated = 180000;

}  // namespace

std::vector<Unidentified> UnidentifiedIn(const Definition& table) {
  std::vector<Unidentified> missing;
  const bool index_gone = table.replica_identity == 'i' && !HasIndex(table, table.replica_index);
  const bool has_rows = table.partition_key.empty();
  if (index_gone || (has_rows && !IsIdentified(table, table.replica_identity)))
    missing.push_back({table.name, table.oid, table.replica_identity, false});
  for (const PartitionDefinition& partition : table.partitions) {
    if (!partition.key.empty() || IsIdentified(table, partition.replica_identity)) continue;
    missing.push_back({partition.name, partition.oid, partition.replica_identity, true});
  }
  return missing;
}

std::string WhyUnlogged(const Definition& table) {
  for (const PartitionDefinition& partition : table.partitions) {
    if (!partition.unlogged) continue;
    return fmt::format("has partition {}, which is unlogged or foreign: its changes are in no log",
                       partition.name.ToString());
  }
  if (table.unlogged) {
    return "is unlogged: its changes are in no log; ALTER TABLE ... SET LOGGED, or leave it out "
           "under `tables.exclude`";
  }
  const model::Table rows = ToTable(table);
  for (const int c : rows.RowIdentity()) {
    const model::Column& column = rows.columns[static_cast<size_t>(c)];
    if (!column.generated) continue;
    return fmt::format(
        "has a key with column {}, which is generated and so in no log; give it one of other "
        "columns, and ALTER TABLE ... REPLICA IDENTITY USING INDEX, or leave it out under "
        "`tables.exclude`",
        column.name);
  }
  return "";
}

std::string WhyNotPublished(const Definition& table, MissingIdentity missing, int server_version) {
  if (server_version < kPublishesPartitioned && !table.partition_key.empty()) {
    return "is partitioned, which before PostgreSQL 13 no publication can have; say "
           "`tables.partitions: leaf`, or leave it out under `tables.exclude`";
  }
  const auto generated = std::ranges::find_if(
      table.columns, [](const ColumnDefinition& column) { return column.generated != 0; });
  if (server_version < kRefusesGenerated || generated == table.columns.end()) return "";
  const bool whole =
      (table.partition_key.empty() && table.replica_identity == 'f') ||
      std::ranges::any_of(table.partitions, [](const PartitionDefinition& partition) {
        return partition.key.empty() && partition.replica_identity == 'f';
      });
  const bool is_set = missing == MissingIdentity::kSetFull && !UnidentifiedIn(table).empty();
  if (!whole && !is_set) return "";
  return fmt::format(
      "{} REPLICA IDENTITY FULL, and column {} is generated: from PostgreSQL 18 on the server "
      "refuses updates and deletes of such a table once it is in a publication; give it a primary "
      "key, and ALTER TABLE ... REPLICA IDENTITY DEFAULT, or leave it out under `tables.exclude`",
      whole ? "has" : "would get", generated->name);
}

std::string WhyNotLogged(const Definition& table) {
  if (std::string why = WhyUnlogged(table); !why.empty()) return why;
  const std::vector<Unidentified> missing = UnidentifiedIn(table);
  if (missing.empty()) return "";
  const Unidentified& first = missing.front();
  if (first.is_partition) {
    return fmt::format(
        "has partition {} without a replica identity, so that the log would not tell which rows "
        "are changed; ALTER TABLE {} REPLICA IDENTITY FULL",
        first.name.ToString(), QuoteName(first.name));
  }
  return "has no replica identity, so that the log would not tell which rows are changed; give it "
         "a primary key (not WITHOUT OVERLAPS), or ALTER TABLE ... REPLICA IDENTITY USING INDEX or "
         "FULL";
}

std::string SetWholeRows(const std::vector<Unidentified>& tables) {
  std::string sql;
  for (const Unidentified& table : tables)
    sql += fmt::format("ALTER TABLE ONLY {} REPLICA IDENTITY FULL; ", QuoteName(table.name));
  return sql;
}

base::StatusOr<std::vector<IdentityBefore>> IdentitiesBefore(Connection& control,
                                                             const std::string& name,
                                                             const std::map<uint32_t, char>& had) {
  std::vector<uint32_t> oids;
  for (const auto& [oid, identity] : had) oids.push_back(oid);
  GODWIT_ASSIGN_OR_RETURN(
      const std::vector<ResultRow> rows,
      control.Query(fmt::format(
          "SELECT c.oid, n.nspname, c.relname, (SELECT pg_catalog.min(t.pubname) FROM "
          "pg_catalog.pg_publication_tables t JOIN pg_catalog.pg_namespace tn ON tn.nspname = "
          "t.schemaname JOIN pg_catalog.pg_class tc ON tc.relnamespace = tn.oid AND tc.relname = "
          "t.tablename WHERE t.pubname <> {} AND (tc.oid = c.oid OR tc.oid IN (SELECT a.relid FROM "
          "pg_catalog.pg_partition_ancestors(c.oid) a))) FROM pg_catalog.pg_class c JOIN "
          "pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = "
          "ANY('{{{}}}'::pg_catalog.oid[]) AND c.relreplident = 'f' ORDER BY 1",
          QuoteText(name), fmt::join(oids, ","))));
  std::vector<IdentityBefore> tables;
  for (const ResultRow& row : rows) {
    const model::TableName table{TextOf(row[1]), TextOf(row[2])};
    const auto oid = static_cast<uint32_t>(NumberOf(row[0]));
    // What is no index any more is what DEFAULT amounts to.
    const std::string statement =
        fmt::format("ALTER TABLE ONLY {} REPLICA IDENTITY {}", QuoteName(table),
                    had.at(oid) == 'n' ? "NOTHING" : "DEFAULT");
    if (row[3]) {
      spdlog::warn(
          "source: table {} keeps REPLICA IDENTITY FULL, which it had not when the task began: "
          "publication {} needs it too. Once that is gone: {}",
          table.ToString(), *row[3], statement);
    } else {
      tables.push_back({table, oid, statement});
    }
  }
  return tables;
}

}  // namespace godwit::connectors::postgres
