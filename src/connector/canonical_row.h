#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connector/row_reader.h"
#include "model/table.h"

namespace godwit::connector {

// Rows of servers of two families in one form, so that they can be compared
// (docs/mysql-to-postgres.md and docs/postgres-to-mysql.md, "How rows are compared"). They are
// those of the table whose columns have kinds (not cells_are_text), be it the source's or the
// target's; each reader gives the values as texts of those kinds, and what is only another way to
// write the same value goes here: zeros at the ends of numbers and fractions, the order of keys in
// documents.
class CanonicalRow {
 public:
  // `table` is borrowed.
  explicit CanonicalRow(const model::Table& table) : table_(table) {}

  // Values in the order of the columns, each once: numbers and times as the server writes them,
  // kText in UTF-8, kBinary and kGeometry as bytes (WKB), kBit as digits 0 and 1, kEnum as the
  // index of its label, kSet as its mask, all else as text.
  void Begin();
  void AddNull() { ends_.push_back(std::nullopt); }
  void Add(std::string_view value);

  // Views live until the next Begin. The key is a list of SQL literals, as KeyRange has it with a
  // source of MySQL. It serves where rows come in the same order on both sides (SortsAlike).
  ComparedRow Finish();

 private:
  const model::Table& table_;
  std::string forms_;
  std::vector<std::optional<size_t>> ends_;  // of each in `forms_`; nothing: NULL
  std::vector<std::optional<std::string_view>> values_;
  std::string bytes_, key_;
};

// Whether rows of the source's table come in the same order by their key on both servers. `here`:
// the same table as the target has it.
bool SortsAlike(const model::Table& source, const model::Table& here);

// Appends a value to ComparedRow::bytes.
void AppendComparedValue(std::string& bytes, const std::optional<std::string_view>& value);

// The index of a label, the mask of labels with commas between: as digits. Of what is no label of
// the column "?" and the text.
std::string NumberOfLabel(const model::Column& column, std::string_view label);
std::string MaskOfLabels(const model::Column& column, std::string_view labels);

}  // namespace godwit::connector
