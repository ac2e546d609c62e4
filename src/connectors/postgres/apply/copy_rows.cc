#include "connectors/postgres/apply/copy_rows.h"

#include "connectors/postgres/apply/row_statements.h"
#include "connectors/postgres/row_columns.h"
#include "connectors/postgres/sql_text.h"
#include "wire/postgres/copy_text.h"

namespace godwit::connectors::postgres {
namespace {

constexpr size_t kPieceBytes = 256 * 1024;

}  // namespace

void AppendCopyField(std::string& text, const model::Cell& cell) {
  if (cell.is_null()) {
    text += "\\N";
    return;
  }
  if (!cell.has_view()) return AppendText(text, cell);  // digits
  wire::postgres::AppendCopyField(text, cell.view());
}

base::StatusOr<uint64_t> CopyRows(Connection& connection, const model::Table& table,
                                  const std::vector<model::Row>& rows) {
  const std::vector<int> columns = WrittenColumns(table);
  GODWIT_RETURN_IF_ERROR(connection.StartCopyIn(
      fmt::format("COPY {} ({}) FROM STDIN", QuoteName(table.name), ColumnNames(table, columns))));
  std::string piece;
  for (size_t row = 0; row < rows.size(); ++row) {
    for (size_t i = 0; i < columns.size(); ++i) {
      if (i > 0) piece.push_back('\t');
      AppendCopyField(piece, rows[row][static_cast<size_t>(columns[i])]);
    }
    piece.push_back('\n');
    if (row + 1 < rows.size() && piece.size() < kPieceBytes) continue;
    GODWIT_RETURN_IF_ERROR(connection.PutCopied(piece));
    piece.clear();
  }
  return connection.EndCopyIn();
}

}  // namespace godwit::connectors::postgres
