#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "connector/canonical_row.h"
#include "model/table.h"

namespace godwit::connectors::postgres {

// Rows as they are compared with those of MariaDB and MySQL, of which `table` is. One thread.
class ForeignForm {
 public:
  explicit ForeignForm(const model::Table& table) : table_(table), row_(table) {}

  // Of the texts that PostgreSQL writes, in the order of the columns. Views live until the next
  // call.
  connector::ComparedRow Row(std::span<const std::optional<std::string_view>> values);

 private:
  // What CanonicalRow takes.
  std::string_view Value(const model::Column& column, std::string_view value);

  const model::Table& table_;
  connector::CanonicalRow row_;
  std::string text_;  // of the value in hand
};

// Whether keys of the source's table come in the same order here, where it is `here`.
bool SortsAlike(const model::Table& source, const model::Table& here);

// A key in the notation of such a table, as row_key.h has it.
std::string ForeignKey(std::string_view key);

}  // namespace godwit::connectors::postgres
