#include "connectors/postgres/definition_follower.h"

#include <absl/strings/str_join.h>

#include <algorithm>
#include <set>

#include "connectors/postgres/catalog.h"
#include "connectors/postgres/catalog_sql.h"
#include "connectors/postgres/sql_text.h"

namespace godwit::connectors::postgres {
namespace {

using model::DdlChange;
using model::TableName;
using wire::postgres::Relation;
using wire::postgres::RelationColumn;

constexpr std::string_view kTimedOut = "57014";
constexpr std::string_view kPatience = "10s";  // for a look at all rows of a table

// {0}: schemas and names of tables and partitions; {1}: a column. The value that rows have which
// were there before the column is kept with it until the table is written anew, which gives it
// another file than it was made with.
constexpr std::string_view kEarlier = R"(
SELECT n.nspname, c.relname, a.atthasmissing, (a.attmissingval::text::text[])[1],
       pg_relation_filenode(c.oid) IS DISTINCT FROM c.oid, a.xmin, format_type(a.atttypid, a.atttypmod)
  FROM pg_attribute a
  JOIN pg_class c ON c.oid = a.attrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind = 'r' AND (n.nspname, c.relname) IN (VALUES {0})
   AND a.attname = {1} AND a.attnum > 0 AND NOT a.attisdropped)";

// {0}: a relation's number. A partition that was made as one has its place among the table's from
// the transaction that made its columns.
constexpr std::string_view kPartition = R"(
SELECT n.nspname, c.relname, rn.nspname, rc.relname
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_class rc ON c.relispartition AND rc.oid = pg_partition_root(c.oid)
  LEFT JOIN pg_namespace rn ON rn.oid = rc.relnamespace
 WHERE c.oid = {0})";

// {0}: schemas and names of partitions.
constexpr std::string_view kAttached = R"(
SELECT n.nspname, c.relname
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_inherits h ON h.inhrelid = c.oid
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tableoid'
 WHERE h.xmin::text <> a.xmin::text AND (n.nspname, c.relname) IN (VALUES {0}))";

std::string NameList(const std::vector<TableName>& names) {
  return absl::StrJoin(names, ", ", [](std::string* out, const TableName& name) {
    *out += fmt::format("({}, {})", QuoteText(name.schema), QuoteText(name.table));
  });
}

std::vector<TableName> FilesOf(const Definition& table) {
  if (table.partition_key.empty()) return {table.name};
  std::vector<TableName> names;
  for (const PartitionDefinition& partition : table.partitions) {
    if (partition.key.empty()) names.push_back(partition.name);
  }
  return names;
}

const ColumnDefinition* Find(const Definition& table, std::string_view name) {
  const auto found = std::ranges::find(table.columns, name, &ColumnDefinition::name);
  return found == table.columns.end() ? nullptr : &*found;
}

bool IsAs(const ColumnDefinition& column, const RelationColumn& relation) {
  return column.type_oid == relation.type_oid && column.type_modifier == relation.type_modifier &&
         column.generated == 0;
}

base::Status NoSuchTable(const TableName& name) {
  return base::FailedPrecondition(
      "source: table {} has gone, or has another name by now: PostgreSQL's log does not tell. Give "
      "it back its name and run again, or copy anew with `godwit run --restart`",
      name.ToString());
}

// A file of a table that has a column which has come, and keeps no value for earlier rows.
struct Rewritten {
  TableName name;
  std::string
      last_altered;  // the transaction that wrote last what the catalogue says of the column
};

// Whether a row that was written before the column was last altered has another value in it;
// nothing when that could not be seen in time.
base::StatusOr<std::optional<bool>> HasOthers(Connection& connection, const Rewritten& file,
                                              const std::string& column, const std::string& value) {
  GODWIT_RETURN_IF_ERROR(
      connection
          .Execute(fmt::format("BEGIN READ ONLY; SET LOCAL statement_timeout = '{}'", kPatience))
          .status());
  auto rows = connection.Query(fmt::format(
      "SELECT EXISTS (SELECT FROM ONLY {} WHERE {} IS DISTINCT FROM {} AND age(xmin) >= "
      "age('{}'::xid))",
      QuoteName(file.name), QuoteName(column), value, file.last_altered));
  const bool timed_out = !rows.ok() && connection.last_state() == kTimedOut;
  if (!rows.ok() && !timed_out) return rows.status();
  GODWIT_RETURN_IF_ERROR(connection.Execute("ROLLBACK").status());
  if (timed_out) return std::optional<bool>();
  return std::optional<bool>(FlagOf((*rows)[0][0]));
}

// Nothing when the column is not in the catalogue any more. A partition that keeps no value and is
// in the file that it was made with has come later than the column, or the value is NULL.
base::StatusOr<std::optional<EarlierValue>> ReadEarlier(Connection& connection,
                                                        const Definition& known,
                                                        const std::string& column) {
  GODWIT_ASSIGN_OR_RETURN(
      const std::vector<ResultRow> rows,
      connection.Query(fmt::format(kEarlier, NameList(FilesOf(known)), QuoteText(column))));
  if (rows.empty() && !FilesOf(known).empty()) return std::optional<EarlierValue>();
  std::set<std::string> kept;
  std::vector<Rewritten> rewritten;
  std::string type = "text";
  for (const ResultRow& row : rows) {
    type = TextOf(row[6]);
    if (FlagOf(row[2]) && row[3])
      kept.insert(*row[3]);
    else if (FlagOf(row[4]))
      rewritten.push_back({{TextOf(row[0]), TextOf(row[1])}, TextOf(row[5])});
  }
  EarlierValue earlier;
  if (kept.size() > 1) {
    earlier.unknown = "its default was another for each of several partitions";
    return std::optional(std::move(earlier));
  }
  if (!kept.empty()) earlier.value = *kept.begin();
  const std::string value =
      earlier.value ? fmt::format("CAST({} AS {})", QuoteText(*earlier.value), type) : "NULL";
  for (const Rewritten& file : rewritten) {
    GODWIT_ASSIGN_OR_RETURN(const std::optional<bool> others,
                            HasOthers(connection, file, column, value));
    if (others && !*others) continue;
    earlier.unknown = others
                          ? "its default was another for each row, or the table was written anew "
                            "since; fill it on the target as it was filled on the source"
                          : "the table was written anew since it was made, and is too large to be "
                            "looked through";
    break;
  }
  return std::optional(std::move(earlier));
}

}  // namespace

base::StatusOr<std::optional<Definition>> DefinitionFollower::ReadNow(const TableName& name) {
  return connection_.With([&](Connection& connection) { return ReadDefinition(connection, name); });
}

base::StatusOr<std::optional<DefinitionFollower::Values>> DefinitionFollower::EarlierValues(
    const Definition& known, const std::vector<std::string>& columns) {
  return connection_.With([&](Connection& connection) -> base::StatusOr<std::optional<Values>> {
    Values values;
    for (const std::string& column : columns) {
      GODWIT_ASSIGN_OR_RETURN(std::optional<EarlierValue> value,
                              ReadEarlier(connection, known, column));
      if (!value) return std::optional<Values>();
      values[column] = *std::move(value);
    }
    return std::optional(std::move(values));
  });
}

base::StatusOr<std::optional<DefinitionFollower::Values>> DefinitionFollower::Earlier(
    const Definition& known, const Relation& relation) {
  GODWIT_ASSIGN_OR_RETURN(const std::optional<Definition> now, ReadNow(known.name));
  if (!now) return NoSuchTable(known.name);
  const auto is_known_now = [&](std::string_view name) {
    const ColumnDefinition* is = Find(*now, name);
    const ColumnDefinition* was = Find(known, name);
    return is != nullptr && is->type_oid == was->type_oid && is->generated == was->generated &&
           is->type_modifier == was->type_modifier;
  };
  const RelationDifference difference = Compare(known, relation);
  const bool earlier = std::ranges::all_of(difference.gone, is_known_now) &&
                       std::ranges::all_of(difference.other, is_known_now) &&
                       std::ranges::none_of(difference.added, [&](const RelationColumn& column) {
                         return Find(*now, column.name) != nullptr;
                       });
  if (!earlier) return std::optional<Values>();
  return EarlierValues(known, difference.gone);
}

base::StatusOr<DdlChange> DefinitionFollower::Change(const Definition& known,
                                                     const Relation& relation) {
  GODWIT_ASSIGN_OR_RETURN(const std::optional<Definition> now, ReadNow(known.name));
  if (!now) return NoSuchTable(known.name);
  const RelationDifference difference = Compare(known, relation);
  const auto is_there = [&](const RelationColumn& column) {
    const ColumnDefinition* found = Find(*now, column.name);
    return found != nullptr && IsAs(*found, column);
  };
  if (difference.gone.empty() && difference.other.empty() &&
      std::ranges::all_of(difference.added, is_there)) {
    std::vector<std::string> columns;
    for (const RelationColumn& column : difference.added) columns.emplace_back(column.name);
    GODWIT_ASSIGN_OR_RETURN(const auto earlier, EarlierValues(known, columns));
    if (earlier) return AddColumns(known, difference, *now, *earlier);
  }
  std::vector<ColumnDefinition> found;
  for (const RelationColumn& column : relation.columns) {
    if (is_there(column)) {
      found.push_back(*Find(*now, column.name));
      continue;
    }
    GODWIT_ASSIGN_OR_RETURN(
        const std::vector<ResultRow> types, connection_.With([&](Connection& connection) {
          return connection.Query(fmt::format(
              "SELECT format_type(oid, {}), typtype, typcategory FROM pg_type WHERE oid = {}",
              column.type_modifier, column.type_oid));
        }));
    ColumnDefinition& one = found.emplace_back();
    one.name = column.name;
    one.type_oid = column.type_oid;
    one.type_modifier = column.type_modifier;
    one.type = types.empty() ? "a type that has gone" : TextOf(types[0][0]);
    if (types.empty()) continue;
    one.type_class = CharOf(types[0][1]);
    one.type_category = CharOf(types[0][2]);
  }
  return UnknownChange(known, difference, found);
}

base::StatusOr<DefinitionFollower::Whereabouts> DefinitionFollower::Locate(uint32_t relation) {
  GODWIT_ASSIGN_OR_RETURN(const std::vector<ResultRow> rows,
                          connection_.With([&](Connection& connection) {
                            return connection.Query(fmt::format(kPartition, relation));
                          }));
  Whereabouts now;
  if (rows.empty()) return now;
  now.name = {TextOf(rows[0][0]), TextOf(rows[0][1])};
  if (rows[0][2]) now.root = {TextOf(rows[0][2]), TextOf(rows[0][3])};
  return now;
}

base::StatusOr<DdlChange> DefinitionFollower::NewPartition(const Definition& known,
                                                           const TableName& partition) {
  GODWIT_ASSIGN_OR_RETURN(const std::optional<Definition> now, ReadNow(known.name));
  if (!now) return NoSuchTable(known.name);
  std::vector<TableName> names;
  for (const PartitionDefinition& one : now->partitions) names.push_back(one.name);
  if (std::ranges::find(names, partition) == names.end()) return NoSuchTable(partition);
  GODWIT_ASSIGN_OR_RETURN(const std::vector<ResultRow> rows,
                          connection_.With([&](Connection& connection) {
                            return connection.Query(fmt::format(kAttached, NameList(names)));
                          }));
  std::vector<TableName> attached;
  for (const ResultRow& row : rows) attached.push_back({TextOf(row[0]), TextOf(row[1])});
  return AddPartitions(known, *now, attached);
}

}  // namespace godwit::connectors::postgres
