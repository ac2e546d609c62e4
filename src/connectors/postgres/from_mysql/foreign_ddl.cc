#include "connectors/postgres/from_mysql/foreign_ddl.h"

#include <absl/strings/ascii.h>
#include <absl/strings/match.h>
#include <absl/strings/str_join.h>

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <set>

#include "connector/kept_values.h"
#include "connectors/postgres/definition/definition_diff.h"
#include "connectors/postgres/sql_text.h"

namespace godwit::connectors::postgres {
namespace {

using model::DdlChange;
using model::DdlKind;
using model::TableName;

// A default that is a constant, as the type reads it as text; nothing: it is an expression.
std::optional<std::string> Constant(std::string_view expression) {
  if (expression.empty()) return std::nullopt;
  if (expression.front() != '\'') {
    const bool number = expression.find_first_not_of("0123456789+-.eE") == std::string_view::npos;
    if (number || expression == "true" || expression == "false") return std::string(expression);
    return std::nullopt;
  }
  std::string text;
  size_t i = 1;
  for (; i < expression.size(); ++i) {
    if (expression[i] == '\'') {
      if (i + 1 >= expression.size() || expression[i + 1] != '\'') break;
      ++i;
    }
    text.push_back(expression[i]);
  }
  const std::string_view rest = expression.substr(std::min(i + 1, expression.size()));
  if (!rest.empty() && !rest.starts_with("::")) return std::nullopt;
  return text;
}

// What rows have that were there before a NOT NULL column without a default came: what servers of
// the family take for nothing. Nothing: PostgreSQL has no such value.
std::optional<std::string> ImplicitValue(const model::Column& column) {
  using model::TypeKind;
  switch (column.kind) {
    case TypeKind::kInt:
    case TypeKind::kUint:
    case TypeKind::kFloat:
    case TypeKind::kDouble:
    case TypeKind::kDecimal:
    case TypeKind::kYear:
      return "0";
    case TypeKind::kBit:
      return std::string(std::max<uint32_t>(column.length, 1), '0');
    case TypeKind::kTime:
      return "00:00:00";
    case TypeKind::kEnum:
      return column.labels.empty() ? "" : column.labels.front();
    case TypeKind::kSet:
    case TypeKind::kText:
      return "";
    case TypeKind::kBinary:
      return column.fixed_length ? "\\x" + std::string(size_t{column.length} * 2, '0') : "\\x";
    case TypeKind::kJson:
      return "null";
    default:
      return std::nullopt;
  }
}

bool HasDefault(const model::Column& column) {
  return !column.default_value.empty() && !absl::EqualsIgnoreCase(column.default_value, "NULL");
}

class Translation {
 public:
  Translation(const DdlChange& ddl, const ForeignSource& from,
              const std::vector<connector::TableDefinition>& known)
      : ddl_(ddl), from_(from), known_(known), here_(ddl) {
    here_.statement.clear();
    here_.where_there.clear();
    here_.session.clear();
    here_.engine.clear();
    here_.dialect = kDialect;
    if (here_.original.empty()) here_.original = ddl.statement;
  }

  base::StatusOr<DdlChange> Run() {
    // Where a tool for online schema changes is at work, only what it leads to is executed.
    if (!ddl_.obstacle.empty() || ddl_.statement.empty()) return std::move(here_);
    if (Is(DdlKind::kCreateView) || Is(DdlKind::kAlterView) || Is(DdlKind::kDropView)) {
      here_.notes.push_back("views of another family are not translated: " + here_.original);
      return std::move(here_);
    }
    CreateSchema();
    Rows();
    for (const TableName& table : ddl_.replaced) Drop(table);
    for (DdlChange::Effect& effect : here_.effects) GODWIT_RETURN_IF_ERROR(Follow(effect));
    for (const TableName& table : ddl_.left_over) Drop(table);
    if (!dropped_.empty())  // all at once, as they may refer to each other
      steps_.drops.push_back("DROP TABLE IF EXISTS " + absl::StrJoin(dropped_, ", "));
    DropSchema();
    if (!here_.obstacle.empty()) return std::move(here_);
    here_.statement = steps_.ToSql();
    here_.where_there = steps_.ToSql(/*catching_up=*/true);
    here_.needs_no_foreign_keys = true;
    return std::move(here_);
  }

 private:
  bool Is(DdlKind kind) const { return std::ranges::find(ddl_.kinds, kind) != ddl_.kinds.end(); }
  void Obstacle(const std::string& why) {
    if (!here_.obstacle.empty()) return;
    here_.obstacle = fmt::format(
        "{}: say what PostgreSQL is to do in its place, or copy anew with `godwit run --restart`",
        why);
  }
  void Drop(const TableName& table) {
    const std::string name = QuoteName(table);
    if (std::ranges::find(dropped_, name) == dropped_.end()) dropped_.push_back(name);
  }

  void CreateSchema() {
    if (Is(DdlKind::kCreateDatabase) && !ddl_.touched_schema.empty()) {
      steps_.foreign_keys_off.push_back("CREATE SCHEMA IF NOT EXISTS " +
                                        QuoteName(ddl_.touched_schema));
    }
  }
  void DropSchema() {
    const bool replaced = Is(DdlKind::kCreateDatabase);
    if (Is(DdlKind::kDropDatabase) && !replaced && !ddl_.touched_schema.empty())
      steps_.rest.push_back("DROP SCHEMA IF EXISTS " + QuoteName(ddl_.touched_schema));
  }

  // What happens to rows without being in the log as that of rows.
  void Rows() {
    if (Is(DdlKind::kTruncateTable)) {
      // One that others refer to is not truncated by the server, whatever they hold.
      for (const TableName& table : ddl_.touched) {
        steps_.drops.push_back(fmt::format(
            "DO $godwit$ BEGIN TRUNCATE TABLE {0}; EXCEPTION WHEN feature_not_supported THEN "
            "PERFORM pg_catalog.set_config('session_replication_role', 'replica', true); DELETE "
            "FROM {0}; END $godwit$",
            QuoteName(table)));
      }
    }
    if (Is(DdlKind::kTruncatePartition) || Is(DdlKind::kDropPartition) ||
        !ddl_.exchanged.table.empty())
      Obstacle("the target's table is not partitioned, and the statement is about rows of a part");
    std::set<TableName> names;
    for (const DdlChange::Effect& effect : ddl_.effects) {
      if (effect.renamed_from.table.empty()) continue;
      names.insert(effect.renamed_from);
      if (names.contains(effect.table) || IsKnown(effect.table))
        Obstacle("tables take each other's names, and so do their keys");
    }
  }

  bool IsKnown(const TableName& name) const {
    return std::ranges::any_of(known_,
                               [&](const auto& table) { return table.table->name == name; });
  }

  base::Status Follow(DdlChange::Effect& effect) {
    if (effect.to_copy || effect.place != DdlChange::Place::kTarget) return base::OkStatus();
    const bool renamed = !effect.renamed_from.table.empty();
    const TableName& before = renamed ? effect.renamed_from : effect.table;
    const bool makes = Is(DdlKind::kCreateTable);
    const bool drops = Is(DdlKind::kDropTable) || Is(DdlKind::kDropDatabase);
    if (effect.after == nullptr) {
      if (drops)
        Drop(before);
      else if (!Is(DdlKind::kTruncateTable) && !Is(DdlKind::kRenameTable))
        Obstacle("it moves the rows of a table");
      return base::OkStatus();  // one that has left the task by another name stays
    }
    if (!effect.by_copy.empty()) {  // which makes the table anew
      if (renamed) Drop(before);
      return base::OkStatus();
    }
    GODWIT_ASSIGN_OR_RETURN(const Translated after,
                            Translate({effect.after, effect.definition, ddl_.dialect}));
    if (after.refused()) {
      Obstacle(fmt::format("table {}: {}", effect.table.ToString(), sql::Refusals(after.notes)));
      return base::OkStatus();
    }
    const auto known = std::ranges::find_if(
        known_, [&](const auto& table) { return table.table->name == before; });
    const bool is_new = effect.made || known == known_.end();
    if (is_new && !makes && effect.made) {
      Obstacle("it moves rows to a table");
    } else if (is_new || (makes && drops)) {  // CREATE OR REPLACE
      if (!effect.made) Drop(effect.table);
      AddCreation(after.definition, steps_);
      Tell(after, nullptr);
    } else {
      GODWIT_ASSIGN_OR_RETURN(Translated was, Translate(*known));
      was.definition.name = before;
      Definition now = after.definition;
      Number(was.definition, now);
      effect.by_copy = Compare(was.definition, now, *known->table, *effect.after);
      if (!effect.by_copy.empty() && renamed) Drop(before);
      Tell(after, &was);
    }
    return base::OkStatus();
  }

  // With the tables that its foreign keys refer to.
  base::StatusOr<Translated> Translate(const connector::TableDefinition& table) const {
    std::vector<connector::TableDefinition> tables = {table};
    for (const connector::TableDefinition& parent : known_) {
      if (parent.table->name != table.table->name) tables.push_back(parent);
    }
    GODWIT_ASSIGN_OR_RETURN(std::vector<Translated> all, from_.TranslateAll(tables));
    return std::move(all.front());
  }

  // What has come to be another here by the statement.
  void Tell(const Translated& after, const Translated* was) {
    for (const sql::TranslationNote& note : after.notes) {
      const bool old = was != nullptr && std::ranges::find(was->notes, note) != was->notes.end();
      if (note.kind == sql::NoteKind::kLossy && !old)
        here_.notes.push_back(after.definition.name.ToString() + ": " + sql::ToText(note));
    }
  }

  // The name that the column had before; empty: it is new.
  std::string OriginOf(const std::string& column) const {
    if (ddl_.column_origins.empty()) return column;
    for (const auto& [name, origin] : ddl_.column_origins) {
      if (absl::EqualsIgnoreCase(name, column)) return origin;
    }
    return "";
  }

  // Gives columns the numbers by which they are known under other names, and types theirs.
  void Number(Definition& known, Definition& after) const {
    int next = 0;
    std::map<std::string, int> numbers;
    for (ColumnDefinition& column : known.columns)
      numbers[absl::AsciiStrToLower(column.name)] = column.number = ++next;
    for (ColumnDefinition& column : after.columns) {
      const auto found = numbers.find(absl::AsciiStrToLower(OriginOf(column.name)));
      column.number = found == numbers.end() ? ++next : found->second;
    }
    for (Definition* definition : {&known, &after}) {
      for (ColumnDefinition& column : definition->columns) {
        column.type_oid = static_cast<uint32_t>(std::hash<std::string>()(CastType(column.type)));
        column.type_modifier = static_cast<int32_t>(std::hash<std::string>()(column.type));
      }
    }
  }

  // Gives why it is left to a copy; empty: it is not. `was` and `now`: as on the source.
  std::string Compare(const Definition& known, const Definition& after, const model::Table& was,
                      const model::Table& now) {
    DiffContext context;
    if (known.name != after.name) context.renames.tables[known.name] = after.name;
    for (const ColumnDefinition& column : after.columns) {
      const int index = now.FindColumn(column.name);
      if (index < 0) continue;
      const model::Column& of_source = now.columns[static_cast<size_t>(index)];
      const int before = was.FindColumn(OriginOf(column.name));
      // Of an instant the log has the default as the session wrote it, in its own time zone.
      const bool instant = of_source.kind == model::TypeKind::kTimestamp && HasDefault(of_source) &&
                           Constant(column.default_value);
      if (before >= 0) {
        const model::Column& old = was.columns[static_cast<size_t>(before)];
        if (!connector::KeepsValues(old, of_source))
          return fmt::format("column {} was {} and is {}", column.name, old.type_text,
                             of_source.type_text);
        if (instant && old.default_value != of_source.default_value)
          return fmt::format("column {} has another instant as default", column.name);
        continue;
      }
      if (column.generated != 0 || column.identity != 0) continue;
      std::optional<std::string> value = Constant(column.default_value);
      if (instant || (!value && HasDefault(of_source)))
        return fmt::format("column {}: earlier rows have what its default was then", column.name);
      if (!value && column.not_null) value = ImplicitValue(of_source);
      if (!value && column.not_null)
        return fmt::format("column {}: earlier rows have a value of the server's", column.name);
      if (value) context.missing[column.name] = {*value};
    }
    const DefinitionDiff diff = DiffDefinitions(known, after, context, steps_);
    if (here_.obstacle.empty()) here_.obstacle = diff.obstacle;
    here_.notes.insert(here_.notes.end(), diff.notes.begin(), diff.notes.end());
    return diff.by_copy;
  }

  const DdlChange& ddl_;
  const ForeignSource& from_;
  const std::vector<connector::TableDefinition>& known_;
  DdlChange here_;
  DdlSteps steps_;
  std::vector<std::string> dropped_;
};

}  // namespace

base::StatusOr<DdlChange> DdlHere(const DdlChange& ddl, const ForeignSource& from,
                                  const std::vector<connector::TableDefinition>& known) {
  return Translation(ddl, from, known).Run();
}

}  // namespace godwit::connectors::postgres
