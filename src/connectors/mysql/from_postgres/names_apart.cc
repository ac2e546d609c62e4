#include "connectors/mysql/from_postgres/names_apart.h"

#include <absl/algorithm/container.h>
#include <fmt/format.h>

#include <set>
#include <string>

#include "base/text.h"
#include "connectors/mysql/from_postgres/fitting_names.h"
#include "sql/translate_column.h"
#include "sql/writer.h"

namespace godwit::connectors::mysql {
namespace {

using model::TableName;
using sql::TableDefinition;

template <typename Parts>
bool HasName(const Parts& parts, std::string_view name) {
  return absl::c_any_of(parts,
                        [&](const auto& part) { return base::EqualsIgnoreCase(part.name, name); });
}

class Renaming {
 public:
  Renaming(sql::Translation& table, const FindDefinition& coming, const FindDefinition& there)
      : here_(table.definition), notes_(table.notes), coming_(coming), there_(there) {}

  // `parts`: those of a table that have such names.
  template <typename Parts>
  void Run(Parts TableDefinition::*parts, std::string_view kind) {
    if ((here_.*parts).empty()) return;
    const TableDefinition* is = there_(here_.name);
    std::set<std::string> own;
    for (auto& part : here_.*parts) {
      const std::string other = NameWithEnding(part.name, here_.name.table);
      const bool has_other = is != nullptr && HasName(is->*parts, other);
      const bool has_it = is != nullptr && HasName(is->*parts, part.name);
      // The table itself may have two of a name, where its own was put in front of one.
      const bool is_first = own.insert(part.name).second;
      if (is_first && has_it) continue;
      const TableName* holder = FindHolder(parts, part.name);
      if (is_first && !has_other && holder == nullptr) continue;
      notes_.Same(fmt::format("{} {}", kind, sql::QuoteIdentifier(part.name)),
                  fmt::format("is called {}, as {} has one of its name and names are a whole "
                              "database's",
                              sql::QuoteIdentifier(other),
                              holder == nullptr ? "another table" : holder->ToString()));
      part.name = other;
    }
  }

 private:
  // Names begin with their table's (NameInDatabase).
  template <typename Parts>
  const TableName* FindHolder(Parts TableDefinition::*parts, std::string_view name) const {
    for (size_t end = name.find('_', 1); end != name.npos; end = name.find('_', end + 1)) {
      const TableName table{here_.name.schema, std::string(name.substr(0, end))};
      if (table == here_.name) continue;
      const TableDefinition* comes =
          table.table.size() < here_.name.table.size() ? coming_(table) : nullptr;
      if (comes != nullptr && HasName(comes->*parts, name)) return &comes->name;
      const TableDefinition* is = there_(table);
      if (is != nullptr && HasName(is->*parts, name)) return &is->name;
    }
    return nullptr;
  }

  TableDefinition& here_;
  sql::NoteTaker notes_;
  const FindDefinition& coming_;
  const FindDefinition& there_;
};

}  // namespace

void KeepNamesApart(sql::Translation& table, const FindDefinition& coming,
                    const FindDefinition& there) {
  if (table.refused()) return;
  Renaming renaming(table, coming, there);
  renaming.Run(&TableDefinition::foreign_keys, "foreign key");
  if (table.definition.flavour == sql::Flavour::kMySql)
    renaming.Run(&TableDefinition::checks, "check");
}

}  // namespace godwit::connectors::mysql
