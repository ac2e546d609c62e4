#include "connectors/postgres/copy_rows.h"

#include "base/text.h"
#include "connectors/postgres/row_columns.h"
#include "connectors/postgres/row_statements.h"
#include "connectors/postgres/sql_text.h"

namespace godwit::connectors::postgres {
namespace {

constexpr size_t kPieceBytes = 256 * 1024;

char EscapeOf(char c) {
  switch (c) {
    case '\n':
      return 'n';
    case '\r':
      return 'r';
    case '\t':
      return 't';
    default:
      return c;
  }
}

}  // namespace

void AppendCopyField(std::string& text, const model::Cell& cell) {
  if (cell.is_null()) {
    text += "\\N";
    return;
  }
  if (!cell.has_view()) return AppendText(text, cell);  // digits
  std::string_view value = cell.view();
  base::ReserveForLarge(text, value.size());
  while (true) {
    const size_t special = value.find_first_of("\\\n\r\t");
    text.append(value.substr(0, special));
    if (special == std::string_view::npos) return;
    text.push_back('\\');
    text.push_back(EscapeOf(value[special]));
    value.remove_prefix(special + 1);
  }
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
