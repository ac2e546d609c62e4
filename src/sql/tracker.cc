#include "sql/tracker.h"

#include "base/text.h"
#include "sql/alter.h"
#include "sql/complete.h"

namespace godwit::sql {

// The changes of one statement over the tracker's tables, kept apart until the statement is done.
class SchemaTracker::Edit {
 public:
  explicit Edit(SchemaTracker& tracker) : tracker_(tracker) {}

  std::vector<TableChange> Commit() {
    for (auto& [name, definition] : tables_) {
      if (definition == nullptr) {
        tracker_.tables_.erase(name);
      } else {
        tracker_.tables_[name] = std::move(definition);
      }
    }
    tracker_.schemas_ = std::move(schemas_);
    return std::move(changes_);
  }

  base::Status Do(const CreateTable& create) {
    const model::TableName& name = create.definition.name;
    DefinitionPtr before = Find(name);
    if (create.temporary || (create.if_not_exists && before != nullptr)) return base::OkStatus();
    if (create.select) {
      return base::FailedPrecondition(
          "the columns of {} come from a SELECT; the source must log with binlog_format=ROW",
          name.ToString());
    }
    TableDefinition definition = create.definition;
    if (create.like) {
      DefinitionPtr model = Find(*create.like);
      if (model == nullptr) {
        return base::FailedPrecondition("{} is created like {}, which is not known",
                                        name.ToString(), create.like->ToString());
      }
      definition = *model;
      definition.name = name;
      definition.foreign_keys.clear();
      definition.options.auto_increment.reset();
      if (definition.flavour == Flavour::kMySql) {  // names of checks are unique in a schema
        for (CheckDefinition& check : definition.checks) check.name.clear();
      }
    }
    if (definition.options.engine.empty()) definition.options.engine = tracker_.default_engine_;
    CharsetChoice& charset = definition.options.charset;
    if (base::EqualsIgnoreCase(charset.charset, "DEFAULT"))
      charset = Resolve(charset, DefaultMeant(create.session_schema, name), definition.flavour);
    if (definition.columns.empty())
      return base::FailedPrecondition("table {} has no columns", name.ToString());
    Complete(definition, SchemaDefault(name.schema),
             create.like ? KeyOrder::kAsListed : KeyOrder::kSorted);
    ReferToPrimaryKeys(definition);
    Put({name, {}, before, std::make_shared<TableDefinition>(std::move(definition))});
    return base::OkStatus();
  }

  base::Status Do(const AlterTable& alter) {
    return Alter(alter.table, alter.actions, alter.session_schema);
  }

  base::Status Do(const DropTable& drop) {
    if (drop.temporary) return base::OkStatus();
    for (const model::TableName& name : drop.tables) Put({name, {}, Find(name), nullptr});
    return base::OkStatus();
  }

  base::Status Do(const RenameTable& rename) {
    for (const RenameTable::Pair& pair : rename.pairs) {
      // Where the new name is taken, the old one was not there.
      const bool passed_over =
          rename.if_exists && Find(pair.from) == nullptr && Find(pair.to) != nullptr;
      if (!passed_over) Rename(pair.from, pair.to);
    }
    return base::OkStatus();
  }

  base::Status Do(const TruncateTable& truncate) {
    TellRowsChanged(truncate.table);
    return base::OkStatus();
  }

  base::Status Do(const CreateIndex& create) {
    std::vector<AlterAction> actions;
    if (create.or_replace) actions.emplace_back(DropKey{create.key.name, true});
    actions.emplace_back(AddKey{create.key, create.if_not_exists});
    return Alter(create.table, actions, create.table.schema);
  }

  base::Status Do(const DropIndex& drop) {
    AlterAction action = DropKey{drop.key, drop.if_exists};
    return Alter(drop.table, {&action, 1}, drop.table.schema);
  }

  base::Status Do(const CreateDatabase& create) {
    if (create.if_not_exists && schemas_.contains(create.schema)) return base::OkStatus();
    if (create.or_replace) DropTablesOf(create.schema);
    schemas_[create.schema] = Resolve(create.charset, tracker_.server_default_, tracker_.flavour_);
    return base::OkStatus();
  }

  base::Status Do(const AlterDatabase& alter) {
    if (alter.charset == CharsetChoice()) return base::OkStatus();
    schemas_[alter.schema] = Resolve(alter.charset, tracker_.server_default_, tracker_.flavour_);
    return base::OkStatus();
  }

  base::Status Do(const DropDatabase& drop) {
    DropTablesOf(drop.schema);
    schemas_.erase(drop.schema);
    return base::OkStatus();
  }

  base::Status Do(const ViewStatement&) { return base::OkStatus(); }
  base::Status Do(const OtherStatement&) { return base::OkStatus(); }

 private:
  DefinitionPtr Find(const model::TableName& name) const {
    auto edited = tables_.find(name);
    return edited != tables_.end() ? edited->second : tracker_.Find(name);
  }
  CharsetChoice SchemaDefault(const std::string& schema) const {
    return tracker_.SchemaDefault(schema);
  }

  // Where CHARACTER SET DEFAULT comes from: to MySQL it is the session's schema.
  CharsetChoice DefaultMeant(const std::string& session_schema,
                             const model::TableName& name) const {
    return SchemaDefault(tracker_.flavour_ == Flavour::kMySql ? session_schema : name.schema);
  }

  void Put(TableChange change) {
    if (!change.renamed_from.table.empty()) tables_[change.renamed_from] = nullptr;
    tables_[change.name] = change.after;  // null too where the tracker does not know the table
    changes_.push_back(std::move(change));
  }

  void TellRowsChanged(const model::TableName& name) {
    DefinitionPtr table = Find(name);
    changes_.push_back({name, {}, table, table});
  }

  void DropTablesOf(const std::string& schema) {
    for (const auto& [name, definition] : tracker_.tables_) {
      if (name.schema == schema) Put({name, {}, definition, nullptr});
    }
  }

  base::Status Alter(const model::TableName& name, std::span<const AlterAction> actions,
                     const std::string& session_schema) {
    model::TableName to = name;
    for (const AlterAction& action : actions) {
      if (const auto* rename = std::get_if<RenameTo>(&action)) to = rename->name;
    }
    DefinitionPtr before = Find(name);
    DefinitionPtr after = before;
    if (before != nullptr) {
      GODWIT_ASSIGN_OR_RETURN(TableDefinition altered,
                              ApplyActions(*before, actions, DefaultMeant(session_schema, name)));
      ReferToPrimaryKeys(altered);
      if (to != name) RenameDefinition(altered, to);
      if (altered != *before) after = std::make_shared<TableDefinition>(std::move(altered));
    }
    Put({to, to == name ? model::TableName() : name, before, after});
    FollowRenamedColumns(name, to, RenamedColumns(actions));
    FollowRename(name, to);
    for (const AlterAction& action : actions) DoElsewhere(before, action);
    return base::OkStatus();
  }

  // MySQL's foreign keys that name no columns of their parent, which may be the table itself.
  void ReferToPrimaryKeys(TableDefinition& table) const {
    for (model::ForeignKey& foreign_key : table.foreign_keys) {
      if (!foreign_key.parent_columns.empty()) continue;
      const bool self = foreign_key.parent == table.name;
      const DefinitionPtr other = self ? nullptr : Find(foreign_key.parent);
      const TableDefinition* parent = self ? &table : other.get();
      const int primary = parent == nullptr ? -1 : parent->FindKey("PRIMARY");
      if (primary < 0) continue;
      for (const KeyPart& part : parent->keys[static_cast<size_t>(primary)].parts)
        foreign_key.parent_columns.push_back(part.column);
    }
  }

  // What an action does beyond the definition of its table.
  void DoElsewhere(const DefinitionPtr& before, const AlterAction& action) {
    if (const auto* exchange = std::get_if<ExchangePartition>(&action)) {
      TellRowsChanged(exchange->table);
    } else if (const auto* in = std::get_if<ConvertTableToPartition>(&action)) {
      Put({in->table, {}, Find(in->table), nullptr});
    } else if (const auto* out = std::get_if<ConvertPartitionToTable>(&action);
               out != nullptr && before != nullptr) {
      TableDefinition table = *before;
      table.name = out->table;
      table.partitioning.reset();
      Put({out->table, {}, nullptr, std::make_shared<TableDefinition>(std::move(table))});
    }
  }

  void Rename(const model::TableName& from, const model::TableName& to) {
    DefinitionPtr before = Find(from);
    DefinitionPtr after;
    if (before != nullptr) {
      TableDefinition renamed = *before;
      RenameDefinition(renamed, to);
      after = std::make_shared<TableDefinition>(std::move(renamed));
    }
    Put({to, from, std::move(before), std::move(after)});
    FollowRename(from, to);
  }

  // The names that the server gave to foreign keys, and MySQL to checks, follow their table's.
  static void RenameDefinition(TableDefinition& table, const model::TableName& to) {
    model::TableName from = std::exchange(table.name, to);
    std::string stem = from.table + "_ibfk_";
    for (model::ForeignKey& foreign_key : table.foreign_keys) {
      if (foreign_key.name.starts_with(stem))
        foreign_key.name.replace(0, from.table.size(), to.table);
    }
    std::ranges::stable_sort(table.foreign_keys, {}, &model::ForeignKey::name);
    if (table.flavour == Flavour::kMySql) {
      stem = from.table + "_chk_";
      for (CheckDefinition& check : table.checks) {
        if (check.name.starts_with(stem)) check.name.replace(0, from.table.size(), to.table);
      }
    }
    FollowRenamedParent(table, from, to);
  }

  static bool FollowRenamedParent(TableDefinition& child, const model::TableName& from,
                                  const model::TableName& to) {
    bool refers = false;
    for (model::ForeignKey& foreign_key : child.foreign_keys) {
      if (foreign_key.parent != from) continue;
      foreign_key.parent = to;
      refers = true;
    }
    return refers;
  }

  // Foreign keys of other tables follow a parent's new name, or its columns' new names.
  void FollowRename(const model::TableName& from, const model::TableName& to) {
    if (from == to) return;
    EditOthers(to, [&](TableDefinition& child) { return FollowRenamedParent(child, from, to); });
  }
  void FollowRenamedColumns(const model::TableName& parent, const model::TableName& now,
                            const std::vector<ColumnRename>& renames) {
    if (renames.empty()) return;
    EditOthers(now,
               [&](TableDefinition& child) { return RenameInParents(child, parent, renames); });
  }

  // Edits the tables with foreign keys, other than `except`, that `edit` has something to change
  // in.
  template <typename Function>
  void EditOthers(const model::TableName& except, Function edit) {
    std::vector<model::TableName> names;
    for (const auto& [name, definition] : tracker_.tables_) names.push_back(name);
    for (const auto& [name, definition] : tables_) {
      if (!tracker_.tables_.contains(name)) names.push_back(name);
    }
    for (const model::TableName& name : names) {
      DefinitionPtr before = Find(name);
      if (name == except || before == nullptr || before->foreign_keys.empty()) continue;
      TableDefinition edited = *before;
      if (edit(edited))
        Put({name, {}, before, std::make_shared<TableDefinition>(std::move(edited))});
    }
  }

  SchemaTracker& tracker_;
  std::map<model::TableName, DefinitionPtr> tables_;  // as they are after the statement; null: gone
  std::map<std::string, CharsetChoice> schemas_ = tracker_.schemas_;
  std::vector<TableChange> changes_;
};

void SchemaTracker::PutSchema(const std::string& schema, const CharsetChoice& charset) {
  schemas_[schema] = Resolve(charset, server_default_, flavour_);
}

void SchemaTracker::PutLaterSchema(const std::string& schema, const CharsetChoice& charset) {
  later_schemas_[schema] = Resolve(charset, server_default_, flavour_);
}

void SchemaTracker::PutTable(TableDefinition definition) {
  model::TableName name = definition.name;
  tables_[std::move(name)] = std::make_shared<TableDefinition>(std::move(definition));
}

void SchemaTracker::RemoveTable(const model::TableName& table) { tables_.erase(table); }

DefinitionPtr SchemaTracker::Find(const model::TableName& table) const {
  auto found = tables_.find(table);
  return found == tables_.end() ? nullptr : found->second;
}

CharsetChoice SchemaTracker::SchemaDefault(const std::string& schema) const {
  for (const auto* known : {&schemas_, &later_schemas_}) {
    if (const auto found = known->find(schema); found != known->end()) return found->second;
  }
  return server_default_;
}

base::StatusOr<std::vector<TableChange>> SchemaTracker::Apply(const Statement& statement) {
  Edit edit(*this);
  base::Status status = std::visit([&](const auto& kind) { return edit.Do(kind); }, statement);
  GODWIT_RETURN_IF_ERROR(status);
  return edit.Commit();
}

}  // namespace godwit::sql
