#pragma once

#include <string>
#include <vector>

#include "sql/definition.h"
#include "sql/lexer.h"
#include "sql/statement.h"

// Where a server stores the rows of a table, tablespaces and directories, which is no other
// server's matter.
namespace godwit::sql {

// Takes it out of a definition and gives what it was, as text: "TABLESPACE=`quick`". The
// directories of partitions are taken out too; each is given once.
std::vector<std::string> TakeOutPlaces(TableDefinition& definition);

// The text of a CREATE TABLE or ALTER TABLE, as parsed with these options, without directories, and
// with files of the table's own in the place of a tablespace. Other statements are left as they
// are.
std::string WithoutPlaces(const Statement& statement, const std::string& text,
                          const ParseOptions& options);

}  // namespace godwit::sql
