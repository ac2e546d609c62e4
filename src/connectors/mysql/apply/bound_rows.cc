#include "connectors/mysql/apply/bound_rows.h"

#include <mysql.h>

#include <bit>

#include "connectors/mysql/literal.h"

namespace godwit::connectors::mysql {
namespace {

using Form = BoundRows::Form;
using model::Cell;
using model::CellKind;

// Nothing: only SQL says what the value is.
std::optional<Form> FormOf(CellKind kind) {
  switch (kind) {
    case CellKind::kInt:
      return Form::kInt;
    case CellKind::kUint:
      return Form::kUint;
    case CellKind::kFloat:
    case CellKind::kDouble:
      return Form::kDouble;
    case CellKind::kNumber:
      return Form::kDecimal;
    case CellKind::kText:
    case CellKind::kBytes:
      return Form::kBytes;
    default:
      return std::nullopt;
  }
}

// The one form of all values of a column; any, where all are NULL.
std::optional<Form> FormOf(const model::Column& column, size_t index,
                           const std::vector<model::Row>& rows) {
  // Bytes that are bound have no charset, and these take none without.
  if (!TextCharset(column.kind).empty()) return std::nullopt;
  std::optional<Form> form;
  for (const model::Row& row : rows) {
    if (row[index].is_null()) continue;
    const std::optional<Form> this_form = FormOf(row[index].kind());
    if (!this_form || (form && *form != *this_form)) return std::nullopt;
    form = this_form;
  }
  return form.value_or(Form::kBytes);
}

void AddCell(BoundRows::Column& column, const Cell& cell) {
  column.indicators.push_back(cell.is_null() ? STMT_INDICATOR_NULL : STMT_INDICATOR_NONE);
  const bool has_view = !cell.is_null() && cell.has_view();
  switch (column.form) {
    case Form::kInt:
    case Form::kUint:
      column.words.push_back(cell.is_null() ? 0 : cell.uint_value());
      return;
    case Form::kDouble:
      column.words.push_back(cell.is_null() ? 0 : std::bit_cast<uint64_t>(cell.double_value()));
      return;
    case Form::kDecimal:
    case Form::kBytes:
      column.texts.push_back(has_view && !cell.view().empty() ? cell.view().data() : "");
      column.lengths.push_back(has_view ? cell.view().size() : 0);
      return;
  }
}

}  // namespace

void BoundRows::Add(const model::Table& table, model::Row row) {
  size_t written = 0;
  for (size_t i = 0; i < table.columns.size(); ++i) {
    if (!IsWritten(table.columns[i])) continue;
    AddCell(columns[written++], row[i]);
    bytes += sizeof(uint64_t) + 1 + (row[i].has_view() ? row[i].view().size() : 0);
  }
  ++rows;
}

std::optional<BoundRows> BindingFor(const model::Table& table,
                                    const std::vector<model::Row>& rows) {
  BoundRows bound;
  for (size_t i = 0; i < table.columns.size(); ++i) {
    if (!IsWritten(table.columns[i])) continue;
    const std::optional<Form> form = FormOf(table.columns[i], i, rows);
    if (!form) return std::nullopt;
    bound.columns.emplace_back().form = *form;
  }
  if (bound.columns.empty()) return std::nullopt;  // nothing to bind
  return bound;
}

}  // namespace godwit::connectors::mysql
