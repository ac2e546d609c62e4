#include "connectors/postgres/definition/definition_diff.h"

#include <absl/strings/str_join.h>
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "connectors/postgres/definition/column_diff.h"
#include "connectors/postgres/schema/schema_writer.h"
#include "connectors/postgres/sql_text.h"

namespace godwit::connectors::postgres {
namespace {

using model::DdlKind;
using model::TableName;

template <typename T>
void Append(const std::vector<T>& from, std::vector<T>& to) {
  to.insert(to.end(), from.begin(), from.end());
}

std::string RenameText(const TableName& from, const TableName& to) {
  std::vector<std::string> sql;
  if (from.schema != to.schema) {
    sql.push_back(fmt::format("CREATE SCHEMA IF NOT EXISTS {}", QuoteName(to.schema)));
    sql.push_back(
        fmt::format("ALTER TABLE {} SET SCHEMA {}", QuoteName(from), QuoteName(to.schema)));
  }
  if (from.table != to.table) {
    sql.push_back(fmt::format("ALTER TABLE {} RENAME TO {}",
                              QuoteName(TableName{to.schema, from.table}), QuoteName(to.table)));
  }
  return absl::StrJoin(sql, ";\n");
}

std::string IdentityText(const Definition& definition) {
  const std::string alter = "ALTER TABLE " + QuoteName(definition.name) + " REPLICA IDENTITY ";
  switch (definition.replica_identity) {
    case 'n':
      return alter + "NOTHING";
    case 'f':
      return alter + "FULL";
    case 'i':
      return alter + (definition.replica_index.empty()
                          ? "NOTHING"
                          : "USING INDEX " + QuoteName(definition.replica_index));
    default:
      return alter + "DEFAULT";
  }
}

std::string WithoutNotValid(const std::string& definition) {
  constexpr std::string_view kNotValid = " NOT VALID";
  return definition.ends_with(kNotValid)
             ? definition.substr(0, definition.size() - kNotValid.size())
             : definition;
}

class Diff {
 public:
  Diff(const Definition& known, const Definition& after, const DiffContext& context,
       DdlSteps& steps)
      : known_(known), after_(after), context_(context), steps_(steps) {
    diff_.after = after;
    for (const ColumnDefinition& column : known.columns) {
      const auto now = std::ranges::find(after.columns, column.number, &ColumnDefinition::number);
      if (now != after.columns.end() && now->name != column.name)
        renames_.columns[column.name] = now->name;
    }
    renames_.tables = context.renames.tables;
    for (const PartitionDefinition& partition : known.partitions) {
      const auto now =
          std::ranges::find(after.partitions, partition.oid, &PartitionDefinition::oid);
      if (now != after.partitions.end() && now->name != partition.name)
        renames_.tables[partition.name] = now->name;
    }
  }

  DefinitionDiff Run() {
    if (known_.name != after_.name) {
      steps_.renames.push_back(RenameText(known_.name, after_.name));
      diff_.kinds.insert(DdlKind::kRenameTable);
    }
    if (context_.rewritten) diff_.by_copy = "its rows were written anew";
    if (known_.partition_key != after_.partition_key)
      diff_.by_copy = "it is partitioned in another way";
    if (known_.unlogged != after_.unlogged)
      Obstacle("the table is {} by now", after_.unlogged ? "unlogged" : "logged");
    if (diff_.by_copy.empty()) Work();
    if (!diff_.by_copy.empty()) {
      diff_.kinds.insert(DdlKind::kAlterTable);
    } else {
      Append(own_.foreign_keys_off, steps_.foreign_keys_off);
      Append(own_.keys_off, steps_.keys_off);
      Append(own_.drops, steps_.drops);
      Append(own_.renames, steps_.renames);
      Append(own_.columns, steps_.columns);
      Append(own_.creates, steps_.creates);
      Append(own_.keys, steps_.keys);
      Append(own_.foreign_keys, steps_.foreign_keys);
      Append(own_.rest, steps_.rest);
    }
    return std::move(diff_);
  }

 private:
  template <typename... Args>
  void Obstacle(fmt::format_string<Args...> format, Args&&... args) {
    if (!diff_.obstacle.empty()) return;
    diff_.kinds.insert(DdlKind::kAlterTable);
    diff_.obstacle =
        fmt::format("{}: {}. Do it on the target by hand, and skip this statement, or replace it",
                    after_.name.ToString(), fmt::format(format, std::forward<Args>(args)...));
  }

  void Work() {
    Partitions();
    ColumnDiff columns(known_, after_, context_, renames_, own_, diff_);
    columns.Run();
    if (!diff_.by_copy.empty()) return;
    Constraints();
    Indexes();
    if (known_.replica_identity != after_.replica_identity ||
        known_.replica_index != after_.replica_index) {
      own_.keys.push_back(IdentityText(after_));
      Alters();
    }
    Options(after_.name, known_.options, after_.options);
    if (known_.comment != after_.comment) {
      own_.rest.push_back(fmt::format("COMMENT ON TABLE {} IS {}", QuoteName(after_.name),
                                      QuoteText(after_.comment)));
      Alters();
    }
  }

  void Alters() { diff_.kinds.insert(DdlKind::kAlterTable); }

  void Options(const TableName& table, const std::vector<std::string>& before,
               const std::vector<std::string>& now) {
    std::vector<std::string> set, reset;
    const auto key = [](const std::string& option) { return option.substr(0, option.find('=')); };
    for (const std::string& option : now) {
      if (std::ranges::find(before, option) != before.end()) continue;
      const size_t equals = option.find('=');
      set.push_back(equals == std::string::npos
                        ? option
                        : option.substr(0, equals + 1) + QuoteText(option.substr(equals + 1)));
    }
    for (const std::string& option : before) {
      if (std::ranges::none_of(now, [&](const auto& o) { return key(o) == key(option); }))
        reset.push_back(key(option));
    }
    const std::string alter = "ALTER TABLE " + QuoteName(table);
    if (!set.empty()) own_.rest.push_back(alter + " SET (" + absl::StrJoin(set, ", ") + ")");
    if (!reset.empty()) own_.rest.push_back(alter + " RESET (" + absl::StrJoin(reset, ", ") + ")");
    if (!set.empty() || !reset.empty()) Alters();
  }

  static std::string Detach(const PartitionDefinition& partition) {
    return fmt::format("ALTER TABLE {} DETACH PARTITION {}", QuoteName(partition.parent),
                       QuoteName(partition.name));
  }
  static std::string Attach(const PartitionDefinition& partition) {
    return fmt::format("ALTER TABLE {} ATTACH PARTITION {} {}", QuoteName(partition.parent),
                       QuoteName(partition.name), partition.bound);
  }

  TableName NameNow(const TableName& name) const {
    const auto renamed = renames_.tables.find(name);
    return renamed == renames_.tables.end() ? name : renamed->second;
  }

  void Partitions() {
    std::vector<PartitionDefinition> gone;
    for (const PartitionDefinition& partition : known_.partitions) {
      const auto now =
          std::ranges::find(after_.partitions, partition.oid, &PartitionDefinition::oid);
      if (now == after_.partitions.end()) {
        gone.push_back(partition);
        continue;
      }
      if (now->name != partition.name) {
        own_.renames.push_back(RenameText(partition.name, now->name));
        Alters();
      }
      if (NameNow(partition.parent) != now->parent || partition.bound != now->bound) {
        own_.drops.push_back(Detach(partition));
        own_.creates.push_back(Attach(*now));
        Alters();
      }
      if (partition.key != now->key) diff_.by_copy = "a partition is divided in another way";
      if (partition.unlogged != now->unlogged)
        Obstacle("partition {} is {} by now", now->name.ToString(),
                 now->unlogged ? "unlogged" : "logged");
      Options(now->name, partition.options, now->options);
    }
    std::vector<std::string> drops;
    for (const PartitionDefinition& partition : gone) {
      gone_.insert(partition.name);
      const bool dropped = context_.dropped.contains(partition.oid);
      const auto parent = std::ranges::find(gone, partition.parent, &PartitionDefinition::name);
      // It goes where its parent goes, unless that is dropped and it was taken out before.
      if (parent != gone.end() && (dropped || !context_.dropped.contains(parent->oid))) continue;
      diff_.kinds.insert(DdlKind::kDropPartition);
      if (dropped) {
        drops.push_back("DROP TABLE " + QuoteName(partition.name));
        continue;
      }
      own_.drops.push_back(Detach(partition));
      diff_.notes.push_back(fmt::format(
          "{} was a partition of {} and is a table of its own by now: what happens to it from here "
          "on is not migrated",
          partition.name.ToString(), after_.name.ToString()));
    }
    Append(drops, own_.drops);
    for (const PartitionDefinition& partition : after_.partitions) {
      if (std::ranges::find(known_.partitions, partition.oid, &PartitionDefinition::oid) ==
          known_.partitions.end())
        NewPartition(partition);
    }
  }

  void NewPartition(const PartitionDefinition& partition) {
    new_.insert(partition.name);
    diff_.kinds.insert(DdlKind::kAddPartition);
    if (context_.followed.contains(partition.oid)) {
      diff_.attached.push_back(partition.oid);
      own_.creates.push_back(Attach(partition));
      return;
    }
    if (!context_.made.contains(partition.oid)) {
      Obstacle(
          "partition {} was a table of its own, with rows that the log does not have as the "
          "table's: bring them to the target, for example by pg_dump of this table, and attach it "
          "there",
          partition.name.ToString());
    }
    if (partition.unlogged) Obstacle("partition {} is unlogged", partition.name.ToString());
    Append(PartitionStatements(after_, partition), own_.creates);
  }

  // The partition that a constraint or an index is on, or the table.
  const TableName& On(const TableName& partition) const {
    return partition.table.empty() ? after_.name : partition;
  }

  void Constraints() {
    const auto text = [&](const ConstraintDefinition& one, bool is_known) {
      return fmt::format(
          "{} {} {}", NameNow(one.table).ToString(), one.kind,
          Normalized(WithoutNotValid(one.definition), is_known ? renames_ : Renames{}));
    };
    std::vector<ConstraintDefinition> gone, added = after_.constraints;
    std::erase_if(added, [&](const auto& one) { return new_.contains(one.table); });
    for (const ConstraintDefinition& one : known_.constraints) {
      if (gone_.contains(one.table)) continue;
      const std::string was = text(one, true);
      const auto same = [&](const ConstraintDefinition& now) {
        return text(now, false) == was && (one.validated == now.validated || now.validated);
      };
      auto now = std::ranges::find_if(
          added, [&](const auto& other) { return other.name == one.name && same(other); });
      if (now == added.end()) {
        gone.push_back(one);
        continue;
      }
      StayConstraint(one, *now);
      added.erase(now);
    }
    for (const ConstraintDefinition& one : gone) {
      const auto now = std::ranges::find_if(added, [&](const ConstraintDefinition& other) {
        return text(other, false) == text(one, true) && other.validated == one.validated &&
               std::ranges::find(known_.constraints, other.name, &ConstraintDefinition::name) ==
                   known_.constraints.end();
      });
      Alters();
      if (now != added.end()) {
        own_.renames.push_back(fmt::format("ALTER TABLE {} RENAME CONSTRAINT {} TO {}",
                                           QuoteName(On(NameNow(one.table))), QuoteName(one.name),
                                           QuoteName(now->name)));
        StayConstraint(one, *now);
        added.erase(now);
        continue;
      }
      const TableName& on = one.table.table.empty() ? known_.name : one.table;
      auto& off = one.kind == 'f' ? own_.foreign_keys_off : own_.keys_off;
      off.push_back(fmt::format("ALTER TABLE {} DROP CONSTRAINT IF EXISTS {}", QuoteName(on),
                                QuoteName(one.name)));
    }
    if (added.empty()) return;
    Alters();
    for (const ConstraintDefinition& one : added) {
      if (one.kind != 'f') {
        own_.keys.push_back(fmt::format("ALTER TABLE {} ADD CONSTRAINT {} {}",
                                        QuoteName(On(one.table)), QuoteName(one.name),
                                        one.definition));
      }
      if (one.kind != 'f' && !one.comment.empty()) own_.keys.push_back(CommentText(one));
    }
    Definition only = after_;
    only.constraints = added;
    Append(ForeignKeyStatements(only), own_.foreign_keys);
  }

  std::string CommentText(const ConstraintDefinition& one) const {
    return fmt::format("COMMENT ON CONSTRAINT {} ON {} IS {}", QuoteName(one.name),
                       QuoteName(On(one.table)), QuoteText(one.comment));
  }

  void StayConstraint(const ConstraintDefinition& before, const ConstraintDefinition& now) {
    if (now.validated && !before.validated) {
      Alters();
      auto& list = now.kind == 'f' ? own_.foreign_keys : own_.keys;
      list.push_back(fmt::format("ALTER TABLE {} VALIDATE CONSTRAINT {}", QuoteName(On(now.table)),
                                 QuoteName(now.name)));
    }
    if (now.comment != before.comment) {
      Alters();
      own_.rest.push_back(CommentText(now));
    }
  }

  void Indexes() {
    const auto text = [&](const IndexDefinition& one, bool is_known) {
      return Normalized(one.definition, is_known ? renames_ : Renames{}, one.name);
    };
    std::vector<IndexDefinition> gone, added = after_.indexes;
    std::erase_if(added, [&](const auto& one) { return new_.contains(one.table); });
    for (const IndexDefinition& one : known_.indexes) {
      if (gone_.contains(one.table)) continue;
      const auto now = std::ranges::find_if(added, [&](const IndexDefinition& other) {
        return other.name == one.name && text(other, false) == text(one, true);
      });
      if (now == added.end()) {
        gone.push_back(one);
        continue;
      }
      StayIndex(one, *now);
      added.erase(now);
    }
    for (const IndexDefinition& one : gone) {
      const auto now = std::ranges::find_if(added, [&](const IndexDefinition& other) {
        return text(other, false) == text(one, true) &&
               std::ranges::find(known_.indexes, other.name, &IndexDefinition::name) ==
                   known_.indexes.end();
      });
      const TableName& on = one.table.table.empty() ? known_.name : one.table;
      if (now != added.end()) {
        Alters();
        own_.renames.push_back(fmt::format(
            "ALTER INDEX IF EXISTS {} RENAME TO {}",
            QuoteName(TableName{On(NameNow(one.table)).schema, one.name}), QuoteName(now->name)));
        StayIndex(one, *now);
        added.erase(now);
        continue;
      }
      diff_.kinds.insert(DdlKind::kDropIndex);
      own_.keys_off.push_back(
          fmt::format("DROP INDEX IF EXISTS {}", QuoteName(TableName{on.schema, one.name})));
    }
    if (added.empty()) return;
    diff_.kinds.insert(DdlKind::kCreateIndex);
    Definition only = after_;
    only.constraints.clear();
    only.indexes = added;
    for (const KeyStatement& key : KeyStatements(only)) own_.keys.push_back(key.sql);
  }

  void StayIndex(const IndexDefinition& before, const IndexDefinition& now) {
    if (now.comment != before.comment) {
      Alters();
      own_.rest.push_back(fmt::format("COMMENT ON INDEX {} IS {}",
                                      QuoteName(TableName{On(now.table).schema, now.name}),
                                      QuoteText(now.comment)));
    }
    if (now.clustered == before.clustered) return;
    Alters();
    own_.rest.push_back(
        fmt::format("ALTER TABLE {} {}", QuoteName(On(now.table)),
                    now.clustered ? "CLUSTER ON " + QuoteName(now.name) : "SET WITHOUT CLUSTER"));
  }

  const Definition& known_;
  const Definition& after_;
  const DiffContext& context_;
  DdlSteps& steps_;
  DdlSteps own_;  // unless the table is copied again
  Renames renames_;
  DefinitionDiff diff_;
  std::set<TableName> gone_, new_;  // partitions
};

}  // namespace

std::string DdlSteps::ToSql(bool catching_up) const {
  std::vector<std::string> all;
  for (const auto* list : {&foreign_keys_off, &keys_off, &drops, &renames, &columns, &creates,
                           &keys, &foreign_keys, &rest}) {
    for (const std::string& statement : *list) {
      const bool later = catching_up && list == &foreign_keys &&
                         statement.find(" VALIDATE CONSTRAINT ") != std::string::npos;
      if (!statement.empty() && !later) all.push_back(statement);
    }
  }
  return absl::StrJoin(all, ";\n");
}

DefinitionDiff DiffDefinitions(const Definition& known, const Definition& after,
                               const DiffContext& context, DdlSteps& steps) {
  return Diff(known, after, context, steps).Run();
}

void AddCreation(const Definition& definition, DdlSteps& steps) {
  steps.creates.push_back("CREATE SCHEMA IF NOT EXISTS " + QuoteName(definition.name.schema));
  Append(CreateStatements(definition), steps.creates);
  for (const KeyStatement& key : KeyStatements(definition)) steps.keys.push_back(key.sql);
  Append(ForeignKeyStatements(definition), steps.foreign_keys);
  steps.rest.push_back(LateReplicaIdentity(definition));
}

}  // namespace godwit::connectors::postgres
