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
    Names();
    for (const TableName& table : ddl_.replaced) Drop(table);
    for (DdlChange::Effect& effect : here_.effects) GODWIT_RETURN_IF_ERROR(Follow(effect));
    for (const TableName& table : ddl_.left_over) Drop(table);
    GODWIT_RETURN_IF_ERROR(Children());
    if (!dropped_.empty()) {  // all at once, as they may refer to each other
      steps_.drops.push_back(
          "DROP TABLE IF EXISTS " +
          absl::StrJoin(dropped_, ", ", [](std::string* out, const TableName& table) {
            out->append(QuoteName(table));
          }));
    }
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
    if (std::ranges::find(dropped_, table) == dropped_.end()) dropped_.push_back(table);
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
  }

  // A table may come to its name over others.
  void Names() {
    std::map<TableName, TableName> first;  // by the name so far
    for (const DdlChange::Effect& effect : ddl_.effects) {
      if (effect.renamed_from.table.empty()) continue;
      auto moved = first.extract(effect.renamed_from);
      first[effect.table] = moved.empty() ? effect.renamed_from : moved.mapped();
    }
    for (const auto& [now, before] : first) {
      before_[now] = before;
      if (now != before) names_[before].tables[before] = now;
    }
    for (const auto& [name, origin] : ddl_.column_origins) {
      if (ddl_.touched.empty() || origin.empty() || origin == name) continue;
      names_[ddl_.touched.front()].columns[origin] = name;
    }
    // One that has left the task under a name that the target does not have.
    for (const DdlChange::Effect& effect : ddl_.effects) {
      if (effect.after == nullptr && !effect.to_copy && before_.contains(effect.table))
        Drop(effect.table);
    }
  }

  base::Status Follow(DdlChange::Effect& effect) {
    if (effect.to_copy || effect.place != DdlChange::Place::kTarget) return base::OkStatus();
    const bool renamed = !effect.renamed_from.table.empty();
    const auto moved = before_.find(effect.table);
    if (renamed && moved == before_.end()) return base::OkStatus();  // on its way to another name
    const TableName& before = moved == before_.end() ? effect.table : moved->second;
    const bool makes = Is(DdlKind::kCreateTable);
    const bool drops = Is(DdlKind::kDropTable) || Is(DdlKind::kDropDatabase);
    if (effect.after == nullptr) {
      if (drops)
        Drop(before);
      else if (!Is(DdlKind::kTruncateTable) && !Is(DdlKind::kRenameTable))
        Obstacle(fmt::format("it moves the rows of table {}", before.ToString()));
      return base::OkStatus();  // one that has left the task by another name stays
    }
    if (!effect.by_copy.empty()) {  // which makes the table anew
      if (renamed) Drop(before);
      return base::OkStatus();
    }
    GODWIT_ASSIGN_OR_RETURN(const Translated after,
                            Translate({effect.after, effect.definition, ddl_.dialect}, true));
    if (after.refused()) {
      Obstacle(fmt::format("table {}: {}", effect.table.ToString(), sql::Refusals(after.notes)));
      return base::OkStatus();
    }
    const auto known = std::ranges::find_if(
        known_, [&](const auto& table) { return table.table->name == before; });
    const bool is_new = effect.made || known == known_.end();
    if (is_new && !makes && effect.made) {
      Obstacle(fmt::format("it moves rows to table {}", effect.table.ToString()));
    } else if (is_new || (makes && drops)) {  // CREATE OR REPLACE
      if (!effect.made) Drop(effect.table);
      AddCreation(after.definition, steps_);
      created_.push_back(effect.table);
      Tell(after, nullptr);
    } else {
      GODWIT_ASSIGN_OR_RETURN(Translated was, Translate(*known, false));
      was.definition.name = before;
      Definition now = after.definition;
      Number(was.definition, now);
      effect.by_copy = Compare(was.definition, now, *known->table, *effect.after);
      Tell(after, &was);
    }
    return base::OkStatus();
  }

  // With the tables that its foreign keys refer to, as they are by then; or as they were.
  base::StatusOr<Translated> Translate(const connector::TableDefinition& table,
                                       bool by_then) const {
    std::vector<connector::TableDefinition> tables = {table};
    const auto add = [&](connector::TableDefinition parent) {
      if (std::ranges::none_of(
              tables, [&](const auto& one) { return one.table->name == parent.table->name; }))
        tables.push_back(std::move(parent));
    };
    for (const DdlChange::Effect& effect : ddl_.effects) {
      if (by_then && effect.after != nullptr && effect.place == DdlChange::Place::kTarget)
        add({effect.after, effect.definition, ddl_.dialect});
    }
    for (const connector::TableDefinition& parent : known_) add(parent);
    GODWIT_ASSIGN_OR_RETURN(std::vector<Translated> all, from_.TranslateAll(tables));
    return std::move(all.front());
  }

  // Keys of tables of which the statement says nothing: with foreign_key_checks=0 the source lets a
  // parent go, and its children refer to whatever table has its name next.
  base::Status Children() {
    const auto is_among = [](const std::vector<TableName>& names, const TableName& name) {
      return std::ranges::find(names, name) != names.end();
    };
    for (const connector::TableDefinition& known : known_) {
      const TableName& name = known.table->name;
      const bool told = std::ranges::any_of(
          ddl_.effects, [&](const DdlChange::Effect& effect) { return effect.table == name; });
      if (told || is_among(dropped_, name)) continue;
      GODWIT_ASSIGN_OR_RETURN(Translated child, Translate(known, true));
      std::erase_if(child.definition.constraints, [&](const ConstraintDefinition& key) {
        if (key.kind == 'f' && is_among(dropped_, key.parent))
          Unbind(name, key, is_among(created_, key.parent));
        return key.kind != 'f' || !is_among(created_, key.parent);
      });
      for (ConstraintDefinition& key : child.definition.constraints) key.validated = false;
      for (std::string& statement : ForeignKeyStatements(child.definition)) {
        here_.notes.push_back(fmt::format(
            "{}: its rows may refer to none of {}, which has come anew: once they all do, validate "
            "the foreign key on the target ({})",
            name.ToString(), child.definition.constraints.front().parent.ToString(), statement));
        steps_.foreign_keys.push_back(std::move(statement));
      }
    }
    return base::OkStatus();
  }

  void Unbind(const TableName& child, const ConstraintDefinition& key, bool comes_back) {
    steps_.foreign_keys_off.push_back(
        fmt::format("ALTER TABLE IF EXISTS {} DROP CONSTRAINT IF EXISTS {}", QuoteName(child),
                    QuoteName(key.name)));
    if (comes_back) return;
    here_.notes.push_back(fmt::format(
        "{}: foreign key {} is dropped on the target, as the source has dropped its parent {}; it "
        "comes back with a table of this name",
        child.ToString(), key.name, key.parent.ToString()));
  }

  // What has come to be another here by the statement.
  void Tell(const Translated& after, const Translated* was) {
    for (const sql::TranslationNote& note : after.notes) {
      const bool old = was != nullptr && std::ranges::find(was->notes, note) != was->notes.end();
      if (note.kind == sql::NoteKind::kLossy && !old)
        here_.notes.push_back(after.definition.name.ToString() + ": " + sql::ToText(note));
    }
  }

  // The name that the column had before; empty: it is new. `table`: as it was called.
  std::string OriginOf(const TableName& table, const std::string& column) const {
    const bool altered = !ddl_.touched.empty() && ddl_.touched.front() == table;
    if (ddl_.column_origins.empty() || !altered) return column;
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
      const auto found = numbers.find(absl::AsciiStrToLower(OriginOf(known.name, column.name)));
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
    context.names = names_;
    for (const ColumnDefinition& column : after.columns) {
      const int index = now.FindColumn(column.name);
      if (index < 0) continue;
      const model::Column& of_source = now.columns[static_cast<size_t>(index)];
      const int before = was.FindColumn(OriginOf(known.name, column.name));
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
  std::map<TableName, TableName> before_;  // of tables with another name, by it
  std::map<TableName, Renames> names_;     // what has another, by the name of before
  std::vector<TableName> dropped_, created_;
};

}  // namespace

base::StatusOr<DdlChange> DdlHere(const DdlChange& ddl, const ForeignSource& from,
                                  const std::vector<connector::TableDefinition>& known) {
  return Translation(ddl, from, known).Run();
}

}  // namespace godwit::connectors::postgres
