#include "connectors/mysql/copy/copy_fields.h"

#include <fmt/compile.h>

#include <algorithm>
#include <charconv>
#include <iterator>

#include "wire/mysql/calendar.h"
#include "wire/mysql/digits.h"
#include "wire/mysql/geometry.h"
#include "wire/postgres/copy_text.h"
#include "wire/postgres/input_text.h"

namespace godwit::connectors::mysql {
namespace {

using connector::Unfit;
using connector::UnfitAction;
using model::TypeKind;
using wire::mysql::TextDecoder;

// The charset in which the server sends values of the column.
std::string_view CharsetOf(const model::Column& column) {
  const bool is_text = column.kind == TypeKind::kText || column.kind == TypeKind::kEnum ||
                       column.kind == TypeKind::kSet;
  const bool other = is_text && !column.charset.empty() && column.charset != "binary";
  return other ? std::string_view(column.charset) : "utf8mb4";
}

// Bytes of a field have one backslash, their first.
void AppendBytesField(std::string& out, std::string_view bytes) {
  out.push_back('\\');
  wire::postgres::AppendBytea(out, bytes);
}

// The shortest digits that make the same float again. The server gives it as the double that it is.
bool AppendFloat(std::string& out, std::string_view text) {
  float value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return false;
  fmt::format_to(std::back_inserter(out), FMT_COMPILE("{}"), value);
  return true;
}

}  // namespace

CopyFields::Form CopyFields::FormOf(const model::Column& column, const TextDecoder& decoder) {
  switch (column.kind) {
    case TypeKind::kText:
    case TypeKind::kEnum:
    case TypeKind::kSet:
      return decoder.is_utf8() ? Form::kText : Form::kOtherText;
    case TypeKind::kJson:
      return Form::kText;
    case TypeKind::kBinary:
      return Form::kBytes;
    case TypeKind::kGeometry:
      return Form::kGeometry;
    case TypeKind::kBit:
      return Form::kBits;
    case TypeKind::kFloat:
      return Form::kFloat;
    case TypeKind::kDate:
    case TypeKind::kDateTime:
      return Form::kDay;
    case TypeKind::kTimestamp:
      return Form::kTime;
    default:
      return Form::kPlain;
  }
}

base::StatusOr<CopyFields> CopyFields::Make(const model::Table& table, const SelectList& list,
                                            connector::ValueRules& rules) {
  CopyFields fields(table, list, rules);
  for (const SelectList::Field& field : list.fields()) {
    const model::Column& column = table.columns[static_cast<size_t>(field.column)];
    const std::string_view charset = CharsetOf(column);
    if (!wire::mysql::KnowsCharset(charset))
      return connector::UnknownCharset(table, column, charset);
    TextDecoder decoder(charset);
    const Form form = FormOf(column, decoder);
    fields.fields_.push_back({field.column, form, column.length, std::move(decoder)});
  }
  return fields;
}

base::Status CopyFields::AppendRow(std::string& out, const RowValues& row) {
  for (size_t i = 0; i < fields_.size(); ++i) {
    if (i > 0) out.push_back('\t');
    if (!row[i]) {
      out.append("\\N");
      continue;
    }
    const size_t begin = out.size();
    const std::optional<Unfit> unfit = Append(out, fields_[i], *row[i]);
    if (!unfit) [[likely]]
      continue;
    out.resize(begin);
    GODWIT_RETURN_IF_ERROR(AppendUnfit(out, fields_[i], *unfit, *row[i], row));
  }
  return base::OkStatus();
}

std::optional<Unfit> CopyFields::Append(std::string& out, const Field& field,
                                        std::string_view value) {
  switch (field.form) {
    case Form::kPlain:
      out.append(value);
      return std::nullopt;
    case Form::kText:
    case Form::kOtherText:
      return AppendText(out, field, value);
    case Form::kBytes:
      AppendBytesField(out, value);
      return std::nullopt;
    case Form::kGeometry:
      AppendBytesField(out, wire::mysql::ShapeOf(value));
      return std::nullopt;
    case Form::kBits:
      wire::postgres::AppendBits(out, wire::mysql::LoadBig(value.data(), value.size()), field.bits);
      return std::nullopt;
    case Form::kFloat:
      if (!AppendFloat(out, value)) out.append(value);  // beyond a float, as no server sends it
      return std::nullopt;
    case Form::kDay:
    case Form::kTime:
      if (!wire::mysql::NamesDay(value)) return Unfit::kNoDay;
      out.append(value);
      if (field.form == Form::kTime) out.append("+00");
      return std::nullopt;
  }
  return std::nullopt;
}

std::optional<Unfit> CopyFields::AppendText(std::string& out, const Field& field,
                                            std::string_view value) {
  if (field.form == Form::kOtherText) {
    text_.clear();
    if (!field.decoder.Append(text_, value)) return Unfit::kIllText;
    value = text_;
  }
  if (wire::postgres::IsPlainCopyField(value)) {
    out.append(value);
    return std::nullopt;
  }
  if (value.find('\0') != std::string_view::npos) return Unfit::kZeroByte;
  if (field.form == Form::kText && !wire::mysql::IsUtf8(value)) return Unfit::kIllText;
  wire::postgres::AppendCopyField(out, value);
  return std::nullopt;
}

base::Status CopyFields::AppendUnfit(std::string& out, const Field& field, Unfit why,
                                     std::string_view value, const RowValues& row) {
  GODWIT_ASSIGN_OR_RETURN(const UnfitAction action,
                          rules_.Meet(table_, field.column, why, [&] { return NameOf(row); }));
  if (action == UnfitAction::kNull) {
    out.append("\\N");
    return base::OkStatus();
  }
  if (why == Unfit::kNoDay) {
    out.append(wire::mysql::OnNearestDay(value));
    if (field.form == Form::kTime) out.append("+00");
    return base::OkStatus();
  }
  std::string text;
  field.decoder.Append(text, value, wire::mysql::IllText::kReplace);
  wire::postgres::ReplaceZeros(text);
  wire::postgres::AppendCopyField(out, text);
  return base::OkStatus();
}

std::string CopyFields::NameOf(const RowValues& row) const {
  return connector::NameOfRow(table_, [&](size_t column) -> std::optional<std::string_view> {
    const auto of = [](const Field& field) { return static_cast<size_t>(field.column); };
    const auto field = std::ranges::find(fields_, column, of);
    if (field == fields_.end()) return std::nullopt;
    return row[static_cast<size_t>(field - fields_.begin())];
  });
}

}  // namespace godwit::connectors::mysql
