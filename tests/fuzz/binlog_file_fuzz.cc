// Arbitrary bytes as a binlog file: whatever the events say, every decoder gives a value or an
// error.

#include <map>
#include <string>
#include <vector>

#include "wire/mysql/binlog_file.h"
#include "wire/mysql/control_events.h"
#include "wire/mysql/json_text.h"
#include "wire/mysql/mysql_events.h"
#include "wire/mysql/query_event.h"
#include "wire/mysql/row_decoder.h"
#include "wire/mysql/table_map.h"
#include "wire/mysql/transaction_payload.h"

namespace godwit::wire::mysql {
namespace {

// Touches every byte that it is given, so that a view that points astray is found.
class TouchingSink {
 public:
  void BeginRow(RowImage) {}
  void Absent(size_t) {}
  void Null(size_t) {}
  void Int(size_t, int64_t value) { sum_ = sum_ + static_cast<uint64_t>(value); }
  void Uint(size_t, uint64_t value) { sum_ = sum_ + value; }
  void Float(size_t, float) {}
  void Double(size_t, double) {}
  void Number(size_t, std::string_view text) { Touch(text); }
  void Text(size_t, std::string_view text) { Touch(text); }
  void Bytes(size_t, std::string_view bytes) { Touch(bytes); }
  void TransientBytes(size_t, std::string_view bytes) { Touch(bytes); }
  void Json(size_t, std::string_view document) {
    std::string text;
    if (AppendJsonText(document, text).ok()) Touch(text);
  }
  void TransientJson(size_t column, std::string_view document) { Json(column, document); }
  void EndRow() {}

  void Touch(std::string_view bytes) {
    for (char byte : bytes) sum_ = sum_ + static_cast<uint8_t>(byte);
  }

 private:
  volatile uint64_t sum_ = 0;
};

class Reader {
 public:
  void Handle(const Event& event) {
    switch (event.header.type) {
      case EventType::kFormatDescription:
        (void)DecodeFormatDescription(event.body);
        break;
      case EventType::kRotate:
        (void)DecodeRotate(event.body);
        break;
      case EventType::kMariadbGtid:
        (void)DecodeMariadbGtid(event);
        break;
      case EventType::kMariadbGtidList:
        if (auto list = DecodeMariadbGtidList(event.body); list.ok())
          sink_.Touch(list->Position().ToString());
        break;
      case EventType::kXid:
        (void)DecodeXid(event.body);
        break;
      case EventType::kXaPrepare:
        (void)DecodeXaPrepare(event.body);
        break;
      case EventType::kIncident:
        (void)DecodeIncident(event.body);
        break;
      case EventType::kHeartbeat:
        (void)DecodeHeartbeat(event.body);
        break;
      case EventType::kMariadbBinlogCheckpoint:
        (void)DecodeBinlogCheckpoint(event.body);
        break;
      case EventType::kGtid:
      case EventType::kAnonymousGtid:
      case EventType::kGtidTagged:
        if (auto gtid = DecodeMysqlGtid(event); gtid.ok() && gtid->gtid)
          sink_.Touch(gtid->gtid->ToString());
        break;
      case EventType::kPreviousGtids:
        if (auto set = DecodePreviousGtids(event.body); set.ok()) sink_.Touch(set->ToString());
        break;
      case EventType::kRowsQuery:
        if (auto query = DecodeRowsQuery(event.body); query.ok()) sink_.Touch(query->sql);
        break;
      case EventType::kHeartbeatV2:
        if (auto heartbeat = DecodeHeartbeatV2(event.body); heartbeat.ok())
          sink_.Touch(heartbeat->file);
        break;
      case EventType::kTransactionPayload:
        HandlePayload(event);
        break;
      case EventType::kQuery:
      case EventType::kMariadbQueryCompressed:
        if (auto query = DecodeQuery(event, inflated_); query.ok()) sink_.Touch(query->sql);
        break;
      case EventType::kTableMap:
        if (auto map = DecodeTableMap(event.body); map.ok()) map_ = *std::move(map);
        break;
      default:
        HandleRows(event);
    }
  }

 private:
  // A few bytes can inflate to any number of events.
  void HandlePayload(const Event& event) {
    constexpr int kMostEvents = 100;
    auto payload = TransactionPayload::Open(event.body);
    if (!payload.ok()) return;
    auto inner = payload->Next();
    for (int i = 0; i < kMostEvents && inner.ok() && *inner; ++i, inner = payload->Next())
      Handle(**inner);
  }

  void HandleRows(const Event& event) {
    auto rows = DecodeRowsEvent(event, inflated_);
    if (!rows.ok()) return;
    // The rows as they are, and as the hints that a definition can give make them.
    for (const ColumnHint& hint :
         {ColumnHint{}, ColumnHint{.is_unsigned = true, .is_binary = true},
          ColumnHint{.special = ColumnHint::Special::kUuid, .fraction_digits = 6},
          ColumnHint{.special = ColumnHint::Special::kInet4, .fraction_digits = 1},
          ColumnHint{.special = ColumnHint::Special::kInet6, .fraction_digits = 3}}) {
      auto layout = RowLayout::Compile(map_, std::vector<ColumnHint>(map_.columns.size(), hint));
      if (layout.ok()) (void)DecodeRows(*rows, *layout, sink_);
    }
  }

  TableMap map_;
  std::string inflated_;
  TouchingSink sink_;
};

}  // namespace
}  // namespace godwit::wire::mysql

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace godwit::wire::mysql;
  auto file = BinlogFile::Open({reinterpret_cast<const char*>(data), size});
  if (!file.ok()) return 0;
  Reader reader;
  for (auto event = file->Next(); event.ok() && *event; event = file->Next())
    reader.Handle(**event);
  return 0;
}
