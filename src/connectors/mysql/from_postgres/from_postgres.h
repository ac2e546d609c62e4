#pragma once

#include <functional>

#include "config/casts.h"
#include "sql/definition.h"
#include "sql/flavour.h"
#include "sql/postgres/definition.h"
#include "sql/translate.h"

// Tables of PostgreSQL as MySQL and MariaDB have them. docs/postgres-to-mysql.md holds the rules.
namespace godwit::connectors::mysql {

// A complete definition of flavour `to`, in the form in which its SHOW CREATE TABLE shows it but
// for the text of expressions. What is not surely the same there is left out with a note, or
// refused where rows need it.
sql::Translation TranslateFromPostgres(const sql::postgres::Definition& table,
                                       const config::Casts& casts, sql::Flavour to);

// Leaves out the foreign keys of `child` that the target would not take as their parent is (its
// columns have no key there, or are of other types), and writes the parent's columns as the parent
// has them. Keys to tables for which `parent` gives null are left out, unless they `stay`, as they
// are.
void FitForeignKeys(
    sql::Translation& child,
    const std::function<const sql::TableDefinition*(const model::TableName&)>& parent,
    const std::function<bool(const model::ForeignKey&)>& stay);

}  // namespace godwit::connectors::mysql
