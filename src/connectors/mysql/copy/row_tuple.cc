#include "connectors/mysql/copy/row_tuple.h"

#include "connectors/mysql/copy/json_types.h"
#include "connectors/mysql/literal.h"

namespace godwit::connectors::mysql {
namespace {

bool HasTypes(const SelectList::Field& field, const RowValues& row) {
  return field.json_types && (row[*field.json_types] || row[*field.json_types + 1]);
}

}  // namespace

void AppendFieldLiteral(std::string& out, const SelectList::Field& field,
                        const model::Column& column, std::string_view text) {
  if (field.warns == "0") {  // an index, not a label
    out += text;
    return;
  }
  AppendIntroducer(out, TextCharset(column.kind));
  AppendText(out, text);
}

bool NeedsTuple(const SelectList& list, const RowValues& row) {
  if (!list.has_json_types()) return false;
  return std::ranges::any_of(list.fields(),
                             [&](const SelectList::Field& field) { return HasTypes(field, row); });
}

base::StatusOr<connector::RowTuple> MakeTuple(const model::Table& table, const SelectList& list,
                                              const RowValues& row) {
  connector::RowTuple tuple;
  tuple.sql = "(";
  for (size_t i = 0; i < list.fields().size(); ++i) {
    const SelectList::Field& field = list.fields()[i];
    const model::Column& column = table.columns[static_cast<size_t>(field.column)];
    if (i > 0) tuple.sql.push_back(',');
    if (!row[i]) {
      tuple.sql += "NULL";
    } else if (!HasTypes(field, row)) {
      AppendFieldLiteral(tuple.sql, field, column, *row[i]);
      if (field.warns && *row[i] == *field.warns) ++tuple.expected_warnings;
    } else {
      auto values = ParseJsonTypes(row[*field.json_types].value_or(""),
                                   row[*field.json_types + 1].value_or(""));
      base::Status made = values.status();
      if (made.ok()) made = wire::mysql::AppendTypedJsonExpression(*row[i], *values, tuple.sql);
      if (!made.ok())
        return base::Annotate(made, table.name.ToString() + ", column " + column.name);
    }
  }
  tuple.sql.push_back(')');
  return tuple;
}

}  // namespace godwit::connectors::mysql
