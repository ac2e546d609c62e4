#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "connector/value_rules.h"
#include "connectors/mysql/copy/row_tuple.h"
#include "connectors/mysql/copy/select_list.h"
#include "model/table.h"
#include "wire/mysql/charset.h"

namespace godwit::connectors::mysql {

// Writes rows of a table as PostgreSQL's COPY reads them (docs/mysql-to-postgres.md has the form of
// each type). What a column takes is decided once. One thread.
class CopyFields {
 public:
  // All is borrowed; `list` with SelectList::Columns::kForPostgres. kFailedPrecondition: a column
  // is in a charset that is not known.
  static base::StatusOr<CopyFields> Make(const model::Table& table, const SelectList& list,
                                         connector::ValueRules& rules);

  // Appends a row without its newline; `row` in the order of the list's text().
  // kFailedPrecondition: a value is none that PostgreSQL can hold, and the rules say that this is
  // an error.
  base::Status AppendRow(std::string& out, const RowValues& row);

 private:
  enum class Form : uint8_t {
    kPlain,      // as it is: digits, signs, letters
    kText,       // UTF-8 already
    kOtherText,  // in another charset
    kBytes,
    kGeometry,  // bytes after the number of their reference system
    kBits,
    kFloat,
    kDay,   // a date, and maybe a time
    kTime,  // the same in UTC
  };
  struct Field {
    int column;
    Form form;
    unsigned bits;                     // of kBits
    wire::mysql::TextDecoder decoder;  // of text
  };

  CopyFields(const model::Table& table, const SelectList& list, connector::ValueRules& rules)
      : table_(table), list_(list), rules_(rules) {}

  static Form FormOf(const model::Column& column, const wire::mysql::TextDecoder& decoder);
  // What is wrong with the value; nothing, and it has been appended.
  std::optional<connector::Unfit> Append(std::string& out, const Field& field,
                                         std::string_view value);
  std::optional<connector::Unfit> AppendText(std::string& out, const Field& field,
                                             std::string_view value);
  base::Status AppendUnfit(std::string& out, const Field& field, connector::Unfit why,
                           std::string_view value, const RowValues& row);
  // "id=17, name='x'"; empty without a key.
  std::string NameOf(const RowValues& row) const;

  const model::Table& table_;
  const SelectList& list_;
  connector::ValueRules& rules_;
  std::vector<Field> fields_;
  std::string text_;  // of the value in hand, where it is in another charset
};

}  // namespace godwit::connectors::mysql
