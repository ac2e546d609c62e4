#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "rendering_sink.h"
#include "wire/mysql/binlog_file.h"
#include "wire/mysql/rows.h"
#include "wire/mysql/table_map.h"

namespace godwit::wire::mysql {

std::string ReadTestFile(const std::string& name);

// The rows that an expectation file in testdata has, and the hints for decoding them.
struct ExpectedTable {
  std::vector<ColumnHint> hints;
  std::vector<std::vector<std::string>> rows;
};
std::map<std::string, ExpectedTable> ReadExpected(const std::string& name);

// Whether a rendered cell is what SELECT printed: the same text, or the same floating-point number.
bool SameCell(const std::string& rendered, const std::string& selected);

// All events of a file, each one checked; fails the test at the first that cannot be framed.
std::vector<Event> ReadEvents(std::string_view bytes);

// The same one by one, those inside of Transaction_payload events too, in place of the latter.
void ForEachEvent(std::string_view bytes, const std::function<void(const Event&)>& handle);

// The rows of one event of a log.
struct LoggedRows {
  std::string table;
  RowsKind kind = RowsKind::kWrite;
  std::vector<RenderedRow> rows;
};
// All rows of a log in order; fails the test at what cannot be decoded. Tables without hints in
// `tables` get none.
std::vector<LoggedRows> ReadRows(std::string_view bytes,
                                 const std::map<std::string, ExpectedTable>& tables);

}  // namespace godwit::wire::mysql
