#include "connectors/mysql/literal.h"

#include <absl/strings/escaping.h>
#include <fmt/compile.h>
#include <fmt/format.h>

#include <charconv>
#include <iterator>

#include "base/text.h"

namespace godwit::connectors::mysql {
namespace {

template <typename T>
void AppendNumber(std::string& out, T value) {
  char digits[32];
  auto [end, error] = std::to_chars(digits, digits + sizeof digits, value);
  out.append(digits, end);
}

// Enough digits for the same double to be read back; a float is written as the double it equals.
// The exponent makes it a DOUBLE literal and not a DECIMAL.
void AppendDouble(std::string& out, double value) {
  fmt::format_to(std::back_inserter(out), FMT_COMPILE("{:.17e}"), value);
}

}  // namespace

bool TakesTextOnly(model::TypeKind kind) {
  return kind == model::TypeKind::kUuid || kind == model::TypeKind::kInet4 ||
         kind == model::TypeKind::kInet6;
}

namespace {

bool NeedsEscape(char c) { return c == '\'' || c == '\\'; }

}  // namespace

void AppendName(std::string& out, std::string_view name) {
  out.push_back('`');
  for (char c : name) {
    if (c == '`') out.push_back('`');
    out.push_back(c);
  }
  out.push_back('`');
}

void AppendText(std::string& out, std::string_view bytes) {
  base::ReserveForLarge(out, bytes.size());
  out.push_back('\'');
  const char* run = bytes.data();
  const char* end = run + bytes.size();
  for (const char* p = run; p != end; ++p) {
    if (!NeedsEscape(*p)) continue;
    out.append(run, p);
    out.push_back('\\');
    run = p;
  }
  out.append(run, end);
  out.push_back('\'');
}

std::string QuoteName(std::string_view name) {
  std::string out;
  AppendName(out, name);
  return out;
}

std::string QuoteName(const model::TableName& name) {
  return QuoteName(name.schema) + "." + QuoteName(name.table);
}

std::string QuoteText(std::string_view text) {
  std::string out;
  AppendText(out, text);
  return out;
}

bool IsWritten(const model::Column& column) {
  return !column.generated || column.row_period != model::RowPeriod::kNone;
}

void AppendValue(std::string& out, const model::Cell& cell, const model::Column& column) {
  using model::CellKind;
  switch (cell.kind()) {
    case CellKind::kAbsent:
    case CellKind::kNull:
      out.append("NULL");
      return;
    case CellKind::kInt:
      AppendNumber(out, cell.int_value());
      return;
    case CellKind::kUint:
      AppendNumber(out, cell.uint_value());
      return;
    case CellKind::kFloat:
    case CellKind::kDouble:
      AppendDouble(out, cell.double_value());
      return;
    case CellKind::kNumber:
      out.append(cell.view());
      return;
    case CellKind::kText:
      if (TakesTextOnly(column.kind)) out.append("_latin1 ");
      AppendText(out, cell.view());
      return;
    case CellKind::kBytes:
      AppendText(out, cell.view());
      return;
  }
}

void AppendComparand(std::string& out, const model::Cell& cell, const model::Column& column) {
  if (column.kind == model::TypeKind::kSet && cell.kind() == model::CellKind::kUint) {
    AppendNumber(out, cell.int_value());  // the server compares the mask as a signed number
    return;
  }
  if (cell.kind() == model::CellKind::kBytes && !column.charset.empty() &&
      column.charset != "binary") {
    out.push_back('_');
    out.append(column.charset);
    out.push_back(' ');
  }
  AppendValue(out, cell, column);
}

}  // namespace godwit::connectors::mysql
