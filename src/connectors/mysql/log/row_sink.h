#pragma once

#include "connectors/mysql/log/absent_columns.h"
#include "connectors/mysql/log/row_history.h"
#include "model/change.h"
#include "wire/mysql/json_expression.h"
#include "wire/mysql/json_text.h"
#include "wire/mysql/row_decoder.h"

namespace godwit::connectors::mysql {

// Puts decoded rows into a batch as change events. The cells of strings point into the event's
// buffer, which the batch pins; all else is copied into the batch's arena.
class RowSink {
 public:
  RowSink(model::ChangeBatch& batch, const model::Table* table, wire::mysql::RowsKind kind,
          bool keys_act, bool json_is_text, AbsentMeans absent, const ImplicitDefaults& defaults,
          RowHistory& history)
      : batch_(batch),
        table_(table),
        kind_(kind),
        columns_(table->columns.size()),
        keys_act_(keys_act),
        json_is_text_(json_is_text),
        absent_(absent),
        defaults_(defaults),
        history_(history) {}

  void BeginRow(wire::mysql::RowImage) {
    cells_ = reinterpret_cast<model::Cell*>(batch_.arena.Allocate(columns_ * sizeof(model::Cell)));
  }
  void Absent(size_t c) {
    Put(c, model::Cell::Absent());
    partial_ = partial_ || c < columns_;
  }
  void Null(size_t c) { Put(c, model::Cell::Null()); }
  void Int(size_t c, int64_t v) { Put(c, model::Cell::Int(v)); }
  void Uint(size_t c, uint64_t v) { Put(c, model::Cell::Uint(v)); }
  void Float(size_t c, float v) { Put(c, model::Cell::Float(v)); }
  void Double(size_t c, double v) { Put(c, model::Cell::Double(v)); }
  void Number(size_t c, std::string_view v) { Put(c, model::Cell::Number(batch_.arena.Copy(v))); }
  void Text(size_t c, std::string_view v) { Put(c, model::Cell::Text(batch_.arena.Copy(v))); }
  void Bytes(size_t c, std::string_view v) { Put(c, model::Cell::Bytes(v)); }
  void TransientBytes(size_t c, std::string_view v) {
    Put(c, model::Cell::Bytes(batch_.arena.Copy(v)));
  }
  // Binary JSON goes on as text, or as SQL where text would lose what it is on the target.
  void Json(size_t c, std::string_view v) {
    json_.clear();
    base::StatusOr<bool> needs_expression = false;
    if (!json_is_text_) needs_expression = wire::mysql::JsonNeedsExpression(v);
    base::Status read = needs_expression.status();
    if (read.ok()) {
      read = *needs_expression ? wire::mysql::AppendJsonExpression(v, json_)
                               : wire::mysql::AppendJsonText(v, json_);
    }
    if (!read.ok() && status_.ok()) {
      status_ = base::Annotate(read, table_->name.ToString() + ": a JSON value");
      return;
    }
    const std::string_view text = batch_.arena.Copy(json_);
    Put(c, *needs_expression ? model::Cell::Expression(text) : model::Cell::Bytes(text));
  }
  void TransientJson(size_t c, std::string_view v) { Json(c, v); }
  void EndRow() {
    const model::Row row(cells_, columns_);
    if (kind_ == wire::mysql::RowsKind::kUpdate && before_.empty()) {
      before_ = row;
      return;
    }
    const model::Row before = std::exchange(before_, {});
    const bool partial = std::exchange(partial_, false);
    if (partial && (kind_ == wire::mysql::RowsKind::kWrite || absent_ == AbsentMeans::kDefault)) {
      for (const auto& [c, value] : defaults_) {
        if (cells_[c].kind() == model::CellKind::kAbsent) cells_[c] = value;
      }
    }
    if (partial && status_.ok()) {
      const bool deleted = kind_ == wire::mysql::RowsKind::kDelete;
      status_ = deleted ? CheckAbsent(*table_, row, {}, absent_)
                        : CheckAbsent(*table_, before, {cells_, columns_}, absent_);
    }
    if (partial && absent_ == AbsentMeans::kDefault && !before.empty() && !HasAll(*table_, row)) {
      Emit(model::ChangeKind::kDelete, before, {}, partial);
      Emit(model::ChangeKind::kInsert, {}, row, partial);
      return;
    }
    switch (kind_) {
      case wire::mysql::RowsKind::kWrite:
        return Emit(model::ChangeKind::kInsert, {}, row, partial);
      case wire::mysql::RowsKind::kDelete:
        return Emit(model::ChangeKind::kDelete, row, {}, partial);
      case wire::mysql::RowsKind::kUpdate:
        return Emit(model::ChangeKind::kUpdate, before, row, partial);
    }
  }

  // What is wrong with the rows so far.
  const base::Status& status() const { return status_; }

 private:
  void Emit(model::ChangeKind kind, model::Row before, model::Row after, bool partial) {
    model::ChangeEvent& event = batch_.events.emplace_back();
    event.table = table_;
    event.keys_act = keys_act_;
    event.kind = kind;
    event.before = before;
    event.after = after;
    event.partial = partial;
    if (!table_->system_versioned || !status_.ok()) return;
    const base::StatusOr<bool> wanted = history_.Take(event);
    if (!wanted.ok()) status_ = wanted.status();
    if (!wanted.ok() || !*wanted) batch_.events.pop_back();
  }

  // Columns beyond the definition's hold the hashes of long unique keys.
  void Put(size_t column, model::Cell cell) {
    if (column < columns_) cells_[column] = cell;
  }

  model::ChangeBatch& batch_;
  const model::Table* table_;
  const wire::mysql::RowsKind kind_;
  const size_t columns_;
  const bool keys_act_;
  const bool json_is_text_;   // on the target
  const AbsentMeans absent_;  // of columns that neither image of an update holds
  const ImplicitDefaults& defaults_;
  RowHistory& history_;
  base::Status status_;
  std::string json_;
  model::Cell* cells_ = nullptr;
  model::Row before_;
  bool partial_ = false;  // the row's images so far lack columns
};

}  // namespace godwit::connectors::mysql
