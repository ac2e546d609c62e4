#include "wire/mysql/row_decoder.h"

namespace godwit::wire::mysql {

base::Status CheckColumns(const RowsEvent& event, const RowLayout& layout) {
  if (event.column_count == layout.steps().size()) return base::OkStatus();
  return base::DataLoss("{}: a rows event of {} columns, a table map of {}", layout.table(),
                        event.column_count, layout.steps().size());
}

}  // namespace godwit::wire::mysql
