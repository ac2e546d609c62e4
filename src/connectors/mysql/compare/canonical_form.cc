#include "connectors/mysql/compare/canonical_form.h"

#include "wire/mysql/digits.h"
#include "wire/mysql/geometry.h"
#include "wire/postgres/input_text.h"

namespace godwit::connectors::mysql {

using model::TypeKind;

CanonicalForm::CanonicalForm(const model::Table& table, const SelectList& list)
    : table_(table), list_(list), row_(table) {
  for (const SelectList::Field& field : list.fields()) {
    const model::Column& column = table.columns[static_cast<size_t>(field.column)];
    const bool is_text = column.kind == TypeKind::kText && !column.charset.empty();
    decoders_.emplace_back(is_text ? std::string_view(column.charset) : "utf8mb4");
  }
}

connector::ComparedRow CanonicalForm::Row(std::span<const std::optional<std::string_view>> values) {
  row_.Begin();
  for (size_t i = 0; i < values.size(); ++i) {
    const model::Column& column = table_.columns[static_cast<size_t>(list_.fields()[i].column)];
    if (!values[i] || column.left_out) {
      row_.AddNull();
    } else {
      row_.Add(Value(i, *values[i]));
    }
  }
  return row_.Finish();
}

std::string_view CanonicalForm::Value(size_t field, std::string_view value) {
  const model::Column& column = table_.columns[static_cast<size_t>(list_.fields()[field].column)];
  switch (column.kind) {
    case TypeKind::kText:
      if (decoders_[field].is_utf8()) return value;
      text_.clear();
      // Of what is no text the bytes, which are on no other server.
      return decoders_[field].Append(text_, value) ? std::string_view(text_) : value;
    case TypeKind::kBit:
      text_.clear();
      wire::postgres::AppendBits(text_, wire::mysql::LoadBig(value.data(), value.size()),
                                 column.length);
      return text_;
    case TypeKind::kGeometry:
      return wire::mysql::ShapeOf(value);
    default:
      return value;
  }
}

}  // namespace godwit::connectors::mysql
