#include "connectors/mysql/schema/next_values.h"

#include "connectors/mysql/literal.h"

namespace godwit::connectors::mysql {

base::Status SetNextValues(Connection& target,
                           const std::vector<connector::CatalogObject>& columns) {
  for (const connector::CatalogObject& column : columns) {
    GODWIT_ASSIGN_OR_RETURN(
        const std::string counts,
        target.QueryValue(fmt::format("SELECT COUNT(*) FROM information_schema.columns WHERE "
                                      "table_schema = {} AND table_name = {} AND column_name = {} "
                                      "AND extra LIKE '%auto_increment%'",
                                      QuoteText(column.schema), QuoteText(column.table),
                                      QuoteText(column.name))));
    if (counts == "0") continue;
    // Not below what rows have: the server sees to that.
    GODWIT_RETURN_IF_ERROR(
        target
            .Execute(fmt::format("ALTER TABLE {} AUTO_INCREMENT = {}",
                                 QuoteName({column.schema, column.table}), *column.next_value))
            .status());
  }
  return base::OkStatus();
}

}  // namespace godwit::connectors::mysql
