#include "connectors/postgres/definition/definition_diff.h"

#include <absl/strings/str_join.h>
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "connectors/postgres/definition/column_diff.h"
#include "connectors/postgres/definition/partition_diff.h"
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

// The numbers of the columns that tell the table's rows apart.
std::vector<int> IdentityOf(const Definition& table) {
  std::vector<int> numbers;
  for (int column : ToTable(table).RowIdentity())
    numbers.push_back(table.columns[static_cast<size_t>(column)].number);
  return numbers;
}

constexpr std::string_view kNotValid = " NOT VALID";

std::string WithoutNotValid(const std::string& definition) {
  return definition.ends_with(kNotValid)
             ? definition.substr(0, definition.size() - kNotValid.size())
             : definition;
}

class Diff {
 public:
  Diff(const Definition& known, const Definition& after, const DiffContext& context,
       DdlSteps& steps)
      : known_(known),
        after_(after),
        context_(context),
        steps_(steps),
        names_(context.names),
        replica_index_(known.replica_index),
        partitions_(known, after, context, renames_, own_, diff_) {
    diff_.after = after;
    names_.merge(NamesSince(known, after));
    for (const auto& [name, renames] : names_)
      renames_.tables.insert(renames.tables.begin(), renames.tables.end());
    if (const auto own = names_.find(known.name); own != names_.end())
      renames_.columns = own->second.columns;
    known_by_now_ = renames_;
    // What was on a column that has gone went with it, though another has its name by now.
    for (const ColumnDefinition& column : known.columns) {
      if (std::ranges::find(after.columns, column.number, &ColumnDefinition::number) ==
          after.columns.end())
        known_by_now_.columns[column.name] = column.name + " that has gone";
    }
  }

  DefinitionDiff Run() {
    if (known_.name != after_.name) {
      steps_.renames.push_back({NewName::Of::kTable, known_.name, after_.name, {}});
      diff_.kinds.insert(DdlKind::kRenameTable);
    }
    if (context_.rewritten) diff_.by_copy = "its rows were written anew";
    if (known_.partition_key != after_.partition_key)
      diff_.by_copy = "it is partitioned in another way";
    if (known_.unlogged != after_.unlogged)
      diff_.Obstacle(after_.name, fmt::format("the table is {} by now",
                                              after_.unlogged ? "unlogged" : "logged"));
    if (diff_.by_copy.empty()) Work();
    if (!diff_.by_copy.empty()) {
      diff_.kinds.insert(DdlKind::kAlterTable);
      diff_.after = after_;
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
  void Work() {
    partitions_.Run();
    ColumnDiff columns(known_, after_, context_, renames_, own_, diff_);
    columns.Run();
    if (!diff_.by_copy.empty()) return;
    Constraints();
    Indexes();
    Identity();
    DiffOptions(after_.name, known_.options, after_.options, own_, diff_);
    if (known_.comment != after_.comment) {
      own_.rest.push_back(fmt::format("COMMENT ON TABLE {} IS {}", QuoteName(after_.name),
                                      QuoteText(after_.comment)));
      Alters();
    }
  }

  // Whether the known definition names it by what it tells rows apart.
  bool IsReplicaIndex(const auto& known) const {
    return known.table.table.empty() && known.name == known_.replica_index;
  }

  // What the log tells the rows by that the transaction has changed before. Those that it changes
  // after that may be told apart by something else, which is seen when they come.
  void Identity() {
    const bool changes = known_.replica_identity != after_.replica_identity ||
                         known_.replica_index != after_.replica_index;
    if (changes && !context_.rows_before) {
      own_.keys.push_back(IdentityText(after_));
      Alters();
    }
    if (!context_.rows_before) return;
    diff_.after.replica_identity = known_.replica_identity;
    diff_.after.replica_index = replica_index_;
    if (IdentityOf(known_) != IdentityOf(diff_.after))
      diff_.by_copy = "its rows are told apart by other columns, and were changed before that";
  }

  void Alters() { diff_.kinds.insert(DdlKind::kAlterTable); }

  TableName NameNow(const TableName& name) const {
    const auto renamed = renames_.tables.find(name);
    return renamed == renames_.tables.end() ? name : renamed->second;
  }

  // The partition that a constraint or an index is on, or the table.
  const TableName& On(const TableName& partition) const {
    return partition.table.empty() ? after_.name : partition;
  }

  void Constraints() {
    const auto text = [&](const ConstraintDefinition& one, bool is_known) {
      std::string definition = WithoutNotValid(one.definition);
      const auto parent = one.kind == 'f' && is_known ? names_.find(one.parent) : names_.end();
      if (parent != names_.end()) definition = WithNewParent(definition, parent->second);
      Renames renames;
      if (is_known) renames.columns = known_by_now_.columns;
      if (is_known && one.kind != 'f') renames.tables = known_by_now_.tables;
      return fmt::format("{} {} {}", NameNow(one.table).ToString(), one.kind,
                         Normalized(definition, renames));
    };
    std::vector<ConstraintDefinition> gone, added = after_.constraints;
    std::erase_if(added, [&](const auto& one) { return partitions_.added().contains(one.table); });
    for (const ConstraintDefinition& one : known_.constraints) {
      if (partitions_.gone().contains(one.table)) continue;
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
        const TableName on = On(NameNow(one.table));
        own_.renames.push_back({NewName::Of::kConstraint,
                                {on.schema, one.name},
                                {on.schema, now->name},
                                on,
                                /*may_be_absent=*/one.kind != 'c'});
        if (IsReplicaIndex(one)) replica_index_ = now->name;
        StayConstraint(one, *now);
        added.erase(now);
        continue;
      }
      const TableName& on = one.table.table.empty() ? known_.name : one.table;
      auto& off = one.kind == 'f' ? own_.foreign_keys_off : own_.keys_off;
      off.push_back(fmt::format("ALTER TABLE {} DROP CONSTRAINT IF EXISTS {}", QuoteName(on),
                                QuoteName(one.name)));
    }
    LeaveForLater(added, diff_.after.constraints);
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

  // What has come to hold in a transaction with rows may not hold before them. Keys by which the
  // log tells rows apart have to be there all the same, and do hold where none of the table's came
  // before.
  template <typename T>
  void LeaveForLater(std::vector<T>& added, std::vector<T>& after) const {
    if (!context_.has_rows) return;
    const auto waits = [&](const T& one) {
      bool identifies = one.name == after_.replica_index;
      if constexpr (std::is_same_v<T, ConstraintDefinition>)
        identifies = identifies || one.kind == 'p';
      return (!identifies || context_.rows_before) && std::ranges::find(added, one) != added.end();
    };
    std::erase_if(after, waits);
    std::erase_if(added,
                  [&](const T& one) { return std::ranges::find(after, one) == after.end(); });
  }

  std::string CommentText(const ConstraintDefinition& one) const {
    return fmt::format("COMMENT ON CONSTRAINT {} ON {} IS {}", QuoteName(one.name),
                       QuoteName(On(one.table)), QuoteText(one.comment));
  }

  void StayConstraint(const ConstraintDefinition& before, const ConstraintDefinition& now) {
    if (now.validated && !before.validated && context_.has_rows) {
      ConstraintDefinition& left = *std::ranges::find(diff_.after.constraints, now);
      left.validated = false;
      left.definition += kNotValid;
    } else if (now.validated && !before.validated) {
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
      return Normalized(one.definition, is_known ? known_by_now_ : Renames{}, one.name);
    };
    std::vector<IndexDefinition> gone, added = after_.indexes;
    std::erase_if(added, [&](const auto& one) { return partitions_.added().contains(one.table); });
    for (const IndexDefinition& one : known_.indexes) {
      if (partitions_.gone().contains(one.table)) continue;
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
        const std::string schema = On(NameNow(one.table)).schema;
        own_.renames.push_back({NewName::Of::kIndex,
                                {schema, one.name},
                                {schema, now->name},
                                {},
                                /*may_be_absent=*/true});
        if (IsReplicaIndex(one)) replica_index_ = now->name;
        StayIndex(one, *now);
        added.erase(now);
        continue;
      }
      diff_.kinds.insert(DdlKind::kDropIndex);
      own_.keys_off.push_back(
          fmt::format("DROP INDEX IF EXISTS {}", QuoteName(TableName{on.schema, one.name})));
    }
    LeaveForLater(added, diff_.after.indexes);
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
  DdlSteps own_;                        // unless the table is copied again
  std::map<TableName, Renames> names_;  // as of DiffContext, with those of this table
  Renames renames_;
  Renames known_by_now_;       // of texts of the known definition
  std::string replica_index_;  // the known one, by its name of now
  DefinitionDiff diff_;
  PartitionDiff partitions_;
};

}  // namespace

std::string DdlSteps::ToSql(bool catching_up) const {
  const std::vector<std::string> new_names = RenameStatements(renames);
  std::vector<std::string> all;
  for (const auto* list : {&foreign_keys_off, &keys_off, &drops, &new_names, &columns, &creates,
                           &keys, &foreign_keys, &rest}) {
    for (const std::string& statement : *list) {
      const bool later = catching_up && list == &foreign_keys &&
                         statement.find(" VALIDATE CONSTRAINT ") != std::string::npos;
      if (!statement.empty() && !later) all.push_back(statement);
    }
  }
  return absl::StrJoin(all, ";\n");
}

void DefinitionDiff::Obstacle(const TableName& table, const std::string& what) {
  if (!obstacle.empty()) return;
  kinds.insert(DdlKind::kAlterTable);
  obstacle =
      fmt::format("{}: {}. Do it on the target by hand, and skip this statement, or replace it",
                  table.ToString(), what);
}

DefinitionDiff DiffDefinitions(const Definition& known, const Definition& after,
                               const DiffContext& context, DdlSteps& steps) {
  return Diff(known, after, context, steps).Run();
}

void AddCreation(const Definition& definition, DdlSteps& steps) {
  for (const std::string& schema : SchemasOf(definition))
    steps.creates.push_back("CREATE SCHEMA IF NOT EXISTS " + QuoteName(schema));
  Append(CreateStatements(definition), steps.creates);
  for (const KeyStatement& key : KeyStatements(definition)) steps.keys.push_back(key.sql);
  Append(ForeignKeyStatements(definition), steps.foreign_keys);
  steps.rest.push_back(LateReplicaIdentity(definition));
}

}  // namespace godwit::connectors::postgres
