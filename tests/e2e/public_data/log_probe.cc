// Reads every event and every cell of binlog files: log_probe FILE... Prints a JSON object for each
// in a line: what it counted, and the error that ended it, if any.

#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <unordered_map>
#include <vector>

#include "wire/mysql/binlog_file.h"
#include "wire/mysql/query_event.h"
#include "wire/mysql/row_decoder.h"
#include "wire/mysql/table_map.h"

namespace godwit::wire::mysql {
namespace {

struct Counts {
  uint64_t events = 0, row_events = 0, rows = 0, statements = 0;
};

// Takes every cell. An update's row is told in two images.
class CountingSink {
 public:
  explicit CountingSink(bool updates) : updates_(updates) {}

  void BeginRow(RowImage) { ++images_; }
  void Absent(size_t) {}
  void Null(size_t) {}
  void Int(size_t, int64_t) {}
  void Uint(size_t, uint64_t) {}
  void Float(size_t, float) {}
  void Double(size_t, double) {}
  void Number(size_t, std::string_view) {}
  void Text(size_t, std::string_view) {}
  void Bytes(size_t, std::string_view) {}
  void TransientBytes(size_t, std::string_view) {}
  void EndRow() {}

  uint64_t rows() const { return updates_ ? images_ / 2 : images_; }

 private:
  bool updates_;
  uint64_t images_ = 0;
};

class Reader {
 public:
  base::Status Read(std::string_view bytes, Counts& counts) {
    GODWIT_ASSIGN_OR_RETURN(BinlogFile file, BinlogFile::Open(bytes));
    while (true) {
      GODWIT_ASSIGN_OR_RETURN(std::optional<Event> event, file.Next());
      if (!event) return base::OkStatus();
      ++counts.events;
      GODWIT_RETURN_IF_ERROR(Handle(*event, counts));
    }
  }

 private:
  base::Status Handle(const Event& event, Counts& counts) {
    if (event.header.type == EventType::kTableMap) {
      GODWIT_ASSIGN_OR_RETURN(TableMap map, DecodeTableMap(event.body));
      GODWIT_ASSIGN_OR_RETURN(uint64_t id, PeekTableId(event.body));
      GODWIT_ASSIGN_OR_RETURN(RowLayout layout,
                              RowLayout::Compile(map, std::vector<ColumnHint>(map.columns.size())));
      tables_.insert_or_assign(id, std::move(layout));
      return base::OkStatus();
    }
    if (IsRowsEvent(event.header.type)) {
      ++counts.row_events;
      GODWIT_ASSIGN_OR_RETURN(RowsEvent rows, DecodeRowsEvent(event, inflated_));
      auto table = tables_.find(rows.table_id);
      if (table == tables_.end())
        return base::DataLoss("rows of table id {}, which has no map", rows.table_id);
      CountingSink sink(rows.kind == RowsKind::kUpdate);
      GODWIT_RETURN_IF_ERROR(DecodeRows(rows, table->second, sink));
      counts.rows += sink.rows();
      return base::OkStatus();
    }
    if (event.header.type == EventType::kQuery ||
        event.header.type == EventType::kMariadbQueryCompressed) {
      ++counts.statements;
      return DecodeQuery(event, inflated_).status();
    }
    return base::OkStatus();
  }

  std::unordered_map<uint64_t, RowLayout> tables_;
  std::string inflated_;
};

std::string Quoted(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += static_cast<uint8_t>(c) < 0x20 ? ' ' : c;
  }
  return out + '"';
}

}  // namespace
}  // namespace godwit::wire::mysql

int main(int argc, char** argv) {
  using namespace godwit::wire::mysql;
  for (int i = 1; i < argc; ++i) {
    std::ifstream file(argv[i], std::ios::binary);
    if (!file) {
      std::fprintf(stderr, "cannot read %s\n", argv[i]);
      return 1;
    }
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    Counts counts;
    const godwit::base::Status status = Reader().Read(bytes, counts);
    fmt::print(
        "{{\"events\": {}, \"row_events\": {}, \"rows\": {}, \"statements\": {}, \"error\": {}}}\n",
        counts.events, counts.row_events, counts.rows, counts.statements,
        Quoted(std::string(status.message())));
  }
  return 0;
}
