#include "connectors/postgres/check/version_check.h"

#include <fmt/format.h>

#include <string_view>

namespace godwit::connectors::postgres {
namespace {

// Numbers of versions that brought them.
constexpr int kCompression = 14, kMultiranges = 14;
constexpr int kNullsNotDistinct = 15, kColumnsOfAction = 15;
constexpr int kVirtual = 18, kNotNullNotValid = 18, kNotEnforced = 18, kPeriods = 18;
constexpr int kNumberOfVersion = 10000;

bool Has(const ConstraintDefinition& constraint, std::string_view words) {
  return constraint.definition.find(words) != std::string::npos;
}

}  // namespace

std::vector<std::string> NewerThan(const Definition& table, int server_version) {
  std::vector<std::string> newer;
  const auto add = [&](bool has, int since, std::string_view what, const std::string& name) {
    if (has && server_version < since * kNumberOfVersion) {
      newer.push_back(
          fmt::format("{} {} of {} (PostgreSQL {})", what, name, table.name.ToString(), since));
    }
  };
  for (const ColumnDefinition& column : table.columns) {
    add(column.generated == 'v', kVirtual, "virtual generated column", column.name);
    add(!column.compression.empty(), kCompression, "the COMPRESSION of column", column.name);
    add(column.type_class == 'm' || column.type.ends_with("multirange[]"), kMultiranges,
        "the multirange column", column.name);
  }
  for (const ConstraintDefinition& one : table.constraints) {
    const bool key = one.kind == 'p' || one.kind == 'u', foreign = one.kind == 'f';
    add(one.kind == 'n', kNotNullNotValid, "NOT NULL that is NOT VALID, constraint", one.name);
    add((foreign || one.kind == 'c') && one.definition.ends_with(" NOT ENFORCED"), kNotEnforced,
        "NOT ENFORCED constraint", one.name);
    add((key && Has(one, " WITHOUT OVERLAPS")) || (foreign && Has(one, ", PERIOD ")), kPeriods,
        "key of periods", one.name);
    add(key && Has(one, "NULLS NOT DISTINCT "), kNullsNotDistinct, "NULLS NOT DISTINCT constraint",
        one.name);
    add(foreign && (Has(one, " ON DELETE SET NULL (") || Has(one, " ON DELETE SET DEFAULT (")),
        kColumnsOfAction, "ON DELETE with columns, constraint", one.name);
  }
  for (const IndexDefinition& index : table.indexes)
    add(index.nulls_not_distinct, kNullsNotDistinct, "NULLS NOT DISTINCT index", index.name);
  return newer;
}

void CheckVersions(int server_version, const connector::Catalog& catalog,
                   connector::CheckList& list) {
  std::vector<std::string> newer;
  for (const connector::CatalogTable& table : catalog.tables) {
    const auto definition = FromJson(table.definition.statement);
    if (!definition.ok()) continue;
    for (std::string& one : NewerThan(*definition, server_version)) newer.push_back(std::move(one));
  }
  list.Offenders("definitions", connector::CheckResult::kFail, newer,
                 "the server can make what the tables have",
                 "the server is too old to make what tables of the source have",
                 "take a target of a later version, leave the tables out under `tables.exclude`, "
                 "or take these out on the source until the cut-over");
}

}  // namespace godwit::connectors::postgres
