#include "connectors/postgres/from_mysql/foreign_rows.h"

#include <algorithm>

#include "connector/change_pieces.h"
#include "connectors/postgres/apply/refused_value.h"
#include "connectors/postgres/apply/row_statements.h"
#include "connectors/postgres/from_mysql/column_types.h"
#include "connectors/postgres/from_mysql/json_zero.h"
#include "connectors/postgres/sql_text.h"
#include "wire/mysql/calendar.h"
#include "wire/mysql/geometry.h"
#include "wire/postgres/input_text.h"

namespace godwit::connectors::postgres {

using connector::TableChanges;
using connector::Unfit;
using connector::UnfitAction;
using model::Cell;
using model::CellKind;
using model::Row;
using model::TypeKind;
using wire::mysql::TextDecoder;

namespace {

// They may be large, so that there is to be one copy of them.
std::string_view Bytea(std::string_view bytes, base::Arena& arena) {
  const size_t size = wire::postgres::ByteaSize(bytes);
  char* const text = arena.Allocate(size);
  wire::postgres::WriteBytea(text, bytes);
  return {text, size};
}

}  // namespace

ForeignRows::Form ForeignRows::FormOf(const model::Column& source, const model::Column& here) {
  if (source.left_out) return Form::kSame;
  switch (source.kind) {
    case TypeKind::kText:
    case TypeKind::kJson:
      return CastType(here.type_text) == "jsonb" ? Form::kJsonb : Form::kText;
    case TypeKind::kBinary:
      return Form::kBytes;
    case TypeKind::kGeometry:
      return Form::kGeometry;
    case TypeKind::kBit:
      return Form::kBits;
    case TypeKind::kEnum:
      return Form::kLabel;
    case TypeKind::kSet:
      return Form::kLabels;
    case TypeKind::kDate:
    case TypeKind::kDateTime:
      return Form::kDay;
    case TypeKind::kTimestamp:
      return Form::kTimestamp;
    default:
      return Form::kSame;
  }
}

base::StatusOr<ForeignRows> ForeignRows::Make(model::TablePtr source, model::TablePtr here,
                                              std::shared_ptr<connector::ValueRules> rules) {
  ForeignRows rows(std::move(source), std::move(here), std::move(rules));
  for (size_t i = 0; i < rows.source_->columns.size(); ++i) {
    const model::Column& column = rows.source_->columns[i];
    const bool is_text = column.kind == TypeKind::kText && !column.charset.empty();
    const std::string_view charset = is_text ? std::string_view(column.charset) : "utf8mb4";
    if (!column.left_out && !wire::mysql::KnowsCharset(charset))
      return connector::UnknownCharset(*rows.source_, column, charset);
    rows.columns_.push_back({FormOf(column, rows.here_->columns[i]), TextDecoder(charset)});
  }
  return rows;
}

base::StatusOr<Row> ForeignRows::Convert(Row row, base::Arena& arena) {
  if (row.empty()) return row;
  auto* cells = reinterpret_cast<Cell*>(arena.Allocate(row.size() * sizeof(Cell)));
  for (size_t c = 0; c < row.size(); ++c) {
    cells[c] = row[c];
    const bool has_value = row[c].kind() != CellKind::kAbsent && !row[c].is_null();
    if (!has_value || columns_[c].form == Form::kSame) continue;
    GODWIT_ASSIGN_OR_RETURN(cells[c], ConvertCell(c, row[c], row, arena));
  }
  return Row(cells, row.size());
}

base::StatusOr<Cell> ForeignRows::ConvertCell(size_t column, const Cell& cell, Row row,
                                              base::Arena& arena) {
  Cell converted = cell;
  GODWIT_ASSIGN_OR_RETURN(const std::optional<Unfit> unfit, Fit(column, converted, arena));
  if (!unfit) return converted;
  GODWIT_ASSIGN_OR_RETURN(
      const UnfitAction action,
      rules_->Meet(*source_, static_cast<int>(column), *unfit, [&] { return NameOf(row); }));
  if (action == UnfitAction::kNull) return Cell::Null();
  return Cell::Text(arena.Copy(Nearest(column, *unfit, cell.view())));
}

base::StatusOr<std::optional<Unfit>> ForeignRows::Fit(size_t column, Cell& cell,
                                                      base::Arena& arena) {
  const model::Column& of = source_->columns[column];
  const Form form = columns_[column].form;
  const bool is_number = form == Form::kBits || form == Form::kLabel || form == Form::kLabels;
  if (is_number != (cell.kind() == CellKind::kUint) || cell.kind() == CellKind::kExpression) {
    return base::Internal("table {}, column {}: a value of kind {}, which {} has not",
                          source_->name.ToString(), of.name, static_cast<int>(cell.kind()),
                          of.type_text);
  }
  text_.clear();
  switch (form) {
    case Form::kSame:
      return std::nullopt;
    case Form::kText:
    case Form::kJsonb: {
      const TextDecoder& decoder = columns_[column].decoder;
      const bool decoded = !decoder.is_utf8();
      if (decoded && !decoder.Append(text_, cell.view())) return Unfit::kIllText;
      const std::string_view text = decoded ? std::string_view(text_) : cell.view();
      if (text.find('\0') != std::string_view::npos) return Unfit::kZeroByte;
      if (form == Form::kJsonb && FindJsonZero(text) != std::string_view::npos)
        return Unfit::kZeroByte;
      if (decoded) break;
      return wire::mysql::IsUtf8(text) ? std::nullopt : std::optional(Unfit::kIllText);
    }
    case Form::kBytes:
      cell = Cell::Text(Bytea(cell.view(), arena));
      return std::nullopt;
    case Form::kGeometry:
      cell = Cell::Text(Bytea(wire::mysql::ShapeOf(cell.view()), arena));
      return std::nullopt;
    case Form::kBits:
      wire::postgres::AppendBits(text_, cell.uint_value(), of.length);
      break;
    case Form::kLabel:
      if (cell.uint_value() > of.labels.size()) {
        return base::DataLoss("table {}, column {}: a value has label {} of {}",
                              source_->name.ToString(), of.name, cell.uint_value(),
                              of.labels.size());
      }
      // 0 is the error value, which is shown as no text.
      cell = Cell::Text(cell.uint_value() == 0 ? std::string_view()
                                               : of.labels[cell.uint_value() - 1]);
      return std::nullopt;
    case Form::kLabels:
      for (size_t i = 0; i < of.labels.size(); ++i) {
        if ((cell.uint_value() >> i & 1) == 0) continue;
        text_ += (text_.empty() ? "" : ",") + of.labels[i];
      }
      break;
    case Form::kDay:
    case Form::kTimestamp:
      if (!wire::mysql::NamesDay(cell.view())) return Unfit::kNoDay;
      if (form == Form::kDay) return std::nullopt;
      text_.append(cell.view()).append("+00");
      break;
  }
  cell = Cell::Text(arena.Copy(text_));
  return std::nullopt;
}

std::string ForeignRows::Nearest(size_t column, Unfit why, std::string_view value) const {
  const Form form = columns_[column].form;
  if (why == Unfit::kNoDay)
    return wire::mysql::OnNearestDay(value) + (form == Form::kTimestamp ? "+00" : "");
  std::string text;
  columns_[column].decoder.Append(text, value, wire::mysql::IllText::kReplace);
  wire::postgres::ReplaceZeros(text);
  return form == Form::kJsonb ? WithoutJsonZeros(std::move(text)) : text;
}

std::string ForeignRows::NameOf(Row row) const {
  std::string value;
  return connector::NameOfRow(*source_, [&](size_t column) -> std::optional<std::string_view> {
    if (row[column].is_null()) return std::nullopt;
    value.clear();
    AppendText(value, row[column]);
    return value;
  });
}

base::StatusOr<ForeignRows*> ForeignChanges::RowsOf(Connection& connection,
                                                    const model::TablePtr& table) {
  std::unique_ptr<ForeignRows>& known = tables_[table->name];
  if (known != nullptr && known->source() == table) return known.get();
  known.reset();
  GODWIT_ASSIGN_OR_RETURN(model::TablePtr here, WithTypesHere(connection, *table));
  GODWIT_ASSIGN_OR_RETURN(ForeignRows rows, ForeignRows::Make(table, std::move(here), rules_));
  known = std::make_unique<ForeignRows>(std::move(rows));
  return known.get();
}

base::Status ForeignChanges::Deletes(Connection& connection, const TableChanges& changes, Use use) {
  if (changes.table->cells_are_text) return use(changes);
  if (changes.deletes.empty()) return base::OkStatus();
  GODWIT_ASSIGN_OR_RETURN(ForeignRows* const rows, RowsOf(connection, changes.table));
  return connector::DeletesInPieces(
      changes, *rows, [&](const TableChanges& piece, const auto&) { return use(piece); });
}

base::Status ForeignChanges::Others(Connection& connection, const TableChanges& changes, Use use) {
  if (changes.table->cells_are_text) return use(changes);
  GODWIT_ASSIGN_OR_RETURN(ForeignRows* const rows, RowsOf(connection, changes.table));
  const auto use_and_tell = [&](const TableChanges& piece, const auto&) {
    base::Status used = use(piece);
    if (used.ok() || !RefusedValue(connection)) return used;
    const auto name_of = [&](Row row) { return rows->NameOf(row); };
    return NameRefusedValue(connection, piece, name_of, used);
  };
  return connector::OthersInPieces(changes, *rows, use_and_tell);
}

}  // namespace godwit::connectors::postgres
