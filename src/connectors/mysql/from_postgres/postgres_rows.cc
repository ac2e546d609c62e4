#include "connectors/mysql/from_postgres/postgres_rows.h"

#include <algorithm>

#include "connectors/mysql/literal.h"

namespace godwit::connectors::mysql {
namespace {

using connector::Unfit;
using connector::UnfitAction;
using model::Cell;
using model::CellKind;
using model::Row;

Unfit UnfitOf(Fit fit) {
  switch (fit) {
    case Fit::kNoDay:
      return Unfit::kNoDay;
    case Fit::kIllText:
      return Unfit::kIllText;
    default:
      return Unfit::kOutOfRange;
  }
}

// The definition of an ENUM with one label more, as ALTER TABLE takes it.
std::string WithLabel(const model::Column& column, std::string_view label) {
  std::string type = "enum(";
  for (const std::string& known : column.labels) type += QuoteText(known) + ",";
  type += QuoteText(label) + ")";
  if (!column.charset.empty()) type += " CHARACTER SET " + column.charset;
  if (!column.collation.empty()) type += " COLLATE " + column.collation;
  return type + (column.nullable ? "" : " NOT NULL");
}

}  // namespace

base::StatusOr<model::TablePtr> WithColumnsHere(const model::Table& source,
                                                const model::Table& target) {
  auto here = std::make_shared<model::Table>(source);
  here->cells_are_text = false;
  for (model::Column& column : here->columns) {
    if (column.left_out) continue;
    const int at = target.FindColumn(column.name);
    if (at < 0) {
      if (column.generated) continue;
      return base::NotFound("target: table {} has no column {}", source.name.ToString(),
                            column.name);
    }
    const model::Column& of_target = target.columns[static_cast<size_t>(at)];
    if (of_target.generated && !column.generated) {
      return base::FailedPrecondition(
          "target: table {}, column {}: the server computes it, so that it cannot take the "
          "source's values; make it a column without an expression there",
          source.name.ToString(), column.name);
    }
    const bool generated = column.generated;
    column = of_target;
    column.generated = generated;
  }
  return here;
}

base::StatusOr<PostgresRows> PostgresRows::Make(model::TablePtr source, model::TablePtr here,
                                                sql::Flavour flavour,
                                                std::shared_ptr<connector::ValueRules> rules) {
  PostgresRows rows(std::move(source), std::move(here), std::move(rules));
  const auto& columns = rows.source_->columns;
  rows.values_.reserve(columns.size());
  for (size_t i = 0; i < columns.size(); ++i) {
    PostgresValue& value = rows.values_.emplace_back();
    if (columns[i].left_out || columns[i].generated) continue;
    base::StatusOr<PostgresValue> made =
        PostgresValue::Make(columns[i], rows.here_->columns[i], flavour);
    if (!made.ok()) {
      return base::Annotate(
          made.status(),
          fmt::format("table {}, column {}", rows.source_->name.ToString(), columns[i].name));
    }
    value = *std::move(made);
    rows.copied_.push_back(i);
  }
  return rows;
}

base::StatusOr<Row> PostgresRows::Convert(Row row, base::Arena& arena) {
  if (row.empty()) return row;
  auto* cells = reinterpret_cast<Cell*>(arena.Allocate(row.size() * sizeof(Cell)));
  for (size_t c = 0; c < row.size(); ++c) {
    GODWIT_ASSIGN_OR_RETURN(cells[c], ConvertCell(c, row, arena));
  }
  return Row(cells, row.size());
}

base::StatusOr<Cell> PostgresRows::ConvertCell(size_t column, Row row, base::Arena& arena) {
  const Cell& cell = row[column];
  PostgresValue& value = values_[column];
  if (!cell.has_view() || !value.is_written()) return cell;
  FittedValue fitted;
  const Fit fit = value.Convert(cell.view(), fitted);
  if (fit != Fit::kFits) {
    GODWIT_ASSIGN_OR_RETURN(const std::optional<FittedValue> other,
                            InPlaceOf(column, cell.view(), fit, [&] { return NameOf(row); }));
    if (!other) return Cell::Null();
    fitted = *other;
  }
  if (fitted.in_buffer) {
    fitted.text = arena.Copy(fitted.text);
    value.ForgetLargeValue();  // a table need not come again
  }
  return value.ToCell(fitted);
}

base::Status PostgresRows::ConvertLine(std::string_view line, std::string& out) {
  if (copied_.empty()) {
    out.push_back('\n');
    return base::OkStatus();
  }
  const auto& fields = line_.Parse(line);
  if (fields.size() != copied_.size()) {
    return base::DataLoss("table {}: a row of the copy has {} values for {} columns",
                          source_->name.ToString(), fields.size(), copied_.size());
  }
  for (size_t i = 0; i < fields.size(); ++i) {
    const size_t column = copied_[i];
    PostgresValue& value = values_[column];
    if (i > 0) out.push_back('\t');
    if (!fields[i]) {
      out += "\\N";
      continue;
    }
    if (value.is_plain()) {
      out += *fields[i];
      continue;
    }
    if (value.AppendLargeBytes(out, *fields[i])) continue;
    FittedValue fitted;
    const Fit fit = value.Convert(*fields[i], fitted);
    if (fit != Fit::kFits) {
      GODWIT_ASSIGN_OR_RETURN(
          const std::optional<FittedValue> other,
          InPlaceOf(column, *fields[i], fit, [&] { return NameOfLine(fields); }));
      if (!other) {
        out += "\\N";
        continue;
      }
      fitted = *other;
    }
    value.AppendField(out, fitted);
  }
  out.push_back('\n');
  return base::OkStatus();
}

base::StatusOr<std::optional<FittedValue>> PostgresRows::InPlaceOf(
    size_t column, std::string_view value, Fit why, absl::FunctionRef<std::string()> row) {
  const model::Column& from = source_->columns[column];
  const model::Column& here = here_->columns[column];
  if (why == Fit::kNoLabel) {
    const std::string name = row();
    return base::FailedPrecondition(
        "table {}, column {}{}{}: it holds {}, which is no label of the target's ENUM: ALTER TABLE "
        "{} MODIFY {} {} on the target, and run again",
        source_->name.ToString(), from.name, name.empty() ? "" : ", row ", name,
        connector::ShownValue(value), QuoteName(here_->name), QuoteName(here.name),
        WithLabel(here, value));
  }
  const std::optional<FittedValue> nearest = values_[column].Nearest(value, why);
  const std::string what =
      why == Fit::kIllText ? "bytes that are no text in UTF-8"
                           : fmt::format("{} ({}; on the target {})", connector::ShownValue(value),
                                         from.type_text, here.type_text);
  GODWIT_ASSIGN_OR_RETURN(const UnfitAction action,
                          rules_->Meet(*source_, static_cast<int>(column), UnfitOf(why), row, what,
                                       nearest.has_value()));
  if (action == UnfitAction::kNull) return std::optional<FittedValue>();
  return nearest;
}

std::string PostgresRows::NameOf(Row row) const {
  return connector::NameOfRow(*source_, [&](size_t column) -> std::optional<std::string_view> {
    if (!row[column].has_view()) return std::nullopt;
    return row[column].view();
  });
}

std::string PostgresRows::NameOfLine(
    const std::vector<std::optional<std::string_view>>& fields) const {
  return connector::NameOfRow(*source_, [&](size_t column) -> std::optional<std::string_view> {
    const auto at = std::ranges::find(copied_, column);
    if (at == copied_.end()) return std::nullopt;
    return fields[static_cast<size_t>(at - copied_.begin())];
  });
}

}  // namespace godwit::connectors::mysql
