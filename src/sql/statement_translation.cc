#include "sql/statement_translation.h"

#include <absl/strings/str_join.h>
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "sql/alter.h"
#include "sql/alter_writer.h"
#include "sql/data_type.h"
#include "sql/definition_text.h"
#include "sql/translate.h"
#include "sql/writer.h"

namespace godwit::sql {
namespace {

std::string Refusals(const std::vector<TranslationNote>& notes) {
  std::string text;
  for (const TranslationNote& note : notes) {
    if (note.kind == NoteKind::kRefused)
      text += fmt::format("{}{}", text.empty() ? "" : "; ", ToText(note));
  }
  return text;
}

// Types that the two kinds keep in other forms, so that none can make the other's values of what a
// column held before.
bool IsTranslated(const DataType& type) {
  const TypeTraits* traits = FindType(type.name);
  if (traits == nullptr) return false;
  return traits->kind == model::TypeKind::kUuid || traits->kind == model::TypeKind::kInet4 ||
         traits->kind == model::TypeKind::kInet6 || traits->kind == model::TypeKind::kJson ||
         type.name == "vector";
}

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
  std::string operator()(const SetPartitioning& a) const {
    return a.partitioning ? PartitioningText(*a.partitioning) : "REMOVE PARTITIONING";
  }
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
    const Translation then = Translate(before_, to_), now = Translate(after_, to_);
    if (now.refused() || then.refused())
      return {"", false, Refusals((now.refused() ? now : then).notes)};
    const std::vector<std::string> origins = Origins();
    for (size_t i = 0; i < origins.size(); ++i) {
      if (origins[i].empty()) continue;
      const DataType& had =
          before_.columns[static_cast<size_t>(before_.FindColumn(origins[i]))].type;
      const DataType& has = after_.columns[i].type;
      if (had.name == has.name || (!IsTranslated(had) && !IsTranslated(has))) continue;
      return {
          "", false,
          fmt::format("column {} changes from {} to {}, which the target keeps in another form, "
                      "so that it would make other values of those that are there",
                      QuoteIdentifier(after_.columns[i].name), had.name, has.name)};
    }
    TableDefinition from = then.definition, into = now.definition;
    from.partitioning.reset();
    into.partitioning.reset();
    std::vector<std::string> clauses = AlterClauses(from, into, origins);
    std::string partitioning;
    for (const AlterAction& action : actions_) {
      if (std::holds_alternative<ConvertPartitionToTable>(action) ||
          std::holds_alternative<ConvertTableToPartition>(action))
        return {"", false, "the target knows no CONVERT of partitions and tables"};
      const std::string clause = std::visit(PartitionClause{}, action);
      if (std::holds_alternative<SetPartitioning>(action)) {
        // What the table came to have, with its engine.
        partitioning = now.definition.partitioning ? PartitioningText(*now.definition.partitioning)
                                                   : "\n " + clause;
      } else if (!clause.empty()) {
        clauses.push_back(clause);
      }
    }
    if (before_.name != after_.name) clauses.push_back("RENAME TO " + QuoteName(after_.name));
    if (clauses.empty() && partitioning.empty()) return {};
    return {fmt::format("ALTER TABLE {} {}{}", QuoteName(before_.name),
                        absl::StrJoin(clauses, ", "), partitioning),
            false, ""};
  }

 private:
  std::vector<std::string> Origins() const {
    const std::vector<ColumnRename> renames = RenamedColumns(actions_);
    auto named = [](const std::string& name) {
      return
          [&name](const ColumnRename& rename) { return base::EqualsIgnoreCase(rename.to, name); };
    };
    std::vector<std::string> origins;
    for (const ColumnDefinition& column : after_.columns) {
      std::string& origin = origins.emplace_back();
      if (IsAdded(column.name)) continue;
      const auto rename = std::ranges::find_if(renames, named(column.name));
      const int then = before_.FindColumn(rename == renames.end() ? column.name : rename->from);
      if (then >= 0) origin = before_.columns[static_cast<size_t>(then)].name;
    }
    return origins;
  }
  bool IsAdded(const std::string& name) const {
    return std::ranges::any_of(actions_, [&](const AlterAction& action) {
      const auto* add = std::get_if<AddColumn>(&action);
      return add != nullptr && base::EqualsIgnoreCase(add->column.name, name) &&
             !(add->if_not_exists && before_.FindColumn(name) >= 0);
    });
  }

  const std::vector<AlterAction>& actions_;
  const TableDefinition& before_;
  const TableDefinition& after_;
  const Flavour to_;
};

TranslatedStatement TranslateCreateTable(const CreateTable& create, const TableDefinition& after,
                                         Flavour to) {
  const Translation made = Translate(after, to);
  if (made.refused()) return {"", false, Refusals(made.notes)};
  CreateTableParts parts;
  parts.if_not_exists = create.if_not_exists;
  return {WriteCreateTable(made.definition, parts), create.or_replace, ""};
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
    return {"TRUNCATE TABLE " + QuoteName(truncate->table), false, ""};
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
  if (std::string why = Refusals(translated.notes); !why.empty()) return {"", false, why};
  if (statement.or_replace) return {"", false, "the target knows no CREATE OR REPLACE DATABASE"};
  return {
      DatabaseText(statement.if_not_exists ? "CREATE DATABASE IF NOT EXISTS" : "CREATE DATABASE",
                   statement.schema, translated),
      false, ""};
}

TranslatedStatement TranslateAlterDatabase(const AlterDatabase& statement,
                                           const CharsetChoice& charset, Flavour to) {
  if (statement.charset.charset.empty() && statement.charset.collation.empty()) return {};
  const TranslatedCharset translated = TranslateCharset(charset, to, "");
  if (std::string why = Refusals(translated.notes); !why.empty()) return {"", false, why};
  return {DatabaseText("ALTER DATABASE", statement.schema, translated), false, ""};
}

}  // namespace godwit::sql
