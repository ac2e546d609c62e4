#pragma once

#include <functional>

#include "sql/definition.h"
#include "sql/translate.h"

namespace godwit::connectors::mysql {

// A table by its name; null: there is none.
using FindDefinition = std::function<const sql::TableDefinition*(const model::TableName&)>;

// Foreign keys, and checks of MySQL, have names of a whole database, and on PostgreSQL of a table:
// `order` and `order_item` may both have an order_item_id_fkey. Gives those of `table` another one
// whose name a second table has, be it on the target (`there`), or among those that come there
// (`coming`), where the shorter name of a table goes first. What the target's own table has keeps
// its name, so that the same comes of it each time.
void KeepNamesApart(sql::Translation& table, const FindDefinition& coming,
                    const FindDefinition& there);

}  // namespace godwit::connectors::mysql
