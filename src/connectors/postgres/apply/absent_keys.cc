#include "connectors/postgres/apply/absent_keys.h"

#include <absl/algorithm/container.h>
#include <absl/strings/str_join.h>
#include <spdlog/spdlog.h>

#include <map>
#include <set>

#include "connector/check_list.h"
#include "connectors/postgres/definition/catalog_sql.h"
#include "connectors/postgres/schema/schema_writer.h"
#include "connectors/postgres/sql_text.h"

namespace godwit::connectors::postgres {
namespace {

using model::TableName;

constexpr std::string_view kInsufficientPrivilege = "42501";

std::set<TableName> NamesOf(const std::vector<Definition>& tables) {
  std::set<TableName> names;
  for (const Definition& table : tables) {
    names.insert(table.name);
    for (const PartitionDefinition& partition : table.partitions) names.insert(partition.name);
  }
  return names;
}

// An array of the tables of these names that there are, as SQL.
std::string ArrayOf(const std::set<TableName>& names) {
  return fmt::format(
      "ARRAY[{}]::pg_catalog.oid[]",
      absl::StrJoin(names, ", ", [](std::string* out, const TableName& name) {
        out->append("pg_catalog.to_regclass(").append(QuoteText(QuoteName(name))).append(")");
      }));
}

// Keys between these tables, of which some have to do with `concerned`; of partitioned tables all
// parts with them.
std::string DropText(const std::set<TableName>& all, const std::set<TableName>& concerned) {
  return fmt::format(
      "DO $godwit$ DECLARE k record; BEGIN FOR k IN SELECT conrelid::pg_catalog.regclass AS t, "
      "conname FROM pg_catalog.pg_constraint WHERE contype = 'f' AND conparentid = 0 AND conrelid "
      "= ANY ({0}) AND (conrelid = ANY ({1}) OR confrelid = ANY ({1})) LOOP EXECUTE "
      "pg_catalog.format('ALTER TABLE %s DROP CONSTRAINT %I', k.t, k.conname); END LOOP; END "
      "$godwit$",
      ArrayOf(all), ArrayOf(concerned));
}

std::string RefuseText(const std::set<TableName>& all) {
  return fmt::format(
      "DO $godwit$ DECLARE k record; BEGIN FOR k IN SELECT conrelid::pg_catalog.regclass AS t, "
      "conname FROM pg_catalog.pg_constraint WHERE contype = 'f' AND conparentid = 0 AND conrelid "
      "= ANY ({}) LOOP RAISE EXCEPTION 'foreign key % of % would act on what is written, as the "
      "role may not set session_replication_role: make it after the cut-over', k.conname, k.t; "
      "END LOOP; END $godwit$",
      ArrayOf(all));
}

// What acts for a session that is no replica's. Triggers of partitions that come from their root's
// (tgparentid, from PostgreSQL 13 on) are not told again.
std::string ActingText(const std::string& tables) {
  return fmt::format(R"(
SELECT 'trigger ' || t.tgname || ' on ' || n.nspname || '.' || c.relname
  FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE t.tgrelid = ANY ({0}) AND NOT t.tgisinternal AND t.tgenabled IN ('O', 'A')
   AND coalesce(pg_catalog.to_jsonb(t) ->> 'tgparentid', '0') = '0'
 UNION ALL
SELECT 'rule ' || w.rulename || ' on ' || n.nspname || '.' || c.relname
  FROM pg_catalog.pg_rewrite w JOIN pg_catalog.pg_class c ON c.oid = w.ev_class
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE w.ev_class = ANY ({0}) AND w.ev_enabled IN ('O', 'A') AND c.relkind IN ('r', 'p')
 UNION ALL
SELECT 'foreign key ' || k.conname || ' of ' || n.nspname || '.' || c.relname
  FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE k.contype = 'f' AND k.conparentid = 0 AND k.confrelid = ANY ({0}) AND k.conrelid <> ALL ({0})
 ORDER BY 1)",
                     tables);
}

// The keys that the target's tables of these names have, with what they do.
base::StatusOr<std::map<std::pair<TableName, std::string>, ConstraintDefinition>> ReadKeysOf(
    Connection& target, const std::vector<Definition>& tables) {
  constexpr std::string_view kColumns =
      "(SELECT pg_catalog.json_agg(a.attname ORDER BY u.i) FROM pg_catalog.unnest(k.{0}) WITH "
      "ORDINALITY u(n, i) JOIN pg_catalog.pg_attribute a ON a.attrelid = k.{1} AND a.attnum = u.n)";
  GODWIT_ASSIGN_OR_RETURN(
      const std::vector<ResultRow> rows,
      target.Query(fmt::format(
          "SELECT n.nspname, c.relname, k.conname, m.nspname, p.relname, {}, {}, k.confdeltype, "
          "k.confupdtype FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c ON c.oid = "
          "k.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN "
          "pg_catalog.pg_class p ON p.oid = k.confrelid JOIN pg_catalog.pg_namespace m ON m.oid = "
          "p.relnamespace WHERE k.contype = 'f' AND k.conparentid = 0 AND k.conrelid = ANY ({})",
          fmt::format(kColumns, "conkey", "conrelid"),
          fmt::format(kColumns, "confkey", "confrelid"), ArrayOf(NamesOf(tables)))));
  std::map<std::pair<TableName, std::string>, ConstraintDefinition> keys;
  for (const ResultRow& row : rows) {
    ConstraintDefinition& key = keys[{TableName{TextOf(row[0]), TextOf(row[1])}, TextOf(row[2])}];
    key.parent = {TextOf(row[3]), TextOf(row[4])};
    key.columns = TextsOf(row[5]);
    key.parent_columns = TextsOf(row[6]);
    key.on_delete = CharOf(row[7]);
    key.on_update = CharOf(row[8]);
  }
  return keys;
}

bool DoTheSame(const ConstraintDefinition& one, const ConstraintDefinition& other) {
  return one.parent == other.parent && one.columns == other.columns &&
         one.parent_columns == other.parent_columns && one.on_delete == other.on_delete &&
         one.on_update == other.on_update;
}

}  // namespace

base::StatusOr<bool> MayHoldKeysBack(Connection& target) {
  const base::Status set = target.Execute("BEGIN").status();
  GODWIT_RETURN_IF_ERROR(set);
  const base::Status held = target.Execute("SET LOCAL session_replication_role = replica").status();
  const bool denied = !held.ok() && target.last_state() == kInsufficientPrivilege;
  GODWIT_RETURN_IF_ERROR(target.Execute("ROLLBACK").status());
  if (!held.ok() && !denied) return held;
  return held.ok();
}

base::StatusOr<std::vector<std::string>> FindActing(Connection& target,
                                                    const std::vector<Definition>& tables) {
  GODWIT_ASSIGN_OR_RETURN(const std::vector<ResultRow> found,
                          target.Query(ActingText(ArrayOf(NamesOf(tables)))));
  std::vector<std::string> acting;
  for (const ResultRow& row : found) acting.push_back(row[0].value_or(""));
  return acting;
}

base::StatusOr<std::vector<std::string>> FindStrangeKeys(Connection& target,
                                                         const std::vector<Definition>& tables) {
  const auto known = ForeignKeysOf(tables);
  GODWIT_ASSIGN_OR_RETURN(const auto there, ReadKeysOf(target, tables));
  std::vector<std::string> strange;
  for (const auto& [name, key] : there) {
    const auto ours = known.find(name);
    if (ours == known.end() || !DoTheSame(*ours->second, key))
      strange.push_back(fmt::format("foreign key {} of {}", name.second, name.first.ToString()));
  }
  return strange;
}

base::StatusOr<std::vector<std::string>> FindMissingKeys(Connection& target,
                                                         const std::vector<Definition>& tables) {
  GODWIT_ASSIGN_OR_RETURN(const auto there, ReadKeysOf(target, tables));
  std::vector<std::string> missing;
  for (const Definition& table : tables) {
    for (const ConstraintDefinition& key : table.constraints) {
      const TableName& on = key.table.table.empty() ? table.name : key.table;
      if (key.kind != 'f' || there.contains({on, key.name})) continue;
      missing.push_back(fmt::format("foreign key {} of {} unmade: {}", key.name, on.ToString(),
                                    absl::StrJoin(ForeignKeyStatements(table, key), "; ")));
    }
  }
  return missing;
}

base::Status TakeKeysAway(Connection& target, const std::vector<Definition>& tables) {
  if (tables.empty()) return base::OkStatus();
  GODWIT_ASSIGN_OR_RETURN(std::vector<std::string> acting, FindActing(target, tables));
  GODWIT_ASSIGN_OR_RETURN(const std::vector<std::string> keys, FindStrangeKeys(target, tables));
  acting.insert(acting.end(), keys.begin(), keys.end());
  if (acting.empty()) {
    const std::set<TableName> names = NamesOf(tables);
    return target.Execute(DropText(names, names)).status();
  }
  return base::FailedPrecondition(
      "target: the role may not set session_replication_role, so that these would change rows "
      "that the source has changed already, or refuse them: {}. Disable the triggers and rules "
      "(ALTER TABLE ... DISABLE TRIGGER ...) and drop the keys until the cut-over, or let a "
      "superuser execute GRANT SET ON PARAMETER session_replication_role TO the role",
      connector::Enumerate(acting));
}

base::Status LeaveOutKeysToNone(Connection& target, Definition& table) {
  std::vector<ConstraintDefinition> kept;
  for (ConstraintDefinition& constraint : table.constraints) {
    if (constraint.kind == 'f') {
      GODWIT_ASSIGN_OR_RETURN(const bool there, HasTable(target, constraint.parent));
      if (!there) {
        spdlog::warn(
            "target: foreign key {} of table {} is not made, as there is no table {}, to which it "
            "referred when it was last seen: make it on the target yourself",
            constraint.name, table.name.ToString(), constraint.parent.ToString());
        continue;
      }
    }
    kept.push_back(std::move(constraint));
  }
  table.constraints = std::move(kept);
  return base::OkStatus();
}

KeysAround KeysAroundDdl(const std::vector<Definition>& before,
                         const std::vector<Definition>& after, const model::DdlChange& ddl) {
  std::set<TableName> concerned = NamesOf(after);
  std::map<TableName, TableName> names_after;
  for (const model::DdlChange::Effect& effect : ddl.effects) {
    const TableName& name = effect.renamed_from.table.empty() ? effect.table : effect.renamed_from;
    concerned.insert({name, effect.table});
    names_after[name] = effect.table;
  }
  KeysAround keys;
  for (const Definition& table : before) {
    const auto name = names_after.find(table.name);
    if (name == names_after.end() || ddl.needs_no_foreign_keys) continue;
    for (const PartitionDefinition& partition : table.partitions) concerned.insert(partition.name);
    const auto now =
        absl::c_find_if(after, [&](const Definition& other) { return other.name == name->second; });
    for (const ConstraintDefinition& constraint : table.constraints) {
      const bool stays = now != after.end() && absl::c_linear_search(now->constraints, constraint);
      if (constraint.kind != 'f' || stays) continue;
      // Without the second, which looks at the rows: that is done in the end. The parent may have
      // another name by now, which the child's definition does not have before its own next DDL.
      keys.before.push_back(fmt::format(
          "DO $godwit$ BEGIN {}; EXCEPTION WHEN undefined_table THEN NULL; END $godwit$",
          ForeignKeyStatements(table, constraint).front()));
    }
  }
  std::set<TableName> all = NamesOf(before);
  all.insert(concerned.begin(), concerned.end());
  keys.after.push_back(DropText(all, concerned));
  keys.after_other.push_back(RefuseText(all));
  return keys;
}

}  // namespace godwit::connectors::postgres
