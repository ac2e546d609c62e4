#include "connectors/postgres/log/definition_follower.h"

#include <absl/strings/str_join.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "connectors/postgres/catalog.h"
#include "connectors/postgres/definition/catalog_sql.h"
#include "connectors/postgres/log/visibility.h"
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

// {0}: a relation's number; {1}: whether a partition is part of a table.
constexpr std::string_view kRelation = R"(
SELECT n.nspname, c.relname, rc.oid, rn.nspname, rc.relname,
       (SELECT json_agg(a.attname ORDER BY a.attnum) FROM pg_attribute a
         WHERE a.attrelid = coalesce(rc.oid, c.oid) AND a.attnum > 0 AND NOT a.attisdropped),
       (SELECT json_agg(a.attnum::text ORDER BY a.attnum) FROM pg_attribute a
         WHERE a.attrelid = coalesce(rc.oid, c.oid) AND a.attnum > 0 AND NOT a.attisdropped)
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_class rc ON {1} AND c.relispartition AND rc.oid = pg_partition_root(c.oid)
  LEFT JOIN pg_namespace rn ON rn.oid = rc.relnamespace
 WHERE c.oid = {0})";

// {0}: the numbers of partitions. One that was made as such has its place among the table's from
// the transaction that made its columns, and to attach a table writes what the catalogue says of
// all its columns anew.
constexpr std::string_view kAttached = R"(
SELECT c.oid
  FROM pg_class c
  JOIN pg_inherits h ON h.inhrelid = c.oid
  JOIN pg_attribute s ON s.attrelid = c.oid AND s.attname = 'tableoid'
 WHERE c.oid = ANY({0})
   AND NOT (h.xmin::text = s.xmin::text AND EXISTS (
     SELECT FROM pg_attribute u WHERE u.attrelid = c.oid AND u.attnum > 0
        AND u.xmin::text = s.xmin::text AND u.cmin::text = s.cmin::text)))";

// {0}: numbers and names of tables. What has a number, and what has a name.
constexpr std::string_view kTablesNow = R"(
SELECT t.nspname, t.relname, n.nspname, c.relname,
       EXISTS (SELECT FROM pg_class o JOIN pg_namespace m ON m.oid = o.relnamespace
                WHERE o.relname = t.relname AND m.nspname = t.nspname)
  FROM (VALUES {0}) t(oid, nspname, relname)
  LEFT JOIN pg_class c ON c.oid = t.oid
  LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE (n.nspname, c.relname) IS DISTINCT FROM (t.nspname::name, t.relname::name))";

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

base::Status Renamed(const TableName& name, const TableName& now) {
  return base::FailedPrecondition(
      "source: table {} is called {} by now; PostgreSQL's log does not tell since when. Give it "
      "back "
      "its name and run again, or copy anew with `godwit run --restart`",
      name.ToString(), now.ToString());
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

base::Status DefinitionFollower::Await(uint32_t xid) {
  if (awaited_ == xid) return base::OkStatus();
  GODWIT_RETURN_IF_ERROR(
      connection_.With([&](Connection& connection) { return WaitUntilVisible(connection, xid); }));
  awaited_ = xid;
  return base::OkStatus();
}

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
    return is != nullptr && is->number == was->number && is->type_oid == was->type_oid &&
           is->generated == was->generated && is->type_modifier == was->type_modifier;
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
  GODWIT_ASSIGN_OR_RETURN(
      const std::vector<ResultRow> rows, connection_.With([&](Connection& connection) {
        return connection.Query(fmt::format(kRelation, relation, !connection.by_leaf()));
      }));
  Whereabouts now;
  if (rows.empty()) return now;
  const ResultRow& row = rows.front();
  now.name = {TextOf(row[0]), TextOf(row[1])};
  now.root = static_cast<uint32_t>(NumberOf(row[2]));
  now.root_name = {TextOf(row[3]), TextOf(row[4])};
  const std::vector<std::string> names = TextsOf(row[5]), numbers = TextsOf(row[6]);
  for (size_t i = 0; i < names.size(); ++i)
    now.columns[names[i]] = base::ParseInteger<int>(numbers[i]).value_or(0);
  return now;
}

base::Status DefinitionFollower::ExpectSame(const Definition& table, const Relation& relation) {
  GODWIT_ASSIGN_OR_RETURN(const Whereabouts now, Locate(relation.id));
  const bool is_part = relation.id != table.oid;
  if (!now.name || (is_part && now.root == 0)) return base::OkStatus();  // gone, or put aside
  if (now.root != (is_part ? table.oid : 0)) {
    return base::FailedPrecondition(
        "source: {} was {}, and is a partition of {} by now; PostgreSQL's log does not tell since "
        "when. Copy anew with `godwit run --restart`",
        now.name->ToString(),
        is_part ? "a partition of " + table.name.ToString() : "a table of its own",
        now.root_name.ToString());
  }
  if (!is_part && *now.name != table.name) return Renamed(table.name, *now.name);
  for (const RelationColumn& column : relation.columns) {
    const ColumnDefinition* known = Find(table, column.name);
    const auto number = now.columns.find(std::string(column.name));
    if (known == nullptr || number == now.columns.end() || number->second == known->number)
      continue;
    return base::FailedPrecondition(
        "source: column {} of table {} is another one by now, which has taken its name; "
        "PostgreSQL's log does not tell since when. Copy anew with `godwit run --restart`",
        column.name, table.name.ToString());
  }
  return base::OkStatus();
}

base::StatusOr<DdlChange> DefinitionFollower::NewPartition(const Definition& known,
                                                           uint32_t partition) {
  GODWIT_ASSIGN_OR_RETURN(const std::optional<Definition> now, ReadNow(known.name));
  if (!now) return NoSuchTable(known.name);
  std::vector<std::string> numbers;
  for (const PartitionDefinition& one : now->partitions) numbers.push_back(std::to_string(one.oid));
  GODWIT_ASSIGN_OR_RETURN(const std::vector<ResultRow> rows,
                          connection_.With([&](Connection& connection) {
                            return connection.Query(fmt::format(kAttached, OidArray(numbers)));
                          }));
  std::vector<uint32_t> attached;
  for (const ResultRow& row : rows) attached.push_back(static_cast<uint32_t>(NumberOf(row[0])));
  return AddPartition(known, *now, partition, attached);
}

base::StatusOr<bool> DefinitionFollower::HasIdentity(const Definition& known) {
  GODWIT_ASSIGN_OR_RETURN(const std::optional<Definition> now, ReadNow(known.name));
  if (!now) return true;  // and nothing more comes of it
  const auto names = [](const Definition& definition) {
    const model::Table table = ToTable(definition);
    std::vector<std::string> columns;
    for (int c : table.RowIdentity()) columns.push_back(table.columns[static_cast<size_t>(c)].name);
    return columns;
  };
  return names(*now) == names(known);
}

base::StatusOr<std::vector<Definition>> DefinitionFollower::FindGone(const FollowedTables& tables) {
  std::vector<Definition> gone;
  if (tables.tables().empty()) return gone;
  const std::string list =
      absl::StrJoin(tables.tables(), ", ", [](std::string* out, const auto& table) {
        const auto& [name, followed] = table;
        *out += fmt::format("({}::oid, {}, {})", followed.definition.oid, QuoteText(name.schema),
                            QuoteText(name.table));
      });
  GODWIT_ASSIGN_OR_RETURN(const std::vector<ResultRow> rows,
                          connection_.With([&](Connection& connection) {
                            return connection.Query(fmt::format(kTablesNow, list));
                          }));
  for (const ResultRow& row : rows) {
    const TableName name{TextOf(row[0]), TextOf(row[1])};
    if (row[3]) return Renamed(name, {TextOf(row[2]), TextOf(row[3])});
    if (FlagOf(row[4])) {
      return base::FailedPrecondition(
          "source: table {} is another one by now, which has taken its name: its rows are not in "
          "the log that is kept for this task. Copy anew with `godwit run --restart`",
          name.ToString());
    }
    gone.push_back(tables.tables().at(name).definition);
  }
  return gone;
}

}  // namespace godwit::connectors::postgres
