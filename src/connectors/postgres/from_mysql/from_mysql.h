#pragma once

#include <functional>
#include <vector>

#include "base/status.h"
#include "config/casts.h"
#include "connector/catalog.h"
#include "connectors/postgres/definition/definition.h"
#include "sql/definition.h"
#include "sql/translate.h"

// Tables of MySQL and MariaDB as PostgreSQL has them. docs/mysql-to-postgres.md holds the rules.
namespace godwit::connectors::postgres {

struct Translated {
  Definition definition;  // for schema_writer.h; not to be used when refused
  std::vector<sql::TranslationNote> notes;
  bool refused() const;
};

// `table` has to be complete (sql/complete.h). What is not surely the same on PostgreSQL is left
// out with a note, or refused where rows need it.
Translated TranslateFromMysql(const sql::TableDefinition& table, const config::Casts& casts);

// The same of a definition as a source of dialect "mysql" or "mariadb" gives it. An error: its
// statement is not understood, or of another dialect.
base::StatusOr<Translated> TranslateFromMysql(const connector::TableDefinition& table,
                                              const config::Casts& casts);

// Leaves out the foreign keys of `child` that PostgreSQL would not take as their parent is (its
// columns have no unique key there, or are of types that it does not compare), and writes the
// parent's columns as the parent has them. `parent` gives null for tables that are not known; keys
// to these are left as they are.
void FitForeignKeys(Translated& child,
                    const std::function<const Definition*(const model::TableName&)>& parent);

// What differs between a definition of the source as TranslateFromMysql gives it and the table that
// the target has, in words; empty when nothing that matters does. The server writes expressions in
// its own way, so that of those no more is compared than that both sides have one.
std::string DescribeTranslatedDifference(const Definition& source, const Definition& target);

}  // namespace godwit::connectors::postgres
