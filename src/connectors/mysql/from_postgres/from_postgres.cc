#include "connectors/mysql/from_postgres/from_postgres.h"

#include <absl/algorithm/container.h>
#include <absl/strings/str_join.h>
#include <fmt/format.h>

#include <set>

#include "base/text.h"
#include "connectors/mysql/from_postgres/expression_lexer.h"
#include "connectors/mysql/from_postgres/fitting_names.h"
#include "connectors/mysql/from_postgres/from_postgres_default.h"
#include "connectors/mysql/from_postgres/from_postgres_keys.h"
#include "connectors/mysql/from_postgres/from_postgres_references.h"
#include "connectors/mysql/from_postgres/from_postgres_types.h"
#include "connectors/mysql/from_postgres/key_lengths.h"
#include "connectors/mysql/from_postgres/postgres_expression.h"
#include "sql/parser.h"
#include "sql/translate_column.h"
#include "sql/writer.h"

namespace godwit::connectors::mysql {
namespace {

using sql::Flavour;
using sql::Generated;
using sql::postgres::ConstraintDefinition;
using sql::postgres::Definition;

constexpr std::string_view kOrExclude = "or exclude the table";
constexpr size_t kMostColumns = 1017;
constexpr size_t kColumnComment = 1024, kTableComment = 2048;

bool IsOneOf(std::string_view name, std::initializer_list<std::string_view> names) {
  return absl::c_any_of(names,
                        [&](std::string_view one) { return base::EqualsIgnoreCase(name, one); });
}

bool IsCounted(const sql::postgres::ColumnDefinition& column) {
  return column.identity != 0 ||
         (column.generated == 0 && column.default_value.starts_with("nextval("));
}

// What stands in CHECK (...).
std::string ConditionOf(const std::string& definition) {
  constexpr std::string_view kBegin = "CHECK (";
  if (!definition.starts_with(kBegin)) return "";
  // What comes after it has no parentheses: NO INHERIT, NOT VALID, NOT ENFORCED.
  const size_t end = definition.rfind(')');
  return definition.substr(kBegin.size(), end - kBegin.size());
}

class TableTranslator {
 public:
  TableTranslator(const Definition& table, const config::Casts& casts, Flavour to)
      : table_(table), here_(result_.definition), notes_(result_.notes) {
    here_.name = table.name;
    here_.flavour = to;
    here_.options.engine = "InnoDB";
    here_.options.charset = UsualCharset(to);
    columns_ = PlanColumns(table, casts, to, notes_);
  }

  sql::Translation Run() {
    CheckNames();
    NoteTable();
    std::vector<PlannedKey> keys = ReadKeys(table_, notes_);
    LeaveOutStricterKeys(keys, table_, columns_, here_.flavour, notes_);
    FitToKeys(table_, here_.flavour, columns_, keys, notes_);
    FitToRow(keys, table_, here_.flavour, columns_, notes_);
    AddColumns(keys);
    AddValues();
    AddKeys(keys, table_, columns_, here_, notes_);
    CheckIdentity();
    AddChecks();
    AddForeignKeys(table_, columns_, here_, notes_);
    const std::string comment = FittingComment(table_.comment, kTableComment, "", notes_);
    if (!comment.empty()) here_.options.comment = comment;
    Normalise();
    return std::move(result_);
  }

 private:
  void CheckName(const std::string& place, const std::string& name, const std::string& what) {
    const std::string remedy = fmt::format("rename it on the source, {}", kOrExclude);
    if (name.ends_with(' '))
      notes_.Refuse(place, fmt::format("the name of {} ends with a blank", what), remedy);
    const bool beyond =
        absl::c_any_of(name, [](char c) { return static_cast<uint8_t>(c) >= 0xF0; });
    if (beyond) {
      notes_.Refuse(place,
                    fmt::format("the name of {} has a character beyond U+FFFF, which names of the "
                                "target have not",
                                what),
                    remedy);
    }
  }

  void CheckNames() {
    const std::string& schema = table_.name.schema;
    CheckName("", schema, "its schema");
    CheckName("", table_.name.table, "the table");
    if (IsOneOf(schema, {"mysql", "sys", "information_schema", "performance_schema"})) {
      notes_.Refuse("", fmt::format("the target has a database {} of its own", schema),
                    fmt::format("rename the schema on the source, {}", kOrExclude));
    }
    std::set<std::string> names;
    for (const PlannedColumn& column : columns_) {
      const std::string& name = column.source->name;
      CheckName(column.place, name, "the column");
      if (IsOneOf(name, {"DB_ROW_ID", "DB_TRX_ID", "DB_ROLL_PTR", "FTS_DOC_ID"})) {
        notes_.Refuse(column.place, "InnoDB has a column of this name of its own",
                      fmt::format("rename it on the source, {}", kOrExclude));
      }
      std::string lower = name;
      absl::c_transform(lower, lower.begin(), base::ToLowerAscii);
      if (!names.insert(std::move(lower)).second) {
        notes_.Refuse(column.place,
                      "another column has the same name in other case, which the target does not "
                      "tell apart",
                      fmt::format("rename it on the source, {}", kOrExclude));
      }
    }
    if (columns_.empty()) {
      notes_.Refuse("", "it has no columns, and the target has no such tables",
                    "give it one on the source, or exclude it");
    }
    if (columns_.size() > kMostColumns) {
      notes_.Refuse(
          "", fmt::format("it has {} columns, and InnoDB takes {}", columns_.size(), kMostColumns),
          "divide the table on the source, or exclude it");
    }
  }

  void NoteTable() {
    if (!table_.partition_key.empty()) {
      notes_.Lossy("", fmt::format("its partitions (BY {}) are left out: all rows are in one table",
                                   table_.partition_key));
    }
    std::vector<std::string> sorted;
    for (const PlannedColumn& column : columns_) {
      const std::string& collation = column.source->collation;
      if (collation.empty() || collation.ends_with(".\"C\"") || collation.ends_with(".\"POSIX\"") ||
          collation.ends_with(".ucs_basic"))
        continue;
      sorted.push_back(
          fmt::format("{} ({})", sql::QuoteIdentifier(column.source->name), collation));
    }
    if (!sorted.empty()) {
      notes_.Lossy("", fmt::format("{}: collations are left out; text sorts and compares by its "
                                   "bytes",
                                   absl::StrJoin(sorted, ", ")));
    }
  }

  void AddColumns(const std::vector<PlannedKey>& keys) {
    for (const PlannedColumn& planned : columns_) {
      sql::ColumnDefinition column;
      column.name = planned.source->name;
      column.type = planned.type;
      column.nullable = !planned.source->not_null;
      column.check = here_.flavour == Flavour::kMariaDb ? planned.check : "";
      column.comment =
          FittingComment(planned.source->comment, kColumnComment, planned.place, notes_);
      if (IsCounted(*planned.source)) column.auto_increment = Counts(planned, keys);
      here_.columns.push_back(std::move(column));
    }
  }

  // Whether AUTO_INCREMENT takes the place of a sequence.
  bool Counts(const PlannedColumn& column, const std::vector<PlannedKey>& keys) {
    const sql::postgres::ColumnDefinition& source = *column.source;
    const auto at = static_cast<int>(&column - columns_.data());
    const std::string what =
        source.identity != 0 ? "its identity" : "its default " + source.default_value;
    const auto leave_out = [&](const std::string& why) {
      notes_.Lossy(column.place,
                   fmt::format("{} is left out: {}; rows get no number by themselves", what, why));
      return false;
    };
    if (!column.IsInteger()) return leave_out("columns of such a type do not count there");
    if (!source.not_null)
      return leave_out("AUTO_INCREMENT columns have no NULL, and this one may have");
    const bool first = absl::c_any_of(keys, [&](const PlannedKey& key) {
      return key.parts.front().column == at && !key.parts.front().descending &&
             absl::c_all_of(key.parts, [](const auto& part) { return part.column >= 0; });
    });
    if (!first) return leave_out("no key begins with the column, as AUTO_INCREMENT needs");
    const bool second =
        absl::c_any_of(here_.columns, [](const auto& c) { return c.auto_increment; });
    if (second) return leave_out("a table has one AUTO_INCREMENT column");
    const bool computed = absl::c_any_of(table_.columns, [&](const auto& other) {
      return other.generated != 0 &&
             absl::c_linear_search(ColumnsIn(table_, other.default_value), at);
    });
    if (computed) return leave_out("a generated column is made of it");
    if (source.sequence_options.find("INCREMENT BY -") != std::string::npos)
      return leave_out("it counts down");
    if (source.identity == 0 && !source.sequence_owned) {
      notes_.Lossy(
          column.place,
          fmt::format("{} becomes AUTO_INCREMENT, which counts for this table alone", what));
    }
    const bool by_one = source.sequence_options.empty() ||
                        source.sequence_options.find("INCREMENT BY 1 ") != std::string::npos ||
                        source.sequence_options.ends_with("INCREMENT BY 1");
    if (!by_one)
      notes_.Lossy(column.place,
                   "AUTO_INCREMENT counts by the server's auto_increment_increment, not by the "
                   "sequence's own");
    if (source.identity == 'a')
      notes_.Lossy(column.place, "is GENERATED ALWAYS no more: a row may give a number of its own");
    notes_.Same(column.place,
                "counts by AUTO_INCREMENT: a row that gives 0 or NULL gets a number by that too");
    return true;
  }

  // What tells rows apart on the source has to tell them apart here: rows are written over by it.
  void CheckIdentity() {
    std::vector<int> identity = sql::postgres::ToTable(table_).RowIdentity();
    if (identity.empty()) return;
    std::ranges::sort(identity);
    const model::TablePtr here = sql::ToTable(here_);
    const auto is_identity = [&](std::vector<int> columns) {
      std::ranges::sort(columns);
      return columns == identity;
    };
    const bool kept = is_identity(here->primary_key) ||
                      absl::c_any_of(here->unique_keys, [&](const model::Key& key) {
                        return !key.has_prefix && !key.has_expression && is_identity(key.columns);
                      });
    if (kept) return;
    std::vector<std::string> names;
    for (const int column : identity)
      names.push_back(sql::QuoteIdentifier(table_.columns[static_cast<size_t>(column)].name));
    notes_.Refuse("",
                  fmt::format("its rows are told apart by the key over ({}), which the target "
                              "cannot have",
                              absl::StrJoin(names, ", ")),
                  fmt::format("give the table a primary key on the source that it can have, or its "
                              "columns another type with `casts`, {}",
                              kOrExclude));
  }

  // What columns get by themselves, which may depend on how the others are.
  void AddValues() {
    for (size_t i = 0; i < columns_.size(); ++i) {
      PlannedColumn& planned = columns_[i];
      if (planned.source->generated != 0) {
        AddExpression(planned, here_.columns[i]);
      } else if (!IsCounted(*planned.source)) {
        here_.columns[i].default_value = DefaultFor(planned, table_, here_, notes_);
      }
    }
  }

  void AddExpression(PlannedColumn& planned, sql::ColumnDefinition& column) {
    std::vector<std::string> caveats;
    ExpressionContext context;
    context.column = planned.source;
    context.here = &here_;
    context.caveats = &caveats;
    base::StatusOr<std::string> expression = FromPostgresExpression(
        planned.source->default_value, table_, ExpressionUse::kGenerated, here_.flavour, context);
    if (!expression.ok()) {
      return notes_.Refuse(
          planned.place,
          fmt::format("is generated as {}, which the target would have to compute, and {} is not "
                      "known to be the same there",
                      planned.source->default_value, std::string(expression.status().message())),
          fmt::format("drop the column on the source, or make it an ordinary one there, {}",
                      kOrExclude));
    }
    for (const std::string& caveat : caveats) notes_.Lossy(planned.place, caveat);
    planned.may_differ = !caveats.empty();
    column.generated = planned.source->generated == 'v' ? Generated::kVirtual : Generated::kStored;
    column.expression = *std::move(expression);
    if (here_.flavour == Flavour::kMySql) return;
    if (!column.nullable) {
      column.nullable = true;
      notes_.Lossy(planned.place, "NOT NULL of a generated column is left out");
    }
    column.check.clear();
    const bool primary = absl::c_any_of(table_.constraints, [&](const ConstraintDefinition& one) {
      return one.kind == 'p' && absl::c_linear_search(one.columns, planned.source->name);
    });
    if (primary) {
      notes_.Refuse(
          planned.place, "MariaDB takes no generated column into a primary key",
          fmt::format("give the table another primary key on the source, {}", kOrExclude));
    }
  }

  void AddChecks() {
    for (const ConstraintDefinition& one : table_.constraints) {
      if (one.kind != 'c' && one.kind != 'n') continue;
      const std::string place = "check " + sql::QuoteIdentifier(one.name);
      if (!one.table.table.empty()) {
        notes_.Lossy(place,
                     fmt::format("is left out: partition {} alone has it", one.table.ToString()));
      } else if (one.kind == 'n' || !one.validated) {
        notes_.Lossy(place, "is left out: it is NOT VALID, so that it may not hold for all rows");
      } else if (one.definition.ends_with(" NOT ENFORCED")) {
        notes_.Lossy(place, "is left out: it is NOT ENFORCED");
      } else {
        AddCheck(one, place);
      }
    }
  }

  void AddCheck(const ConstraintDefinition& one, const std::string& place) {
    std::vector<std::string> caveats;
    ExpressionContext context;
    context.here = &here_;
    context.caveats = &caveats;
    const std::string condition = ConditionOf(one.definition);
    base::StatusOr<std::string> expression =
        FromPostgresExpression(condition, table_, ExpressionUse::kCheck, here_.flavour, context);
    if (!expression.ok()) {
      return notes_.Lossy(
          place, fmt::format("is left out ({}): {} is not known to be the same on the target",
                             condition, std::string(expression.status().message())));
    }
    // Rows that the source takes would be refused.
    for (const int column : ColumnsIn(table_, condition)) {
      const PlannedColumn& planned = columns_[static_cast<size_t>(column)];
      if (!planned.may_differ) continue;
      caveats.push_back(fmt::format("{} is computed there, and may come to another value",
                                    sql::QuoteIdentifier(planned.source->name)));
    }
    if (!caveats.empty()) {
      return notes_.Lossy(
          place, fmt::format("is left out ({}), as it may not hold on the target for rows of the "
                             "source: {}",
                             condition, absl::StrJoin(caveats, "; ")));
    }
    const std::string name = here_.flavour == Flavour::kMySql
                                 ? NameInDatabase(table_.name.table, one.name)
                                 : FittingName(one.name);
    here_.checks.push_back({name, *std::move(expression), true});
  }

  // Written and read again, so that it is complete as the server completes it.
  void Normalise() {
    if (result_.refused()) return;
    sql::ParseOptions options;
    options.default_schema = table_.name.schema;
    options.flavour = here_.flavour;
    auto read = sql::ParseDefinition(sql::WriteCreateTable(here_), options, {});
    if (!read.ok()) {
      return notes_.Refuse("",
                           fmt::format("what it would be on the target is not understood: {}",
                                       std::string(read.status().message())),
                           "exclude the table, and report this");
    }
    read->name = table_.name;
    here_ = *std::move(read);
  }

  const Definition& table_;
  sql::Translation result_;
  sql::TableDefinition& here_;  // result_'s
  sql::NoteTaker notes_;
  std::vector<PlannedColumn> columns_;
};

}  // namespace

sql::Translation TranslateFromPostgres(const Definition& table, const config::Casts& casts,
                                       Flavour to) {
  return TableTranslator(table, casts, to).Run();
}

}  // namespace godwit::connectors::mysql
