#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "connector/canonical_row.h"
#include "model/table.h"
#include "wire/postgres/array_text.h"

namespace godwit::connectors::postgres {

// Rows of this server, whichever end it is, in the form in which they are compared with those of
// MariaDB and MySQL (connector::CanonicalRow), of which `table` is. How a column's values are to be
// read is decided once. One thread.
class CanonicalForm {
 public:
  // `here`: the same table with the types of this server (WithTypesHere). `table` is borrowed.
  CanonicalForm(const model::Table& table, const model::Table& here);

  // Of the texts that PostgreSQL writes, in the order of the columns. Views live until the next
  // call.
  connector::ComparedRow Row(std::span<const std::optional<std::string_view>> values);

  // The key of a row, or nothing, from the notation of row_key.h. kDataLoss: it is none.
  base::StatusOr<std::string> Key(const std::string& key);

 private:
  enum class Form : uint8_t {
    kSame,
    kNumber,  // or true and false
    kReal,    // of 32 bits, beside a double
    kDay,
    kMoment,
    kPadded,  // text whose blanks at the end are no data
    kBytes,
    kLabel,
    kLabels,
    kArray,  // beside JSON
  };
  static Form FormOf(const model::Column& column, std::string_view type);
  // What CanonicalRow takes.
  std::string_view Value(size_t column, std::string_view value);

  const model::Table& table_;
  std::vector<Form> forms_;
  std::vector<wire::postgres::ArrayElements> elements_;  // of kArray
  connector::CanonicalRow row_;
  std::string text_;  // of the value in hand
};

// The values of a key in the notation of such a table, as texts of this server.
std::vector<std::string> CanonicalKeyValues(std::string_view key);

// Whether the types that a key's columns have in `here` hold it: the other server may have rows
// with keys that this one cannot be asked for.
bool MayHoldKey(const model::Table& here, std::string_view key);

}  // namespace godwit::connectors::postgres
