#include "connectors/postgres/apply/copy_rows.h"

#include <algorithm>

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

size_t BytesOf(model::Row row) {
  size_t bytes = 0;
  for (const model::Cell& cell : row) bytes += cell.has_view() ? cell.view().size() : 0;
  return bytes;
}

base::StatusOr<uint64_t> CopyRows(Connection& connection, const model::Table& table,
                                  const std::vector<model::Row>& rows) {
  const std::vector<int> columns = WrittenColumns(table);
  GODWIT_RETURN_IF_ERROR(connection.StartCopyIn(
      fmt::format("COPY {} ({}) FROM STDIN", QuoteName(table.name), ColumnNames(table, columns))));
  std::string piece;
  const auto put = [&] {
    base::Status status = connection.PutCopied(piece);
    piece.clear();
    return status;
  };
  for (const model::Row row : rows) {
    for (size_t i = 0; i < columns.size(); ++i) {
      if (i > 0) piece.push_back('\t');
      const model::Cell& cell = row[static_cast<size_t>(columns[i])];
      if (!cell.has_view() || cell.view().size() < kPieceBytes) {
        AppendCopyField(piece, cell);
        continue;
      }
      for (std::string_view rest = cell.view(); !rest.empty();
           rest.remove_prefix(std::min(rest.size(), kPieceBytes))) {
        wire::postgres::AppendCopyField(piece, rest.substr(0, kPieceBytes));
        GODWIT_RETURN_IF_ERROR(put());
      }
    }
    piece.push_back('\n');
    if (piece.size() >= kPieceBytes) GODWIT_RETURN_IF_ERROR(put());
  }
  GODWIT_RETURN_IF_ERROR(put());
  return connection.EndCopyIn();
}

}  // namespace godwit::connectors::postgres
