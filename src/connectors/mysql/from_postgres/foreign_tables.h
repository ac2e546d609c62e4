#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "config/casts.h"
#include "connector/catalog.h"
#include "connector/check_list.h"
#include "connectors/mysql/from_postgres/names_apart.h"
#include "sql/flavour.h"
#include "sql/translate.h"

namespace godwit::connectors::mysql {

// Whether what a source gives is in the SQL of servers of another family.
bool IsForeign(std::string_view dialect);

// What a source gives, as a server of this family takes it: that of another family translated into
// the server's own dialect, all else as it is. docs/postgres-to-mysql.md. Immutable.
class ForeignTables {
 public:
  // Tables that the target has.
  using Others = FindDefinition;

  explicit ForeignTables(config::Casts casts) : casts_(std::move(casts)) {}

  // The table with the statement that makes it here, and with foreign keys as they would be if
  // their parents made nothing impossible. kFailedPrecondition: the target cannot hold the table;
  // says what can be done.
  base::StatusOr<connector::TableDefinition> TableHere(const connector::TableDefinition& table,
                                                       sql::Flavour to, const Others& others) const;
  // Each with foreign keys that fit what has become of the tables they refer to, which are among
  // these or on the target; errors likewise.
  base::StatusOr<std::vector<connector::TableDefinition>> TablesHere(
      const std::vector<connector::TableDefinition>& tables, sql::Flavour to,
      const Others& others) const;
  // The same of one of the tables of a catalogue, which come with it.
  base::StatusOr<sql::Translation> TranslateAmong(const connector::TableDefinition& table,
                                                  const connector::Catalog& catalog,
                                                  sql::Flavour to, const Others& others) const;
  // The same of tables of another family, whether the target can hold them or not. `yet_to_come`:
  // tables that will be copied.
  base::StatusOr<std::vector<sql::Translation>> TranslateAll(
      const std::vector<connector::TableDefinition>& tables, sql::Flavour to, const Others& others,
      const std::set<model::TableName>& yet_to_come = {}) const;

  static connector::CatalogSchema SchemaHere(connector::CatalogSchema schema, sql::Flavour to);
  // Without those that have no translation, which `left_out` names. What a column gives next stays
  // as it is.
  static std::vector<connector::CatalogObject> ObjectsHere(
      std::vector<connector::CatalogObject> objects, std::vector<std::string>& left_out);

  // The catalogue without what cannot be here, and in `list` what that is.
  connector::Catalog CatalogHere(const connector::Catalog& catalog, sql::Flavour to,
                                 const Others& others, connector::CheckList& list) const;

 private:
  base::StatusOr<sql::Translation> Translate(const connector::TableDefinition& table,
                                             sql::Flavour to) const;
  // `coming`: tables that come to the target with this one.
  static void Fit(sql::Translation& table, const Others& coming, const Others& others,
                  const std::set<model::TableName>& yet_to_come = {});

  const config::Casts casts_;
};

// The definition as a source of this family would give it.
connector::TableDefinition ToTableDefinition(const sql::TableDefinition& definition);

}  // namespace godwit::connectors::mysql
