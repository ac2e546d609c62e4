#include "model/table.h"

#include <algorithm>

#include "base/text.h"

namespace godwit::model {

bool Acts(ReferenceAction action) {
  return action != ReferenceAction::kRestrict && action != ReferenceAction::kNoAction;
}

bool Acts(const ForeignKey& key) { return Acts(key.on_delete) || Acts(key.on_update); }

std::vector<int> Table::RowIdentity() const {
  if (!primary_key.empty()) return primary_key;
  for (const Key& key : unique_keys) {
    bool whole_and_not_null = !key.has_prefix && !key.by_hash &&
                              std::all_of(key.columns.begin(), key.columns.end(), [&](int c) {
                                return !columns[static_cast<size_t>(c)].nullable;
                              });
    if (whole_and_not_null) return key.columns;
  }
  return {};
}

bool Table::ChangesInOrder() const {
  return system_versioned || without_overlaps || target_has_more || RowIdentity().empty();
}

int Table::FindPeriod(RowPeriod period) const {
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].row_period == period) return static_cast<int>(i);
  }
  return -1;
}

int Table::FindColumn(std::string_view column) const {
  for (size_t i = 0; i < columns.size(); ++i) {
    if (base::EqualsIgnoreCase(columns[i].name, column)) return static_cast<int>(i);
  }
  return -1;
}

}  // namespace godwit::model
