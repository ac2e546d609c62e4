#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "config/casts.h"
#include "connector/catalog.h"
#include "connector/check_list.h"
#include "connectors/postgres/definition/definition.h"
#include "connectors/postgres/from_mysql/from_mysql.h"
#include "connectors/postgres/schema/schema_writer.h"

namespace godwit::connectors::postgres {

// Whether what a source gives is in the SQL of servers of another family.
bool IsForeign(std::string_view dialect);
// How a table of that dialect, as it is here, is compared with one that is here already.
DifferenceText DifferenceFrom(std::string_view dialect);

// What a source gives, as PostgreSQL takes it: that of another family translated, that of
// PostgreSQL as it is. docs/mysql-to-postgres.md. Immutable.
class ForeignSource {
 public:
  explicit ForeignSource(config::Casts casts) : casts_(std::move(casts)) {}

  // kFailedPrecondition: PostgreSQL cannot hold the table; says what can be done.
  base::StatusOr<Definition> TableHere(const connector::TableDefinition& table) const;
  // Each table with what is another here, and foreign keys that fit what has become of the tables
  // they refer to, as far as these are among `tables`.
  base::StatusOr<std::vector<Translated>> TranslateAll(
      const std::vector<connector::TableDefinition>& tables) const;
  // Of each table, with foreign keys that fit what has become of the tables they refer to.
  base::StatusOr<std::vector<Definition>> TablesHere(
      const std::vector<connector::TableDefinition>& tables) const;
  // What of the definition is another one here, in words.
  base::StatusOr<std::vector<std::string>> NotesOn(const connector::TableDefinition& table) const;

  static connector::CatalogSchema SchemaHere(connector::CatalogSchema schema);
  // Without those that have no translation, which `left_out` names.
  static std::vector<connector::CatalogObject> ObjectsHere(
      std::vector<connector::CatalogObject> objects, std::vector<std::string>& left_out);

  // The catalogue without what cannot be here, and in `list` what that is.
  connector::Catalog CatalogHere(const connector::Catalog& catalog,
                                 connector::CheckList& list) const;

 private:
  base::StatusOr<Translated> Translate(const connector::TableDefinition& table) const;

  const config::Casts casts_;
};

}  // namespace godwit::connectors::postgres
