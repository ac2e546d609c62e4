#include "sql/alter.h"

#include "base/text.h"
#include "sql/alter_columns.h"
#include "sql/complete.h"

namespace godwit::sql {
namespace {

bool Same(std::string_view a, std::string_view b) { return base::EqualsIgnoreCase(a, b); }

// Erases the item of that name; whether there was one.
template <typename Items>
bool EraseNamed(Items& items, std::string_view name) {
  return std::erase_if(items, [&](const auto& item) { return Same(item.name, name); }) != 0;
}

// Whether the first columns of `key` are those of `other`.
bool BeginsWith(const KeyDefinition& key, const KeyDefinition& other) {
  return other.parts.size() <= key.parts.size() &&
         std::equal(other.parts.begin(), other.parts.end(), key.parts.begin(),
                    [](const KeyPart& a, const KeyPart& b) { return Same(a.column, b.column); });
}

class Alteration {
 public:
  Alteration(const TableDefinition& definition, std::span<const AlterAction> actions,
             const CharsetChoice& schema_default)
      : old_(definition), actions_(actions), schema_default_(schema_default), table_(definition) {}

  base::StatusOr<TableDefinition> Run() {
    GODWIT_ASSIGN_OR_RETURN(table_.columns, AlterColumns(old_, actions_, schema_default_));
    // What goes, by its old name, goes before what comes.
    GODWIT_RETURN_IF_ERROR(
        (ForEach<DropKey, DropForeignKey, DropConstraint, DropPeriod, SetKeyIgnored>()));
    GODWIT_RETURN_IF_ERROR(ForEach<RenameKey>());
    RemoveDroppedColumns();
    RenameReferences(table_, RenamedColumns(actions_));
    GODWIT_RETURN_IF_ERROR(
        (ForEach<AddKey, AddForeignKey, AddCheck, SetCheckEnforced, AddPeriod, SetSystemVersioning,
                 SetOptions, ConvertCharset, SetPartitioning, AddPartitions, DropPartitions,
                 CoalescePartitions, ReorganizePartitions, ConvertPartitionToTable,
                 ConvertTableToPartition>()));
    const bool sorts = std::ranges::any_of(actions_, [](const AlterAction& action) {
      return std::holds_alternative<AddKey>(action) || std::holds_alternative<ChangeColumn>(action);
    });
    Complete(table_, schema_default_, sorts ? KeyOrder::kSorted : KeyOrder::kAsListed);
    return std::move(table_);
  }

 private:
  template <typename... Kinds>
  base::Status ForEach() {
    for (const AlterAction& action : actions_) {
      base::Status status;
      ((std::holds_alternative<Kinds>(action) ? void(status = Do(std::get<Kinds>(action)))
                                              : void()),
       ...);
      GODWIT_RETURN_IF_ERROR(status);
    }
    return base::OkStatus();
  }

  base::Status Missing(std::string_view what, std::string_view name, bool if_exists) const {
    if (if_exists) return base::OkStatus();
    return base::FailedPrecondition("table {} has no {} {}", table_.name.ToString(), what, name);
  }

  base::Status Do(const DropKey& drop) {
    if (EraseNamed(table_.keys, drop.name)) return base::OkStatus();
    return Missing("key", drop.name, drop.if_exists);
  }
  base::Status Do(const DropForeignKey& drop) {
    if (EraseNamed(table_.foreign_keys, drop.name)) return base::OkStatus();
    const std::string& engine = table_.options.engine;
    const bool keeps_none = !engine.empty() && !Same(engine, "InnoDB");
    return Missing("foreign key", drop.name, drop.if_exists || keeps_none);
  }
  base::Status Do(const DropConstraint& drop) {
    if (EraseNamed(table_.checks, drop.name) || EraseNamed(table_.foreign_keys, drop.name) ||
        EraseNamed(table_.keys, drop.name)) {
      return base::OkStatus();
    }
    return Missing("constraint", drop.name, drop.if_exists);
  }
  base::Status Do(const DropPeriod& drop) {
    if (EraseNamed(table_.periods, drop.name)) return base::OkStatus();
    return Missing("period", drop.name, drop.if_exists);
  }
  base::Status Do(const RenameKey& rename) {
    int index = old_.FindKey(rename.from);
    if (index < 0) return Missing("key", rename.from, rename.if_exists);
    // By its parts' identity: another key may take the old name in the same statement.
    for (KeyDefinition& key : table_.keys) {
      if (key != old_.keys[static_cast<size_t>(index)]) continue;
      key.name = rename.to;
      key.for_foreign_key = false;  // it has become the user's own
    }
    return base::OkStatus();
  }
  base::Status Do(const SetKeyIgnored& set) {
    int index = table_.FindKey(set.key);
    if (index < 0) return Missing("key", set.key, set.if_exists);
    table_.keys[static_cast<size_t>(index)].ignored = set.ignored;
    return base::OkStatus();
  }

  // A key's column comes back where the statement adds one of its name.
  bool IsAdded(std::string_view column) const {
    return std::ranges::any_of(actions_, [&](const AlterAction& action) {
      const auto* add = std::get_if<AddColumn>(&action);
      return add != nullptr && Same(add->column.name, column);
    });
  }

  bool IsDropped(std::string_view column) const {
    return std::ranges::any_of(actions_, [&](const AlterAction& action) {
      const auto* drop = std::get_if<DropColumn>(&action);
      return drop != nullptr && Same(drop->name, column);
    });
  }

  void RemoveDroppedColumns() {
    for (KeyDefinition& key : table_.keys) {
      std::erase_if(key.parts, [&](const KeyPart& part) {
        return IsDropped(part.column) && !IsAdded(part.column);
      });
    }
    std::erase_if(table_.keys, [](const KeyDefinition& key) { return key.parts.empty(); });
    std::erase_if(table_.foreign_keys, [&](const model::ForeignKey& foreign_key) {
      return std::ranges::any_of(foreign_key.columns,
                                 [&](const std::string& column) { return IsDropped(column); });
    });
    std::erase_if(table_.checks, [&](const CheckDefinition& check) {
      return table_.flavour == Flavour::kMySql &&
             std::ranges::any_of(actions_, [&](const auto& action) {
               const auto* drop = std::get_if<DropColumn>(&action);
               return drop != nullptr && RefersTo(check.expression, drop->name);
             });
    });
    std::erase_if(table_.periods, [&](const PeriodDefinition& period) {
      return IsDropped(period.start) || IsDropped(period.end);
    });
  }

  base::Status Do(const AddKey& add) {
    // What IF NOT EXISTS looks for is the name that the key would get by itself.
    const std::string& name =
        add.key.name.empty() && !add.key.parts.empty() ? add.key.parts[0].column : add.key.name;
    if (add.if_not_exists && old_.FindKey(name) >= 0) return base::OkStatus();
    if (add.if_not_exists && add.key.for_foreign_key && old_.FindForeignKey(add.key.name) >= 0) {
      return base::OkStatus();
    }
    // A key of this name can only be one made for a foreign key, which then gives way.
    if (!add.key.name.empty()) EraseNamed(table_.keys, add.key.name);
    // MariaDB takes a new full-text key for one that serves a foreign key, and an old one not.
    if (add.key.kind == KeyKind::kFulltext && table_.flavour == Flavour::kMariaDb) {
      std::erase_if(table_.keys, [&](const KeyDefinition& made) {
        return made.for_foreign_key && BeginsWith(add.key, made);
      });
    }
    table_.keys.push_back(add.key);
    return base::OkStatus();
  }
  base::Status Do(const AddForeignKey& add) {
    if (add.if_not_exists && old_.FindForeignKey(add.foreign_key.name) >= 0)
      return base::OkStatus();
    table_.foreign_keys.push_back(add.foreign_key);
    return base::OkStatus();
  }
  base::Status Do(const AddCheck& add) {
    bool exists = std::ranges::any_of(
        old_.checks, [&](const auto& check) { return Same(check.name, add.check.name); });
    if (!add.if_not_exists || !exists) table_.checks.push_back(add.check);
    return base::OkStatus();
  }
  base::Status Do(const SetCheckEnforced& set) {
    for (CheckDefinition& check : table_.checks) {
      if (!Same(check.name, set.name)) continue;
      check.enforced = set.enforced;
      return base::OkStatus();
    }
    return Missing("check", set.name, false);
  }
  base::Status Do(const AddPeriod& add) {
    bool exists = old_.FindPeriod(add.period.name) != nullptr;
    if (!add.if_not_exists || !exists) table_.periods.push_back(add.period);
    return base::OkStatus();
  }
  base::Status Do(const SetSystemVersioning& set) {
    table_.system_versioned = set.on;
    if (!set.on) EraseNamed(table_.periods, "SYSTEM_TIME");
    return base::OkStatus();
  }

  base::Status Do(const SetOptions& set) {
    const TableOptions& options = set.options;
    if (!options.engine.empty()) table_.options.engine = options.engine;
    if (options.auto_increment) table_.options.auto_increment = options.auto_increment;
    if (options.comment)
      table_.options.comment = options.comment->empty() ? std::nullopt : options.comment;
    if (options.charset != CharsetChoice()) {
      bool schemas = Same(options.charset.charset, "default");
      table_.options.charset = Resolve(
          options.charset, schemas ? schema_default_ : table_.options.charset, table_.flavour);
    }
    for (const auto& option : options.other) {
      std::erase_if(table_.options.other,
                    [&](const auto& old) { return Same(old.first, option.first); });
      if (!Same(option.second, "DEFAULT")) table_.options.other.push_back(option);
    }
    return base::OkStatus();
  }
  base::Status Do(const ConvertCharset& convert) {
    table_.options.charset = Resolve(convert.charset, schema_default_, table_.flavour);
    return base::OkStatus();
  }

  base::Status Do(const SetPartitioning& set) {
    table_.partitioning = set.partitioning;
    return base::OkStatus();
  }
  base::Status NotPartitioned() const {
    return base::FailedPrecondition("table {} is not partitioned", table_.name.ToString());
  }
  // Partitions without names of their own are only counted.
  void AddToCount(int64_t change) {
    Partitioning& partitioning = *table_.partitioning;
    int64_t count =
        partitioning.count.value_or(std::max<size_t>(partitioning.partitions.size(), 1));
    partitioning.count = static_cast<uint32_t>(std::max<int64_t>(count + change, 1));
    partitioning.partitions.clear();
  }
  base::Status Do(const AddPartitions& add) {
    if (!table_.partitioning) return NotPartitioned();
    std::vector<Partition>& partitions = table_.partitioning->partitions;
    if (add.partitions.empty() || partitions.empty()) {
      AddToCount(int64_t{add.count} + static_cast<int64_t>(add.partitions.size()));
      return base::OkStatus();
    }
    for (const Partition& partition : add.partitions) {
      bool exists = std::ranges::any_of(
          partitions, [&](const auto& p) { return Same(p.name, partition.name); });
      // Of system versioning, the partition of the current rows stays the last.
      bool current = Same(partitions.back().text.substr(0, 7), "CURRENT");
      if (!exists) partitions.insert(partitions.end() - (current ? 1 : 0), partition);
    }
    return base::OkStatus();
  }
  base::Status Do(const DropPartitions& drop) {
    if (!table_.partitioning) return NotPartitioned();
    for (const std::string& name : drop.names) EraseNamed(table_.partitioning->partitions, name);
    return base::OkStatus();
  }
  base::Status Do(const CoalescePartitions& coalesce) {
    if (!table_.partitioning) return NotPartitioned();
    AddToCount(-int64_t{coalesce.count});
    return base::OkStatus();
  }
  base::Status Do(const ReorganizePartitions& reorganize) {
    if (!table_.partitioning) return NotPartitioned();
    std::vector<Partition>& partitions = table_.partitioning->partitions;
    // None listed: they have the names that the server gave them.
    if (reorganize.names.empty() || partitions.empty()) return base::OkStatus();
    auto goes = [&](const Partition& partition) {
      for (const std::string& gone : reorganize.names) {
        if (Same(partition.name, gone)) return true;
      }
      return false;
    };
    auto first = std::ranges::find_if(partitions, goes);
    if (first == partitions.end()) return Missing("partition", reorganize.names[0], false);
    auto at = first - partitions.begin();
    std::erase_if(partitions, goes);
    partitions.insert(partitions.begin() + at, reorganize.partitions.begin(),
                      reorganize.partitions.end());
    return base::OkStatus();
  }
  base::Status Do(const ConvertPartitionToTable& convert) {
    return Do(DropPartitions{{convert.name}, false});
  }
  base::Status Do(const ConvertTableToPartition& convert) {
    return Do(AddPartitions{{convert.partition}, 0, false});
  }

  const TableDefinition& old_;
  const std::span<const AlterAction> actions_;
  const CharsetChoice& schema_default_;
  TableDefinition table_;
};

}  // namespace

base::StatusOr<TableDefinition> ApplyActions(const TableDefinition& definition,
                                             std::span<const AlterAction> actions,
                                             const CharsetChoice& schema_default) {
  return Alteration(definition, actions, schema_default).Run();
}

std::vector<ColumnRename> RenamedColumns(std::span<const AlterAction> actions) {
  std::vector<ColumnRename> renames;
  for (const AlterAction& action : actions) {
    if (const auto* rename = std::get_if<RenameColumn>(&action)) {
      renames.push_back({rename->from, rename->to});
    } else if (const auto* change = std::get_if<ChangeColumn>(&action)) {
      if (change->name != change->column.name)
        renames.push_back({change->name, change->column.name});
    }
  }
  return renames;
}

std::vector<std::string> OriginsOf(std::span<const AlterAction> actions,
                                   const TableDefinition& before, const TableDefinition& after) {
  std::vector<std::string> added;
  for (const AlterAction& action : actions) {
    const auto* add = std::get_if<AddColumn>(&action);
    if (add != nullptr && !(add->if_not_exists && before.FindColumn(add->column.name) >= 0))
      added.push_back(add->column.name);
  }
  return Origins(before, after, RenamedColumns(actions), added);
}

}  // namespace godwit::sql
