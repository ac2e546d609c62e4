#include "connectors/postgres/schema/partition_trees.h"

#include <absl/algorithm/container.h>
#include <absl/strings/str_join.h>
#include <spdlog/spdlog.h>

#include <map>
#include <optional>

#include "base/failpoint.h"
#include "connectors/postgres/catalog.h"
#include "connectors/postgres/definition/catalog_sql.h"
#include "connectors/postgres/definition/definition_reader.h"
#include "connectors/postgres/schema/schema_errors.h"
#include "connectors/postgres/schema/schema_writer.h"
#include "connectors/postgres/sql_text.h"

namespace godwit::connectors::postgres {
namespace {

using connector::CatalogObject;
using model::TableName;

constexpr const char* kBetween = ";\n";  // statements of one transaction
constexpr std::string_view kCheckViolation = "23514";

bool IsLeaf(const PartitionDefinition& partition) { return partition.key.empty(); }

// What is on other tables than the root and those of its partitions that are left goes with them.
void DropPartitions(Definition& tree,
                    const std::function<bool(const PartitionDefinition&)>& dropped) {
  std::erase_if(tree.partitions, dropped);
  std::set<TableName> left = {TableName()};
  for (const PartitionDefinition& partition : tree.partitions) left.insert(partition.name);
  std::erase_if(tree.constraints, [&](const auto& one) { return !left.contains(one.table); });
  std::erase_if(tree.indexes, [&](const auto& one) { return !left.contains(one.table); });
}

// Above the leaves, and without foreign keys.
Definition Skeleton(Definition tree) {
  DropPartitions(tree, IsLeaf);
  std::erase_if(tree.constraints, [](const auto& one) { return one.kind == 'f'; });
  return tree;
}

// With the leaves that the filter lets through, and what leads to them.
void KeepChosen(Definition& tree, const connector::TableFilter& filter) {
  std::set<TableName> kept;
  for (auto one = tree.partitions.rbegin(); one != tree.partitions.rend(); ++one) {
    if (IsLeaf(*one) && !one->unlogged && filter.table(one->name.schema, one->name.table))
      kept.insert(one->name);
    if (kept.contains(one->name)) kept.insert(one->parent);
  }
  DropPartitions(tree, [&](const auto& one) { return !kept.contains(one.name); });
  // A leaf has its own as any table.
  const auto of_leaf = [&](const auto& one) {
    return absl::c_any_of(tree.partitions, [&](const PartitionDefinition& partition) {
      return IsLeaf(partition) && partition.name == one.table;
    });
  };
  std::erase_if(tree.constraints, of_leaf);
  std::erase_if(tree.indexes, of_leaf);
}

// Of tables that are no partitioned ones to those that are.
constexpr std::string_view kKeysToTrees = R"(
SELECT n.nspname, c.relname, con.conname, pg_get_constraintdef(con.oid), pn.nspname, pc.relname,
       con.convalidated, obj_description(con.oid, 'pg_constraint')
  FROM pg_constraint con
  JOIN pg_class c ON c.oid = con.conrelid AND c.relkind = 'r'
  JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_class pc ON pc.oid = con.confrelid AND pc.relkind = 'p'
  JOIN pg_namespace pn ON pn.oid = pc.relnamespace
 WHERE con.contype = 'f' AND con.conparentid = 0 ORDER BY 1, 2, 3)";

// To each tree the keys of the task's tables that refer to it: constraints of other tables.
base::Status AddKeysTo(Connection& connection, const connector::TableFilter& filter,
                       std::vector<Definition>& trees) {
  std::map<TableName, Definition*> tree_of;
  for (Definition& tree : trees) {
    tree_of[tree.name] = &tree;
    for (const PartitionDefinition& partition : tree.partitions) tree_of[partition.name] = &tree;
  }
  GODWIT_ASSIGN_OR_RETURN(const std::vector<ResultRow> rows, connection.Query(kKeysToTrees));
  for (const ResultRow& row : rows) {
    ConstraintDefinition key;
    key.table = {TextOf(row[0]), TextOf(row[1])};
    key.parent = {TextOf(row[4]), TextOf(row[5])};
    const auto tree = tree_of.find(key.parent);
    if (tree == tree_of.end() || !filter.table(key.table.schema, key.table.table)) continue;
    key.kind = 'f';
    key.name = TextOf(row[2]);
    key.definition = TextOf(row[3]);
    key.validated = FlagOf(row[6]);
    key.comment = TextOf(row[7]);
    tree->second->constraints.push_back(std::move(key));
  }
  return base::OkStatus();
}

std::string NameList(const std::vector<TableName>& names) {
  return absl::StrJoin(names, ", ", [](std::string* out, const TableName& name) {
    *out += fmt::format("({}, {})", QuoteText(name.schema), QuoteText(name.table));
  });
}

// A table of the target, and what it is a partition of.
struct Place {
  bool partitioned = false;
  TableName parent;  // empty: none
  std::string bound;
};

base::StatusOr<std::map<TableName, Place>> ReadPlaces(Connection& target,
                                                      const std::vector<TableName>& names) {
  GODWIT_ASSIGN_OR_RETURN(
      const std::vector<ResultRow> rows,
      target.Query(fmt::format(
          "SELECT n.nspname, c.relname, c.relkind = 'p', pn.nspname, pc.relname, "
          "pg_get_expr(c.relpartbound, c.oid) FROM pg_class c JOIN pg_namespace n ON n.oid = "
          "c.relnamespace LEFT JOIN pg_inherits h ON c.relispartition AND h.inhrelid = c.oid LEFT "
          "JOIN pg_class pc ON pc.oid = h.inhparent LEFT JOIN pg_namespace pn ON pn.oid = "
          "pc.relnamespace WHERE c.relkind IN ('r', 'p') AND (n.nspname, c.relname) IN (VALUES {})",
          NameList(names))));
  std::map<TableName, Place> places;
  for (const ResultRow& row : rows) {
    places[{TextOf(row[0]), TextOf(row[1])}] = {
        FlagOf(row[2]), {TextOf(row[3]), TextOf(row[4])}, TextOf(row[5])};
  }
  return places;
}

std::vector<TableName> NodesOf(const Definition& tree) {
  std::vector<TableName> names = {tree.name};
  for (const PartitionDefinition& partition : tree.partitions) names.push_back(partition.name);
  return names;
}

// As a partitioned table with all of its partitions; nothing: there is none of this name.
base::StatusOr<std::optional<Definition>> ReadRoot(Connection& target, const TableName& name) {
  GODWIT_ASSIGN_OR_RETURN(
      const std::vector<ResultRow> rows,
      target.Query(TablesQuery(fmt::format("AND c.relkind = 'p' AND n.nspname = {} AND c.relname "
                                           "= {}",
                                           QuoteText(name.schema), QuoteText(name.table)),
                               /*by_leaf=*/false)));
  if (rows.empty()) return std::optional<Definition>();
  std::vector<ReadTable> tables = {ToReadTable(rows.front())};
  GODWIT_RETURN_IF_ERROR(ReadParts(target, tables, /*by_leaf=*/false));
  return std::optional(std::move(tables.front().definition));
}

// What makes of what there is the tree `wanted`.
class Assembly {
 public:
  Assembly(Connection& target, const Definition& wanted) : target_(target), wanted_(wanted) {}

  base::Status Run() {
    GODWIT_ASSIGN_OR_RETURN(places_, ReadPlaces(target_, NodesOf(wanted_)));
    const bool anew = !places_.contains(wanted_.name);
    if (anew) {
      Add(CreateStatements(Skeleton(wanted_)));
    } else {
      GODWIT_RETURN_IF_ERROR(ExpectSame());
      AddMissingParents();
    }
    GODWIT_RETURN_IF_ERROR(AttachLeaves());
    if (anew) {
      for (const KeyStatement& key : KeyStatements(Skeleton(wanted_)))
        statements_.push_back(key.sql);
    }
    if (statements_.empty()) return base::OkStatus();
    std::vector<connector::CatalogSchema> schemas;
    for (const std::string& schema : SchemasOf(wanted_)) schemas.push_back(SchemaOf(schema));
    GODWIT_RETURN_IF_ERROR(CreateSchemas(target_, schemas));
    base::Failpoint("partitions.before_put_together");
    return Explained(target_.Execute(absl::StrJoin(statements_, kBetween)).status());
  }

 private:
  void Add(std::vector<std::string> statements) {
    std::ranges::move(statements, std::back_inserter(statements_));
  }

  // One that was kept, as something else is made of it or part of it.
  base::Status ExpectSame() {
    GODWIT_ASSIGN_OR_RETURN(std::optional<Definition> there, ReadRoot(target_, wanted_.name));
    if (!there) {
      return base::FailedPrecondition(
          "target: {} is in the way of the partitioned table of this name; drop or rename it there",
          wanted_.name.ToString());
    }
    Definition wanted = Skeleton(wanted_), has = Skeleton(*std::move(there));
    const auto both = [&](const PartitionDefinition& one) {
      const auto named = [&](const Definition& in) {
        return absl::c_any_of(in.partitions, [&](const auto& p) { return p.name == one.name; });
      };
      return named(wanted) && named(has);
    };
    Definition ours = wanted, theirs = has;
    DropPartitions(ours, [&](const auto& one) { return !both(one); });
    DropPartitions(theirs, [&](const auto& one) { return !both(one); });
    const std::string difference = DescribeDifference(ours, theirs);
    if (difference.empty()) return base::OkStatus();
    return base::FailedPrecondition(
        "target: partitioned table {} is there already, and differs:{}\nall changes are applied, "
        "and its partitions are tables of their own: drop it, with what is made of it, and run "
        "again",
        wanted_.name.ToString(), difference);
  }

  void AddMissingParents() {
    const Definition skeleton = Skeleton(wanted_);
    for (const PartitionDefinition& parent : skeleton.partitions) {
      if (!places_.contains(parent.name)) Add(PartitionStatements(skeleton, parent));
    }
  }

  base::Status AttachLeaves() {
    for (const PartitionDefinition& leaf : wanted_.partitions) {
      if (!IsLeaf(leaf)) continue;
      const auto place = places_.find(leaf.name);
      if (place == places_.end()) {
        spdlog::warn("target: {} is not made a partition of {}: it is not there",
                     leaf.name.ToString(), leaf.parent.ToString());
        continue;
      }
      const auto& [partitioned, parent, bound] = place->second;
      if (parent == leaf.parent && bound == leaf.bound) continue;
      if (!parent.table.empty()) {
        return base::FailedPrecondition(
            "target: {} is a partition of {} ({}), and to be one of {} ({}): detach it there, and "
            "run again",
            leaf.name.ToString(), parent.ToString(), bound, leaf.parent.ToString(), leaf.bound);
      }
      statements_.push_back(AttachText(leaf));
    }
    return base::OkStatus();
  }

  base::Status Explained(const base::Status& status) const {
    const std::string doing = fmt::format(
        "putting partitioned table {} together, whose rows are "
        "all there, in tables of their own",
        wanted_.name.ToString());
    if (!status.ok() && target_.last_state() == kCheckViolation) {
      return base::FailedPrecondition(
          "{}; while {}: the target's server has another place for a row, as by another collation, "
          "or for hashes of an enum, which differ from server to server. Attach this partition by "
          "hand, or migrate the table by its root (tables.partitions: root)",
          std::string(status.message()), doing);
    }
    return WhileMaking(status, target_, doing);
  }

  Connection& target_;
  const Definition& wanted_;
  std::map<TableName, Place> places_;
  std::vector<std::string> statements_;
};

// At once: to validate a key later leaves what stands for each partition of its parent out.
std::string KeyText(const TableName& child, const ConstraintDefinition& key) {
  std::string text = fmt::format("ALTER TABLE {0} ADD CONSTRAINT {1} {2}", QuoteName(child),
                                 QuoteName(key.name), key.definition);
  if (!key.comment.empty()) {
    text += fmt::format(";\nCOMMENT ON CONSTRAINT {1} ON {0} IS {2}", QuoteName(child),
                        QuoteName(key.name), QuoteText(key.comment));
  }
  return text;
}

const TableName& ChildOf(const Definition& tree, const ConstraintDefinition& key) {
  return key.table.table.empty() ? tree.name : key.table;
}

// Of the tree to others, and of others to it, where they are not there.
base::Status MakeKeys(Connection& target, const Definition& tree) {
  for (const ConstraintDefinition& key : tree.constraints) {
    if (key.kind != 'f') continue;
    const TableName& child = ChildOf(tree, key);
    GODWIT_ASSIGN_OR_RETURN(
        const ResultRow there,
        target.QueryRow(fmt::format(
            "SELECT to_regclass({0}) IS NOT NULL AND to_regclass({1}) IS NOT NULL, EXISTS (SELECT "
            "FROM pg_constraint WHERE conrelid = to_regclass({0}) AND conname = {2})",
            QuoteText(QuoteName(child)), QuoteText(QuoteName(key.parent)), QuoteText(key.name))));
    if (FlagOf(there[1])) continue;
    if (!FlagOf(there[0])) {
      spdlog::warn("target: foreign key {} of {} is not made, as {} is not there", key.name,
                   child.ToString(), key.parent.ToString());
      continue;
    }
    GODWIT_RETURN_IF_ERROR(
        WhileMaking(target.Execute(KeyText(child, key)).status(), target,
                    fmt::format("making foreign key {} of {}", key.name, child.ToString())));
  }
  return base::OkStatus();
}

}  // namespace

base::StatusOr<std::vector<CatalogObject>> ReadTrees(Connection& connection,
                                                     const connector::TableFilter& filter) {
  GODWIT_ASSIGN_OR_RETURN(const std::vector<ResultRow> rows,
                          connection.Query(TablesQuery("AND c.relkind = 'p'", /*by_leaf=*/false)));
  std::vector<ReadTable> tables;
  for (const ResultRow& row : rows) tables.push_back(ToReadTable(row));
  GODWIT_RETURN_IF_ERROR(ReadParts(connection, tables, /*by_leaf=*/false));
  std::vector<Definition> trees;
  for (ReadTable& table : tables) {
    KeepChosen(table.definition, filter);
    if (!table.definition.partitions.empty()) trees.push_back(std::move(table.definition));
  }
  GODWIT_RETURN_IF_ERROR(AddKeysTo(connection, filter, trees));
  std::vector<CatalogObject> objects;
  for (const Definition& tree : trees) {
    CatalogObject& object = objects.emplace_back();
    object.kind = connector::ObjectKind::kPartitioned;
    object.schema = tree.name.schema;
    object.name = tree.name.table;
    object.statement = ToJson(tree);
    object.dialect = kDialect;
  }
  return objects;
}

base::StatusOr<std::vector<std::string>> TreeStatements(const CatalogObject& tree) {
  GODWIT_ASSIGN_OR_RETURN(const Definition definition, FromJson(tree.statement));
  const Definition skeleton = Skeleton(definition);
  std::vector<std::string> statements = CreateStatements(skeleton);
  for (const PartitionDefinition& partition : definition.partitions) {
    if (IsLeaf(partition)) statements.push_back(AttachText(partition));
  }
  for (const KeyStatement& key : KeyStatements(skeleton)) statements.push_back(key.sql);
  for (const ConstraintDefinition& key : definition.constraints) {
    if (key.kind == 'f') statements.push_back(KeyText(ChildOf(definition, key), key));
  }
  return statements;
}

base::Status PutTogether(Connection& target, const std::vector<CatalogObject>& trees) {
  std::vector<Definition> definitions;
  for (const CatalogObject& tree : trees) {
    GODWIT_ASSIGN_OR_RETURN(definitions.emplace_back(), FromJson(tree.statement));
  }
  for (const Definition& tree : definitions) GODWIT_RETURN_IF_ERROR(Assembly(target, tree).Run());
  for (const Definition& tree : definitions) GODWIT_RETURN_IF_ERROR(MakeKeys(target, tree));
  return base::OkStatus();
}

}  // namespace godwit::connectors::postgres
