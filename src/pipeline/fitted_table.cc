#include "pipeline/fitted_table.h"

#include <algorithm>

#include "base/text.h"

namespace godwit::pipeline {
namespace {

using model::Column;
using model::Key;
using model::Table;
using model::TypeKind;

bool IsInteger(TypeKind kind) { return kind == TypeKind::kInt || kind == TypeKind::kUint; }

// Labels travel by number.
bool SameAsFarAsBothGo(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  const auto most = static_cast<ptrdiff_t>(std::min(a.size(), b.size()));
  return std::equal(a.begin(), a.begin() + most, b.begin());
}

// FLOAT(M,D) and its like, which round what they store.
bool Rounds(const Column& column) {
  const bool approximate = column.kind == TypeKind::kFloat || column.kind == TypeKind::kDouble;
  return approximate && column.type_text.find(',') != std::string::npos;
}

// Why values of `source` might be altered in a column like `target` without a word of the server,
// which refuses what is too long or out of range; empty: they are not.
std::string WhyNotHeld(const Column& source, const Column& target) {
  const bool both_integers = IsInteger(source.kind) && IsInteger(target.kind);
  const bool widened = source.kind == TypeKind::kFloat && target.kind == TypeKind::kDouble;
  if (source.kind != target.kind && !both_integers && !widened) return "its type is another";
  if (Rounds(target) && source.type_text != target.type_text) return "it rounds values";
  switch (source.kind) {
    case TypeKind::kDecimal:
    case TypeKind::kTime:
    case TypeKind::kDateTime:
    case TypeKind::kTimestamp:
      return target.scale < source.scale ? "it keeps fewer digits" : "";
    case TypeKind::kEnum:
    case TypeKind::kSet:
      return SameAsFarAsBothGo(source.labels, target.labels) ? "" : "its labels are others";
    case TypeKind::kText:
      if (source.charset != target.charset) return "its charset is another";
      if (target.fixed_length && !source.fixed_length) return "it drops blanks at the end";
      return "";
    case TypeKind::kBinary:
      if (!target.fixed_length) return "";
      return source.fixed_length && source.length == target.length ? "" : "it pads values";
    default:
      return "";
  }
}

// A column's default as it is compared: as the two servers may write it.
std::string DefaultOf(const Column& column) {
  std::string_view text = column.default_value;
  if (text.starts_with('(') && text.ends_with(')')) text = text.substr(1, text.size() - 2);
  const bool textual = column.kind == TypeKind::kText || column.kind == TypeKind::kBinary;
  if (!textual && text.size() >= 2 && text.starts_with('\'') && text.ends_with('\''))
    text = text.substr(1, text.size() - 2);
  if (text.empty() && column.default_value.empty() && column.nullable) return "NULL";
  return std::string(text);
}

// Of literals the case counts.
bool SameDefault(const Column& one, const Column& other) {
  const std::string here = DefaultOf(one), there = DefaultOf(other);
  const bool literal = one.default_value.find('\'') != std::string::npos ||
                       other.default_value.find('\'') != std::string::npos;
  return literal ? here == there : base::EqualsIgnoreCase(here, there);
}

class Fitting {
 public:
  Fitting(const model::TablePtr& source, const Table& here, const Table& target)
      : source_(source), here_(here), target_(target) {}

  base::StatusOr<FittedTable> Run() {
    if (source_->system_versioned != target_.system_versioned ||
        source_->without_overlaps != target_.without_overlaps) {
      return Refuse("it does not keep history, or periods apart, as the source's does");
    }
    fitted_ = *source_;
    for (size_t i = 0; i < fitted_.columns.size(); ++i) {
      const std::string why = FitColumn(i);
      if (!why.empty()) return Refuse(why);
    }
    fitted_.target_has_more =
        std::any_of(target_.columns.begin(), target_.columns.end(), [&](const Column& column) {
          return !column.generated && source_->FindColumn(column.name) < 0;
        });
    for (const Column& column : target_.columns) {
      const int at = here_.FindColumn(column.name);
      const bool alike = at >= 0 && !here_.columns[static_cast<size_t>(at)].on_update.empty();
      if (!column.on_update.empty() && !alike) fitted_.kept_by_updates.push_back(column.name);
    }
    fitted_.primary_key = Mapped(target_.primary_key).value_or(std::vector<int>());
    if (fitted_.primary_key.size() != target_.primary_key.size())
      return Refuse("its primary key has columns that the rows have no values for");
    fitted_.unique_keys.clear();
    fitted_.target_has_keys = !HoldsHere({}, fitted_.primary_key);
    for (const Key& key : target_.unique_keys) {
      // A key of columns that are not written cannot be broken but by their defaults, which the
      // server would say.
      auto columns = Mapped(key.columns);
      const bool target_only = !columns || !HoldsHere(key, *columns);
      fitted_.target_has_keys = fitted_.target_has_keys || target_only;
      if (!columns) continue;
      Key& fitted = fitted_.unique_keys.emplace_back(key);
      fitted.columns = *std::move(columns);
      fitted.target_only = target_only;
    }
    if (const Column* column = OtherwiseCompared()) {
      return Refuse(fmt::format(
          "column {} is part of a key there, and its collation is {}, where "
          "the source's is {}",
          column->name, column->collation, here_.columns[At(here_, column->name)].collation));
    }
    if (fitted_.RowIdentity().empty() && fitted_.target_has_more) {
      return Refuse(
          "it has no key, and columns of its own by which rows differ that are alike on the "
          "source");
    }
    if (!IdentityIsUnique()) {
      return Refuse(
          "the key that tells its rows apart does not do so for the source's rows any more");
    }
    const bool same = fitted_ == *source_;
    result_.same = same && target_.columns == here_.columns;
    result_.table = same ? source_ : std::make_shared<const Table>(std::move(fitted_));
    return std::move(result_);
  }

 private:
  static size_t At(const Table& table, std::string_view column) {
    return static_cast<size_t>(table.FindColumn(column));
  }

  std::string FitColumn(size_t i) {
    Column& column = fitted_.columns[i];
    const Column& here = here_.columns[i];
    const int at = target_.FindColumn(column.name);
    const bool computed = column.generated && column.row_period == model::RowPeriod::kNone;
    if (at < 0) {
      column.left_out = true;
      if (!computed) result_.left_out.push_back(column.name);
      return "";
    }
    const Column& other = target_.columns[static_cast<size_t>(at)];
    if (column.generated != other.generated || column.row_period != other.row_period) {
      return fmt::format("column {} is computed on one side and written on the other", other.name);
    }
    if (computed) return "";
    const std::string why = WhyNotHeld(here, other);
    if (!why.empty()) {
      return fmt::format("column {} is {} there and {} on the source: {}", other.name,
                         other.type_text, column.type_text, why);
    }
    if (!SameDefault(here, other)) result_.needed_by_insert.push_back(static_cast<int>(i));
    return "";
  }

  // A column by which the target tells values apart in another way than the source.
  const Column* OtherwiseCompared() const {
    std::vector<int> columns = fitted_.primary_key;
    for (const Key& key : fitted_.unique_keys)
      columns.insert(columns.end(), key.columns.begin(), key.columns.end());
    for (const int c : columns) {
      const Column& here = here_.columns[static_cast<size_t>(c)];
      const Column& there = target_.columns[At(target_, here.name)];
      if (here.collation != there.collation) return &there;
    }
    return nullptr;
  }

  // Whether a unique key of the target's over these columns of the source's keeps no rows apart
  // that the source's own keys do not.
  bool HoldsHere(const Key& key, const std::vector<int>& columns) const {
    const auto within = [&](const std::vector<int>& own) {
      return !own.empty() && std::ranges::all_of(own, [&](int c) {
        return std::ranges::find(columns, c) != columns.end();
      });
    };
    if (columns.empty() && !key.has_expression) return true;
    if (key.has_prefix || key.has_expression) return false;
    return within(source_->primary_key) ||
           std::ranges::any_of(source_->unique_keys, [&](const Key& own) {
             return !own.has_prefix && !own.has_expression && within(own.columns);
           });
  }

  // The target's columns as the source's; nothing where one has no values.
  std::optional<std::vector<int>> Mapped(const std::vector<int>& columns) const {
    std::vector<int> mapped;
    for (const int c : columns) {
      const int at = fitted_.FindColumn(target_.columns[static_cast<size_t>(c)].name);
      if (at < 0 || fitted_.columns[static_cast<size_t>(at)].left_out) return std::nullopt;
      mapped.push_back(at);
    }
    return mapped;
  }

  // Whether no two rows of the source can be alike in what tells rows apart on the target.
  bool IdentityIsUnique() const {
    const std::vector<int> identity = fitted_.RowIdentity();
    if (identity.empty()) return true;
    auto covered = [&](const std::vector<int>& key) {
      return !key.empty() && std::all_of(key.begin(), key.end(), [&](int c) {
        return std::find(identity.begin(), identity.end(), c) != identity.end() &&
               !source_->columns[static_cast<size_t>(c)].nullable;
      });
    };
    return covered(source_->primary_key) ||
           std::any_of(source_->unique_keys.begin(), source_->unique_keys.end(),
                       [&](const Key& key) { return !key.has_prefix && covered(key.columns); });
  }

  base::Status Refuse(const std::string& why) const {
    return base::FailedPrecondition(
        "table {}: the target's table cannot take the source's rows as it is, after a DDL that was "
        "not executed there as it stood: {}. Alter the table on the target by hand, and run again",
        source_->name.ToString(), why);
  }

  const model::TablePtr& source_;
  const Table& here_;
  const Table& target_;
  Table fitted_;
  FittedTable result_;
};

// The first of `columns` that the row image has not.
const Column* FirstLacking(const Table& table, const std::vector<int>& columns, model::Row row) {
  for (const int column : columns) {
    const auto c = static_cast<size_t>(column);
    if (row[c].kind() == model::CellKind::kAbsent) return &table.columns[c];
  }
  return nullptr;
}

// The columns by which the target's row is found: without a key, all of them.
std::vector<int> ColumnsToFindBy(const Table& table) {
  std::vector<int> columns = table.RowIdentity();
  if (!columns.empty()) return columns;
  for (size_t i = 0; i < table.columns.size(); ++i) {
    if (!table.columns[i].left_out && !table.columns[i].generated)
      columns.push_back(static_cast<int>(i));
  }
  return columns;
}

base::Status Lacking(const Table& table, const Column& column, std::string_view why,
                     std::string_view remedy) {
  return base::FailedPrecondition(
      "table {}: a row image lacks column {}, and the target's table is not as the source's, after "
      "a DDL that was not executed there as it stood: {}. {} on the target by hand, and run again",
      table.name.ToString(), column.name, why, remedy);
}

}  // namespace

base::StatusOr<FittedTable> FitTable(const model::TablePtr& source, const Table& here,
                                     const Table& target) {
  return Fitting(source, here, target).Run();
}

base::Status CheckPartial(const FittedTable& fitted, const model::ChangeEvent& event) {
  const Table& table = *fitted.table;
  if (event.kind == model::ChangeKind::kInsert) {
    if (const Column* column = FirstLacking(table, fitted.needed_by_insert, event.after)) {
      return Lacking(table, *column, "the column's default is another there",
                     "Give it the source's default");
    }
    return base::OkStatus();
  }
  if (const Column* column = FirstLacking(table, ColumnsToFindBy(table), event.before)) {
    return Lacking(table, *column, "by this column, too, the row has to be found there",
                   "Give the table the source's key");
  }
  return base::OkStatus();
}

}  // namespace godwit::pipeline
