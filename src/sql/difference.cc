#include "sql/difference.h"

#include <absl/strings/str_join.h>
#include <fmt/format.h>

#include <algorithm>

#include "sql/alter.h"
#include "sql/alter_writer.h"
#include "sql/data_type.h"
#include "sql/definition_text.h"
#include "sql/implicit_default.h"
#include "sql/parser.h"
#include "sql/translate.h"
#include "sql/writer.h"

namespace godwit::sql {
namespace {

// Types that the two kinds keep in other forms, so that none can make the other's values of what a
// column held before.
bool IsTranslated(const DataType& type) {
  const TypeTraits* traits = FindType(type.name);
  if (traits == nullptr) return false;
  return traits->kind == model::TypeKind::kUuid || traits->kind == model::TypeKind::kInet4 ||
         traits->kind == model::TypeKind::kInet6 || traits->kind == model::TypeKind::kJson ||
         type.name == "vector";
}

std::string WhyTypesDiffer(const TableDefinition& before, const TableDefinition& after,
                           const std::vector<std::string>& origins) {
  for (size_t i = 0; i < origins.size(); ++i) {
    if (origins[i].empty()) continue;
    const DataType& had = before.columns[static_cast<size_t>(before.FindColumn(origins[i]))].type;
    const DataType& has = after.columns[i].type;
    if (had.name == has.name || (!IsTranslated(had) && !IsTranslated(has))) continue;
    return fmt::format(
        "column {} changes from {} to {}, which the target keeps in another form, so that it would "
        "make other values of those that are there",
        QuoteIdentifier(after.columns[i].name), had.name, has.name);
  }
  return "";
}

// Rows that are there get the type's own default where a column comes to be NOT NULL.
std::string WhyDefaultsDiffer(const TableDefinition& before, const TableDefinition& after,
                              const std::vector<std::string>& origins) {
  for (size_t i = 0; i < origins.size(); ++i) {
    const ColumnDefinition& column = after.columns[i];
    const TypeTraits* traits = FindType(column.type.name);
    if (traits == nullptr || ImplicitDefault(traits->kind).empty()) continue;
    if (column.nullable || column.generated != Generated::kNo) continue;
    const bool filled =
        origins[i].empty()
            ? column.default_value.empty()
            : before.columns[static_cast<size_t>(before.FindColumn(origins[i]))].nullable;
    if (!filled) continue;
    return fmt::format(
        "column {} gets {} in rows that have no value for it, and the target's text "
        "would get another",
        QuoteIdentifier(column.name), ImplicitDefault(traits->kind));
  }
  return "";
}

TableDefinition Comparable(TableDefinition definition) {
  definition.options.auto_increment.reset();
  auto by_name = [](const auto& a, const auto& b) { return a.name < b.name; };
  std::sort(definition.keys.begin(), definition.keys.end(), by_name);
  std::sort(definition.foreign_keys.begin(), definition.foreign_keys.end(), by_name);
  std::sort(definition.checks.begin(), definition.checks.end(), by_name);
  std::sort(definition.options.other.begin(), definition.options.other.end());
  return definition;
}

bool LeadsThere(const std::string& statement, TableDefinition before,
                const TableDefinition& after) {
  before.name = after.name;
  if (!statement.empty()) {
    auto parsed = ParseStatement(statement, {.flavour = after.flavour});
    const auto* alter = parsed.ok() ? std::get_if<AlterTable>(&*parsed) : nullptr;
    if (alter == nullptr) return false;
    auto reached = ApplyActions(before, alter->actions, after.options.charset);
    if (!reached.ok()) return false;
    before = *std::move(reached);
  }
  return Comparable(std::move(before)) == Comparable(after);
}

}  // namespace

std::string Alter::Text(const model::TableName& table) const {
  if (clauses.empty() && partitioning.empty()) return "";
  return fmt::format("ALTER TABLE {}{}{}{}", QuoteName(table), clauses.empty() ? "" : " ",
                     absl::StrJoin(clauses, ", "), partitioning);
}

Alter MakeAlter(const TableDefinition& before, const TableDefinition& after,
                const std::vector<std::string>& origins, Flavour to) {
  Alter alter;
  const Translation then = Translate(before, to), now = Translate(after, to);
  if (now.refused() || then.refused()) {
    alter.refused = Refusals((now.refused() ? now : then).notes);
    return alter;
  }
  if (before.flavour != to) alter.unknown = WhyTypesDiffer(before, after, origins);
  alter.clauses = AlterClauses(then.definition, now.definition, origins);
  const std::optional<Partitioning>& parts = now.definition.partitioning;
  if (then.definition.partitioning != parts)
    alter.partitioning = parts ? PartitioningText(*parts) : "\n REMOVE PARTITIONING";
  if (alter.unknown.empty() &&
      !LeadsThere(alter.Text(after.name), then.definition, now.definition)) {
    alter.unknown = fmt::format("no ALTER TABLE is known that makes {} what it is on the source",
                                QuoteName(after.name));
  }
  if (before.flavour != to && alter.unknown.empty())
    alter.unknown = WhyDefaultsDiffer(before, after, origins);
  return alter;
}

}  // namespace godwit::sql
