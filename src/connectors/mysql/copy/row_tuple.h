#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "connector/chunk.h"
#include "connectors/mysql/copy/select_list.h"
#include "model/table.h"

namespace godwit::connectors::mysql {

// The values of a row in the order of SelectList::text(), nothing for NULL.
using RowValues = std::vector<std::optional<std::string_view>>;

// Appends the text of a field as the literal that writes it to `column`.
void AppendFieldLiteral(std::string& out, const SelectList::Field& field,
                        const model::Column& column, std::string_view text);

// Whether the row has a JSON document that its text would not make again.
bool NeedsTuple(const SelectList& list, const RowValues& row);
// The row as SQL, with those documents whole. Errors name the column (json_typed_text.h).
base::StatusOr<connector::RowTuple> MakeTuple(const model::Table& table, const SelectList& list,
                                              const RowValues& row);

}  // namespace godwit::connectors::mysql
