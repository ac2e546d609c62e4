#include "connectors/postgres/from_mysql/from_mysql.h"

#include <absl/algorithm/container.h>

#include <map>

#include "base/text.h"
#include "connectors/postgres/from_mysql/from_mysql_default.h"
#include "connectors/postgres/from_mysql/from_mysql_expression.h"
#include "connectors/postgres/from_mysql/from_mysql_keys.h"
#include "connectors/postgres/schema/schema_writer.h"
#include "connectors/postgres/sql_text.h"
#include "sql/parser.h"
#include "sql/writer.h"

namespace godwit::connectors::postgres {
namespace {

using model::TypeKind;
using sql::Generated;
using sql::NoteKind;

constexpr size_t kMostColumns = 1600;
constexpr std::string_view kOrExclude = "or exclude the table";

class TableTranslator {
 public:
  TableTranslator(const sql::TableDefinition& table, const config::Casts& casts)
      : table_(table), notes_(result_.notes), columns_(PlanColumns(table, casts, notes_)) {}

  Translated Run() {
    result_.definition.name = table_.name;
    result_.definition.comment = table_.options.comment.value_or("");
    CheckNames();
    CheckTable();
    NoteCollations();
    for (PlannedColumn& column : columns_) AddColumn(column);
    TranslateKeys(table_, columns_, result_.definition, names_, notes_);
    AddChecks();
    TranslateForeignKeys(table_, columns_, result_.definition, names_, notes_);
    const auto by_name = [](const auto& a, const auto& b) { return a.name < b.name; };
    absl::c_stable_sort(result_.definition.constraints, by_name);
    absl::c_stable_sort(result_.definition.indexes, by_name);
    return std::move(result_);
  }

 private:
  void CheckName(const std::string& place, const std::string& name, const std::string& what) {
    if (name.size() > kLongestName) {
      notes_.Refuse(place,
                    fmt::format("the name of {} has {} bytes, and PostgreSQL takes {}", what,
                                name.size(), kLongestName),
                    fmt::format("rename it on the source, {}", kOrExclude));
    }
    if (name.find('\0') != std::string::npos)
      notes_.Refuse(place, fmt::format("the name of {} has a zero byte", what),
                    fmt::format("rename it on the source, {}", kOrExclude));
  }

  void CheckNames() {
    const std::string& schema = table_.name.schema;
    CheckName("", schema, "its database");
    CheckName("", table_.name.table, "the table");
    if (schema.starts_with("pg_")) {
      notes_.Refuse("",
                    fmt::format("PostgreSQL keeps names like {} for schemas of its own", schema),
                    fmt::format("rename the database on the source, {}", kOrExclude));
    }
    constexpr std::string_view kSystemColumns[] = {"tableoid", "xmin", "cmin",
                                                   "xmax",     "cmax", "ctid"};
    for (const PlannedColumn& column : columns_) {
      const std::string& name = column.source->name;
      CheckName(column.place, name, "the column");
      if (!absl::c_linear_search(kSystemColumns, name)) continue;
      notes_.Refuse(column.place, "PostgreSQL has a column of this name in each table",
                    fmt::format("rename it on the source, {}", kOrExclude));
    }
    if (columns_.size() > kMostColumns) {
      notes_.Refuse(
          "",
          fmt::format("it has {} columns, and PostgreSQL takes {}", columns_.size(), kMostColumns),
          "divide the table on the source, or exclude it");
    }
  }

  void CheckTable() {
    if (table_.system_versioned) {
      notes_.Refuse(
          "", "PostgreSQL keeps no history of rows (system versioning)",
          fmt::format("ALTER TABLE ... DROP SYSTEM VERSIONING on the source, {}", kOrExclude));
    }
    if (table_.partitioning) {
      notes_.Lossy("", fmt::format("its partitions (BY {}) are left out: all rows are in one table",
                                   table_.partitioning->method));
    }
    for (const auto& [name, value] : table_.options.other) {
      if (base::EqualsIgnoreCase(name, "ENCRYPTED") || base::EqualsIgnoreCase(name, "ENCRYPTION"))
        notes_.Lossy(
            "", fmt::format("{}={} is left out: the target says what it encrypts", name, value));
    }
  }

  // What holds for all text is said once.
  void NoteCollations() {
    std::map<std::string, std::string> columns;
    for (const PlannedColumn& column : columns_) {
      const sql::CharsetChoice& charset = column.source->type.charset;
      if (column.kind != TypeKind::kText || !column.IsString() ||
          ComparisonOf(charset) != TextComparison::kOther)
        continue;
      std::string& list = columns[charset.collation];
      list += (list.empty() ? "" : ", ") + sql::QuoteIdentifier(column.source->name);
    }
    for (const auto& [collation, list] : columns) {
      notes_.Lossy("", fmt::format("{} is text that is compared by {}, and by the collation of the "
                                   "target's database there: case, accents and blanks at the end "
                                   "may come to count",
                                   list, collation));
    }
  }

  void AddColumn(PlannedColumn& planned) {
    const sql::ColumnDefinition& source = *planned.source;
    ColumnDefinition column;
    column.name = source.name;
    column.number = static_cast<int>(result_.definition.columns.size()) + 1;
    column.type = planned.type;
    column.not_null = !source.nullable;
    column.comment = source.comment;
    const bool computed =
        source.generated == Generated::kVirtual || source.generated == Generated::kStored;
    if (computed) {
      AddExpression(planned, column);
    } else if (source.auto_increment) {
      AddIdentity(planned, column);
    } else {
      column.default_value = DefaultFor(planned, table_.flavour, notes_);
    }
    if (!source.on_update.empty()) {
      notes_.Lossy(planned.place, fmt::format("ON UPDATE {} is left out: an update sets what it "
                                              "says and no more",
                                              source.on_update));
    }
    if (source.invisible)
      notes_.Lossy(planned.place, "is not INVISIBLE any more: SELECT * shows it");
    if (planned.kind == TypeKind::kEnum && !planned.is_cast) {
      AddCheck(source.name + "_check",
               fmt::format("({} IN ({}))", QuoteName(source.name), LabelList(planned)),
               {source.name});
    }
    result_.definition.columns.push_back(std::move(column));
  }

  void AddIdentity(const PlannedColumn& planned, ColumnDefinition& column) {
    if (!planned.IsInteger()) {
      const std::string what = fmt::format(
          "{} columns cannot count by themselves, as AUTO_INCREMENT does", planned.type);
      if (!planned.is_cast)
        return notes_.Lossy(planned.place, "AUTO_INCREMENT is left out: " + what);
      return notes_.Refuse(planned.place, what,
                           "say smallint, integer or bigint in `casts`, or leave the rule out");
    }
    column.identity = 'd';
    column.sequence = {table_.name.schema, NameInSchema(table_.name.table, column.name, "_seq")};
    column.sequence_owned = true;
    const std::string_view most = planned.base == "smallint"  ? "32767"
                                  : planned.base == "integer" ? "2147483647"
                                                              : "9223372036854775807";
    column.sequence_options =
        fmt::format("START WITH 1 INCREMENT BY 1 MINVALUE 1 MAXVALUE {} CACHE 1 NO CYCLE", most);
    notes_.Same(
        planned.place,
        "AUTO_INCREMENT becomes GENERATED BY DEFAULT AS IDENTITY: a row that gives 0 or NULL "
        "gets no number by that");
  }

  void AddExpression(PlannedColumn& planned, ColumnDefinition& column) {
    const sql::ColumnDefinition& source = *planned.source;
    const base::StatusOr<Expression> translated = TranslateMysqlExpression(
        source.expression, table_.flavour, columns_, GeneratedColumns::kByExpression);
    base::StatusOr<std::string> value =
        translated.ok() ? AssignTo(planned, *translated) : translated.status();
    if (!value.ok()) {
      return notes_.Refuse(
          planned.place,
          fmt::format("is generated as {}, which PostgreSQL would have to compute, and {} is not "
                      "known to be the same there",
                      source.expression, std::string(value.status().message())),
          fmt::format("drop the column on the source, or make it an ordinary one there, {}",
                      kOrExclude));
    }
    for (const std::string& caveat : translated->caveats) notes_.Lossy(planned.place, caveat);
    if (source.generated == Generated::kVirtual)
      notes_.Same(planned.place, "VIRTUAL becomes STORED: the value is in the row");
    planned.expression = *value;
    column.generated = 's';
    column.default_value = *std::move(value);
  }

  void AddCheck(const std::string& name, const std::string& condition,
                const std::vector<std::string>& columns) {
    ConstraintDefinition check;
    check.name = names_.Take(name);
    check.kind = 'c';
    check.definition = fmt::format("CHECK ({})", condition);
    check.columns = columns;
    result_.definition.constraints.push_back(std::move(check));
  }

  void TranslateCheck(const std::string& place, const std::string& name,
                      const std::string& expression) {
    const base::StatusOr<Expression> translated =
        TranslateMysqlExpression(expression, table_.flavour, columns_);
    const bool is_condition = translated.ok() && (translated->type == ValueType::kBoolean ||
                                                  translated->type == ValueType::kInteger ||
                                                  translated->type == ValueType::kDecimal);
    if (!is_condition) {
      const std::string why = translated.ok() ? "a condition of such a type"
                                              : std::string(translated.status().message());
      return notes_.Lossy(
          place, fmt::format("its check ({}) is left out: {} is not known to be the same on "
                             "PostgreSQL",
                             expression, why));
    }
    for (const std::string& caveat : translated->caveats) notes_.Lossy(place, caveat);
    AddCheck(name, AsCondition(*translated), {});
  }

  void AddChecks() {
    for (const PlannedColumn& column : columns_) {
      if (column.source->check.empty() || column.is_checked_json) continue;
      TranslateCheck(column.place, column.source->name + "_check", column.source->check);
    }
    for (const sql::CheckDefinition& check : table_.checks) {
      const std::string place = "check " + sql::QuoteIdentifier(check.name);
      if (!check.enforced) {
        notes_.Lossy(place, "is left out: it is NOT ENFORCED, which PostgreSQL has not before 18");
        continue;
      }
      TranslateCheck(place, check.name, check.expression);
    }
    for (const sql::PeriodDefinition& period : table_.periods) {
      if (period.name == "SYSTEM_TIME") continue;
      notes_.Lossy("period " + sql::QuoteIdentifier(period.name),
                   "becomes a check that it begins before it ends");
      TranslateCheck("period " + sql::QuoteIdentifier(period.name), period.name,
                     fmt::format("{} < {}", sql::QuoteIdentifier(period.start),
                                 sql::QuoteIdentifier(period.end)));
    }
  }

  const sql::TableDefinition& table_;
  Translated result_;
  sql::NoteTaker notes_;
  std::vector<PlannedColumn> columns_;
  ConstraintNames names_;
};

// Of columns of a foreign key: whether PostgreSQL compares the child's with an index of the
// parent's.
bool CanRefer(const ColumnDefinition& child, const ColumnDefinition& parent) {
  const auto family = [](const std::string& type) {
    const std::string base = CastType(type);
    if (base == "smallint" || base == "integer" || base == "bigint") return std::string("integer");
    return base == "character varying" ? std::string("text") : base;
  };
  const std::string from = family(child.type), to = family(parent.type);
  return from == to || (from == "integer" && to == "numeric");
}

const ColumnDefinition* FindColumn(const Definition& table, std::string_view name) {
  const auto found = absl::c_find_if(
      table.columns, [&](const auto& column) { return base::EqualsIgnoreCase(column.name, name); });
  return found == table.columns.end() ? nullptr : &*found;
}

// Whether rows of the table are told apart by just these columns, in whatever order.
bool HasUniqueKey(const Definition& table, std::vector<std::string> columns) {
  absl::c_sort(columns);
  const auto are = [&](std::vector<std::string> others) {
    absl::c_sort(others);
    return others == columns;
  };
  return absl::c_any_of(table.constraints,
                        [&](const ConstraintDefinition& constraint) {
                          return (constraint.kind == 'p' || constraint.kind == 'u') &&
                                 are(constraint.columns);
                        }) ||
         absl::c_any_of(table.indexes, [&](const IndexDefinition& index) {
           return index.unique && !index.has_expression && !index.partial && are(index.columns);
         });
}

// Why the parent does not bear the key; empty: it does.
std::string WhyNot(const Definition& child, const Definition& parent, ConstraintDefinition& key) {
  for (size_t i = 0; i < key.columns.size() && i < key.parent_columns.size(); ++i) {
    const ColumnDefinition* from = FindColumn(child, key.columns[i]);
    const ColumnDefinition* to = FindColumn(parent, key.parent_columns[i]);
    if (from == nullptr || to == nullptr) return "its columns are not there";
    key.parent_columns[i] = to->name;
    if (!CanRefer(*from, *to)) {
      return fmt::format(
          "PostgreSQL does not compare {}, which is {}, with {} of the parent, "
          "which is {}",
          from->name, from->type, to->name, to->type);
    }
  }
  if (!HasUniqueKey(parent, key.parent_columns))
    return "the columns of the parent have no unique key";
  return "";
}

// As the server and the rules write them alike.
Definition Plain(Definition table) {
  for (ColumnDefinition& column : table.columns) {
    column = {.name = column.name,
              .type = column.type,
              .not_null = column.not_null,
              .default_value = column.default_value.empty() ? "" : "...",
              .generated = column.generated,
              .identity = column.identity,
              .sequence = column.identity == 0 ? column.sequence : model::TableName{},
              .sequence_options = {}};
  }
  for (ConstraintDefinition& constraint : table.constraints) {
    if (constraint.kind == 'f')
      constraint.definition = ForeignKeyText(constraint);
    else if (constraint.kind == 'c')
      constraint.definition = "CHECK (...)";
    else
      constraint.definition =
          fmt::format("{} ({})", constraint.kind == 'p' ? "PRIMARY KEY" : "UNIQUE",
                      QuoteNames(constraint.columns));
  }
  for (IndexDefinition& index : table.indexes) {
    index.definition = fmt::format("CREATE {}INDEX {} ({}{})", index.unique ? "UNIQUE " : "",
                                   QuoteName(index.name), QuoteNames(index.columns),
                                   index.has_expression ? ", ..." : "");
  }
  table.options.clear();
  return table;
}

}  // namespace

bool Translated::refused() const {
  return absl::c_any_of(notes, [](const auto& note) { return note.kind == NoteKind::kRefused; });
}

Translated TranslateFromMysql(const sql::TableDefinition& table, const config::Casts& casts) {
  return TableTranslator(table, casts).Run();
}

base::StatusOr<Translated> TranslateFromMysql(const connector::TableDefinition& table,
                                              const config::Casts& casts) {
  const model::TableName& name = table.table->name;
  if (table.dialect != "mysql" && table.dialect != "mariadb")
    return base::Internal("table {}: its definition is not MySQL's but {}'s", name.ToString(),
                          table.dialect);
  sql::ParseOptions options;
  options.default_schema = name.schema;
  options.flavour = table.dialect == "mysql" ? sql::Flavour::kMySql : sql::Flavour::kMariaDb;
  auto definition = sql::ParseDefinition(table.statement, options, {});
  if (!definition.ok()) {
    return base::FailedPrecondition(
        "table {}: its definition is not understood: {}; exclude the table, or report this",
        name.ToString(), definition.status().message());
  }
  definition->name = name;
  return TranslateFromMysql(*definition, casts);
}

void FitForeignKeys(Translated& child,
                    const std::function<const Definition*(const model::TableName&)>& parent) {
  sql::NoteTaker notes(child.notes);
  const Definition self = child.definition;
  std::erase_if(child.definition.constraints, [&](ConstraintDefinition& key) {
    if (key.kind != 'f') return false;
    const Definition* of = key.parent == self.name ? &self : parent(key.parent);
    if (of == nullptr) return false;
    const std::string why = WhyNot(self, *of, key);
    key.definition = ForeignKeyText(key);
    if (why.empty()) return false;
    notes.Lossy("foreign key " + sql::QuoteIdentifier(key.name), "is left out: " + why);
    return true;
  });
}

std::string DescribeTranslatedDifference(const Definition& source, const Definition& target) {
  return DescribeDifference(Plain(source), Plain(target));
}

}  // namespace godwit::connectors::postgres
