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

// What is said of each of them.
std::string PlaceNote(const std::string& place);

// The text of a CREATE TABLE or ALTER TABLE, as parsed with these options, without them: a new
// table lies where the target puts it, one that is there stays where it lies. Adds what it took out
// to `taken`, each once. Other statements are left as they are.
std::string WithoutPlaces(const Statement& statement, const std::string& text,
                          const ParseOptions& options, std::vector<std::string>& taken);

}  // namespace godwit::sql
