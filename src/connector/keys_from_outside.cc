#include "connector/keys_from_outside.h"

#include <algorithm>
#include <iterator>

namespace godwit::connector {

std::vector<model::ForeignKey> KeysFromOutside(const TableFilter& filter,
                                               const std::vector<model::ForeignKey>& keys) {
  std::vector<model::ForeignKey> found;
  std::ranges::copy_if(keys, std::back_inserter(found), [&](const model::ForeignKey& key) {
    const auto& [schema, table] = key.parent;
    if (!Acts(key) || filter.table(schema, table)) return false;
    return !filter.online_ddl || filter.online_ddl(schema, table, "") == OnlineDdlRole::kNone;
  });
  return found;
}

}  // namespace godwit::connector
