#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/table.h"
#include "wire/postgres/binary_value.h"
#include "wire/postgres/copy_text.h"

namespace godwit::connectors::postgres {

// Rows of a copy that come as text and go on in binary, which costs the server less. Only what is
// surely the same does: the server judges all else from the text, so that its errors name values.
class BinaryRows {
 public:
  // `here`: the table with the types of this server (WithTypesHere). Nothing: it has a column of a
  // type whose values travel as text.
  static std::optional<BinaryRows> Make(const model::Table& here);

  // What whole rows in kPostgresCopyText are in binary, without COPY's head and end; lives until
  // the next call. Nothing: a value of them has to go as text.
  std::optional<std::string_view> Convert(std::string_view rows);

 private:
  explicit BinaryRows(std::vector<wire::postgres::BinaryType> types) : types_(std::move(types)) {}

  bool AppendRow(std::string_view row);

  std::vector<wire::postgres::BinaryType> types_;  // of the columns that are written
  wire::postgres::CopyTextRow text_;
  std::string binary_;
};

}  // namespace godwit::connectors::postgres
