// Makes tables of their own of leaves.
#include <absl/strings/str_join.h>

#include "base/failpoint.h"
#include "connector/check_list.h"
#include "connectors/postgres/definition/catalog_sql.h"
#include "connectors/postgres/schema/partition_trees.h"
#include "connectors/postgres/schema/schema_errors.h"
#include "connectors/postgres/sql_text.h"

namespace godwit::connectors::postgres {
namespace {

using model::TableName;

constexpr const char* kBetween = ";\n";

// What leads up from these tables, {0}: what is a part of what, and how far up; 1: from the tables.
constexpr std::string_view kAbove = R"(
WITH RECURSIVE up(oid, parent, level) AS (
  SELECT c.oid, h.inhparent, 1
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_inherits h ON h.inhrelid = c.oid
   WHERE c.relispartition AND (n.nspname, c.relname) IN (VALUES {0})
   UNION
  SELECT h.inhrelid, h.inhparent, up.level + 1
    FROM up JOIN pg_inherits h ON h.inhrelid = up.parent)
)";
constexpr std::string_view kLeaves = R"(
SELECT pn.nspname, pc.relname, n.nspname, c.relname
  FROM up
  JOIN pg_class c ON c.oid = up.oid JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_class pc ON pc.oid = up.parent JOIN pg_namespace pn ON pn.oid = pc.relnamespace
 WHERE up.level = 1 ORDER BY 3, 4)";
// With what keeps a sequence that counts for leaves too; it can be a table's of the same owner
// alone.
constexpr std::string_view kParents = R"(
SELECT n.nspname, c.relname,
       (SELECT json_agg(format('ALTER SEQUENCE %1$I.%2$I OWNED BY NONE; '
                               'ALTER SEQUENCE %1$I.%2$I OWNER TO CURRENT_USER',
                               sn.nspname, s.relname))
          FROM pg_depend d JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S'
          JOIN pg_namespace sn ON sn.oid = s.relnamespace
         WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass
           AND d.refobjid = c.oid AND d.deptype = 'a')
  FROM (SELECT parent, max(level) AS level FROM up GROUP BY parent) p
  JOIN pg_class c ON c.oid = p.parent JOIN pg_namespace n ON n.oid = c.relnamespace
 ORDER BY p.level, n.nspname, c.relname)";
constexpr std::string_view kKeys = R"(
SELECT n.nspname, c.relname, k.conname, c.oid IN (SELECT parent FROM up), k.confrelid::regclass
  FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE k.contype = 'f' AND k.conparentid = 0 AND k.confrelid IN (SELECT parent FROM up)
 ORDER BY 1, 2, 3)";

std::string NameList(const std::vector<TableName>& names) {
  return absl::StrJoin(names, ", ", [](std::string* out, const TableName& name) {
    *out += fmt::format("({}, {})", QuoteText(name.schema), QuoteText(name.table));
  });
}

TableName NameAt(const ResultRow& row, size_t i) { return {TextOf(row[i]), TextOf(row[i + 1])}; }

// Of one that is a part of nothing any more, or goes on being one of something else's.
std::string DropEmpty(const TableName& name, const std::vector<std::string>& before) {
  std::string text = fmt::format(
      "DO $godwit$ BEGIN IF NOT EXISTS (SELECT FROM pg_inherits WHERE inhparent = to_regclass({})) "
      "THEN ",
      QuoteText(QuoteName(name)));
  for (const std::string& statement : before) text += statement + "; ";
  return text + fmt::format(
                    "DROP TABLE {}; END IF; EXCEPTION WHEN dependent_objects_still_exist THEN "
                    "NULL; END $godwit$",
                    QuoteName(name));
}

}  // namespace

base::Status TakeApart(Connection& target, const std::vector<TableName>& leaves,
                       const std::function<base::StatusOr<std::set<TableName>>()>& all) {
  if (leaves.empty()) return base::OkStatus();
  const std::string above = fmt::format(kAbove, NameList(leaves));
  GODWIT_ASSIGN_OR_RETURN(const std::vector<ResultRow> parts,
                          target.Query(above + std::string(kLeaves)));
  if (parts.empty()) return base::OkStatus();
  GODWIT_ASSIGN_OR_RETURN(const std::vector<ResultRow> keys,
                          target.Query(above + std::string(kKeys)));
  GODWIT_ASSIGN_OR_RETURN(const std::vector<ResultRow> parents,
                          target.Query(above + std::string(kParents)));
  std::set<TableName> ours;
  if (!keys.empty()) {
    GODWIT_ASSIGN_OR_RETURN(ours, all());
  }
  std::vector<std::string> statements, strange;
  for (const ResultRow& row : keys) {
    const TableName child = NameAt(row, 0);
    if (!FlagOf(row[3]) && !ours.contains(child)) {
      strange.push_back(fmt::format("foreign key {} of {} to {}", TextOf(row[2]), child.ToString(),
                                    TextOf(row[4])));
    }
    statements.push_back(fmt::format("ALTER TABLE {} DROP CONSTRAINT {}", QuoteName(child),
                                     QuoteName(TextOf(row[2]))));
  }
  if (!strange.empty()) {
    return base::FailedPrecondition(
        "target: partitions are tables of their own while rows are written to them "
        "(tables.partitions: leaf), and these keys refer to what they are partitions of: {}. Drop "
        "them until the cut-over",
        connector::Enumerate(strange));
  }
  for (const ResultRow& row : parts) {
    statements.push_back(fmt::format("ALTER TABLE {} DETACH PARTITION {}",
                                     QuoteName(NameAt(row, 0)), QuoteName(NameAt(row, 2))));
  }
  for (const ResultRow& row : parents)
    statements.push_back(DropEmpty(NameAt(row, 0), TextsOf(row[2])));
  base::Failpoint("partitions.before_take_apart");
  return WhileMaking(target.Execute(absl::StrJoin(statements, kBetween)).status(), target,
                     "making tables of their own of partitions");
}

}  // namespace godwit::connectors::postgres
