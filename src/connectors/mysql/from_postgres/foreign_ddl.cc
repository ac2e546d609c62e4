#include "connectors/mysql/from_postgres/foreign_ddl.h"

#include <absl/strings/str_join.h>
#include <absl/strings/str_replace.h>

#include <algorithm>
#include <optional>
#include <set>

#include "connector/kept_values.h"
#include "connectors/mysql/catalog.h"
#include "sql/difference.h"
#include "sql/postgres/definition.h"
#include "sql/row_values.h"
#include "sql/writer.h"

namespace godwit::connectors::mysql {
namespace {

using connector::TableDefinition;
using model::DdlChange;
using model::TableName;
using Source = sql::postgres::Definition;
using SourceColumn = sql::postgres::ColumnDefinition;

// Values are neither cut nor rounded, and numbers stay what they are.
constexpr std::string_view kSession =
    "SET SESSION sql_mode='STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO', foreign_key_checks=0";

// What makes a table that is here another one, statement by statement.
struct Alteration {
  std::vector<std::string> statements;
  std::string by_copy;        // as of DdlChange::Effect
  bool changes_keys = false;  // so that those have to be there
  bool changes_foreign_keys = false;
};

const SourceColumn* Find(const Source& table, int number) {
  const auto found = std::ranges::find(table.columns, number, &SourceColumn::number);
  return found == table.columns.end() ? nullptr : &*found;
}

// A constant as the catalogue shows one.
std::string Constant(const std::string& value, const SourceColumn& column) {
  return fmt::format("'{}'::{}", absl::StrReplaceAll(value, {{"'", "''"}}),
                     column.base_type.empty() ? column.type : column.base_type);
}

// For each column of `here` the name that it had; empty: it is new.
std::vector<std::string> OriginsOf(const Source& before, const Source& after,
                                   const sql::TableDefinition& here) {
  std::vector<std::string> origins;
  for (const sql::ColumnDefinition& column : here.columns) {
    const auto now = std::ranges::find(after.columns, column.name, &SourceColumn::name);
    const SourceColumn* was = now == after.columns.end() ? nullptr : Find(before, now->number);
    origins.push_back(was == nullptr ? "" : was->name);
  }
  return origins;
}

std::vector<std::string> NamesOf(const sql::TableDefinition& table) {
  std::vector<std::string> names;
  for (const sql::ColumnDefinition& column : table.columns) names.push_back(column.name);
  return names;
}

// Rows that were those of a part, of which the target knows nothing.
std::string WhyPartsDiffer(const Source& before, const Source& after,
                           const std::set<uint32_t>& gone_tables) {
  using sql::postgres::PartitionDefinition;
  const auto has = [](const Source& table, uint32_t oid) {
    return std::ranges::find(table.partitions, oid, &PartitionDefinition::oid) !=
           table.partitions.end();
  };
  for (const PartitionDefinition& partition : before.partitions) {
    if (!has(after, partition.oid))
      return fmt::format("partition {} has gone, with its rows", partition.name.ToString());
  }
  for (const PartitionDefinition& partition : after.partitions) {
    if (!has(before, partition.oid) && gone_tables.contains(partition.oid))
      return fmt::format("{} has become a partition of it, with its rows",
                         partition.name.ToString());
  }
  return "";
}

std::string WhyValuesChange(const sql::TableDefinition& before, const sql::TableDefinition& after,
                            const std::vector<std::string>& origins) {
  const model::TablePtr was = sql::ToTable(before), is = sql::ToTable(after);
  for (size_t i = 0; i < origins.size(); ++i) {
    const int then = was->FindColumn(origins[i]);
    if (origins[i].empty() || then < 0) continue;
    const model::Column& old = was->columns[static_cast<size_t>(then)];
    if (connector::KeepsValues(old, is->columns[i])) continue;
    return fmt::format("column {} was {} and is {}", is->columns[i].name, old.type_text,
                       is->columns[i].type_text);
  }
  return "";
}

// Adds the statement that makes `after` of `before`, if there is anything to be done.
std::string AddStep(const sql::TableDefinition& before, const sql::TableDefinition& after,
                    const std::vector<std::string>& origins, Alteration& alteration) {
  const sql::Alter alter = sql::MakeAlter(before, after, origins, after.flavour);
  if (!alter.refused.empty()) return alter.refused;
  if (!alter.unknown.empty()) return alter.unknown;
  std::string text = alter.Text(after.name);
  if (text.empty()) return "";
  if (sql::WriteCreateTable(before) == sql::WriteCreateTable(after)) {
    return "columns change and the definition does not, so that after a crash it could not be told "
           "whether they have";
  }
  alteration.statements.push_back(std::move(text));
  return "";
}

class Composition {
 public:
  Composition(const DdlChange& ddl, const ForeignTables& from, sql::Flavour to,
              const std::vector<TableDefinition>& known, const ForeignTables::Others& others)
      : ddl_(ddl), from_(from), to_(to), known_(known), others_(others), here_(ddl) {
    here_.statement.clear();
    here_.where_there.clear();
    here_.default_schema.clear();
    here_.engine.clear();
    here_.session = kSession;
    here_.dialect = DialectName(to);
    if (here_.original.empty()) here_.original = ddl.statement;
  }

  base::StatusOr<DdlChange> Run() {
    if (!ddl_.obstacle.empty()) return std::move(here_);
    here_.needs_no_keys = here_.needs_no_foreign_keys = true;
    for (DdlChange::Effect& effect : here_.effects) {
      if (effect.after == nullptr && !effect.to_copy) GODWIT_RETURN_IF_ERROR(TakeGone(effect));
    }
    for (DdlChange::Effect& effect : here_.effects) {
      if (effect.after != nullptr) GODWIT_RETURN_IF_ERROR(Follow(effect));
    }
    if (!here_.obstacle.empty()) return std::move(here_);
    if (!dropped_.empty())  // all at once, as they may refer to each other
      AddFirst("DROP TABLE IF EXISTS " + absl::StrJoin(dropped_, ", "));
    for (const std::string& schema : schemas_) {
      AddFirst(fmt::format("CREATE DATABASE IF NOT EXISTS{}",
                           ForeignTables::SchemaHere({schema, "", ddl_.dialect}, to_)
                               .statement.substr(std::string_view("CREATE DATABASE").size())));
    }
    AddRenames();
    here_.steps = std::move(first_);
    here_.steps.insert(here_.steps.end(), steps_.begin(), steps_.end());
    here_.statement = absl::StrJoin(
        here_.steps, ";\n", [](std::string* out, const auto& step) { *out += step.statement; });
    return std::move(here_);
  }

 private:
  void AddFirst(std::string statement) { first_.push_back({std::move(statement), {}}); }
  void Add(const TableName& table, std::string statement) {
    steps_.push_back({std::move(statement), table});
  }
  void Obstacle(const std::string& why) {
    if (!here_.obstacle.empty()) return;
    here_.obstacle = fmt::format(
        "{}: say what the target is to do in its place, or copy anew with `godwit run --restart`",
        why);
  }

  // By way of names that nobody has where one is taken before it is given up: in statements of
  // their own, as the catalogue would not tell whether names have gone round within one.
  void AddRenames() {
    std::vector<std::string> first, moved;
    const auto add = [](const TableName& from, const TableName& to, std::vector<std::string>& all) {
      all.push_back(fmt::format("{} TO {}", sql::QuoteName(from), sql::QuoteName(to)));
    };
    for (auto one = renamed_.begin(); one != renamed_.end(); ++one) {
      const auto& [from, to] = *one;
      const bool taken =
          std::any_of(one, renamed_.end(), [&](const auto& later) { return later.first == to; });
      const TableName by =
          taken ? TableName{from.schema, fmt::format("godwit_moved_{}", moved.size())} : to;
      add(from, by, first);
      if (taken) add(by, to, moved);
    }
    if (!first.empty()) AddFirst("RENAME TABLE " + absl::StrJoin(first, ", "));
    if (!moved.empty()) AddFirst("RENAME TABLE " + absl::StrJoin(moved, ", "));
  }

  const TableDefinition* Known(const TableName& name) const {
    const auto found =
        std::ranges::find_if(known_, [&](const auto& table) { return table.table->name == name; });
    return found == known_.end() ? nullptr : &*found;
  }

  // One that has left the task by another name stays, unless another table takes its name.
  base::Status TakeGone(const DdlChange::Effect& effect) {
    const bool taken = std::ranges::any_of(here_.effects, [&](const auto& other) {
      return other.after != nullptr && other.table == effect.table;
    });
    if (effect.dropped || taken) {
      dropped_.push_back(sql::QuoteName(effect.table));
    } else {
      here_.notes.push_back(effect.table.ToString() +
                            ": the target's table stays as it is, and follows nothing from here "
                            "on; drop it once nothing reads it");
    }
    const TableDefinition* known = Known(effect.table);
    if (known == nullptr) return base::OkStatus();
    GODWIT_ASSIGN_OR_RETURN(const Source table, sql::postgres::FromJson(known->statement));
    gone_.insert(table.oid);
    return base::OkStatus();
  }

  base::Status Follow(DdlChange::Effect& effect) {
    const bool renamed = !effect.renamed_from.table.empty();
    const TableName& before = renamed ? effect.renamed_from : effect.table;
    const TableDefinition* known = effect.made ? nullptr : Known(before);
    if (renamed) {
      renamed_.emplace_back(before, effect.table);
      here_.touched.push_back(before);
      if (before.schema != effect.table.schema) schemas_.insert(effect.table.schema);
    }
    const TableDefinition now{effect.after, effect.definition, ddl_.dialect};
    GODWIT_ASSIGN_OR_RETURN(const sql::Translation after, Translate(now, true));
    if (after.refused()) {
      Obstacle(fmt::format("table {}: {}", effect.table.ToString(), sql::Refusals(after.notes)));
      return base::OkStatus();
    }
    if (!effect.by_copy.empty()) return base::OkStatus();  // which makes the table anew
    if (known == nullptr) {
      schemas_.insert(effect.table.schema);
      Add(effect.table, sql::WriteCreateTable(after.definition));
      Tell(after, nullptr);
      return base::OkStatus();
    }
    GODWIT_ASSIGN_OR_RETURN(sql::Translation was, Translate(*known, false));
    was.definition.name = effect.table;  // by the time that it is altered
    FollowParents(before, was.definition);
    for (model::ForeignKey& key : was.definition.foreign_keys)
      GODWIT_RETURN_IF_ERROR(TakeNewParent(effect, key));
    GODWIT_ASSIGN_OR_RETURN(const Alteration alteration,
                            Alter(*known, was.definition, now, after.definition, effect));
    Tell(after, &was);
    effect.by_copy = alteration.by_copy;
    if (!effect.by_copy.empty()) return base::OkStatus();
    for (const std::string& statement : alteration.statements) Add(effect.table, statement);
    if (alteration.changes_keys) here_.needs_no_keys = false;
    if (alteration.changes_foreign_keys) here_.needs_no_foreign_keys = false;
    return base::OkStatus();
  }

  // What the target's keys refer to: they have followed parents, and columns of these, that were
  // renamed by earlier statements, which said nothing of this table.
  void FollowParents(const TableName& before, sql::TableDefinition& was) const {
    const sql::TableDefinition* there = others_(before);
    if (there == nullptr) return;
    for (model::ForeignKey& key : was.foreign_keys) {
      const int is = there->FindForeignKey(key.name);
      if (is < 0) continue;
      const model::ForeignKey& now = there->foreign_keys[static_cast<size_t>(is)];
      key.parent = now.parent;
      if (key.parent.schema.empty()) key.parent.schema = before.schema;
      key.parent_columns = now.parent_columns;
    }
  }

  // What the key follows by itself when the target's parent gets the names that it has by now.
  base::Status TakeNewParent(const DdlChange::Effect& child, model::ForeignKey& key) const {
    const auto parent = std::ranges::find_if(here_.effects, [&](const DdlChange::Effect& effect) {
      const bool renamed = !effect.renamed_from.table.empty();
      return effect.after != nullptr && !effect.made &&
             key.parent == (renamed ? effect.renamed_from : effect.table);
    });
    if (parent == here_.effects.end()) return base::OkStatus();
    const TableDefinition* known = Known(key.parent);
    key.parent = parent->table;
    if (known == nullptr || &*parent == &child) return base::OkStatus();
    GODWIT_ASSIGN_OR_RETURN(const Source before, sql::postgres::FromJson(known->statement));
    GODWIT_ASSIGN_OR_RETURN(const Source after, sql::postgres::FromJson(parent->definition));
    for (std::string& name : key.parent_columns) {
      const auto was = std::ranges::find(before.columns, name, &SourceColumn::name);
      const SourceColumn* now = was == before.columns.end() ? nullptr : Find(after, was->number);
      if (now != nullptr) name = now->name;
    }
    return base::OkStatus();
  }

  // With the tables that its foreign keys refer to, as they are by then; or as they were.
  base::StatusOr<sql::Translation> Translate(const TableDefinition& table, bool by_then) const {
    std::vector<TableDefinition> tables = {table};
    const auto add = [&](TableDefinition parent) {
      if (std::ranges::none_of(
              tables, [&](const auto& one) { return one.table->name == parent.table->name; }))
        tables.push_back(std::move(parent));
    };
    for (const DdlChange::Effect& effect : ddl_.effects) {
      if (by_then && effect.after != nullptr) add({effect.after, effect.definition, ddl_.dialect});
    }
    for (const TableDefinition& parent : known_) add(parent);
    std::set<TableName> yet_to_come;
    for (const DdlChange::Effect& effect : ddl_.effects) {
      if (effect.to_copy) yet_to_come.insert(effect.table);
    }
    GODWIT_ASSIGN_OR_RETURN(std::vector<sql::Translation> all,
                            from_.TranslateAll(tables, to_, others_, yet_to_come));
    return std::move(all.front());
  }

  // What has come to be another here by the statement.
  void Tell(const sql::Translation& after, const sql::Translation* was) {
    for (const sql::TranslationNote& note : after.notes) {
      const bool old = was != nullptr && std::ranges::find(was->notes, note) != was->notes.end();
      if (note.kind == sql::NoteKind::kLossy && !old)
        here_.notes.push_back(after.definition.name.ToString() + ": " + sql::ToText(note));
    }
  }

  // `was` and `after` of `known` and `now`.
  base::StatusOr<Alteration> Alter(const TableDefinition& known, const sql::TableDefinition& was,
                                   const TableDefinition& now, const sql::TableDefinition& after,
                                   const DdlChange::Effect& effect) const {
    Alteration alteration;
    const auto by_copy = [&](std::string why) {
      alteration.by_copy = std::move(why);
      return alteration;
    };
    GODWIT_ASSIGN_OR_RETURN(const Source before, sql::postgres::FromJson(known.statement));
    GODWIT_ASSIGN_OR_RETURN(const Source source, sql::postgres::FromJson(now.statement));
    if (std::string why = WhyPartsDiffer(before, source, gone_); !why.empty()) return by_copy(why);
    const std::vector<std::string> origins = OriginsOf(before, source, after);
    if (std::string why = WhyValuesChange(was, after, origins); !why.empty()) return by_copy(why);
    GODWIT_ASSIGN_OR_RETURN(const std::optional<sql::TableDefinition> at_first,
                            AtFirst(now, source, origins, effect));
    if (!at_first) return by_copy("what earlier rows have in a new column cannot be said here");
    std::string why = sql::WhyValuesDiffer(was, *at_first, origins, sql::RowsBy::kCopy);
    // No server takes a key away and adds another of its name at once.
    sql::TableDefinition without = was;
    std::erase_if(without.foreign_keys, [&](const model::ForeignKey& key) {
      const int is = at_first->FindForeignKey(key.name);
      return is >= 0 && at_first->foreign_keys[static_cast<size_t>(is)] != key;
    });
    if (why.empty() && without.foreign_keys != was.foreign_keys)
      why = AddStep(was, without, NamesOf(was), alteration);
    if (why.empty()) why = AddStep(without, *at_first, origins, alteration);
    if (why.empty()) why = AddStep(*at_first, after, NamesOf(after), alteration);
    if (!why.empty()) return by_copy(why);
    alteration.changes_keys = was.keys != after.keys;
    alteration.changes_foreign_keys = was.foreign_keys != after.foreign_keys;
    return alteration;
  }

  // The table with defaults for new columns that give rows which are there what they have on the
  // source; nothing where there is no such default.
  base::StatusOr<std::optional<sql::TableDefinition>> AtFirst(
      const TableDefinition& now, Source source, const std::vector<std::string>& origins,
      const DdlChange::Effect& effect) const {
    std::vector<std::string> filled;
    for (SourceColumn& column : source.columns) {
      const auto earlier = effect.earlier.find(column.name);
      if (earlier == effect.earlier.end() || column.generated != 0) continue;
      column.default_value = earlier->second ? Constant(*earlier->second, column) : "";
      if (earlier->second)
        filled.push_back(column.name);
      else
        column.not_null = false;
    }
    GODWIT_ASSIGN_OR_RETURN(
        const sql::Translation here,
        Translate({now.table, sql::postgres::ToJson(source), now.dialect}, true));
    if (here.refused() || here.definition.columns.size() != origins.size())
      return std::optional<sql::TableDefinition>();
    for (size_t i = 0; i < origins.size(); ++i) {
      const sql::ColumnDefinition& column = here.definition.columns[i];
      const bool is_new = origins[i].empty() && column.generated == sql::Generated::kNo;
      if (is_new && !effect.earlier.contains(column.name))
        return std::optional<sql::TableDefinition>();
      const bool fills = std::ranges::find(filled, column.name) != filled.end();
      // One that was not understood is left out of the definition.
      const bool has = !column.default_value.empty() && column.default_value != "NULL";
      if (fills != has && is_new) return std::optional<sql::TableDefinition>();
    }
    return std::optional(here.definition);
  }

  const DdlChange& ddl_;
  const ForeignTables& from_;
  const sql::Flavour to_;
  const std::vector<TableDefinition>& known_;
  const ForeignTables::Others& others_;
  DdlChange here_;
  std::vector<std::string> dropped_;
  std::vector<std::pair<TableName, TableName>> renamed_;
  std::set<std::string> schemas_;  // that have to be there
  std::set<uint32_t> gone_;        // tables of the task that are none any more
  std::vector<DdlChange::Step> first_, steps_;
};

}  // namespace

base::StatusOr<DdlChange> DdlHere(const DdlChange& ddl, const ForeignTables& from, sql::Flavour to,
                                  const std::vector<TableDefinition>& known,
                                  const ForeignTables::Others& others) {
  return Composition(ddl, from, to, known, others).Run();
}

}  // namespace godwit::connectors::mysql
