#pragma once

#include <string>
#include <string_view>

#include "sql/translate_column.h"

// Names and comments of PostgreSQL as MariaDB and MySQL take them.
namespace godwit::connectors::mysql {

// No longer than the target takes it, and without blanks at its end.
std::string FittingName(std::string name);
// As much of a name as there is room for, with an ending that is made of a text.
std::string NameWithEnding(std::string_view name, std::string_view of);
// A name that begins with the table's, for what has names of its own in each table of PostgreSQL
// and in a whole database of the target.
std::string NameInDatabase(const std::string& table, const std::string& own);

// A comment no longer than the target takes it.
std::string FittingComment(const std::string& comment, size_t most_characters,
                           const std::string& place, sql::NoteTaker& notes);

}  // namespace godwit::connectors::mysql
