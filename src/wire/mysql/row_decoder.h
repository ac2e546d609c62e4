#pragma once

#include <cstdint>
#include <string_view>

#include "base/status.h"
#include "wire/mysql/row_layout.h"
#include "wire/mysql/rows.h"
#include "wire/mysql/rows_reader.h"

namespace godwit::wire::mysql {

// Where decoded rows go.
template <class S>
concept RowSink = requires(S sink, RowImage image, size_t column, std::string_view view) {
  sink.BeginRow(image);
  // For each column, in order, exactly one of these.
  sink.Absent(column);  // the image does not hold it
  sink.Null(column);
  sink.Int(column, int64_t{});
  sink.Uint(column, uint64_t{});  // also BIT, ENUM's index, SET's mask, YEAR
  sink.Float(column, float{});
  sink.Double(column, double{});
  sink.Number(column, view);  // DECIMAL's digits
  sink.Text(column, view);    // temporal (TIMESTAMP in UTC), UUID, INET, as the server prints them
  sink.Bytes(column, view);   // strings, blobs, MariaDB's JSON, geometry, vectors
  sink.TransientBytes(column, view);  // the same, where they had to be unpacked or filled up
  sink.EndRow();
  // A sink for MySQL's logs is a JsonSink (partial_rows.h) as well; for any other, binary JSON is
  // kDataLoss.
};

// kDataLoss unless the event's columns are those of the layout.
base::Status CheckColumns(const RowsEvent& event, const RowLayout& layout);

// Decodes all rows of an event into `sink`. An update's before-image comes first, its after-image
// next. The views of Bytes live as long as what `event` points into; those of Number, Text and
// TransientBytes end with the call. No virtual call; no allocation per row or cell (a table's
// compressed columns share one buffer per call).
// kDataLoss: the rows do not fit the layout; the message names table, column and offset. What the
// sink got up to there is to be thrown away. kFailedPrecondition: the event holds changes of a JSON
// value without the value (binlog_row_image is not FULL), column named.
template <RowSink Sink>
base::Status DecodeRows(const RowsEvent& event, const RowLayout& layout, Sink& sink) {
  GODWIT_RETURN_IF_ERROR(CheckColumns(event, layout));
  bool has_before = event.kind != RowsKind::kWrite;
  bool has_after = event.kind != RowsKind::kDelete;
  PresentColumns before(event.before_columns, has_before ? event.column_count : 0);
  PresentColumns after(event.after_columns, has_after ? event.column_count : 0);
  // Images without any column take no bytes: such an event is one row.
  bool takes_bytes = before.present() + after.present() > 0;
  RowsReader<Sink> reader(event.rows, layout, sink);
  if (event.partial) {
    while (!reader.at_end()) {
      if (!reader.template ReadImage<ImageForm::kBeforePartial>(RowImage::kBefore, before) ||
          !reader.template ReadImage<ImageForm::kAfterPartial>(RowImage::kAfter, after)) {
        return reader.Failure();
      }
    }
    return base::OkStatus();
  }
  do {
    if (has_before && !reader.ReadImage(RowImage::kBefore, before)) return reader.Failure();
    if (has_after && !reader.ReadImage(RowImage::kAfter, after)) return reader.Failure();
  } while (takes_bytes && !reader.at_end());
  return reader.at_end() ? base::OkStatus() : reader.Failure();
}

}  // namespace godwit::wire::mysql
