#include "pipeline/fitted_table.h"

#include <algorithm>
#include <set>

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

// Why values of `source` might be altered in a column like `target` without a word of the server,
// which refuses what is too long or out of range; empty: they are not.
std::string WhyNotHeld(const Column& source, const Column& target) {
  const bool both_integers = IsInteger(source.kind) && IsInteger(target.kind);
  const bool widened = source.kind == TypeKind::kFloat && target.kind == TypeKind::kDouble;
  if (source.kind != target.kind && !both_integers && !widened) return "its type is another";
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
      if (target.fixed_length && !source.fixed_length) return "it drops blanks at the end";
      return "";
    case TypeKind::kBinary:
      if (!target.fixed_length) return "";
      return source.fixed_length && source.length == target.length ? "" : "it pads values";
    default:
      return "";
  }
}

class Fitting {
 public:
  Fitting(const model::TablePtr& source, const Table& target) : source_(source), target_(target) {}

  base::StatusOr<FittedTable> Run() {
    if (source_->system_versioned != target_.system_versioned ||
        source_->without_overlaps != target_.without_overlaps) {
      return Refuse("it does not keep history, or periods apart, as the source's does");
    }
    fitted_ = *source_;
    for (size_t i = 0; i < fitted_.columns.size(); ++i) {
      const std::string why = FitColumn(fitted_.columns[i]);
      if (!why.empty()) return Refuse(why);
    }
    fitted_.primary_key = Mapped(target_.primary_key).value_or(std::vector<int>());
    if (fitted_.primary_key.size() != target_.primary_key.size())
      return Refuse("its primary key has columns that the rows have no values for");
    fitted_.unique_keys.clear();
    for (const Key& key : target_.unique_keys) {
      // A key of columns that are not written cannot be broken but by their defaults, which the
      // server would say.
      if (auto columns = Mapped(key.columns))
        fitted_.unique_keys.push_back({key.name, *columns, key.has_prefix, key.by_hash});
    }
    if (!IdentityIsUnique()) {
      return Refuse(
          "the key that tells its rows apart does not do so for the source's rows any more");
    }
    const bool same = fitted_ == *source_;
    return FittedTable{same ? source_ : std::make_shared<const Table>(std::move(fitted_)),
                       std::move(left_out_), same && target_.columns == source_->columns};
  }

 private:
  std::string FitColumn(Column& column) {
    const int at = target_.FindColumn(column.name);
    const bool computed = column.generated && column.row_period == model::RowPeriod::kNone;
    if (at < 0) {
      if (!computed) {
        column.left_out = true;
        left_out_.push_back(column.name);
      }
      return "";
    }
    const Column& other = target_.columns[static_cast<size_t>(at)];
    if (column.generated != other.generated || column.row_period != other.row_period) {
      return fmt::format("column {} is computed on one side and written on the other", other.name);
    }
    if (computed) return "";
    const std::string why = WhyNotHeld(column, other);
    return why.empty() ? ""
                       : fmt::format("column {} is {} there and {} on the source: {}", other.name,
                                     other.type_text, column.type_text, why);
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
  const Table& target_;
  Table fitted_;
  std::vector<std::string> left_out_;
};

}  // namespace

base::StatusOr<FittedTable> FitTable(const model::TablePtr& source, const Table& target) {
  return Fitting(source, target).Run();
}

}  // namespace godwit::pipeline
