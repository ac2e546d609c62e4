#include "connectors/mysql/copy/large_row.h"

#include <utility>

#include "connectors/mysql/copy/load_text.h"
#include "connectors/mysql/copy/row_tuple.h"
#include "connectors/mysql/literal.h"

namespace godwit::connectors::mysql {
namespace {

// A value of fewer bytes is written into the statement, of which there are to be no more than this.
constexpr size_t kLargeValue = 64 * 1024;
constexpr size_t kMostStatement = 1024 * 1024;

// Bytes that have no charset are what LOAD DATA stores of the others' text too.
bool MayBeBytes(const model::Column& column) {
  return column.kind == model::TypeKind::kText || column.kind == model::TypeKind::kBinary;
}

}  // namespace

std::unique_ptr<LargeRow> LargeRow::TakeFrom(connector::RowBlock& block, const model::Table& table,
                                             const SelectList& list, uint64_t longest_value) {
  if (block.bytes.size() < kLeastBytes) return nullptr;
  std::string_view rest = block.bytes, row;
  while (CutRow(rest, row) && !rest.empty()) {
  }
  if (row.size() < kLeastBytes) return nullptr;
  std::unique_ptr<LargeRow> large(new LargeRow);
  if (!large->Make(row, table, list, longest_value)) return nullptr;
  // It stays where it is, as there may be no memory to have it twice.
  std::string others = block.bytes.substr(0, static_cast<size_t>(row.data() - block.bytes.data()));
  large->bytes_ = std::exchange(block.bytes, std::move(others));
  --block.rows;
  block.expected_warnings -= large->expected_warnings_;
  return large;
}

bool LargeRow::Make(std::string_view row, const model::Table& table, const SelectList& list,
                    uint64_t longest_value) {
  const std::vector<std::string_view> fields = RawFields(row);
  sql_ = fmt::format("INSERT INTO {} ({}) VALUES (", QuoteName(table.name), list.column_names());
  std::string text;
  for (size_t i = 0; i < list.fields().size(); ++i) {
    const SelectList::Field& field = list.fields()[i];
    const model::Column& column = table.columns[static_cast<size_t>(field.column)];
    if (i > 0) sql_.push_back(',');
    if (fields[i].size() >= kLargeValue) {
      if (!MayBeBytes(column) || fields[i].size() > longest_value) return false;
      sql_.push_back('?');
      values_.push_back(fields[i]);
    } else if (fields[i] == kNullField) {
      sql_ += "NULL";
    } else {
      text.clear();
      AppendUnescapedField(text, fields[i]);
      AppendFieldLiteral(sql_, field, column, text);
      if (field.warns && text == *field.warns) ++expected_warnings_;
    }
  }
  sql_.push_back(')');
  return sql_.size() <= kMostStatement && !values_.empty();
}

base::StatusOr<ExecuteResult> LargeRow::Insert(Connection& connection) const {
  std::vector<UnescapedPieces> pieces(values_.begin(), values_.end());
  std::vector<Connection::NextPiece> values;
  for (UnescapedPieces& value : pieces) values.emplace_back([&value] { return value.Next(); });
  return connection.ExecuteInPieces(sql_, values);
}

}  // namespace godwit::connectors::mysql
