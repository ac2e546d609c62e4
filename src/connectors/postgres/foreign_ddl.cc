#include "connectors/postgres/foreign_ddl.h"

#include <absl/strings/match.h>

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <set>

#include "connectors/postgres/definition_diff.h"
#include "connectors/postgres/sql_text.h"

namespace godwit::connectors::postgres {
namespace {

using model::DdlChange;
using model::DdlKind;
using model::TableName;

bool Has(const DdlChange& ddl, DdlKind kind) {
  return std::ranges::find(ddl.kinds, kind) != ddl.kinds.end();
}

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

class Translation {
 public:
  Translation(const DdlChange& ddl, const ForeignSource& from,
              const std::vector<connector::TableDefinition>& known)
      : ddl_(ddl), from_(from), known_(known), here_(ddl) {
    here_.statement.clear();
    here_.session.clear();
    here_.dialect = kDialect;
    if (here_.original.empty()) here_.original = ddl.statement;
  }

  base::StatusOr<DdlChange> Run() {
    // Where a tool for online schema changes is at work, only what it leads to is executed.
    if (!ddl_.obstacle.empty() || ddl_.statement.empty()) return std::move(here_);
    if (Has(ddl_, DdlKind::kCreateView) || Has(ddl_, DdlKind::kAlterView) ||
        Has(ddl_, DdlKind::kDropView)) {
      here_.notes.push_back("views of another family are not translated: " + here_.original);
      return std::move(here_);
    }
    Schema();
    GODWIT_RETURN_IF_ERROR(Rows());
    for (const TableName& table : ddl_.replaced) Drop(table);
    for (DdlChange::Effect& effect : here_.effects) GODWIT_RETURN_IF_ERROR(Follow(effect));
    for (const TableName& table : ddl_.left_over) Drop(table);
    if (here_.obstacle.empty()) here_.statement = steps_.ToSql();
    return std::move(here_);
  }

 private:
  void Obstacle(const std::string& why) {
    if (here_.obstacle.empty()) {
      here_.obstacle =
          why +
          ": write what PostgreSQL is to do in its place, or copy anew with `godwit run --restart`";
    }
  }
  void Drop(const TableName& table) {
    steps_.drops.push_back("DROP TABLE IF EXISTS " + QuoteName(table));
  }

  void Schema() {
    const std::string name = QuoteName(ddl_.touched_schema);
    if (Has(ddl_, DdlKind::kCreateDatabase))
      steps_.foreign_keys_off.push_back("CREATE SCHEMA IF NOT EXISTS " + name);
    if (Has(ddl_, DdlKind::kDropDatabase)) steps_.rest.push_back("DROP SCHEMA IF EXISTS " + name);
  }

  // What happens to rows without being in the log as that of rows.
  base::Status Rows() {
    if (Has(ddl_, DdlKind::kTruncateTable)) {
      for (const TableName& table : ddl_.touched)
        steps_.drops.push_back("TRUNCATE TABLE " + QuoteName(table));
    }
    if (Has(ddl_, DdlKind::kTruncatePartition) || Has(ddl_, DdlKind::kDropPartition) ||
        !ddl_.exchanged.table.empty())
      Obstacle("the target's table is not partitioned, and the statement is about rows of a part");
    return base::OkStatus();
  }

  base::Status Follow(DdlChange::Effect& effect) {
    if (effect.to_copy || effect.place != DdlChange::Place::kTarget) return base::OkStatus();
    const bool renamed = !effect.renamed_from.table.empty();
    const TableName& before = renamed ? effect.renamed_from : effect.table;
    if (!effect.by_copy.empty()) {  // which makes the table anew
      if (renamed) Drop(before);
      return base::OkStatus();
    }
    if (effect.after == nullptr) {
      if (!Has(ddl_, DdlKind::kTruncateTable)) Drop(before);
      return base::OkStatus();
    }
    GODWIT_ASSIGN_OR_RETURN(std::vector<Definition> after,
                            from_.TablesHere({{effect.after, effect.definition, ddl_.dialect}}));
    const auto state = std::ranges::find_if(
        known_, [&](const auto& table) { return table.table->name == before; });
    if (effect.made || state == known_.end()) {
      AddCreation(after[0], steps_);
      return base::OkStatus();
    }
    GODWIT_ASSIGN_OR_RETURN(std::vector<Definition> known, from_.TablesHere({*state}));
    known[0].name = before;
    Number(known[0], after[0]);
    effect.by_copy = Compare(known[0], after[0], *effect.after);
    if (!effect.by_copy.empty() && renamed) Drop(before);
    return base::OkStatus();
  }

  // Gives columns the numbers by which they are known under other names, and types theirs.
  void Number(Definition& known, Definition& after) {
    int next = 0;
    std::map<std::string, int> numbers;
    for (ColumnDefinition& column : known.columns) numbers[column.name] = column.number = ++next;
    std::map<std::string, std::string> origins;
    for (const auto& [from, to] : ddl_.column_renames) origins[to] = from;
    std::set<int> taken;
    for (ColumnDefinition& column : after.columns) {
      const auto renamed = origins.find(column.name);
      const auto found = numbers.find(renamed == origins.end() ? column.name : renamed->second);
      const bool same = found != numbers.end() && taken.insert(found->second).second;
      column.number = same ? found->second : ++next;
    }
    for (Definition* definition : {&known, &after}) {
      for (ColumnDefinition& column : definition->columns) {
        column.type_oid = static_cast<uint32_t>(std::hash<std::string>()(CastType(column.type)));
        column.type_modifier = static_cast<int32_t>(std::hash<std::string>()(column.type));
      }
    }
  }

  // Gives why it is left to a copy; empty: it is not.
  std::string Compare(const Definition& known, const Definition& after, const model::Table& table) {
    DiffContext context;
    if (known.name != after.name) context.renames.tables[known.name] = after.name;
    for (const ColumnDefinition& column : after.columns) {
      const bool is_new = std::ranges::find(known.columns, column.number,
                                            &ColumnDefinition::number) == known.columns.end();
      const int index = table.FindColumn(column.name);
      if (!is_new || column.generated != 0 || column.identity != 0 || index < 0) continue;
      std::optional<std::string> value = Constant(column.default_value);
      if (!value && !column.default_value.empty() && column.default_value != "NULL")
        return fmt::format("column {}: earlier rows have what its default was then", column.name);
      if (!value && column.not_null)
        value = ImplicitValue(table.columns[static_cast<size_t>(index)]);
      if (!value && column.not_null)
        return fmt::format("column {}: earlier rows have a value of the server's", column.name);
      if (value) context.missing[column.name] = {*value};
    }
    const DefinitionDiff diff = DiffDefinitions(known, after, context, steps_);
    if (!diff.obstacle.empty()) Obstacle(diff.obstacle);
    here_.notes.insert(here_.notes.end(), diff.notes.begin(), diff.notes.end());
    return diff.by_copy;
  }

  const DdlChange& ddl_;
  const ForeignSource& from_;
  const std::vector<connector::TableDefinition>& known_;
  DdlChange here_;
  DdlSteps steps_;
};

}  // namespace

base::StatusOr<DdlChange> DdlHere(const DdlChange& ddl, const ForeignSource& from,
                                  const std::vector<connector::TableDefinition>& known) {
  return Translation(ddl, from, known).Run();
}

}  // namespace godwit::connectors::postgres
