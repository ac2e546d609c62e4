// Decodes every cell of a binlog file to nowhere and prints how fast: bench_decode FILE [ROUNDS].
// The file is read into memory first; the rounds' median counts. Prints one JSON object, with the
// most memory that the process had beyond the file's.

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <unordered_map>
#include <vector>

#include "wire/mysql/binlog_file.h"
#include "wire/mysql/query_event.h"
#include "wire/mysql/row_decoder.h"
#include "wire/mysql/table_map.h"

namespace godwit::wire::mysql {
namespace {

// Takes every cell; keeps a sum so that none of the work can be left out.
class Nowhere {
 public:
  void BeginRow(RowImage) { ++rows; }
  void Absent(size_t) {}
  void Null(size_t) {}
  void Int(size_t, int64_t value) { sum += static_cast<uint64_t>(value); }
  void Uint(size_t, uint64_t value) { sum += value; }
  void Float(size_t, float value) { sum += value > 0 ? 1 : 0; }
  void Double(size_t, double value) { sum += value > 0 ? 1 : 0; }
  void Number(size_t, std::string_view text) { Take(text); }
  void Text(size_t, std::string_view text) { Take(text); }
  void Bytes(size_t, std::string_view bytes) { Take(bytes); }
  void TransientBytes(size_t, std::string_view bytes) { Take(bytes); }
  void EndRow() {}

  uint64_t rows = 0;
  uint64_t sum = 0;

 private:
  void Take(std::string_view bytes) {
    sum += bytes.size() + (bytes.empty() ? 0 : static_cast<uint8_t>(bytes.back()));
  }
};

struct KnownTable {
  std::string map_body;
  RowLayout layout;
};

struct Round {
  uint64_t row_events = 0;
  uint64_t events = 0;
  Nowhere sink;
};

class Decoder {
 public:
  base::Status Run(std::string_view bytes, Round& round) {
    GODWIT_ASSIGN_OR_RETURN(BinlogFile file, BinlogFile::Open(bytes));
    for (;;) {
      GODWIT_ASSIGN_OR_RETURN(std::optional<Event> event, file.Next());
      if (!event) return base::OkStatus();
      ++round.events;
      GODWIT_RETURN_IF_ERROR(Handle(*event, round));
    }
  }

 private:
  base::Status Handle(const Event& event, Round& round) {
    if (event.header.type == EventType::kTableMap) return Learn(event.body);
    if (IsRowsEvent(event.header.type)) {
      ++round.row_events;
      GODWIT_ASSIGN_OR_RETURN(RowsEvent rows, DecodeRowsEvent(event, inflated_));
      auto table = tables_.find(rows.table_id);
      if (table == tables_.end())
        return base::DataLoss("rows of table id {}, which has no map", rows.table_id);
      return DecodeRows(rows, table->second.layout, round.sink);
    }
    if (event.header.type == EventType::kQuery ||
        event.header.type == EventType::kMariadbQueryCompressed) {
      return DecodeQuery(event, inflated_).status();
    }
    return base::OkStatus();
  }

  base::Status Learn(std::string_view body) {
    GODWIT_ASSIGN_OR_RETURN(uint64_t id, PeekTableId(body));
    auto table = tables_.find(id);
    if (table != tables_.end() && table->second.map_body == body) return base::OkStatus();
    GODWIT_ASSIGN_OR_RETURN(TableMap map, DecodeTableMap(body));
    GODWIT_ASSIGN_OR_RETURN(RowLayout layout,
                            RowLayout::Compile(map, std::vector<ColumnHint>(map.columns.size())));
    tables_.insert_or_assign(id, KnownTable{std::string(body), std::move(layout)});
    return base::OkStatus();
  }

  std::unordered_map<uint64_t, KnownTable> tables_;
  std::string inflated_;
};

// The most that the process has had in memory up to now.
double PeakMib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

int Main(int argc, char** argv) {
  int rounds = argc > 2 ? std::atoi(argv[2]) : 5;
  if (argc < 2 || rounds < 1) {
    std::fprintf(stderr, "usage: bench_decode FILE [ROUNDS]\n");
    return 2;
  }
  std::ifstream file(argv[1], std::ios::binary | std::ios::ate);
  std::string bytes(file ? static_cast<size_t>(file.tellg()) : 0, '\0');
  file.seekg(0);
  if (!file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()))) {
    std::fprintf(stderr, "cannot read %s\n", argv[1]);
    return 1;
  }
  std::vector<double> seconds;
  Round last;
  for (int i = 0; i < rounds; ++i) {
    last = Round();
    auto start = std::chrono::steady_clock::now();
    base::Status status = Decoder().Run(bytes, last);
    seconds.push_back(
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    if (!status.ok()) {
      std::fprintf(stderr, "%s\n", status.ToString().c_str());
      return 1;
    }
  }
  std::nth_element(seconds.begin(), seconds.begin() + rounds / 2, seconds.end());
  double median = seconds[static_cast<size_t>(rounds) / 2];
  fmt::print(
      "{{\"bytes\": {}, \"events\": {}, \"row_events\": {}, \"row_images\": {}, \"seconds\": "
      "{:.4f}, "
      "\"mb_per_second\": {:.1f}, \"row_events_per_second\": {:.0f}, \"mib_beside_the_file\": "
      "{:.1f}, "
      "\"check\": {}}}\n",
      bytes.size(), last.events, last.row_events, last.sink.rows, median,
      static_cast<double>(bytes.size()) / 1e6 / median,
      static_cast<double>(last.row_events) / median,
      PeakMib() - static_cast<double>(bytes.size()) / (1 << 20), last.sink.sum);
  return 0;
}

}  // namespace
}  // namespace godwit::wire::mysql

int main(int argc, char** argv) { return godwit::wire::mysql::Main(argc, argv); }
