#include "connectors/mysql/from_postgres/copy_text_blocks.h"

#include "connectors/mysql/copy/load_text.h"

namespace godwit::connectors::mysql {

base::StatusOr<std::optional<connector::RowBlock>> BlocksFromCopyText::Take() {
  GODWIT_ASSIGN_OR_RETURN(std::optional<connector::RowBlock> block, blocks_.Take());
  if (!block) return block;
  connector::RowBlock here;
  here.bytes.reserve(block->bytes.size() + block->bytes.size() / 8);
  std::string_view rest = block->bytes, row;
  // A newline of a value is escaped in both formats.
  while (CutRow(rest, row)) {
    GODWIT_RETURN_IF_ERROR(rows_.ConvertLine(row, here.bytes));
    ++here.rows;
  }
  if (here.rows != block->rows || !rest.empty()) {
    return base::DataLoss("table {}: a block of the copy has {} rows where {} were read",
                          rows_.source()->name.ToString(), here.rows, block->rows);
  }
  return std::optional(std::move(here));
}

}  // namespace godwit::connectors::mysql
