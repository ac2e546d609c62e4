#include "sql/statement_translation.h"

#include <absl/strings/str_join.h>
#include <fmt/format.h>

#include <algorithm>

#include "sql/alter.h"
#include "sql/definition_text.h"
#include "sql/difference.h"
#include "sql/translate.h"
#include "sql/writer.h"

namespace godwit::sql {
namespace {

std::string NamesText(const std::vector<std::string>& names) {
  return absl::StrJoin(names, ", ", [](std::string* text, const std::string& name) {
    *text += QuoteIdentifier(name);
  });
}
std::string PartitionsText(const std::vector<Partition>& partitions) {
  return "(" +
         absl::StrJoin(partitions, ", ",
                       [](std::string* text, const Partition& p) { *text += PartitionText(p); }) +
         ")";
}

// Partitions are changed by the same words on both sides.
struct PartitionClause {
  std::string operator()(const AddPartitions& a) const {
    return a.partitions.empty() ? fmt::format("ADD PARTITION PARTITIONS {}", a.count)
                                : "ADD PARTITION " + PartitionsText(a.partitions);
  }
  std::string operator()(const DropPartitions& a) const {
    return "DROP PARTITION " + NamesText(a.names);
  }
  std::string operator()(const CoalescePartitions& a) const {
    return fmt::format("COALESCE PARTITION {}", a.count);
  }
  std::string operator()(const ReorganizePartitions& a) const {
    if (a.names.empty()) return "REORGANIZE PARTITION";
    return fmt::format("REORGANIZE PARTITION {} INTO {}", NamesText(a.names),
                       PartitionsText(a.partitions));
  }
  std::string operator()(const TruncatePartitions& a) const {
    return "TRUNCATE PARTITION " + (a.names.empty() ? std::string("ALL") : NamesText(a.names));
  }
  std::string operator()(const ExchangePartition& a) const {
    return fmt::format("EXCHANGE PARTITION {} WITH TABLE {}", QuoteIdentifier(a.name),
                       QuoteName(a.table));
  }
  template <typename Other>
  std::string operator()(const Other&) const {
    return "";
  }
};

// What an ALTER TABLE comes to.
class AlterTranslation {
 public:
  AlterTranslation(const std::vector<AlterAction>& actions, const TableDefinition& before,
                   const TableDefinition& after, Flavour to)
      : actions_(actions), before_(before), after_(after), to_(to) {}

  TranslatedStatement Run() {
    // Partitions change as the actions say; one that is partitioned anew comes out with its engine.
    TableDefinition before = before_;
    if (std::ranges::none_of(actions_, [](const AlterAction& action) {
          return std::holds_alternative<SetPartitioning>(action);
        })) {
      before.partitioning = after_.partitioning;
    }
    Alter alter = MakeAlter(before, after_, OriginsOf(actions_, before_, after_), to_);
    if (!alter.refused.empty()) return {.refused = std::move(alter.refused)};
    for (const AlterAction& action : actions_) {
      if (std::holds_alternative<ConvertPartitionToTable>(action) ||
          std::holds_alternative<ConvertTableToPartition>(action))
        return {.refused = "the target knows no CONVERT of partitions and tables"};
      std::string clause = std::visit(PartitionClause{}, action);
      if (!clause.empty()) alter.clauses.push_back(std::move(clause));
    }
    if (before_.name != after_.name) alter.clauses.push_back("RENAME TO " + QuoteName(after_.name));
    return {.sql = alter.Text(before_.name), .only_copied = std::move(alter.unknown)};
  }

 private:
  const std::vector<AlterAction>& actions_;
  const TableDefinition& before_;
  const TableDefinition& after_;
  const Flavour to_;
};

TranslatedStatement TranslateCreateTable(const CreateTable& create, const TableDefinition& after,
                                         Flavour to) {
  const Translation made = Translate(after, to);
  if (made.refused()) return {.refused = Refusals(made.notes)};
  CreateTableParts parts;
  parts.if_not_exists = create.if_not_exists;
  return {.sql = WriteCreateTable(made.definition, parts), .drops_first = create.or_replace};
}

std::string DatabaseText(std::string_view verb, const std::string& schema,
                         const TranslatedCharset& charset) {
  return fmt::format("{} {}{}", verb, QuoteIdentifier(schema),
                     charset.charset.charset.empty() ? "" : CharsetText(charset.charset));
}

}  // namespace

TranslatedStatement TranslateStatement(const Statement& statement, const TableDefinition* before,
                                       const TableDefinition* after, Flavour to) {
  if (const auto* truncate = std::get_if<TruncateTable>(&statement))
    return {.sql = "TRUNCATE TABLE " + QuoteName(truncate->table)};
  if (after == nullptr) return {};
  if (const auto* create = std::get_if<CreateTable>(&statement))
    return TranslateCreateTable(*create, *after, to);
  if (before == nullptr) return {};
  // A key made or dropped by itself comes out of the two definitions.
  std::vector<AlterAction> actions;
  if (const auto* alter = std::get_if<AlterTable>(&statement)) actions = alter->actions;
  return AlterTranslation(actions, *before, *after, to).Run();
}

TranslatedStatement TranslateCreateDatabase(const CreateDatabase& statement,
                                            const CharsetChoice& charset, Flavour to) {
  const TranslatedCharset translated = TranslateCharset(charset, to, "");
  if (std::string why = Refusals(translated.notes); !why.empty())
    return {.refused = std::move(why)};
  if (statement.or_replace) return {.refused = "the target knows no CREATE OR REPLACE DATABASE"};
  return {.sql = DatabaseText(
              statement.if_not_exists ? "CREATE DATABASE IF NOT EXISTS" : "CREATE DATABASE",
              statement.schema, translated)};
}

TranslatedStatement TranslateAlterDatabase(const AlterDatabase& statement,
                                           const CharsetChoice& charset, Flavour to) {
  if (statement.charset.charset.empty() && statement.charset.collation.empty()) return {};
  const TranslatedCharset translated = TranslateCharset(charset, to, "");
  if (std::string why = Refusals(translated.notes); !why.empty())
    return {.refused = std::move(why)};
  return {.sql = DatabaseText("ALTER DATABASE", statement.schema, translated)};
}

}  // namespace godwit::sql
