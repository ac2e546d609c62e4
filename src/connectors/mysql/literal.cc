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

std::string_view TextCharset(model::TypeKind kind) {
  switch (kind) {
    case model::TypeKind::kUuid:
    case model::TypeKind::kInet4:
    case model::TypeKind::kInet6:
      return "latin1";
    case model::TypeKind::kJson:
      return "utf8mb4";
    default:
      return "";
  }
}

namespace {

bool NeedsEscape(char c) { return c == '\'' || c == '\\'; }

}  // namespace

void AppendIntroducer(std::string& out, std::string_view charset) {
  if (charset.empty()) return;
  out.push_back('_');
  out.append(charset);
  out.push_back(' ');
}

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
  if (column.left_out) return false;
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
    case CellKind::kExpression:
      out.append(cell.view());
      return;
    case CellKind::kText:
    case CellKind::kBytes:
      AppendIntroducer(out, TextCharset(column.kind));
      AppendText(out, cell.view());
      return;
  }
}

void AppendComparand(std::string& out, const model::Cell& cell, const model::Column& column,
                     sql::Flavour target) {
  if (column.kind == model::TypeKind::kSet && cell.kind() == model::CellKind::kUint) {
    AppendNumber(out, cell.int_value());  // the server compares the mask as a signed number
    return;
  }
  if (column.kind == model::TypeKind::kJson && cell.kind() == model::CellKind::kBytes &&
      target == sql::Flavour::kMySql) {
    out.append("CAST(");  // else a document is compared with a string
    AppendValue(out, cell, column);
    out.append(" AS JSON)");
    return;
  }
  if (cell.kind() == model::CellKind::kBytes && column.charset != "binary")
    AppendIntroducer(out, column.charset);
  AppendValue(out, cell, column);
}

}  // namespace godwit::connectors::mysql
