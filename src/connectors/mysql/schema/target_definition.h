#pragma once

#include "connector/catalog.h"
#include "connectors/mysql/connection/connection.h"
#include "sql/definition.h"
#include "sql/translate.h"

namespace godwit::connectors::mysql {

// Whether the source, which gives definitions in that dialect, is of another kind than the target.
bool IsTranslated(const Connection& target, std::string_view dialect);

// What a definition of the source is on this target: where both are of one kind the definition
// itself, but for the places where rows are stored. docs/mysql-mariadb.md.
base::StatusOr<sql::Translation> TranslationFor(const Connection& target,
                                                const connector::TableDefinition& table);

// The same, where it has to be made: kFailedPrecondition says what the target cannot hold, and what
// can be done.
base::StatusOr<sql::TableDefinition> DefinitionFor(const Connection& target,
                                                   const connector::TableDefinition& table);

// What differs between a definition of the source, as DefinitionFor gives it, and the table that
// the target has, in words; empty when nothing that matters does, which the places of rows do not.
// `translated`: the source is of the other kind. Each kind writes expressions in its own way, so
// that of those no more is compared then than that both sides have one.
std::string DescribeDifference(const sql::TableDefinition& source,
                               const sql::TableDefinition& target, bool translated);

// The statement that makes a schema with its defaults, as the target takes it.
base::StatusOr<std::string> SchemaStatementFor(const Connection& target,
                                               const connector::CatalogSchema& schema);

// A view, routine, trigger or event as the target takes it. kFailedPrecondition: it has something
// that the target has not.
base::StatusOr<connector::CatalogObject> ObjectFor(const Connection& target,
                                                   connector::CatalogObject object);

// Names of @@sql_mode as a server of kind `to` takes them from one of the other kind.
std::string TranslateSqlModes(std::string_view modes, sql::Flavour to);

}  // namespace godwit::connectors::mysql
