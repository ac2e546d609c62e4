#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "connector/canonical_row.h"
#include "connectors/mysql/copy/select_list.h"
#include "model/table.h"
#include "wire/mysql/charset.h"

namespace godwit::connectors::mysql {

// Rows of this server, whichever end it is, in the form in which they are compared with those of a
// server of another family (connector::CanonicalRow). One thread.
class CanonicalForm {
 public:
  // Both are borrowed; `list` with SelectList::Columns::kCompared.
  CanonicalForm(const model::Table& table, const SelectList& list);

  // Of the values in the order of the list's fields. Views live until the next call.
  connector::ComparedRow Row(std::span<const std::optional<std::string_view>> values);

 private:
  // What CanonicalRow takes.
  std::string_view Value(size_t field, std::string_view value);

  const model::Table& table_;
  const SelectList& list_;
  std::vector<wire::mysql::TextDecoder> decoders_;  // by field
  connector::CanonicalRow row_;
  std::string text_;  // of the value in hand
};

}  // namespace godwit::connectors::mysql
